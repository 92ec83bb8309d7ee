"""What the pages of improvement send and get, as the OpenAPI document describes it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from earshot.improvement.model import Acted, State, Verdict, Wanted, What
from earshot.measures.answers import MeasureOut, PointOut
from earshot.people.model import Stream

_PLAIN = r"^[^\x00]*$"  # Postgres keeps no text with a zero byte
Who = Literal[
    "patients", "carers", "public", "voluntary_sector", "nursing", "medical", "allied_health", "administrative",
    "estates", "students", "other_staff",
]  # fmt: skip
How = Literal["informed", "consulted", "involved", "co_designed", "led"]
MarkKind = Literal["signal", "begun", "cycle", "rebased", "look"]
WeekPart = Literal["before", "set_aside", "after"]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class _Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ActionOut(_Out):
    """An improvement action.

    `verdict` says whether it helped: unproven until the series shifts, None without a measure or before it began.
    `streams` are those whose words it answers; `version` goes back in If-Match.
    """

    id: UUID
    org_id: UUID
    org_name: str
    streams: list[Stream]
    title: str
    what_we_heard: str
    what_we_did: str
    state: State
    owner_id: UUID | None
    owner_name: str | None
    due_on: date | None
    started_on: date | None
    closed_on: date | None
    overdue: bool
    themes: list[str]
    measure_id: str | None
    measure_name: str | None
    wanted: Wanted | None
    risk_reference: str
    risk_address: str
    version: int
    made_by_name: str
    made_on: date
    verdict: Verdict | None
    verdict_sentence: str
    looked_on: date | None
    signals: int
    cycles: int


class ActionCounts(BaseModel):
    """How many actions there are in view."""

    open: int
    overdue: int
    improved: int
    unproven: int
    worse: int


class ActionList(BaseModel):
    """Actions: open ones first, by the day on which they are due."""

    items: list[ActionOut]
    counts: ActionCounts


class CycleOut(_Out):
    """A plan, do, study, act cycle."""

    n: int
    started_on: date
    ended_on: date | None
    plan: str
    did: str
    studied: str
    acted: Acted | None
    by_name: str


class RebaseOut(_Out):
    """A day from which people say that the chart begins anew."""

    on_day: date
    reason: str
    by_name: str
    said_on: date


class InvolvedOut(_Out):
    """A group that was involved."""

    on_day: date
    who: Who
    people: int | None
    how: How
    note: str
    by_name: str


class AnsweredSignal(BaseModel):
    """A signal that an action answers."""

    id: UUID
    sentence: str
    state: str


class ActionEvent(BaseModel):
    """Something that became of an action; without `by`, Earshot itself did it. `text` is one plain sentence."""

    at: datetime
    what: What
    by: str | None
    note: str
    text: str


class ActionDetail(BaseModel):
    """An action's page. `may_change` and `may_undo` say what the person who asks may do now; `shared` whether it is
    in the library, and `may_share` whether it can go there.
    """

    action: ActionOut
    cycles: list[CycleOut]
    rebases: list[RebaseOut]
    involved: list[InvolvedOut]
    signals: list[AnsweredSignal]
    events: list[ActionEvent]
    may_change: bool
    may_undo: bool
    may_share: bool
    shared: bool


class OwnerChoice(_Out):
    """Somebody who can own an action."""

    id: UUID
    name: str


class CodeName(BaseModel):
    """A code and its words."""

    code: str
    name: str


class ActionChoices(BaseModel):
    """What an action's form offers."""

    owners: list[OwnerChoice]
    who: list[CodeName]
    how: list[CodeName]


class ActionIn(_In):
    """An action as its form sends it."""

    title: str = Field(min_length=1, max_length=200, pattern=_PLAIN)
    what_we_heard: str = Field(min_length=1, max_length=2000, pattern=_PLAIN)
    what_we_did: str = Field(default="", max_length=2000, pattern=_PLAIN)
    state: State = "planned"
    owner_id: UUID | None = None
    due_on: date | None = None
    started_on: date | None = None
    themes: list[str] = Field(default_factory=list, max_length=20)
    measure_id: str | None = Field(default=None, max_length=200, pattern=r"^[^\x00]+$")
    wanted: Wanted | None = None
    risk_reference: str = Field(default="", max_length=100, pattern=_PLAIN)
    risk_address: str = Field(default="", max_length=500, pattern=_PLAIN)


class NewActionIn(ActionIn):
    """A new action: where, whose words it answers (by default those of its signals), and which signals."""

    org_id: UUID
    streams: list[Stream] | None = Field(default=None, min_length=1, max_length=3)
    signal_ids: list[UUID] = Field(default_factory=list, max_length=20)


class CycleIn(_In):
    """A cycle: a new one without `n`, or the one to write anew."""

    n: int | None = Field(default=None, ge=1, le=999)
    started_on: date
    ended_on: date | None = None
    plan: str = Field(min_length=1, max_length=2000, pattern=_PLAIN)
    did: str = Field(default="", max_length=2000, pattern=_PLAIN)
    studied: str = Field(default="", max_length=2000, pattern=_PLAIN)
    acted: Acted | None = None


class RebaseIn(_In):
    """A day from which the chart begins anew and why, or one to take back."""

    on_day: date
    reason: str = Field(default="", max_length=300, pattern=_PLAIN)
    take_back: bool = False


class InvolvedIn(_In):
    """A group that was involved. Never say who."""

    on_day: date
    who: Who
    people: int | None = Field(default=None, ge=1, le=10_000)
    how: How
    note: str = Field(default="", max_length=500, pattern=_PLAIN)


class EffectWeek(PointOut):
    """A week of the chart, and on which side of the change it counts; None where it counts on neither."""

    part: WeekPart | None


class EffectMark(BaseModel):
    """Something to draw on the chart at a day; `letter` stands there, `text` says it."""

    kind: MarkKind
    on_day: date
    letter: str
    text: str


class LookOut(BaseModel):
    """A look at the series: written once, or still to come (`looked_on` is None)."""

    weeks: int
    state: Verdict | None
    sentence: str
    looked_on: date | None


class Effect(BaseModel):
    """Whether an action helped: its chart with what happened, and the looks at it.

    `weeks` is empty where the action has no measure. `small_numbers` says that numbers are rounded, and those of too
    few people left out, for the person who asks.
    """

    measure: MeasureOut | None
    weeks: list[EffectWeek]
    marks: list[EffectMark]
    looks: list[LookOut]
    verdict: Verdict | None
    verdict_sentence: str
    sentence: str
    judged_by: str
    set_aside: str
    error_rate: float
    error_sentence: str
    small_numbers: bool


class LibraryEntry(_Out):
    """Something that worked, as text that people wrote; `near` is how close it is to what was asked (0 to 1)."""

    id: UUID
    source: str
    title: str
    what_we_heard: str
    what_we_did: str
    themes: list[str]
    measure: str
    result: str
    weeks: int
    finished_on: date | None
    imported: bool
    added_on: date
    near: float | None = None
    why: str = ""


class Library(BaseModel):
    """What worked, newest first."""

    items: list[LibraryEntry]
    waiting: int


class ShareIn(_In):
    """An action's words for the library, as somebody has read them over."""

    title: str = Field(min_length=1, max_length=200, pattern=_PLAIN)
    what_we_heard: str = Field(min_length=1, max_length=2000, pattern=_PLAIN)
    what_we_did: str = Field(min_length=1, max_length=2000, pattern=_PLAIN)
    no_comment: Literal[True]


class LibraryFile(_In):
    """A library file of another organisation; each entry is checked by itself."""

    format: str = Field(max_length=100)
    version: int
    source: str = Field(default="", alias="from", max_length=500)
    entries: list[dict[str, object]] = Field(max_length=500)


class RefusedEntry(BaseModel):
    """An entry that was not taken: its place in the file, from 1, and why."""

    number: int
    title: str
    reason: str


class ImportedLibrary(BaseModel):
    """What came of a file: how many entries were added, how many were there already, and which were refused."""

    added: int
    known: int
    refused: list[RefusedEntry]


class PraiseOut(BaseModel):
    """Praise for a team. `comment_id` opens the comment, where one may; `full` says that the words are all of it."""

    org_id: UUID
    org_name: str
    stream: Stream
    said_on: date
    words: str
    full: bool
    named: bool
    comment_id: UUID | None


class PraisedTeamOut(_Out):
    """A team and how much praise it had in the period."""

    org_id: UUID
    org_name: str
    n: int


class PraiseList(BaseModel):
    """Praise in the period, newest first, and by team, most praised first."""

    since: date
    until: date
    teams: list[PraisedTeamOut]
    items: list[PraiseOut]


class AssuranceLevelOut(_Out):
    """A level at which an organisation is watched."""

    code: str
    name: str
    about: str
    triggers: list[str]
    does: list[str]
    leaves_when: list[str]


class AssurancePackOut(_Out):
    """The levels in use, where they come from, and what to check against the live document."""

    id: str
    title: str
    version: str
    about: str
    levels: list[AssuranceLevelOut]
    check: list[str]


class AssuranceStep(_Out):
    """A level that was given to an organisation, with reasons."""

    org_id: UUID
    org_name: str
    level: str
    level_name: str
    reasons: str
    review_on: date | None
    review_due: bool
    set_by_name: str | None
    set_on: date
    pack: str


class Assurance(BaseModel):
    """How closely organisations are watched: the newest level of each, and the history, newest first."""

    pack: AssurancePackOut
    now: list[AssuranceStep]
    history: list[AssuranceStep]
    may_set: bool


class AssuranceIn(_In):
    """A level for an organisation. Say why."""

    org_id: UUID
    level: str = Field(min_length=1, max_length=50, pattern=_PLAIN)
    reasons: str = Field(min_length=1, max_length=2000, pattern=_PLAIN)
    review_on: date | None = None
