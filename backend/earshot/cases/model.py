"""Cases as their handlers see them: states, moves, clocks and the order of the queue. Pure.

The words of a case are sealed and pass through here unread; in clear are only days, states and codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from earshot.cases.working_days import WorkingDays
from earshot.core.errors import Conflict, EarshotError, FieldError, Invalid

State = Literal["new", "open", "closed"]
Way = Literal["open", "confidential", "anonymous"]
HandOffKind = Literal["pals", "complaint", "lfpse", "safeguarding"]
HandOffState = Literal["draft", "sent", "withdrawn"]
WorkerGroup = Literal[
    "clinical_services",
    "scientific_technical",
    "administrative",
    "allied_health",
    "estates",
    "healthcare_science",
    "medical_dental",
    "nursing_midwifery",
    "students",
    "other",
    "not_known",
]
Seniority = Literal["worker", "manager", "senior_leader", "not_disclosed"]
Outcome = Literal["action_taken", "resolved", "no_action_needed", "handed_on", "not_enough_known", "withdrawn"]
Learning = Literal["shared", "not_shared", "nothing_new"]

THANKS_WITHIN = 2  # working days
OWNER_WITHIN = 3
DEPUTY_AFTER = 5  # working days in which the owner did nothing
COMPLAINT_WITHIN = 3  # acknowledge a complaint: the 2009 Regulations

#: What the computer suggests and a person decides: by these names cases of staff are counted.
STAFF_ELEMENTS = (
    "Patient safety or quality",
    "Worker safety or wellbeing",
    "Bullying or harassment",
    "Inappropriate attitudes or behaviours",
    "Detriment from speaking up",
)
WORKER_GROUPS: dict[WorkerGroup, str] = {
    "clinical_services": "Additional clinical services",
    "scientific_technical": "Additional professional scientific and technical",
    "administrative": "Administrative and clerical",
    "allied_health": "Allied health professionals",
    "estates": "Estates and ancillary",
    "healthcare_science": "Healthcare scientists",
    "medical_dental": "Medical and dental",
    "nursing_midwifery": "Nursing and midwifery registered",
    "students": "Students",
    "other": "Other",
    "not_known": "Not known",
}
SENIORITIES: dict[Seniority, str] = {
    "worker": "Worker",
    "manager": "Manager",
    "senior_leader": "Senior leader",
    "not_disclosed": "Not disclosed",
}
OUTCOMES: dict[Outcome, str] = {
    "action_taken": "Something was changed because of what you said",
    "resolved": "It was put right",
    "no_action_needed": "It was looked into, and nothing needed to change",
    "handed_on": "It was handed on to those who can deal with it",
    "not_enough_known": "There was not enough to go on",
    "withdrawn": "You asked for it to be left",
}
LEARNINGS: dict[Learning, str] = {
    "shared": "What was learned was shared, without saying who spoke",
    "not_shared": "What was learned was not shared more widely",
    "nothing_new": "There was nothing new to learn",
}


class StaleCase(EarshotError):
    """Somebody else changed this case since you opened it. Load it again, look at what changed, then decide."""

    status = 412


class VersionMissing(EarshotError):
    """Say which version of the case you saw: send its ETag back as If-Match."""

    status = 428


class CaseClosed(Conflict):
    """This case is closed. Open it again first."""


class NotClosed(Conflict):
    """This case is open already."""


class CannotOwn(Conflict):
    """This person cannot take the case on."""


class NoLock(Conflict):
    """You cannot open this case with your key in use. Ask a colleague who can open it to give you access first."""


@dataclass(frozen=True)
class CaseFile:
    """One case as one person sees it: `has_lock` says that a key of theirs opens it."""

    id: UUID
    org_id: UUID
    org_name: str
    stream: str
    way: Way
    reference: str
    received_on: date
    sealed_by: str
    public: bytes
    excluded_roles: Sequence[str]
    read_on: date | None
    risk: bool | None
    risk_kinds: Sequence[str]
    criticality: int | None
    state: State
    version: int
    owner_id: UUID | None
    owner_name: str | None
    deputy_id: UUID | None
    deputy_name: str | None
    owned_on: date | None
    thanked_on: date | None
    triaged_on: date | None
    triaged_by: UUID | None
    elements: Sequence[str]
    worker_group: WorkerGroup | None
    seniority: Seniority | None
    suggestion: str | None
    same_as: UUID | None
    continues_id: UUID | None
    notes_public: bytes | None
    closed_on: date | None
    outcome: Outcome | None
    learning: Learning | None
    legal_hold: bool
    hand_off_due: date | None  # the first day on which a draft should have gone
    unread: int
    awaits_answer: bool  # the person wrote last
    has_lock: bool


@dataclass(frozen=True)
class Handler:
    """Somebody who handles cases of a place and holds a key; `has_lock` and `has_notes` say what that key opens."""

    account_id: UUID
    name: str
    role: str
    pair_id: UUID
    public: bytes
    has_lock: bool
    has_notes: bool


def thanks_overdue(case: CaseFile, today: date, days: WorkingDays) -> bool:
    """Whether the person has waited for thanks for more than two working days."""
    return case.state != "closed" and case.thanked_on is None and days.between(case.received_on, today) > THANKS_WITHIN


def owner_overdue(case: CaseFile, today: date, days: WorkingDays) -> bool:
    """Whether nobody has taken the case on for more than three working days."""
    return case.state != "closed" and case.owner_id is None and days.between(case.received_on, today) > OWNER_WITHIN


def must_look(case: CaseFile) -> bool:
    """Whether somebody may be at risk, or the computer could not tell: a person must look first."""
    return case.risk is None or case.risk


def in_order(cases: Sequence[CaseFile], today: date, days: WorkingDays) -> list[CaseFile]:
    """Cases, most pressing first: what must be looked at, overdue thanks, criticality, age; what is done with last."""

    def key(case: CaseFile) -> tuple[bool, bool, bool, int, int, str]:
        age = case.received_on.toordinal()
        if case.state == "closed" and not case.awaits_answer:
            return (True, False, False, 0, -age, case.reference)
        late = thanks_overdue(case, today, days)
        return (False, not must_look(case), not late, -(case.criticality or 0), age, case.reference)

    return sorted(cases, key=key)


def deputy_takes_over(last_step: date, today: date, days: WorkingDays) -> bool:
    """Whether the owner has done nothing for so long that the deputy takes the case on."""
    return days.between(last_step, today) >= DEPUTY_AFTER


def must_be_open(case: CaseFile) -> None:
    """Let a case be worked on; raises `CaseClosed`."""
    if case.state == "closed":
        raise CaseClosed


def must_be_closed(case: CaseFile) -> None:
    """Let a case be opened again; raises `NotClosed`."""
    if case.state != "closed":
        raise NotClosed


def may_own(person: UUID, handlers: Sequence[Handler], excluded: frozenset[UUID], role: str) -> None:
    """Let somebody take a case on as `role` ("owner" or "deputy"); raises `CannotOwn` with the reason."""
    if person in excluded:
        raise CannotOwn(f"Who wrote this asked that this person must not see it. Choose another {role}.")
    found = next((one for one in handlers if one.account_id == person), None)
    if found is None:
        raise CannotOwn(f"This person does not handle cases of this place, or has no key. Choose another {role}.")
    if not found.has_lock:
        raise CannotOwn(f"{found.name} cannot open this case yet. Give {found.name} access first.")


def known_elements(elements: Sequence[str], allowed: Sequence[str]) -> tuple[str, ...]:
    """The elements of a case, each once; raises `Invalid` for one that is not `allowed`."""
    if any(element not in allowed for element in elements):
        raise Invalid(fields=[FieldError("elements", "Choose from the list.")])
    return tuple(dict.fromkeys(elements))


def due(kind: HandOffKind, today: date, days: WorkingDays) -> date | None:
    """The day by which a hand-off should have gone: a complaint is acknowledged within three working days."""
    return days.after(today, COMPLAINT_WITHIN) if kind == "complaint" else None
