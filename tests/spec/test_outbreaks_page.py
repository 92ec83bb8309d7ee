"""The page outbreaks.md shows analysts what EARS and Farrington's methods find, next to R's numbers; drift fails.

Write it anew with `python tests/spec/test_outbreaks_page.py`, and read it before you commit it. The part on documented
alarms needs the reference numbers beside the checkout; without them the rest of the page is compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from earshot.signals.bounds import Bounds
from earshot.signals.cusum import cusum
from earshot.signals.ears import c1, c2, c3
from earshot.signals.farrington import FLEXIBLE, ORIGINAL, Farrington, watch

PAGE = Path(__file__).with_name("outbreaks.md")
FIXTURE: dict[str, Any] = json.loads(
    (PAGE.parents[1] / "unit" / "fixtures" / "outbreaks.json").read_text(encoding="utf-8")
)
SHARED = PAGE.parents[3] / "shared" / "vectors" / "outbreak_detection.json"
DOCUMENTED: dict[str, Any] | None = json.loads(SHARED.read_text(encoding="utf-8")) if SHARED.exists() else None
DOCUMENTED_HEADING = "## Documented alarms"
SHOWN = range(296, 314)

R_FLEXIBLE = Farrington(
    years=3, seasons=1, alpha=0.01, trend_chance=0.05, threshold="delta", errors="relative"
)  # what the reference runs of farringtonFlexible used; `errors` repeats a slip of R's
R_ORIGINAL = replace(ORIGINAL, years=3)


Watch = Callable[[Sequence[int], date, range], Bounds]


@dataclass(frozen=True)
class Method:
    """A method: its name, what it is called in the reference numbers, and how it judges some weeks of a series."""

    name: str
    documented: str
    watch: Watch


def ears_as(method: Callable[[Sequence[int]], Bounds]) -> Watch:
    return lambda counts, _, weeks: only(method(counts), weeks)


def only(found: Bounds, weeks: range) -> Bounds:
    return Bounds(**{part: getattr(found, part)[list(weeks)] for part in Bounds.__dataclass_fields__})


def farrington_as(rules: Farrington) -> Watch:
    return lambda counts, start, weeks: watch(counts, weeks, rules, first_day=start)


EXAMPLES = (
    Method("C1", "C1", ears_as(c1)),
    Method("C2", "C2", ears_as(c2)),
    Method("C3", "", ears_as(c3)),
    Method("Farrington", "original", farrington_as(ORIGINAL)),
    Method("Farrington flexible", "flexible_nb", farrington_as(replace(FLEXIBLE, alpha=0.01))),
)
REFERENCES = (
    Method("EARS C1", "EarsC1", ears_as(c1)),
    Method("EARS C2", "EarsC2", ears_as(c2)),
    Method("EARS C3, as R computes it", "EarsC3", ears_as(partial(c3, centre="count"))),
    Method("CUSUM", "Cusum", lambda counts, _, weeks: only(cusum(counts, weeks.start), weeks)),
    Method("Farrington", "Farrington", farrington_as(R_ORIGINAL)),
    Method("Farrington flexible, as R computes it", "FarringtonFlexible", farrington_as(R_FLEXIBLE)),
)

HEAD = """# What the outbreak methods find

This page is written by a test from the program itself, so it always shows what Earshot does. It is for analysts who
want to check the methods that public health agencies use, before they trust them with comments.

Each method says how many comments were to be expected in a week, and how many are still ordinary (the bound). More
than the bound is an alarm, shown as ▲.

- **C1** takes the mean and the standard deviation (sd) of the seven weeks before; the bound is mean + 3.09 × sd.
- **C2** does the same with seven weeks that end three weeks before, so that a slow start does not hide the rise.
- **C3** is C2 with the last two weeks added: U = mean + sd × (3.09 - the part of each above one sd).
- **Farrington** (1996) learns from the same weeks of earlier years, with a trend if there is a clear one. Weeks with
  old outbreaks count less. The bound treats counts to the power of 2/3 as normal.
- **Farrington flexible** (Noufaily 2013) learns from all weeks but the last 26, in ten seasons of the year. The bound
  is a quantile of a negative binomial distribution.
- **CUSUM** adds up what each week has above the usual. It is only in the table of documented alarms.

Farrington and Farrington flexible raise no alarm while fewer than 5 comments were heard in 4 weeks.
"""

CHOICES = """## What we chose, and why

- **C3.** The manual of R's `surveillance` prints the formula above. R's code puts the week's own count where the manual
  has the mean, so the week itself can never raise the alarm. Earshot follows the printed formula; R's reading is there
  for comparison (`centre="count"`).
- **Errors of Farrington flexible.** The papers work out the error of the expected count, and the test of the trend,
  from (y - mu)² / mu. R's code takes ((y - mu) / mu)² by a slip, and so thinks itself too sure where more than one
  comment a week is expected. Earshot follows the papers; R's way is there for comparison (`errors="relative"`). With
  Noufaily's settings (trend whenever it is plausible, negative binomial bound) it makes no difference.
- **CUSUM.** The plain one is here to compare with. It does not start anew after an alarm, so that one outbreak keeps it
  going for a year; the detector that alerts is another.
- **Not here.** The reference numbers also list alarms of methods that Earshot does not offer (Bayes, CDC, RKI, two GLR
  charts, OutbreakP, a hidden Markov model) and name no settings for them.
- **Score.** It is (count - expected) / (bound - expected). R takes the logarithm of the expected count in it when the
  bound is a negative binomial quantile; ours does not.
- **Alpha.** Farrington's bound is two-sided as in 1996: an alpha of 0.01 means 1 false alarm in 200 weeks. All others
  are one-sided.
"""


def page() -> str:
    """The whole page as Markdown; without the reference numbers it lacks the part on documented alarms."""
    return "\n".join(part for part in (HEAD, example(), comparison(), documented(), CHOICES) if part)


@cache
def example() -> str:
    """A rise of a few weeks, week by week, with the bound of each method."""
    counts, start = FIXTURE["series"]["burst"], date.fromisoformat(FIXTURE["start"])
    found = [method.watch(counts, start, SHOWN) for method in EXAMPLES]
    rows = [
        [str(week), str(counts[week]), *(cell(bounds.upper[place], bounds.alarm[place]) for bounds in found)]
        for place, week in enumerate(SHOWN)
    ]
    return (
        "## A rise that lasts eight weeks\n\n"
        "Drawn with a seed: about 3 a week with a season, and 9 more in the weeks 300 to 307. C1 and C2 soon take the\n"
        "rise for the new ordinary. Farrington's methods do not: they look at earlier years. Their bounds rise all\n"
        "the same, because there was an outbreak two years before, in the weeks 200 to 205.\n\n"
        + table(["week", "count", *(f"{method.name}: bound" for method in EXAMPLES)], rows)
    )


@cache
def comparison() -> str:
    """The largest difference from R's bounds over the series of the fixture."""
    rows = []
    for method in EXAMPLES:
        runs = [run for run in FIXTURE["runs"] if run["method"] == method.documented]
        if runs:
            found = [against_r(method, run) for run in runs]
            rows.append([method.name, str(sum(len(run["alarm"]) for run in runs)), f"{max(found):.0e}", "yes"])
    return (
        "## Next to R\n\n"
        "Four series drawn with a seed (seasonal, rising, rare, and the one above), judged by R 4.2.2 with its\n"
        "package surveillance 1.20.3, and by Earshot. Bounds may differ in the fifth digit, as R stops early.\n\n"
        + table(["method", "weeks", "largest difference of bounds, relative, below", "same alarms"], rows)
    )


def against_r(method: Method, run: dict[str, Any]) -> float:
    """Give the largest relative difference from R's bounds, rounded up to a power of ten; alarms must be the same."""
    first, last = FIXTURE["weeks_0based"]
    counts, start = FIXTURE["series"][run["series"]], date.fromisoformat(FIXTURE["start"])
    found = method.watch(counts, start, range(first, last + 1))
    assert found.alarm.tolist() == run["alarm"]
    pairs = zip(found.upper.tolist(), run["upper"], strict=True)
    worst = max((abs(ours / theirs - 1) for ours, theirs in pairs if theirs is not None), default=0.0)
    return float(10.0 ** np.ceil(np.log10(max(worst, 1e-6))))


@cache
def documented() -> str:
    """The alarms that the reference numbers document, and ours; nothing without the reference numbers."""
    if DOCUMENTED is None:
        return ""
    known = DOCUMENTED["documented"]["epysurv_salmonella"]
    first, rows = known["first_test_index_1based"] - 1, []
    for method in REFERENCES:
        ours = alarm_weeks(method, known, first)
        theirs = known["alarms"][method.documented]["alarm_index_in_test_1based"]
        rows.append([method.name, spans(theirs), spans(ours), "yes" if ours == theirs else "no"])
    printed = Method("", "", ears_as(c3))
    expected = DOCUMENTED["c3_warning"]["alarm_index_with_man_page_formula_1based"]
    ours = alarm_weeks(printed, known, first)
    rows.append(["EARS C3, as printed (ours)", spans(expected), spans(ours), "yes" if ours == expected else "no"])
    papers = alarm_weeks(Method("", "", farrington_as(replace(R_FLEXIBLE, errors="pearson"))), known, first)
    return (
        f"{DOCUMENTED_HEADING}\n\n"
        "Salmonella Newport in Germany, weekly, 2011 and 2012 (week 1 is 3 January 2011). The outbreak of 2011 is in\n"
        "the weeks 45 to 47 and 51. The settings are those of the reference numbers, not our defaults.\n\n"
        + table(["method", "documented alarms in week", "ours", "same"], rows)
        + f"\nWith the errors of the papers, Farrington flexible raises alarms in the weeks {spans(papers)}.\n"
    )


def alarm_weeks(method: Method, known: dict[str, Any], first: int) -> list[int]:
    weeks = range(first, len(known["series"]))
    found = method.watch(known["series"], date.fromisoformat(known["dates"][0]), weeks)
    return [int(week) for week in np.flatnonzero(found.alarm) + 1]


def cell(bound: float, alarm: bool) -> str:
    return f"{bound:.1f}" + (" ▲" if alarm else "")


def spans(weeks: Sequence[int]) -> str:
    """Weeks in words: neighbours of three or more as a span."""
    parts: list[list[int]] = []
    for week in weeks:
        if parts and week == parts[-1][-1] + 1:
            parts[-1].append(week)
        else:
            parts.append([week])
    return ", ".join(f"{p[0]} to {p[-1]}" if len(p) > 2 else ", ".join(map(str, p)) for p in parts)


def table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def without_documented(text: str) -> str:
    """Cut out the part that needs the reference numbers."""
    before, _, after = text.partition(DOCUMENTED_HEADING)
    return before + after[after.index(CHOICES[:12]) :] if after else text


def test_the_rise_is_found_by_every_method_within_two_weeks() -> None:
    counts, start = FIXTURE["series"]["burst"], date.fromisoformat(FIXTURE["start"])
    for method in EXAMPLES:
        assert method.watch(counts, start, range(300, 302)).alarm.any(), method.name


def test_every_documented_alarm_is_ours() -> None:
    assert documented().count("| yes |") == (7 if DOCUMENTED else 0)
    assert "| no |" not in PAGE.read_text(encoding="utf-8")


def test_the_page_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    if DOCUMENTED is None:
        written = without_documented(written)
    assert written == page(), "run: python tests/spec/test_outbreaks_page.py"


def test_what_needs_the_reference_numbers_can_be_left_out_of_the_comparison() -> None:
    written = PAGE.read_text(encoding="utf-8")
    rest = without_documented(written)
    assert DOCUMENTED_HEADING in written and DOCUMENTED_HEADING not in rest
    assert rest == "\n".join([HEAD, example(), comparison(), CHOICES])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
