"""Verdicts in plain sentences. Numbers in them are protected, so that a sentence may go onto a public page. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from earshot.improvement.before_after import Counted
from earshot.improvement.effect import ERROR_RATE, FEWEST_BEFORE, LOOKS, Judgement
from earshot.improvement.model import Verdict
from earshot.measures.disclosure import share, told
from earshot.measures.model import Measure

ERROR_SENTENCE = (
    f"Earshot looks {len(LOOKS)} times: after {LOOKS[0]}, {LOOKS[1]} and {LOOKS[2]} weeks. Of 100 changes that do"
    f" nothing, about {round(100 * ERROR_RATE)} at most would be called an improvement, over all looks together, and as"
    " many worse."
)
_VERDICTS: dict[Verdict, str] = {"improved": "Improved", "worse": "Worse", "unproven": "Not proven"}


def sentence(asked: Measure, judged: Judgement, before: Sequence[Counted], after: Sequence[Counted]) -> str:
    """What was found at a look, with the level before and after where there is enough to say."""
    head = f"{_VERDICTS[judged.state]} after {judged.at_week} weeks."
    levels = [level(asked, weeks) for weeks in (before, after)]
    if all(levels):
        head += f" {name(asked)}: {levels[0]} before, {levels[1]} since."
    if judged.state == "unproven":
        head += " The difference is no more than chance explains."
        head += "" if judged.next_look is None else f" Earshot looks again after {judged.next_look} weeks."
    return head


def nothing_to_compare(at_week: int) -> str:
    """What is said where there are too few weeks before the change."""
    return (
        f"Not proven after {at_week} weeks. Apart from the weeks that made you act there are fewer than {FEWEST_BEFORE}"
        " before the change to compare with."
    )


def waiting(first_week: date, at_week: int, have: int) -> str:
    """What is said before the first look."""
    weeks = "1 week has" if have == 1 else f"{have} weeks have"
    first = f"{first_week.day} {first_week:%B %Y}"
    return f"Not proven yet. {weeks} passed since {first}; Earshot looks after {at_week} weeks by itself."


def level(asked: Measure, weeks: Sequence[Counted]) -> str | None:
    """How much in some weeks, from protected totals; None where that would tell of too few people."""
    part = told(sum(week.part or 0 for week in weeks))
    if asked.unit == "count" and asked.label is None:
        return None if part is None or not weeks else f"about {_plain(part / len(weeks))} a week"
    whole = told(sum(week.whole or 0 for week in weeks))
    found = share(part, whole)
    if found is None:
        return None
    return f"{found:.0f}%" if asked.unit == "percent" else f"{_plain(found)} in 100 comments"


def name(asked: Measure) -> str:
    """A measure as a sentence begins."""
    return asked.label or asked.name


def _plain(number: float) -> str:
    return f"{number:.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")
