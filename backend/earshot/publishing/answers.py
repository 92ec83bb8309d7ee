"""What the console sends and gets about publications."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from earshot.publishing.model import (
    LONGEST_NOTE,
    LONGEST_QUOTE,
    LONGEST_TITLE,
    LONGEST_WORDS,
    Draft,
    Quote,
    State,
    Step,
    Verdict,
    Whose,
)
from earshot.publishing.reading_age import ADVISED, Reading

NO_ZERO = r"^[^\x00]*$"  # Postgres keeps no text with a zero byte


def _words(longest: int) -> object:
    return StringConstraints(strip_whitespace=True, max_length=longest, pattern=NO_ZERO)


Title = Annotated[str, _words(LONGEST_TITLE)]
Words = Annotated[str, _words(LONGEST_WORDS)]
Note = Annotated[str, _words(LONGEST_NOTE)]
QuoteWords = Annotated[str, _words(LONGEST_QUOTE)]


class QuoteIn(BaseModel):
    """A comment's words, or an unbroken part of them."""

    model_config = ConfigDict(extra="forbid")
    comment_id: UUID
    text: QuoteWords


class WordsIn(BaseModel):
    """What a person writes for the public page."""

    model_config = ConfigDict(extra="forbid")
    title: Title
    heard: Words
    did: Words = ""
    theme: Annotated[str, _words(200)] | None = None
    since: date = Field(description="The first day; whole weeks are counted.")
    until: date = Field(description="The last day, which counts too.")
    changed_on: date | None = Field(None, description="When the change was made: counts are told before and after it.")
    correction: Note = Field("", description="What was wrong before; wanted once something was published.")
    quote: QuoteIn | None = None

    def draft(self) -> Draft:
        """The same as a noun; raises `Invalid`."""
        return Draft(
            title=self.title,
            heard=self.heard,
            did=self.did,
            theme=self.theme or None,
            since=self.since,
            until=self.until,
            changed_on=self.changed_on,
            correction=self.correction,
            quote=None if self.quote is None else Quote(self.quote.comment_id, self.quote.text),
        )


class PublicationIn(WordsIn):
    """A new publication: where, whose comments it speaks of, and the improvement action that it tells of."""

    org_id: UUID
    whose: Whose = "patients"
    improvement_id: UUID | None = None


class WithdrawIn(BaseModel):
    """Why something is taken off the public page; the console keeps it."""

    model_config = ConfigDict(extra="forbid")
    because: Annotated[Note, Field(min_length=1)]


class TextIn(BaseModel):
    """A text to be read."""

    model_config = ConfigDict(extra="forbid")
    text: Annotated[str, Field(max_length=3 * LONGEST_WORDS)]


class HardWordOut(BaseModel):
    """A word that makes a text harder, and a simpler one where there is one."""

    word: str
    syllables: int
    instead: str | None


class ReadingOut(BaseModel):
    """How hard a text is to read, in years of age; `advised` is what the NHS asks for."""

    age: float | None
    plain: bool
    advised: tuple[int, int]
    words: int
    sentences: int
    hard_words: list[HardWordOut]


class NumberOut(BaseModel):
    """Protected counts of one stretch of weeks; null stands for too few to say."""

    since: date
    until: date
    about: int | None
    heard: int | None


class QuoteOut(BaseModel):
    """Words that are shown."""

    comment_id: UUID
    text: str


class PublicationVersion(BaseModel):
    """One version, as it stands or stood on the public page."""

    n: int
    state: State
    title: str
    heard: str
    did: str
    correction: str
    theme: str | None
    since: date
    until: date
    changed_on: date | None
    quote: QuoteOut | None
    numbers: list[NumberOut]
    counts: list[str] = Field(description="The numbers as the public page says them.")
    recounted_on: date | None
    verdict: Verdict | None
    helped: str = Field(description="Whether it helped, as the public page says it.")
    verdict_words: str
    error_rate: float | None
    reading: ReadingOut
    writers: list[str]
    written_on: date
    approved_by: str | None
    approved_on: date | None
    withdrawn_on: date | None
    withdrawn_because: str


class PublicationStep(BaseModel):
    """Something that was done; `by_name` is null where Earshot did it itself."""

    n: int
    step: Step
    by_name: str | None
    on_day: date


class PublicationRow(BaseModel):
    """A publication in the list. `state`: that of its newest version; `public`: whether the page shows any."""

    id: UUID
    org_id: UUID
    org_name: str
    title: str
    state: State
    public: bool
    verdict: Verdict | None
    writers: list[str]
    written_on: date
    reading_age: float | None
    mine: bool = Field(description="Whether one wrote some of what waits, and so cannot approve it.")


class PublicationOut(BaseModel):
    """A publication with its versions, newest first, and what the person who asks may do with it."""

    id: UUID
    org_id: UUID
    org_name: str
    whose: Whose
    improvement_id: UUID | None
    revision: int
    address: str = Field(description="Where the public page shows it.")
    proof_changed: bool = Field(description="The improvement action's verdict is another one by now.")
    may_edit: bool
    may_approve: bool
    may_withdraw: bool
    may_undo: bool
    versions: list[PublicationVersion]
    steps: list[PublicationStep]


class QuotableOut(BaseModel):
    """A comment that may be quoted."""

    id: UUID
    text: str
    said_on: date


class QuotablesOut(BaseModel):
    """Comments to choose a quote from; none where fewer than `fewest` people spoke."""

    fewest: int
    items: list[QuotableOut]


class SuggestionOut(BaseModel):
    """A first draft out of an improvement action or a theme's counts, for a person to put into plain words."""

    org_id: UUID
    whose: Whose
    improvement_id: UUID | None
    title: str
    heard: str
    did: str
    theme: str | None
    since: date
    until: date
    changed_on: date | None


def reading_out(reading: Reading) -> ReadingOut:
    """A reading as the console shows it."""
    return ReadingOut(
        age=reading.age,
        plain=reading.plain,
        advised=ADVISED,
        words=reading.words,
        sentences=reading.sentences,
        hard_words=[
            HardWordOut(word=hard.word, syllables=hard.syllables, instead=hard.instead) for hard in reading.hard_words
        ],
    )
