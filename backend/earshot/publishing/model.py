"""What goes onto the public page: what was heard, what was done, whether it helped. Pure.

Somebody writes a draft; somebody else lets it out. A change makes a new version, and the old one is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from earshot.core.errors import Conflict, EarshotError, FieldError, Invalid, NotAllowed
from earshot.measures.periods import end_of, start_of

State = Literal["draft", "approved", "replaced", "withdrawn"]
Verdict = Literal["unproven", "improved", "worse"]
Whose = Literal["patients", "staff"]
Step = Literal["written", "approved", "withdrawn", "undone", "recounted"]

STREAMS: dict[Whose, tuple[str, ...]] = {"patients": ("patient", "carer"), "staff": ("staff",)}
LONGEST_TITLE, LONGEST_WORDS, LONGEST_NOTE, LONGEST_QUOTE = 120, 2_000, 300, 400
MOST_WEEKS = 2 * 53  # of one publication
_WEEK = timedelta(days=7)

VERDICTS: dict[Verdict, str] = {
    "improved": "It helped",
    "worse": "It got worse",
    "unproven": "We cannot say yet whether it helped",
}
NOT_MEASURED = "We have not measured whether it helped"


class StalePublication(EarshotError):
    """Somebody else changed this since you opened it. Load it again, look at what changed, then decide."""

    status = 412


class VersionMissing(EarshotError):
    """Say which version you saw: send its ETag back as If-Match."""

    status = 428


class OwnWords(NotAllowed):
    """You wrote some of this. Ask a colleague who may publish to read it and approve it."""


class NothingWaits(Conflict):
    """There is no draft here to approve."""


class NothingPublic(Conflict):
    """This is not on the public page."""


class NothingToUndo(Conflict):
    """There is no step here that can be undone."""


@dataclass(frozen=True)
class Stretch:
    """Whole weeks, from a Monday to a Sunday, both of which count."""

    since: date
    until: date


@dataclass(frozen=True)
class Number:
    """Counts of one stretch, protected: None stands for too few to say. `about`: those about the theme, of `heard`."""

    since: date
    until: date
    about: int | None
    heard: int | None


@dataclass(frozen=True)
class Quote:
    """A de-identified comment's words, or a part of them."""

    comment_id: UUID
    text: str


@dataclass(frozen=True)
class Draft:
    """What a person writes. `changed_on`: from that week on the change was made, and counts are told before and after.

    Raises `Invalid` for what cannot be published.
    """

    title: str
    heard: str
    did: str
    theme: str | None
    since: date
    until: date
    changed_on: date | None = None
    correction: str = ""
    quote: Quote | None = None

    def __post_init__(self) -> None:
        wrong = [FieldError(field, message) for field, message, bad in self._checks() if bad]
        if wrong:
            raise Invalid(fields=wrong)

    def _checks(self) -> Sequence[tuple[str, str, bool]]:
        inside = self.changed_on is None or self.since <= self.changed_on <= self.until
        return (
            ("title", "Write a title.", not self.title),
            ("heard", "Write what you heard.", not self.heard),
            ("until", "The first day must not come after the last.", self.until < self.since),
            ("until", "Choose two years or less.", (self.until - self.since) > MOST_WEEKS * _WEEK),
            ("changed_on", "The change must lie inside the period.", not inside),
        )

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The whole weeks that are counted: one stretch, or one before and one after the change."""
        whole = Stretch(start_of(self.since, "week"), end_of(start_of(self.until, "week"), "week"))
        if self.changed_on is None or start_of(self.changed_on, "week") <= whole.since:
            return (whole,)
        change = start_of(self.changed_on, "week")
        return (Stretch(whole.since, change - timedelta(days=1)), Stretch(change, whole.until))


@dataclass(frozen=True)
class Proof:
    """What the improvement action's chart says. `error_rate`: how often the test is wrong where nothing changed."""

    verdict: Verdict | None = None
    words: str = ""
    error_rate: float | None = None


@dataclass(frozen=True)
class Version:
    """One version of a publication, with everything that people read of it."""

    id: UUID
    n: int
    state: State
    draft: Draft
    numbers: tuple[Number, ...]
    proof: Proof
    writers: tuple[UUID, ...]
    written_on: date
    recounted_on: date | None
    approved_by: UUID | None
    approved_on: date | None
    withdrawn_on: date | None
    withdrawn_because: str


@dataclass(frozen=True)
class Publication:
    """Something for the public page, with all its versions, newest first."""

    id: UUID
    org_id: UUID
    org_name: str
    org_code: str
    whose: Whose
    improvement_id: UUID | None
    revision: int
    versions: tuple[Version, ...]

    @property
    def waiting(self) -> Version | None:
        """The draft, where there is one."""
        return next((version for version in self.versions if version.state == "draft"), None)

    @property
    def public(self) -> Version | None:
        """What the public page shows, where it shows anything."""
        return next((version for version in self.versions if version.state == "approved"), None)

    @property
    def last_out(self) -> Version | None:
        """The newest version that was ever let out."""
        return next((version for version in self.versions if version.state in ("approved", "withdrawn")), None)


def may_approve(version: Version, person: UUID) -> None:
    """Raise `OwnWords` where somebody wrote some of a draft."""
    if person in version.writers:
        raise OwnWords


def chance_words(error_rate: float) -> str:
    """An error rate as people say it: .05 is "about 1 time in 20"."""
    return f"about 1 time in {round(1 / error_rate)}"
