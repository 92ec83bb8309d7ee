"""What a figure, chart, table, funnel or map says, in plain words for a reading age of 9 to 11. Pure.

Short sentences, one thought each. A difference that chance can explain is said to be one, so that nobody chases noise.
"""

from __future__ import annotations

from collections.abc import Sequence

from earshot.dashboards.chance import Pair, counts_differ, shares_differ
from earshot.dashboards.limits import OVERDISPERSED
from earshot.dashboards.model import Ago, FunnelPoint, State
from earshot.dashboards.words import day, listed, number, percent
from earshot.measures.disclosure import share
from earshot.measures.model import FEWEST
from earshot.measures.periods import Period
from earshot.measures.spc import Direction, PointType

NOTHING = "There is nothing to show for this time."
CASES = "Cases of people who wrote to a guardian or to PALS, as far as your role has them counted."
CASES_OF_A_PART = "Cases are counted for a whole provider only. For one ward the number could tell who it was."
_NAMED = 3  # names in a sentence
_GOOD: dict[tuple[Direction, str], str] = {
    ("increase", "more"): " That is better.",
    ("increase", "less"): " That is worse.",
    ("decrease", "more"): " That is worse.",
    ("decrease", "less"): " That is better.",
}
_FOUND: dict[PointType, str] = {
    "common_cause": "The line goes up and down as it usually does. Nothing stands out.",
    "special_cause_improvement": "The newest point is better than usual. Find out what went well, and keep it.",
    "special_cause_concern": "The newest point is worse than usual. Find out what changed.",
    "special_cause_neutral_high": "The newest point is higher than usual. Find out what changed.",
    "special_cause_neutral_low": "The newest point is lower than usual. Find out what changed.",
}


def count(name: str, now: int | None, before: int | None, ago: Ago) -> str:
    """One count beside the one before."""
    way = counts_differ(now, before)
    if now == 0:
        return f"{name}: none in this time."
    if ago.begun is not None:
        return f"{name}: {number(now)}.{not_compared(ago)}"
    if way is None:
        return f"{name}: there are too few, now or before, to say whether this went up or down."
    if way == "alike":
        return f"{name}: much the same as in the {ago.length} before. A small difference can be chance."
    return f"{name}: {'more' if way == 'more' else 'fewer'} than in the {ago.length} before."


def percentage(name: str, better: Direction, now: Pair, before: Pair, ago: Ago) -> str:
    """One percentage beside the one before."""
    value = share(*now)
    if value is None:
        return f"{name}: too few answers to say. At least {FEWEST} are needed."
    if ago.begun is not None:
        return f"{name}: {percent(value)}.{not_compared(ago)}"
    way = shares_differ(now, before)
    if way is None:
        return f"{name}: {percent(value)}. There was too little before to compare with."
    if way == "alike":
        return f"{name}: {percent(value)}. That is much the same as before. A small difference can be chance."
    moved = "up" if way == "more" else "down"
    return f"{name}: {percent(value)}. That is {moved} on before.{_GOOD.get((better, way), '')}"


def not_compared(ago: Ago) -> str:
    """Why there is nothing to compare with, as a further sentence; empty where there is something."""
    if ago.begun is None:
        return ""
    return f" There is nothing to compare with yet: people were first heard in the week of {day(ago.begun)}."


def chart(
    title: str, better: Direction, values: Sequence[float | None], variation: PointType | None, period: Period
) -> str:
    """A line over time."""
    told = [value for value in values if value is not None]
    if not told:
        return f"{title}: too few in every {period} to draw a line."
    hidden = len(values) - len(told)
    gaps = f" A gap is a {period} with too few to say." if hidden else ""
    if variation is None:
        return f"There are not enough {period}s yet to say what is usual. That needs 12.{gaps}"
    aim = {"increase": " Higher is better.", "decrease": " Lower is better.", "neutral": ""}[better]
    return f"{_FOUND[variation]}{aim}{gaps}"


def who(shown: Sequence[tuple[str, int | None]]) -> str:
    """How much each group of people said."""
    most = max(((n, name) for name, n in shown if n), default=None)
    if most is None:
        return NOTHING
    few = [name.lower() for name, n in shown if n is None]
    none = [name.lower() for name, n in shown if n == 0]
    said = f"Most of what was heard came from {most[1].lower()}." if len(shown) > 1 else ""
    said += f" Too few came from {listed(few)} to say." if few else ""
    said += f" Nothing came from {listed(none)}. Silence is not the same as all being well." if none else ""
    return said.strip() or f"All of what was heard came from {most[1].lower()}."


def themes(shown: Sequence[tuple[str, int | None]], risen: Sequence[str]) -> str:
    """What people spoke about most, and of what more than before."""
    heard = [name for name, n in shown if n]
    if not heard:
        return NOTHING
    said = f"People spoke most about {listed([f'‘{name}’' for name in heard[:_NAMED]])}."
    if risen:
        said += f" They spoke more than before about {listed([f'‘{name}’' for name in risen[:_NAMED]])}."
    return said + " How often something is said does not show how much it matters: read the comments, too."


def questions(shown: Sequence[tuple[str, int | None]]) -> str:
    """Which of the five key questions was spoken about most."""
    most = max(((n, name) for name, n in shown if n), default=None)
    if most is None:
        return NOTHING
    return f"Most of what people said bears on ‘{most[1]}’. One comment can bear on several questions."


def feelings(positive: float | None, negative: float | None) -> str:
    """How comments sounded."""
    if positive is None or negative is None:
        return "There are too few comments of some kinds to say how people felt."
    if abs(positive - negative) < 10:
        return f"About as many comments were positive ({percent(positive)}) as negative ({percent(negative)})."
    more = "positive" if positive > negative else "negative"
    return f"More comments were {more}: {percent(positive)} were positive and {percent(negative)} negative."


def groups(trait: str, worse: Sequence[str], better: Sequence[str], *, hidden: int, heard: int) -> str:
    """Whether it was as good for every group of people, of `heard` groups of which `hidden` are too small."""
    if heard == 0:
        return f"{trait}: nobody told us. The question is a free choice; say why you ask it."
    few = f" {_some(hidden, 'group')} had too few answers to say." if hidden else ""
    if not worse and not better:
        return f"{trait}: no group stands out from all others by more than chance.{few}"
    said = f"{trait}: "
    if worse:
        said += f"it was less good for {listed([f'‘{name}’' for name in worse])} than for everybody together."
    if better:
        said += f"{' ' if worse else ''}It was better for {listed([f'‘{name}’' for name in better])}."
    return f"{said} That is more than chance. Ask these people what would help.{few}"


def funnel(points: Sequence[FunnelPoint], spread: float, more_is: str) -> str:
    """Which units differ from all together."""
    judged = [point for point in points if point.where != "too_few"]
    few = f" {_some(len(points) - len(judged), 'place')} had too few answers." if len(points) > len(judged) else ""
    if not judged:
        return "No place has enough answers to be set beside others." if points else "There is no place below this one."
    far = [point.name for point in judged if point.where in ("above_998", "below_998")]
    near = [point.name for point in judged if point.where in ("above_95", "below_95")]
    if len(judged) == 1 and not far and not near:
        return f"The one place with enough answers lies between the lines. What sets it apart can be chance.{few}"
    said = [f"All {len(judged)} places lie between the lines. What sets them apart can be chance."]
    if far or near:
        said = [_outside(names, which) for names, which in ((far, "outer"), (near, "inner")) if names]
        said.append(
            f"Higher means {more_is}. By chance 1 place in 20 lies outside the inner lines, 1 in 500 outside all."
        )
    said.append("This is no league table: the order of the others means nothing.")
    if spread > OVERDISPERSED:
        said.append(
            "Places differ more than chance explains, as wards with different work do: read the lines with care."
        )
    return " ".join(said) + few


def _outside(names: Sequence[str], which: str) -> str:
    return f"{_names(names)} {'lies' if len(names) == 1 else 'lie'} outside the {which} lines."


def silence(rows: Sequence[tuple[str, Sequence[State]]]) -> str:
    """Who was not heard last."""
    if not rows:
        return "There is no place below this one."
    silent = [name for name, cells in rows if cells and cells[-1] == "silent"]
    fewer = [name for name, cells in rows if cells and cells[-1] == "fewer"]
    if not silent and not fewer:
        return "Every place was heard as usual in the last week."
    said = f"In the last week nothing was heard from {_names(silent)}." if silent else ""
    said += f" Less than usual was heard from {_names(fewer)}." if fewer else ""
    return f"{said.strip()} Silence is not the same as all being well: ask whether people there can still speak up."


def times(what: str, days: float | None, n: int | None) -> str:
    """How long something took for half of those that there were."""
    if days is None:
        return f"{what}: too few to say. At least {FEWEST} are needed."
    return f"{what}: half took {days_in_words(days)} or less. This is from about {number(n)}."


def days_in_words(days: float) -> str:
    """A number of days as people say it."""
    if days < 1:
        hours = max(1, round(days * 24))
        return f"{hours} hour{'' if hours == 1 else 's'}"
    rounded = round(days, 1) if days < 10 else round(days)
    return f"{rounded:g} day{'' if rounded == 1 else 's'}"


def speaking_up(cases: int | None, detriment: int | None, again: float | None) -> str:
    """Cases of people who spoke up."""
    if cases == 0:
        return (
            "Nobody spoke up to a guardian in this time. Zero is a signal, too: do people know how, and do they dare?"
        )
    said = f"{number(cases)} cases." if cases is not None else "There were too few cases to say how many."
    if detriment:
        said += f" {number(detriment)} people said that they were treated worse for it. That must not happen."
    if again is not None:
        said += f" Of those who were asked, {percent(again)} would speak up again."
    return said


def changes(agreed: int, proven: int, worse: int) -> str:
    """What became of agreed changes."""
    if agreed == 0:
        return "No change was agreed yet. People ask what became of what they told you."
    said = f"{_some(agreed, 'change')} agreed. {proven} proved to help: the numbers moved by more than chance."
    return said + (f" After {worse} of them it became worse. Look at those first." if worse else "")


def both(shared: Sequence[str], staff_seen: bool) -> str:
    """What patients and staff both speak about."""
    if not staff_seen:
        return "Your role does not show what staff say, so there is nothing to compare with."
    if not shared:
        return "Patients and staff do not complain about the same thing more than usual."
    return (
        f"Patients and staff both complain much about {listed([name.lower() for name in shared])}."
        " Where two groups who see care from two sides agree, look first."
    )


def _names(names: Sequence[str]) -> str:
    shown = list(names[:6])
    return listed([*shown, _some(len(names) - 6, "other place")] if len(names) > 6 else shown)


def _some(n: int, what: str) -> str:
    return f"{n} {what}{'' if n == 1 else 's'}"
