"""What the signals' pages get, as the OpenAPI document describes it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from earshot.analysis.answers import CommentOut
from earshot.people.model import Stream
from earshot.signals.model import Action, Kind, Meaning, Signal, State, What, ratio
from earshot.signals.wording import chance

Reason = Literal["dealt_with", "known", "false_alarm"]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Owner(BaseModel):
    """Who has taken a signal on."""

    id: UUID
    name: str


class SignalOut(BaseModel):
    """One signal: what, where, since when, how strong, how sure, and what became of it.

    `ratio` is observed over expected; `statistic` is the logarithm of the Bayes factor, and of one comment the risk
    net's probability. `weeks_between` is the mean number of weeks between two alarms this strong by chance; `chance`
    says so in a sentence. `mark` is a letter to stand beside the colour. `revision` goes back with a change; `words`
    are the first that drive it; `measure_id` names the chart of the measures' pages, where there is one. `comment_id`
    is the one comment of an immediate risk. `observed` is missing where there are too few members of staff to say.
    """

    id: UUID
    kind: Kind
    meaning: Meaning
    mark: str
    sentence: str
    org_id: UUID
    org_name: str
    org_level: str
    streams: list[Stream]
    measure: str
    measure_id: str | None
    label: str
    about: str
    since: date
    until: date
    observed: int | None
    expected: float | None
    ratio: float | None
    statistic: float | None
    weeks_between: float | None
    chance: str
    detector: str
    detector_version: str
    state: State
    closed_reason: str | None
    owner: Owner | None
    revision: int
    going_on: bool
    raised_at: datetime
    due_at: datetime | None
    acknowledged_at: datetime | None
    overdue: bool
    respondents: int | None
    words: list[str]
    comments: int
    comment_id: UUID | None


class SignalCounts(BaseModel):
    """How many signals the filters find, and how many of those that are open press."""

    total: int
    open: int
    new: int
    unowned: int
    overdue: int
    at_once: int
    concerns: int
    improvements: int


class SignalList(BaseModel):
    """Signals, most pressing first; `counts.total` may be more than are listed."""

    items: list[SignalOut]
    counts: SignalCounts


class ChartWeek(BaseModel):
    """One week of a signal's series; `n` is None where no feed came, and `marked` where the signal stands.

    What the detector expected is missing, too, where it would tell of a few members of staff.
    """

    start: date
    label: str
    n: int | None
    exposure: int | None
    expected: float | None
    limit: float | None
    marked: bool


class SignalChart(BaseModel):
    """The series that a signal is about, by week; `sentence` says in words what the chart shows."""

    name: str
    weeks: list[ChartWeek]
    sentence: str


class DrivingWord(BaseModel):
    """A word that is heard more in the signal's window than before: comments with it then and before, and a z-score."""

    text: str
    z: float
    now: int | None
    before: int | None


class EvidenceOut(BaseModel):
    """A comment behind a signal; respondents are never merged."""

    comment: CommentOut


class EventOut(BaseModel):
    """Something that happened to a signal; without `by`, Earshot itself did it. `text` is one plain sentence."""

    at: datetime
    what: What
    by: str | None
    note: str | None
    text: str


class UsefulOut(BaseModel):
    """Answers to "Was this useful?", and one's own."""

    yes: int
    no: int
    mine: bool | None


class SignalDetail(BaseModel):
    """A signal's page. `may` lists the actions that its state and the person's role allow."""

    signal: SignalOut
    chart: SignalChart | None
    words: list[DrivingWord]
    evidence: list[EvidenceOut]
    related: list[SignalOut]
    events: list[EventOut]
    useful: UsefulOut
    may: list[Action]


class ChangeIn(_In):
    """What to do with a signal; `revision` is the one that was seen. Closing needs a reason."""

    action: Action
    revision: int = Field(ge=1, le=2_000_000_000)
    reason: Reason | None = None
    note: str | None = Field(default=None, max_length=1000, pattern=r"^[^\x00]*$")


class UsefulIn(_In):
    """Whether a signal was useful."""

    useful: bool


class MapUnit(BaseModel):
    """A row of the map."""

    org_id: UUID
    name: str
    level: str


class MapCell(BaseModel):
    """A unit and a theme: how much was heard in the last eight weeks, and the strongest open signal, if any.

    `mark` is a letter: C concern, I improvement, N neutral change, a dot for nothing unusual, a dash for no data.
    """

    org_id: UUID
    theme: str
    n: int | None
    mark: str
    meaning: Meaning | None
    state: State | None
    signal_id: UUID | None
    signals: int
    text: str


class SignalMap(BaseModel):
    """Units by themes; cells come unit by unit, themes in the order given."""

    units: list[MapUnit]
    themes: list[str]
    cells: list[MapCell]


class FoundOut(BaseModel):
    """Something that a scan found."""

    signal_id: UUID | None
    kind: Kind
    meaning: Meaning
    org_id: UUID
    org_name: str
    streams: list[Stream]
    since: date
    until: date
    observed: int | None
    expected: float | None
    sentence: str
    chance: str


class RecordedScan(BaseModel):
    """What was recorded when a scan ran; `ran_at` is when, `as_of` the last day that it counted."""

    as_of: date
    ran_at: datetime
    budget: float
    series: int
    content_hash: str


class ReplayedScan(BaseModel):
    """The same scan made again now, from the counts up to `as_of` alone.

    `late` is how many comments of those days came, or went, after the scan had run.
    """

    content_hash: str
    equal: bool
    late: int


class Known(BaseModel):
    """What could be known on a day. Without a recorded scan until then, nothing could.

    `replay` is None where the person does not see all of the provider: a part of the counts would tell another story.
    """

    on: date
    provider_id: UUID
    provider_name: str
    recorded: RecordedScan | None
    replay: ReplayedScan | None
    found: list[FoundOut]
    explanation: str
    first_scan: date | None
    last_scan: date | None


class RulesOut(BaseModel):
    """The alarm budget of a provider, and how soon a possible risk must be acknowledged."""

    provider_id: UUID
    provider_name: str
    false_alarms: float
    acknowledge_hours: float
    sentence: str
    set_by: str | None
    set_on: date | None
    may_change: bool


class RulesIn(_In):
    """A new alarm budget: false alarms a month, and hours until a possible risk must be acknowledged."""

    false_alarms: float = Field(ge=0.1, le=100)
    acknowledge_hours: float = Field(ge=0.25, le=168)


class PrecisionOut(BaseModel):
    """How useful people found one detector's signals; `precision` has a 95 % interval and needs answers."""

    detector: str
    kind: Kind
    signals: int
    useful: int
    not_useful: int
    unanswered: int
    precision: float | None
    low: float | None
    high: float | None


class MarkOut(BaseModel):
    """A signal to be drawn on a chart, at the weeks from `since` to `until`."""

    signal_id: UUID
    kind: Kind
    meaning: Meaning
    mark: str
    since: date
    until: date
    sentence: str


class TopSignal(BaseModel):
    """The most telling signal of a place, and how many more of the same meaning there are."""

    signal: SignalOut
    more: int


class TopSignals(BaseModel):
    """What the Overview shows: one signal a place, concerns and improvements apart, and what cannot wait."""

    concerns: list[TopSignal]
    improvements: list[TopSignal]
    at_once: int
    overdue: int
    open: int


WORDS_SHOWN = 5
MARKS: dict[Meaning, str] = {"concern": "C", "improvement": "I", "neutral": "N"}
_CHARTED = {"comments": "comments", "responses": "responses", "negative": "negative_share", "fft_poor": "fft_positive"}


def signal_out(signal: Signal) -> SignalOut:
    """A signal as the console gets it."""
    owner = None
    if signal.owner_id is not None:
        owner = Owner(id=signal.owner_id, name=signal.owner_name or "")
    return SignalOut.model_validate(
        {
            **{name: getattr(signal, name) for name in SignalOut.model_fields if hasattr(signal, name)},
            "mark": mark(signal),
            "ratio": None if signal.observed is None else ratio(signal.observed, signal.expected),
            "chance": chance(signal.kind, signal.weeks_between),
            "measure_id": measure_id(signal.measure, signal.label),
            "owner": owner,
            "words": [word["text"] for word in signal.words[:WORDS_SHOWN]],
            "comments": len(signal.comment_ids),
            "comment_id": signal.comment_ids[0] if signal.kind == "one_comment" and signal.comment_ids else None,
        }
    )


def mark(signal: Signal) -> str:
    """The letter beside a signal's colour: ! for one comment that may tell of risk."""
    return "!" if signal.kind == "one_comment" else MARKS[signal.meaning]


def measure_id(measure: str, label: str) -> str | None:
    """The chart on which a signal is drawn, as the measures' pages name it."""
    if measure in ("theme", "theme_negative", "positive") and label:
        return f"theme:{label}"
    return _CHARTED.get(measure)
