"""The pure parts of the quality dashboards: whole periods, limits, chance, silence, and plain words."""

from __future__ import annotations

import math
import re
from datetime import date, timedelta
from itertools import accumulate
from uuid import UUID

import pytest
from earshot.dashboards import interpretation
from earshot.dashboards.blocks import Head, count_chart, share_chart
from earshot.dashboards.chance import counts_differ, shares_differ
from earshot.dashboards.limits import curve, limits, spread, where
from earshot.dashboards.model import Ago, Asked, FunnelPoint, whole
from earshot.dashboards.reading import Seen
from earshot.dashboards.silence import states
from earshot.dashboards.store import Place
from earshot.measures.disclosure import told
from earshot.measures.periods import Span
from hypothesis import given
from hypothesis import strategies as st

MONDAY = date(2026, 3, 2)
WEEKS = [MONDAY + timedelta(weeks=week) for week in range(20)]


def distribution(n: int, p: float) -> list[float]:
    """The binomial distribution, term by term: what the limits are held to."""
    return list(accumulate(math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)))


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)), st.integers(0, 900))
def test_days_are_widened_to_whole_weeks_or_months_that_hold_them(since: date, days: int) -> None:
    until = since + timedelta(days=days)
    found = whole(since, until)
    assert found.span.since <= since and until <= found.span.until
    assert found.starts[0] == found.span.since and len(found.starts) == len(found.before().starts)
    assert found.before().span.until == found.span.since - timedelta(days=1)
    if found.period == "week":
        assert found.span.since.weekday() == 0 and found.span.until.weekday() == 6
    else:
        assert found.span.since.day == 1 and (found.span.until + timedelta(days=1)).day == 1


def test_whole_months_stay_months_and_long_spans_become_them() -> None:
    assert whole(date(2026, 2, 1), date(2026, 2, 28)).period == "month"
    assert whole(date(2026, 2, 1), date(2026, 2, 27)).span == Span(date(2026, 1, 26), date(2026, 3, 1))
    assert whole(date(2024, 2, 14), date(2026, 2, 1)).span == Span(date(2024, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(("n", "overall"), [(5, 50.0), (20, 85.0), (60, 12.5), (400, 90.0)])
def test_limits_are_those_of_the_binomial_distribution_with_interpolation(n: int, overall: float) -> None:
    found, reached = limits(n, overall), distribution(n, overall / 100)
    for limit, q in ((found.low95, 0.025), (found.high95, 0.975), (found.low998, 0.001), (found.high998, 0.999)):
        count = next(k for k in range(n + 1) if reached[k] >= q)
        back = (reached[count] - q) / (reached[count] - (reached[count - 1] if count else 0.0))
        assert limit == pytest.approx(100 * max(0.0, count - back) / n, abs=0.02)


def test_limits_narrow_with_more_answers_and_stand_still_where_everybody_agrees() -> None:
    drawn = curve([20, 5000, 300], 80.0)
    assert (drawn[0].n, drawn[-1].n) == (20, 5000)
    widths = [one.high998 - one.low998 for one in drawn]
    assert widths == sorted(widths, reverse=True)
    assert (limits(50, 100.0).low998, limits(50, 0.0).high998) == (100.0, 0.0)
    assert curve([], 50.0) == ()


def test_rounding_alone_puts_nobody_outside_the_limits() -> None:
    assert where(50, 50, 85.0) == "inside"  # 48 of 52 would be inside
    assert where(200, 200, 85.0) == "above_998"
    assert where(100, 200, 85.0) == "below_998"
    assert [where(part, n, 85.0) for part, n in ((None, 20), (5, None), (0, 0))] == ["too_few"] * 3


@given(st.integers(5, 400), st.data())
def test_a_unit_is_only_outside_where_its_real_numbers_are(n: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, n))
    lies, found, value = where(told(part), told(n), 60.0), limits(told(n) or n, 60.0), 100 * part / n
    if lies.startswith("above"):
        assert value > found.high95
    if lies.startswith("below"):
        assert value < found.low95


def test_spread_is_one_by_chance_and_more_where_wards_differ() -> None:
    assert spread([(50, 100)] * 10, 50.0) == 0.0
    assert spread([(30, 100), (70, 100)] * 5, 50.0) == pytest.approx(16.0)
    assert spread([(30, 100)], 50.0) == 1.0


def test_small_differences_are_chance_and_large_ones_are_not() -> None:
    assert counts_differ(105, 100) == "alike"
    assert (counts_differ(200, 100), counts_differ(100, 200)) == ("more", "less")
    assert counts_differ(None, 100) is None
    assert shares_differ((80, 100), (85, 100)) == "alike"
    assert (shares_differ((80, 100), (400, 1000)), shares_differ((20, 100), (400, 1000))) == ("more", "less")
    assert shares_differ((5, 5), (0, 5)) == "alike"  # five answers say nothing
    assert shares_differ((None, 100), (1, 2)) is None


def test_a_chart_of_a_few_hides_each_of_them_and_has_limits_only_with_twelve_points() -> None:
    head = Head("comments", "Comments", "comments", "neutral")
    few = count_chart(head, "week", dict.fromkeys(WEEKS[:4]))
    assert ([point.value for point in few.points], few.variation) == ([None] * 4, None)
    chart = count_chart(head, "week", {**dict.fromkeys(WEEKS, 20), WEEKS[-1]: 90})
    assert (chart.variation, chart.points[-1].value, chart.points[-1].type) == (
        "special_cause_neutral_high",
        90,
        "special_cause_neutral_high",
    )
    assert "higher than usual" in chart.sentence
    short = share_chart(head, "week", WEEKS[:5], dict.fromkeys(WEEKS, 9), dict.fromkeys(WEEKS, 20))
    assert ([point.value for point in short.points], short.mean, short.variation) == ([50.0] * 5, None, None)
    assert "That needs 12." in short.sentence


def test_silence_is_told_from_less_than_usual_and_from_not_there() -> None:
    usual = dict.fromkeys(WEEKS[:-1], 30)
    heard = set(WEEKS)
    assert states({**usual, WEEKS[-1]: 28}, WEEKS[-1:], heard) == ["heard"]
    assert states({**usual, WEEKS[-1]: 6}, WEEKS[-1:], heard) == ["fewer"]
    assert states(usual, WEEKS[-1:], heard) == ["silent"]
    assert states(usual, WEEKS[-1:], heard - {WEEKS[-1]}) == ["no_data"]
    assert states({}, WEEKS[-1:], heard) == ["no_data"]
    assert states({WEEKS[-3]: 2, WEEKS[-1]: 1}, WEEKS[-3:], heard) == ["heard", "silent", "heard"]


AGO = Ago("13 weeks")
YOUNG = Ago("13 weeks", MONDAY)
SAID = [
    interpretation.count("Comments", 120, 115, AGO),
    interpretation.count("Comments", 120, 10, AGO),
    interpretation.count("Comments", 0, 10, AGO),
    interpretation.count("Comments", None, 10, AGO),
    interpretation.percentage("Good or very good", "increase", (80, 100), (300, 1000), AGO),
    interpretation.percentage("Negative comments", "decrease", (80, 100), (300, 1000), AGO),
    interpretation.percentage("Negative comments", "decrease", (None, 100), (300, 1000), AGO),
    interpretation.percentage("Negative comments", "decrease", (20, 100), (20, 100), AGO),
    interpretation.count("Comments", 120, 10, YOUNG),
    interpretation.count("Comments", None, 0, YOUNG),
    interpretation.count("Comments", 0, 0, YOUNG),
    interpretation.percentage("Negative comments", "decrease", (80, 100), (300, 1000), YOUNG),
    interpretation.chart("Comments", "neutral", [None], None, "week"),
    interpretation.chart("Good", "increase", [20.0, None], "common_cause", "week"),
    interpretation.who([("Patients", 100), ("Carers", None), ("Staff", 0)]),
    interpretation.themes([("Discharge", 100), ("Parking", 20)], ["Discharge"]),
    interpretation.feelings(60.0, 20.0),
    interpretation.groups("Age", ["75 to 84"], ["25 to 34"], hidden=1, heard=4),
    interpretation.groups("Age", [], [], hidden=0, heard=4),
    interpretation.funnel([], 1.0, "more"),
    interpretation.silence([("Ward 1", ("silent",)), ("Ward 2", ("fewer",))]),
    interpretation.times("Until a warning was seen", 0.1, 20),
    interpretation.speaking_up(0, 0, None),
    interpretation.speaking_up(20, 5, 80.0),
    interpretation.both(["Safe"], staff_seen=True),
    interpretation.changes(0, 0, 0),
    interpretation.changes(7, 2, 1),
]


@pytest.mark.parametrize("text", SAID)
def test_what_is_said_is_short_and_plain(text: str) -> None:
    sentences = [one for one in re.split(r"(?<=[.?])\s+", text) if one]
    assert text.endswith((".", "?")) and "None" not in text and "  " not in text
    assert max(len(one.split()) for one in sentences) <= 22
    assert sum(len(word) > 13 for word in text.split()) == 0


def test_better_and_worse_depend_on_which_way_is_better() -> None:
    assert SAID[4].endswith("That is up on before. That is better.")
    assert SAID[5].endswith("That is up on before. That is worse.")


def test_nothing_is_compared_with_a_time_in_part_of_which_nobody_was_heard_yet() -> None:
    why = "There is nothing to compare with yet: people were first heard in the week of 2 March 2026."
    assert SAID[8:12] == [
        f"Comments: 120. {why}",
        f"Comments: too few to say. {why}",
        "Comments: none in this time.",
        f"Negative comments: 80%. {why}",
    ]
    place = Place(UUID(int=1), "Ward 7", "team", MONDAY, MONDAY + timedelta(weeks=80), None)
    for since, begun in (
        (MONDAY + timedelta(weeks=13), None),
        (MONDAY + timedelta(weeks=12), MONDAY),
        (MONDAY, MONDAY),
    ):
        page = Seen((place,), Asked(), whole(since, since + timedelta(days=13 * 7 - 1)))
        assert page.ago == Ago("13 weeks", begun)


def test_a_funnel_names_those_outside_and_says_what_chance_does() -> None:
    one = make_point("Ward 1", "above_998")
    text = interpretation.funnel([one, make_point("Ward 2", "inside"), make_point("Ward 3", "too_few")], 2.0, "more")
    assert text.startswith("Ward 1 lies outside the outer lines.")
    assert "1 place in 20" in text and "no league table" in text
    assert "with care" in text and text.endswith("1 place had too few answers.")
    two = [make_point("Ward 2", "inside"), make_point("Ward 4", "inside")]
    calm = interpretation.funnel(two, 1.0, "more")
    assert calm.startswith("All 2 places lie between") and "can be chance" in calm and "with care" not in calm
    alone = interpretation.funnel([two[0], make_point("Ward 3", "too_few")], 1.0, "more")
    assert alone == (
        "The one place with enough answers lies between the lines. What sets it apart can be chance."
        " 1 place had too few answers."
    )


def make_point(name: str, lies: str) -> FunnelPoint:
    return FunnelPoint(UUID(int=1), name, 20, 50.0, lies)  # type: ignore[arg-type]
