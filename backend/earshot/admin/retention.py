"""How long each kind of thing is kept: a versioned schedule, and what an organisation may change in it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

from earshot.core.errors import Conflict, FieldError, Invalid

KindName = Literal["cases_patients", "cases_staff", "responses", "originals", "uploads", "sessions", "work"]
Reason = Literal["claim", "inquest", "police", "inquiry", "complaint", "access_request"]
LONGEST = 36_525  # days: a hundred years


class OnHold(Conflict):
    """Somebody ordered that this be kept. It can be erased once the hold is lifted."""


class CaseStillOpen(Conflict):
    """Close the case first: an open case is not erased."""


@dataclass(frozen=True)
class Kind:
    """One kind of thing: from which day its time counts, how many days it is kept, and who says so."""

    kind: KindName
    name: str
    counted_from: str
    days: int
    local: bool  # an organisation may set days of its own
    removes: str
    source: str

    def __post_init__(self) -> None:
        if self.kind not in get_args(KindName) or not 1 <= self.days <= LONGEST or not self.source:
            raise ValueError(self.kind)

    def before(self, today: date) -> date:
        """The first day that is still kept; what is older is removed."""
        return today - timedelta(days=self.days)


@dataclass(frozen=True)
class Schedule:
    """Every kind, once, and the version of the file that says so."""

    version: str
    kinds: tuple[Kind, ...]

    def __post_init__(self) -> None:
        if tuple(kind.kind for kind in self.kinds) != get_args(KindName):
            raise ValueError("the schedule must have every kind once, in the order of the code")

    def __getitem__(self, name: str) -> Kind:
        for kind in self.kinds:
            if kind.kind == name:
                return kind
        raise Invalid(fields=[FieldError("kind", "There is no such kind.")])


@cache
def schedule() -> Schedule:
    """The schedule that comes with Earshot."""
    raw = json.loads((files("earshot.admin") / "retention.json").read_text(encoding="utf-8"))
    return Schedule(raw["version"], tuple(_kind(one) for one in raw["kinds"]))


def _kind(raw: dict[str, object]) -> Kind:
    """A kind out of the file; a field too many or too few is an error."""
    if set(raw) != {field.name for field in fields(Kind)}:
        raise ValueError(f"fields of {raw.get('kind')}")
    return Kind(**raw)  # type: ignore[arg-type]


def local_days(kind: Kind, days: int) -> int:
    """The days that an organisation sets; raises `Invalid` where it may not set any, or not these."""
    if not kind.local:
        raise Invalid(fields=[FieldError("kind", "This kind has the same time everywhere.")])
    if not 1 <= days <= LONGEST:
        raise Invalid(fields=[FieldError("days", f"Enter a number of days between 1 and {LONGEST}.")])
    return days
