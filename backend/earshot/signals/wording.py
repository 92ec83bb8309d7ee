"""Signals in plain sentences: what, where, since when, how much, and how often chance would say the same. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from earshot.intake.forms import form_for
from earshot.measures.model import FEWEST
from earshot.signals.model import Kind, ratio

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_SPEAKERS = {"patient": "patients", "carer": "carers", "staff": "staff"}
_ONE_OF = {"patient": "A patient’s comment", "carer": "A carer’s comment", "staff": "A comment from a member of staff"}
_RISKS = {
    "self_harm": "somebody may harm themselves",
    "abuse_or_neglect": "somebody may be abused or neglected",
    "person_at_risk": "somebody may be at risk",
    "threat_to_others": "somebody may harm others",
    "danger_now": "somebody may be in danger now",
    "retaliation": "somebody may be punished for speaking up",
}
_GROUPS = {
    "age_band": "people aged {}",
    "ethnicity": "people who gave their ethnic group as ‘{}’",
    "main_language": "people whose main language is {}",
}
_DISABILITIES = {
    "limits_a_lot": "people whose health condition or disability makes daily life a lot harder",
    "limits_a_little": "people whose health condition or disability makes daily life a little harder",
    "no_limit": "people with a health condition or disability that does not make daily life harder",
    "none": "people without a lasting health condition or disability",
}
_WEEKS_A_YEAR = 52


@dataclass(frozen=True)
class Told:
    """What a sentence tells of: a place by name and level, who spoke, what is counted, and the count of a window."""

    place: str
    level: str
    streams: Sequence[str]
    measure: str
    label: str
    since: date
    until: date
    observed: int
    expected: float
    about: str = ""
    words: str = ""

    @property
    def themes(self) -> str:
        """The themes that the label holds, in quotation marks."""
        return " and ".join(f"‘{theme}’" for theme in self.label.split("|"))


def sentence(kind: Kind, told: Told) -> str:
    """A finding in one sentence, two for a silence that is not complete."""
    if kind == "silence":
        return _silence(told)
    if kind == "co_signal":
        return (
            f"{_sentence_case(speakers(told.streams))} {where(told.place, told.level)} both complain more: negative"
            f" comments{f' about {told.themes}' if told.label else ''} have {_grown(told)}{_tail(told)}"
        )
    if kind == "emerging":
        return (
            f"Something new or growing is said {where(told.place, told.level)} that fits no theme of the framework, in"
            f" words such as ‘{told.words}’{_tail(told)}"
        )
    if kind == "inequity":
        return (
            f"{_sentence_case(group(told.about))} complain about {told.themes} {where(told.place, told.level)}"
            f" {'more' if told.observed > told.expected else 'less'} than others: {told.observed} since"
            f" {day(told.since, told.until)}, where {_about(told.expected)} would be expected of their number."
        )
    return f"{what(told)} {where(told.place, told.level)} have {_grown(told)}{_tail(told)}"


def one_comment(place: str, level: str, stream: str, risks: Sequence[str]) -> str:
    """What a single comment may tell of, without a word of it."""
    told = " or ".join(_RISKS[risk] for risk in risks)
    return f"{_ONE_OF[stream]} {where(place, level)} may tell of immediate risk: {told}."


def chance(kind: Kind, weeks_between: float | None) -> str:
    """How often an alarm this strong is a false one."""
    if kind == "inequity":
        return "Of ten differences that are shown in this way, about one is expected to be chance alone."
    if weeks_between is None:
        return "One comment is enough: no statistics are behind this signal, and a person must judge it."
    if weeks_between >= 2 * _WEEKS_A_YEAR:
        years = round(weeks_between / _WEEKS_A_YEAR)
        shown = f"{years} years" if years < 1000 else "thousand years or more"
        return f"One alarm this strong every {shown} is expected by chance among all that is watched here in this way."
    weeks = round(weeks_between)
    often = "every week" if weeks < 2 else f"every {weeks} weeks"
    return f"One alarm this strong {often} is expected by chance among all that is watched here in this way."


def what(told: Told) -> str:
    """What is counted, and who said it."""
    who = f"from {speakers(told.streams)}"
    named = f" about {told.themes}" if told.label else ""
    if told.measure == "theme_negative":
        return f"Negative comments {who}{named}"
    if told.measure == "positive":
        return f"Comments {who}{named} without a complaint"
    if told.measure == "negative":
        return f"Negative comments {who}"
    if told.measure == "fft_poor":
        return f"Poor scores {who} in the Friends and Family Test"
    return f"{'Responses' if told.measure == 'responses' else 'Comments'} {who}{named}"


def where(place: str, level: str) -> str:
    """A place with the word that goes before it."""
    name = short(place)
    if re.search(r"\bward\b", name, re.IGNORECASE):
        return f"on {name}"
    return f"{'in' if level in ('service', 'team') else 'at'} {name}"


def short(place: str) -> str:
    """A place's name without what stands in brackets behind it."""
    return re.sub(r"\s*\([^()]*\)$", "", place) or place


def speakers(streams: Sequence[str]) -> str:
    """Who spoke: "patients and staff"."""
    names = [_SPEAKERS[stream] for stream in _SPEAKERS if stream in streams]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def group(about: str) -> str:
    """A group of people from its code, in the words of the form: "people aged 75 to 84"."""
    trait, _, value = about.partition("=")
    if trait == "disability" and value in _DISABILITIES:
        return _DISABILITIES[value]
    label = next(
        (
            option.label
            for question in form_for("patient").questions
            for option in question.options
            if (question.code, option.value) == (trait, value)
        ),
        value.replace("_", " "),
    )
    return _GROUPS.get(trait, "people who answered ‘{}’").format("under 16" if value == "under_16" else label)


def day(when: date, near: date) -> str:
    """A day as people say it, with its year where that is not the year in question."""
    return f"{when.day} {when:%B}" + ("" if when.year == near.year else f" {when.year}")


def weeks(since: date, until: date) -> str:
    """How long a window is: "two weeks"."""
    number = max(1, round(((until - since).days + 1) / 7))
    return "one week" if number == 1 else f"{_NUMBERS[number] if number < len(_NUMBERS) else number} weeks"


def _silence(told: Told) -> str:
    if told.about:
        return _group_silence(told)
    who, place = speakers(told.streams), short(told.place)
    since = day(told.since, told.until)
    if told.observed == 0:
        return (
            f"{place} has fallen silent: nothing was heard from {who} since {since}, where {_about(told.expected)} "
            f"responses were expected in {weeks(told.since, told.until)}."
        )
    return (
        f"{place} is heard much less: {told.observed} response{'' if told.observed == 1 else 's'} from {who} since "
        f"{since}, where {_about(told.expected)} were expected in {weeks(told.since, told.until)}."
    )


def _group_silence(told: Told) -> str:
    """A group that has gone quiet; a number below five is not given, since it could point to somebody."""
    few = str(told.observed) if told.observed >= FEWEST else f"fewer than {FEWEST}"
    return (
        f"{_sentence_case(group(told.about))} are heard much less {where(told.place, told.level)}: {few} responses"
        f" since {day(told.since, told.until)}, where {_about(told.expected)} were expected of their usual share."
    )


def _grown(told: Told) -> str:
    times = ratio(told.observed, told.expected)
    if times is None:
        return "begun"
    for least, words in ((3.5, f"risen to {times:.0f} times what was usual"), (2.5, "tripled"), (1.8, "doubled")):
        if times >= least:
            return words
    if times > 1:
        return "risen"
    if times <= 0.4:
        return "fallen to less than half" if told.observed else "stopped"
    return "halved" if times <= 0.55 else "fallen"


def _tail(told: Told) -> str:
    """Since when, and the two numbers."""
    were = "was" if _about(told.expected) == "1" else "were"
    return (
        f" since {day(told.since, told.until)}: {told.observed} in {weeks(told.since, told.until)}"
        f" where {_about(told.expected)} {were} expected."
    )


def _about(expected: float) -> str:
    if expected < 0.95:
        return "fewer than 1"
    return f"{expected:.0f}" if expected >= 3 else f"{expected:.1f}".removesuffix(".0")


def _sentence_case(words: str) -> str:
    return words[:1].upper() + words[1:]
