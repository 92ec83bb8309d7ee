"""Inequity from counts by group, and discovered themes that grow, written by hand."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from earshot.signals import emerging, groups, quiet
from earshot.signals.emerging import Cluster, ClusterWeek
from earshot.signals.groups import Heard
from earshot.signals.quiet import GroupWeek

TRUST, WARD, NEXT = UUID(int=1), UUID(int=2), UUID(int=3)
MONDAY = date(2025, 3, 3)
SPAN = {"since": MONDAY, "until": MONDAY + timedelta(days=181)}


def heard(value: str, place: UUID, n: int, told: int) -> list[Heard]:
    """Comments of one age band at a place, and how many of them complain about discharge."""
    every = [Heard("age_band", value, place, None, n)]
    return [*every, Heard("age_band", value, place, "Discharge", told)] if told else every


def found(rows: list[Heard]) -> list[tuple[str, str, int]]:
    made = groups.found(rows, provider=TRUST, place="Our Trust", **SPAN)
    return [(one.subject.about, one.subject.label, one.observed) for one in made]


def test_a_group_that_complains_far_more_than_others_in_the_same_places_is_told() -> None:
    rows = [*heard("85_over", WARD, 80, 30), *heard("25_34", WARD, 80, 6)]
    rows += [*heard("85_over", NEXT, 40, 14), *heard("25_34", NEXT, 60, 3)]
    assert found(rows) == [("age_band=85_over", "Discharge", 44)]
    [one] = groups.found(rows, provider=TRUST, place="Our Trust", **SPAN)
    assert (one.subject.kind, one.subject.streams, one.meaning) == ("inequity", ("carer", "patient"), "concern")
    assert one.sentence.startswith(
        "People aged 85 or over complain about ‘Discharge’ at Our Trust more than others: 44"
    )


def test_a_group_is_not_blamed_for_the_ward_that_it_mostly_meets() -> None:
    rows = [*heard("85_over", WARD, 90, 45), *heard("25_34", WARD, 10, 5)]
    rows += [*heard("85_over", NEXT, 10, 1), *heard("25_34", NEXT, 90, 9)]
    assert found(rows) == []


def test_of_a_few_people_nothing_is_said() -> None:
    assert found([*heard("85_over", WARD, 9, 9), *heard("25_34", WARD, 200, 4)]) == []
    assert found([]) == []
    assert found(heard("85_over", WARD, 90, 45)) == [], "one group alone has no others to be compared with"


def weekly(cluster: UUID | None, counts: list[int], stream: str = "patient") -> list[ClusterWeek]:
    return [ClusterWeek(cluster, stream, MONDAY + timedelta(weeks=week), n) for week, n in enumerate(counts) if n]


def test_a_discovered_theme_that_grows_is_told_with_its_words() -> None:
    cluster = Cluster(UUID(int=9), "patient", ["ticket", "barrier", "queue", "car"], 0.1)
    rows = [*weekly(cluster.id, [0, 1, 0, 0, 1, 0] * 6 + [6, 7, 8]), *weekly(None, [40] * 39)]
    weeks = [MONDAY + timedelta(weeks=week) for week in range(39)]
    [one] = emerging.found([cluster], rows, weeks, provider=TRUST, place="Our Trust", budget=4.0)
    assert (one.subject.kind, one.subject.label, one.observed) == ("emerging", str(cluster.id), 21)
    assert one.subject.streams == ("patient", "carer")
    assert "‘ticket, barrier, queue’" in one.sentence
    assert one.since == MONDAY + timedelta(weeks=36)


def test_a_steady_one_is_not() -> None:
    cluster = Cluster(UUID(int=9), "staff", ["rota"], 0.1)
    rows = [*weekly(cluster.id, [2, 1, 2] * 13, "staff"), *weekly(None, [40] * 39, "staff")]
    weeks = [MONDAY + timedelta(weeks=week) for week in range(39)]
    assert emerging.found([cluster], rows, weeks, provider=TRUST, place="Our Trust", budget=4.0) == []


def languages(polish: list[int], english: list[int]) -> list[GroupWeek]:
    return [
        GroupWeek("main_language", value, MONDAY + timedelta(weeks=week), n)
        for value, counts in (("pl", polish), ("en", english))
        for week, n in enumerate(counts)
        if n
    ]


def gone_quiet(rows: list[GroupWeek]) -> list[str]:
    weeks = [MONDAY + timedelta(weeks=week) for week in range(40)]
    return [one.sentence for one in quiet.found(rows, weeks, provider=TRUST, place="Our Trust", budget=4.0)]


def test_a_language_that_is_hardly_heard_any_more_is_told_without_a_small_number() -> None:
    assert gone_quiet(languages([4, 3, 5] * 11 + [4] + [0, 0, 1, 0, 0, 0], [30] * 40)) == [
        "People whose main language is Polish are heard much less at Our Trust: fewer than 5 responses since 27"
        " October, where 21 were expected of their usual share."
    ]


def test_a_month_in_which_everybody_is_heard_less_is_no_group_s_silence() -> None:
    assert gone_quiet(languages([4, 3, 5] * 11 + [4] + [1, 1, 1, 1, 1, 1], [30] * 34 + [8] * 6)) == []
    assert gone_quiet([]) == []
