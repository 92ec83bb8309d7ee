"""Names and numbers in words, as all quality pages write them. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from earshot.dashboards.model import Ago, Whole
from earshot.intake.forms import form_for
from earshot.measures.disclosure import TOO_FEW

STREAMS: Mapping[str, str] = {"patient": "Patients", "carer": "Carers", "staff": "Staff"}
SENTIMENTS: Mapping[str, str] = {
    "1": "Very positive",
    "2": "Positive",
    "3": "Neutral or mixed",
    "4": "Negative",
    "5": "Very negative",
}
TRAITS: Mapping[str, str] = {
    "age_band": "Age",
    "ethnicity": "Ethnic group",
    "disability": "Health condition or disability",
    "main_language": "Main language",
}


def number(value: int | None) -> str:
    """A protected count as people read it."""
    return TOO_FEW if value is None else f"{value:,}"


def percent(value: float | None) -> str:
    """A share of protected counts as people read it."""
    return TOO_FEW if value is None else f"{value:.0f}%"


def span(when: Whole) -> str:
    """How long a period is: "13 weeks"."""
    n = len(when.starts)
    return f"{n} {when.period}{'' if n == 1 else 's'}"


def day(when: date) -> str:
    """A day as people write it: "2 March 2026"."""
    return f"{when.day} {when:%B %Y}"


def compared(before: str, ago: Ago) -> str:
    """What stood there in the period before, or why there is nothing to compare with."""
    if ago.begun is not None:
        return f"nothing to compare: first heard in the week of {day(ago.begun)}"
    return f"{before} in the {ago.length} before"


def listed(names: Sequence[str]) -> str:
    """Some names as a sentence has them: "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def answers(trait: str) -> dict[str, str]:
    """The answers to an optional question about the person, in the order of the form: value to wording."""
    questions = [question for question in form_for("patient").questions if question.code == trait]
    return {option.value: option.label for question in questions for option in question.options}
