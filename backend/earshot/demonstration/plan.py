"""Who says what, where and when: comments written by hand, put together again in time. Pure, and always the same.

Given the same last day, the same units and the same remarks, the plan is the same to the letter.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from earshot.demonstration.about import about_person
from earshot.demonstration.model import Remark, Said, Unit
from earshot.demonstration.seasons import WEEKLY, pace
from earshot.demonstration.stories import Story, loudness, story, tells, unhappy
from earshot.intake.model import AUDIENCES, Audience

DAYS = 548  # eighteen months
UNSAID_FOR = 70  # days until the same words may be heard again at the same place
_CONTENT = (0.70, 0.22, 0.04, 0.02, 0.01, 0.01)  # shares of the six answers among content people …
_UNHAPPY = (0.05, 0.12, 0.19, 0.30, 0.32, 0.02)  # … and among unhappy ones
_WRITES: dict[Audience, float] = {"patient": 0.64, "carer": 0.70, "staff": 0.82}
_DRAWS = 6  # remarks drawn, of which the one heard longest ago is taken


@dataclass(frozen=True)
class _Moment:
    """Somebody at a place on a day, with the score on their mind."""

    day: date
    unit: Unit
    audience: Audience
    score: int


def plan(units: Sequence[Unit], remarks: Sequence[Remark], *, last: date) -> list[Said]:
    """Every response of the eighteen months up to and including `last`, oldest first."""
    random = Random(f"earshot {last}")  # noqa: S311 - the same demonstration for everybody
    moments = sorted(_moments(units, last, random), key=lambda moment: moment.day)
    words = _Words(remarks, random)
    return [_said(number, moment, words, random, last) for number, moment in enumerate(moments)]


def _moments(units: Sequence[Unit], last: date, random: Random) -> Iterator[_Moment]:
    first = last - timedelta(DAYS - 1)
    for unit in units:
        for audience, weekly in zip(AUDIENCES, WEEKLY[unit.setting], strict=True):
            for offset in range(DAYS):
                day = first + timedelta(offset)
                if offset % 7 == 0:  # weeks differ more than chance alone makes them
                    luck, drift = random.gammavariate(30, 1 / 30), random.gauss(0, 0.04)
                expected = weekly / 7 * pace(day, unit.setting, first=first, last=last) * luck
                expected *= loudness(unit, audience, day, last=last) if unit.open_on(day) else 0
                sad = min(0.95, max(0.02, unhappy(unit, audience, day, last=last) + drift))
                for _ in range(_poisson(expected, random)):
                    yield _Moment(day, unit, audience, _score(sad, random))


def _score(sad: float, random: Random) -> int:
    """One of the six answers to the Friends and Family Test question."""
    return random.choices(range(1, 7), _UNHAPPY if random.random() < sad else _CONTENT)[0]


def _poisson(expected: float, random: Random) -> int:
    """How many come when `expected` come on average (Knuth, The Art of Computer Programming, 3.4.1)."""
    count, product, floor = 0, random.random(), math.exp(-expected)
    while product > floor:
        count, product = count + 1, product * random.random()
    return count


def _said(number: int, moment: _Moment, words: _Words, random: Random, last: date) -> Said:
    remark = words.choose(moment, last) if random.random() < _WRITES[moment.audience] else None
    score = moment.score if remark is None else _score_with(remark, moment.score, random)
    answers = {} if remark is None else {_question(remark, random): remark.text}
    about = about_person(moment.audience, moment.unit.setting, random)
    return Said(number, moment.day, moment.unit.code, moment.audience, score, answers, about)


def _score_with(remark: Remark, score: int, random: Random) -> int | None:
    """The score that goes with the words: mostly theirs, now and then one beside it; a few give none."""
    if random.random() < 0.03:
        return None
    beside = remark.fft is None or abs(remark.fft - score) == 1
    return score if beside and random.random() < 0.3 else remark.fft


def _question(remark: Remark, random: Random) -> str:
    """The question that the words answer."""
    if remark.text.casefold().startswith("nothing") and len(remark.text) < 40:
        return "better"
    if remark.audience == "staff" and random.random() < 0.4:
        return "know"
    if remark.audience == "carer" and remark.about == "communication" and random.random() < 0.5:
        return "involved"
    return "better" if (remark.fft or 3) in (3, 4) and random.random() < 0.35 else "why"


class _Words:
    """The remarks, and where and when each was last heard."""

    def __init__(self, remarks: Sequence[Remark], random: Random) -> None:
        self._remarks, self._random = remarks, random
        self._heard: dict[tuple[str, str], date] = {}
        self._heard_anywhere: dict[str, date] = defaultdict(lambda: date.min)
        self._pools: dict[tuple[Audience, str, str], list[Remark]] = {}

    def choose(self, moment: _Moment, last: date) -> Remark | None:
        """Words that fit the place, the score and the story; None where all were heard there of late."""
        now = story(moment.unit, moment.audience, moment.day, last=last)
        choices: list[Remark] = []
        if now is not None and self._random.random() < now.share:
            choices = self._fresh(self._pool(moment, now), moment)
        choices = choices or self._near(self._fresh(self._pool(moment, None), moment), moment.score)
        if not choices:
            return None
        drawn = self._random.choices(choices, k=_DRAWS)
        chosen = min(drawn, key=lambda remark: self._heard_anywhere[remark.text])
        self._heard[chosen.text, moment.unit.code] = self._heard_anywhere[chosen.text] = moment.day
        return chosen

    def _fresh(self, remarks: Sequence[Remark], moment: _Moment) -> list[Remark]:
        since = moment.day - timedelta(UNSAID_FOR)
        return [r for r in remarks if self._heard.get((r.text, moment.unit.code), date.min) < since]

    def _near(self, remarks: Sequence[Remark], score: int) -> list[Remark]:
        """Remarks with that score or none, or else with a score next to it; "Don't know" has no neighbour."""
        neighbours = {score - 1, score + 1} - {6} if score < 6 else set()
        return [r for r in remarks if r.fft in (score, None)] or [r for r in remarks if r.fft in neighbours]

    def _pool(self, moment: _Moment, now: Story | None) -> list[Remark]:
        setting, name = moment.unit.setting, "" if now is None else now.name
        key = (moment.audience, setting, name)
        if key not in self._pools:
            own = [r for r in self._remarks if r.audience == moment.audience]
            self._pools[key] = [
                r for r in own if (tells(r, name, setting) if name else r.story is None and r.fits(setting))
            ]
        return self._pools[key]
