"""What is watched: counts added up the tree, and weeks in which a zero is no zero."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import numpy as np
from earshot.measures.periods import Feed
from earshot.signals.watched import Key, Tree, whole_weeks
from earshot.signals.weekly import Counted, Place

MONDAY = date(2026, 3, 2)
TRUST, WARD, NEXT = UUID(int=1), UUID(int=2), UUID(int=3)
THEME = "Pain management"


def weeks(number: int) -> list[date]:
    return [MONDAY + timedelta(weeks=week) for week in range(number)]


def tree(rows: list[tuple[UUID, int, str, str, int]], number: int = 4, **other: object) -> Tree:
    """A trust of two wards; rows are place, week, measure, label and count of patients or of `stream`."""
    closed = other.get("closed")
    assert closed is None or isinstance(closed, date)
    places = [
        Place(TRUST, "Trust", "provider", [TRUST], None),
        Place(WARD, "Ward 7", "team", [TRUST, WARD], closed),
        Place(NEXT, "Ward 8", "team", [TRUST, NEXT], None),
    ]
    stream = str(other.get("stream", "patient"))
    counted = [
        Counted(place, stream, measure, label, weeks(number)[week], n) for place, week, measure, label, n in rows
    ]
    feeds = [Feed(MONDAY, MONDAY + timedelta(weeks=number))]
    return Tree(places, counted, feeds, weeks(number))


def row(made: Tree, panel: str, key: Key) -> list[list[float]]:
    """Counts, exposure and observation of one series."""
    watched = made.panels()[panel]
    at = watched.keys.index(key)
    panel_of = watched.panel
    return [list(map(float, table[at])) for table in (panel_of.counts, panel_of.exposure, panel_of.observed)]


def answered(place: UUID, number: int, n: int = 8) -> list[tuple[UUID, int, str, str, int]]:
    return [(place, week, "responses", "", n) for week in range(number)]


def test_a_place_counts_all_that_lies_below_it_out_of_all_comments() -> None:
    rows = [*answered(WARD, 4), *answered(NEXT, 4)]
    rows += [(WARD, 1, "theme_negative", THEME, 3), (NEXT, 1, "theme_negative", THEME, 2)]
    rows += [(place, week, "sentiment", "4", 5) for place in (WARD, NEXT) for week in range(4)]
    counts, exposure, seen = row(tree(rows), "themes", Key(TRUST, "patient", "theme_negative", THEME))
    assert counts == [0, 5, 0, 0]
    assert exposure == [10, 10, 10, 10]
    assert seen == [1, 1, 1, 1]
    assert row(tree(rows), "in_all", Key(WARD, "patient", "negative"))[0] == [5, 5, 5, 5]


def test_that_staff_speak_up_more_is_not_set_off_against_how_much_they_say() -> None:
    rows = [*answered(WARD, 4, 2), (WARD, 3, "sentiment", "5", 9)]
    counts, exposure, _ = row(tree(rows, stream="staff"), "in_all", Key(WARD, "staff", "negative"))
    assert (counts, exposure) == ([0, 0, 0, 9], [1, 1, 1, 1])
    assert [key.stream for key in tree(rows).panels()["speaking_up"].keys] == []


def test_praise_is_what_was_said_about_a_theme_without_a_complaint() -> None:
    rows = [*answered(WARD, 4), (WARD, 2, "theme", THEME, 5), (WARD, 2, "theme_negative", THEME, 2)]
    rows += [(WARD, week, "sentiment", "1", 8) for week in range(4)]
    assert row(tree(rows), "praise", Key(WARD, "patient", "positive", THEME))[0] == [0, 0, 3, 0]


def test_before_a_unit_began_and_after_it_closed_there_is_no_data() -> None:
    rows = [*answered(NEXT, 6), *[(WARD, week, "responses", "", 4) for week in (1, 2, 3)]]
    made = tree(rows, 6, closed=MONDAY + timedelta(weeks=4))
    assert row(made, "silence", Key(WARD, "patient", "responses"))[2] == [0, 1, 1, 1, 0, 0]


def test_a_week_in_which_hardly_anything_came_from_the_whole_provider_is_a_feed_that_stopped() -> None:
    rows = [each for each in [*answered(WARD, 10, 20), *answered(NEXT, 10, 20)] if each[1] not in (6, 7)]
    rows.append((WARD, 7, "responses", "", 2))
    seen = row(tree(rows, 10), "silence", Key(NEXT, "patient", "responses"))[2]
    assert seen == [1, 1, 1, 1, 1, 1, 0, 0, 1, 1]


def test_each_stream_is_watched_by_the_themes_of_its_own_framework() -> None:
    patients = {key.label for key in tree(answered(WARD, 2)).panels()["themes"].keys}
    staff = {key.label for key in tree(answered(WARD, 2), stream="staff").panels()["themes"].keys}
    assert THEME in patients
    assert "Bullying or harassment" in staff
    assert not patients & staff


def test_only_weeks_that_are_over_are_read() -> None:
    assert whole_weeks(MONDAY + timedelta(days=2), MONDAY + timedelta(days=12)) == [MONDAY]
    assert whole_weeks(MONDAY, MONDAY + timedelta(days=13)) == weeks(2)
    assert whole_weeks(MONDAY, MONDAY + timedelta(days=5)) == []


def test_nobody_heard_is_nothing_to_watch() -> None:
    assert {name: len(panel.keys) for name, panel in tree([]).panels().items()} == dict.fromkeys(
        ("in_all", "themes", "praise", "speaking_up", "silence"), 0
    )
    assert np.size(tree([]).panels()["silence"].panel.counts) == 0
