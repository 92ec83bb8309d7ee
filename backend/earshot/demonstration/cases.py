"""What invented people spoke up about, and what the invented handlers did: written by hand in a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, Literal

from earshot.cases.model import HandOffKind, Learning, Outcome, Seniority, Way, WorkerGroup
from earshot.cases.receipts import Answer, Asked
from earshot.intake.model import Audience

Handler = Literal["guardian", "deputy", "pals"]


@dataclass(frozen=True)
class Message:
    """One message of a conversation, `after` so many days."""

    by: Handler | Literal["person"]
    after: int
    text: str


@dataclass(frozen=True)
class HandedOff:
    """A draft for somebody else; `sent` so many days after the report, or not yet."""

    kind: HandOffKind
    after: int
    text: str
    sent: int | None
    about: Mapping[str, str]


@dataclass(frozen=True)
class Agreed:
    """An action; `due` and `done` count days after the report."""

    text: str
    after: int
    due: int
    done: int | None


@dataclass(frozen=True)
class Closed:
    """How a case ended, and what its sender was told."""

    after: int
    outcome: Outcome
    learning: Learning
    text: str
    learned: str


@dataclass(frozen=True)
class Spoken:
    """One case of the demonstration: `ago` days lie between report and last day, and the rest counts from the report.

    `name` is how other cases of the file call it. Where nobody triaged it, `elements` is empty.
    """

    name: str
    org: str
    audience: Audience
    way: Way
    ago: int
    text: str
    contact: Mapping[str, str] = field(default_factory=dict)
    not_to: str = ""
    exclude: tuple[Handler, ...] = ()
    thanked: int | None = None
    owner: Handler | None = None
    owned: int = 0
    elements: tuple[str, ...] = ()
    group: WorkerGroup | None = None
    level: Seniority | None = None
    suggestion: str | None = None
    same_as: str | None = None
    talk: tuple[Message, ...] = ()
    note: str | None = None
    hand_off: HandedOff | None = None
    action: Agreed | None = None
    closed: Closed | None = None
    answers: Mapping[Asked, Answer] = field(default_factory=dict)

    def day(self, after: int, last: date) -> date:
        """The day so many days after the report, never later than the last one."""
        return min(last, last - timedelta(self.ago) + timedelta(after))


def every_case() -> list[Spoken]:
    """The cases of the demonstration, oldest first."""
    lines = (files("earshot.demonstration") / "cases.jsonl").read_text(encoding="utf-8").splitlines()
    return [_spoken(json.loads(line)) for line in lines]


def _spoken(given: dict[str, Any]) -> Spoken:
    nested: dict[str, Any] = {
        "talk": tuple(Message(*one) for one in given.pop("talk", ())),
        "hand_off": HandedOff(**given.pop("hand_off")) if "hand_off" in given else None,
        "action": Agreed(**given.pop("action")) if "action" in given else None,
        "closed": Closed(**given.pop("closed")) if "closed" in given else None,
        "exclude": tuple(given.pop("exclude", ())),
        "elements": tuple(given.pop("elements", ())),
    }
    return Spoken(**given, **nested)
