"""What happens at the demonstration's provider: a ward gets worse, maternity gets better, a ward falls silent. Pure.

Everything else only varies. The stories are told in days before the last day, so that they are always recent.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from earshot.demonstration.model import Remark, Unit
from earshot.demonstration.seasons import winter
from earshot.intake.model import Audience

PROVIDER = "ZZF"
WARD_7, MATERNITY, WILLOW, WARD_6 = "ZZF0112", "ZZF0141", "ZZF0201", "ZZF0113"
WORSE_FOR = timedelta(weeks=10)  # Ward 7: pain relief comes late and nurses are missing, more so each week
BETTER_FOR = timedelta(weeks=17)  # Maternity: a change in how women are listened to
SILENT_FOR = timedelta(weeks=5)  # Willow Ward: nobody is heard any more
CLOSED_FOR = timedelta(weeks=40)  # Ward 6, whose patients Ward 5 took over
_WORSENS, _TAKES_HOLD = timedelta(weeks=7), timedelta(weeks=3)

#: The share of unhappy people by audience, and by place where it differs from the rest.
_UNHAPPY: dict[Audience, float] = {"patient": 0.10, "carer": 0.20, "staff": 0.42}
_HARDER = {"emergency": 0.10, "mental_health": 0.10, "gp": 0.08, "discharge_lounge": 0.10, "outpatients": 0.05}


@dataclass(frozen=True)
class Story:
    """What a share of the people at a place talk about now."""

    name: str
    share: float


#: Tags and scores of ordinary comments that tell the same story.
_ALSO: dict[str, tuple[frozenset[str], tuple[int, ...]]] = {
    "pain_relief": (frozenset({"pain", "medication", "staffing"}), (3, 4, 5)),
    "before_listening": (frozenset({"communication", "kindness", "dignity"}), (3, 4, 5)),
    "after_listening": (frozenset({"communication", "kindness"}), (1, 2)),
}


def story(unit: Unit, audience: Audience, day: date, *, last: date) -> Story | None:
    """What people at a place talk about that day, if there is a story."""
    if unit.code == WARD_7:
        worse = _since(day, last - WORSE_FOR, _WORSENS)
        return Story("pain_relief", (0.35 if audience == "staff" else 0.2) + 0.6 * worse) if worse else None
    if unit.code == MATERNITY and audience != "staff":
        better = _since(day, last - BETTER_FOR, _TAKES_HOLD)
        return Story("after_listening", 0.45) if better == 1 else Story("before_listening", 0.32 * (1 - better))
    return None


def tells(remark: Remark, name: str, setting: str) -> bool:
    """Whether a remark belongs to a story, or is an ordinary one that fits it."""
    if remark.story is not None:
        return remark.story == name
    tags, scores = _ALSO[name]
    return remark.about in tags and remark.fft in scores and setting in remark.settings


def unhappy(unit: Unit, audience: Audience, day: date, *, last: date) -> float:
    """The share of unhappy people among those who answer at a place on a day, before chance."""
    share = _UNHAPPY[audience] + _HARDER.get(unit.setting, 0.0)
    if unit.setting in ("ward", "emergency"):
        share += 0.08 * winter(day)
    if unit.code == WARD_7:
        share += 0.5 * _since(day, last - WORSE_FOR, _WORSENS)
    if unit.code == MATERNITY and audience != "staff":
        share += 0.16 * (1 - _since(day, last - BETTER_FOR, _TAKES_HOLD))
    return share


def loudness(unit: Unit, audience: Audience, day: date, *, last: date) -> float:
    """How many more, or fewer, people answer there than elsewhere."""
    if unit.code == WILLOW and day > last - SILENT_FOR:
        return 0.0
    if unit.code == WARD_7:
        worse = _since(day, last - WORSE_FOR, _WORSENS)
        return 1.5 + 4 * worse if audience == "staff" else 2.0
    return 1.4 if unit.code == WILLOW else 1.0


def _since(day: date, start: date, takes: timedelta) -> float:
    """0 until `start`, 1 once it has taken hold, straight between."""
    return min(1.0, max(0.0, (day - start) / takes))
