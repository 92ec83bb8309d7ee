"""What the pages of cases get and send, as the OpenAPI document describes it. Sealed texts are base64."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from earshot.cases.ciphertexts import Base64, Public, SealedKey, SealedText
from earshot.cases.model import HandOffKind, HandOffState, Learning, Outcome, Seniority, State, WorkerGroup
from earshot.cases.model import Way as Way
from earshot.people.model import Stream

Opens = Literal["case", "notes"]
TextKind = Literal[
    "report", "contact", "reading", "from_person", "from_handler", "note", "hand_off", "action", "outcome"
]
Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=4, max_length=20, pattern=r"^[^\x00]*$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")]
Element = Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]


class In(BaseModel):
    """Something sent to the console: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class PersonOut(BaseModel):
    """Somebody who works on a case."""

    id: UUID
    name: str


class LockOut(BaseModel):
    """The private key of a case, or of its notes, sealed to one of one's own key pairs."""

    pair_id: UUID
    opens: Opens
    sealed: Base64


class CaseRef(BaseModel):
    """Another case, by the name that staff use."""

    id: UUID
    reference: str


class CaseOut(BaseModel):
    """One case in the queue.

    `risk` is None until the computer has read it and where it could not: a person must look. `unread` counts what the
    person wrote since one last opened the case; `awaits_answer` says that they wrote last. `reading` and `lock` are
    None where one holds no key to it.
    """

    id: UUID
    reference: str
    org_id: UUID
    org_name: str
    stream: Stream
    way: Way
    received_on: date
    sealed_by: Literal["browser", "server"]
    read_on: date | None
    risk: bool | None
    risk_kinds: list[str]
    criticality: int | None
    must_look: bool
    state: State
    version: int
    owner: PersonOut | None
    deputy: PersonOut | None
    owned_on: date | None
    thanked_on: date | None
    thanks_overdue: bool
    owner_overdue: bool
    hand_off_due: date | None
    triaged_on: date | None
    elements: list[str]
    worker_group: WorkerGroup | None
    seniority: Seniority | None
    suggestion: Literal["accepted", "corrected"] | None
    same_as: UUID | None
    closed_on: date | None
    outcome: Outcome | None
    learning: Learning | None
    legal_hold: bool
    unread: int
    awaits_answer: bool
    has_lock: bool
    lock: LockOut | None
    reading: Base64 | None


class CaseCounts(BaseModel):
    """How many cases the filters find, and how many of those that are not closed press."""

    total: int
    new: int
    open: int
    closed: int
    must_look: int
    thanks_overdue: int
    owner_overdue: int
    mine: int
    unread: int
    locked: int


class CaseQueue(BaseModel):
    """Cases, most pressing first; `counts.total` may be more than are listed."""

    items: list[CaseOut]
    counts: CaseCounts


class TextOut(BaseModel):
    """A sealed text of a case; `by` is the handler who wrote it, and nobody where the person or the computer did."""

    n: int
    kind: TextKind
    on_day: date
    by: str | None
    sealed: Base64


class StepOut(BaseModel):
    """Something that happened to a case, in one plain sentence."""

    n: int
    kind: str
    on_day: date
    by: str | None
    text: str


class HandOffOut(BaseModel):
    """A draft for somebody else, which a person sends; `text_n` is the newest draft among the texts."""

    id: UUID
    kind: HandOffKind
    state: HandOffState
    text_n: int
    due_on: date | None
    overdue: bool
    made_on: date
    sent_on: date | None
    sent_by: str | None
    about: dict[str, str]


class ActionOut(BaseModel):
    """Something that was agreed; its words are the text `text_n`."""

    id: UUID
    text_n: int
    made_on: date
    due_on: date | None
    done_on: date | None


class FeedbackOut(BaseModel):
    """What the person answered at the receipt page."""

    question: Literal["again", "detriment_30", "detriment_90", "detriment_180"]
    answer: Literal["yes", "no", "maybe", "dont_know"]
    on_day: date


class HandlerOut(BaseModel):
    """Somebody who may handle the case; people whom it excludes are not listed."""

    account_id: UUID
    name: str
    role: Literal["guardian", "pals"]
    pair_id: UUID
    public: Base64
    has_lock: bool
    has_notes: bool


class GlassMark(BaseModel):
    """That two people opened, or asked to open, the case without its handlers' keys."""

    id: UUID
    asked_by: str
    asked_on: date
    reason: str
    state: Literal["waiting", "agreed", "opened", "refused", "over"]
    agreed_by: str | None
    on_day: date | None


class CaseDetail(BaseModel):
    """A case's page. `public` and `notes_public` are what its texts and its notes are sealed to."""

    case: CaseOut
    public: Base64
    notes_public: Base64 | None
    texts: list[TextOut]
    locks: list[LockOut]
    steps: list[StepOut]
    hand_offs: list[HandOffOut]
    actions: list[ActionOut]
    feedback: list[FeedbackOut]
    handlers: list[HandlerOut]
    break_glass: list[GlassMark]
    same: list[CaseRef]
    continues: CaseRef | None
    continued_by: list[CaseRef]


class CaseChoices(BaseModel):
    """The codes that a case is triaged and closed with, and their words. `elements` are by stream."""

    elements: dict[str, list[str]]
    worker_groups: dict[str, str]
    seniorities: dict[str, str]
    outcomes: dict[str, str]
    learnings: dict[str, str]


class ThankIn(In):
    """The cases whose persons were thanked."""

    ids: list[UUID] = Field(min_length=1, max_length=200)


class ThankedOut(BaseModel):
    """The cases that were thanked for now; those thanked before, closed or unknown are left out."""

    items: list[CaseOut]


class CaseIn(In):
    """What to change in a case; what is left out stays."""

    elements: list[Element] | None = Field(default=None, max_length=40)
    worker_group: WorkerGroup | None = None
    seniority: Seniority | None = None
    suggestion: Literal["accepted", "corrected"] | None = None
    way: Way | None = None
    same_as: UUID | None = None
    state: Literal["open"] | None = None


class OwnerIn(In):
    """Who takes a case on, and who if they cannot; without `account_id` nobody does."""

    account_id: UUID | None = None
    deputy_id: UUID | None = None


class MessageIn(In):
    """A text sealed to the case's public key."""

    sealed: SealedText


class LockIn(In):
    """The private key of a case, or of its notes, sealed to somebody's key pair."""

    pair_id: UUID
    opens: Opens
    sealed: SealedKey


class NoteIn(In):
    """A private note sealed to the notes' public key. The first note brings that key, and a lock for every handler."""

    sealed: SealedText
    notes_public: Public | None = None
    locks: list[LockIn] = Field(default_factory=list, max_length=200)


class HandOffIn(In):
    """A draft for somebody else; `about` are codes that returns count, never words."""

    kind: HandOffKind
    sealed: SealedText
    about: dict[Code, Code] = Field(default_factory=dict, max_length=20)


class HandOffChange(In):
    """What became of a draft: a new version of it, or that it was sent or withdrawn."""

    state: Literal["sent", "withdrawn"] | None = None
    sealed: SealedText | None = None
    about: dict[Code, Code] | None = Field(default=None, max_length=20)


class ActionIn(In):
    """Something that was agreed."""

    sealed: SealedText
    due_on: date | None = None


class ActionChange(In):
    """Whether an action is done."""

    done: bool


class CloseIn(In):
    """How a case ended: a code, and words to the person."""

    sealed: SealedText
    outcome: Outcome
    learning: Learning | None = None


class LinkIn(In):
    """The earlier case that this one goes on from, since its receipt was lost."""

    reference: Reference


class GiveIn(In):
    """Locks for colleagues, made in the browser of somebody who can open the case."""

    locks: list[LockIn] = Field(min_length=1, max_length=400)
