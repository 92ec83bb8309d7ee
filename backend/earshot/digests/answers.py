"""What the pages of digests and of the post get, as the OpenAPI document describes it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from earshot.core.mail_letter import Kind, State
from earshot.digests.model import SectionId

DigestCadence = Literal["hourly", "daily", "weekly", "monthly"]
Mail = Literal["hourly", "daily", "weekly", "monthly", "alerts", "notice"]


class DigestLine(BaseModel):
    """A sentence, and the path that opens its evidence; `spark` is a row of bars, `spark_words` says the same."""

    text: str
    path: str
    numbers: str
    spark: str
    spark_words: str
    quote: str | None


class DigestSection(BaseModel):
    """Lines under one heading; `more` is how many did not fit, and `path` opens all."""

    id: SectionId
    title: str
    lines: list[DigestLine]
    more: int
    path: str


class MailStateOut(BaseModel):
    """How far a mail has come, since when, and in words why it came no further."""

    state: State
    why: str | None
    since: datetime


class DigestOut(BaseModel):
    """What somebody was told in one period; past ones are kept without quotes. `mail` is None where none was sent."""

    id: UUID | None
    cadence: DigestCadence
    subject: str
    intro: str
    period: datetime
    since: date
    until: date
    places: list[str]
    news: bool
    sections: list[DigestSection]
    mail: MailStateOut | None


class DigestListItem(BaseModel):
    """One of somebody's past digests."""

    id: UUID
    cadence: DigestCadence
    period: datetime
    subject: str
    news: bool
    mail: MailStateOut | None


class DigestList(BaseModel):
    """Somebody's past digests, newest first; `stopped` are the kinds of mail that they ended."""

    items: list[DigestListItem]
    stopped: list[Mail]


class DigestPreview(BaseModel):
    """What the next digest would say if it were due now, and the same as a plain text mail.

    `subscribed`: there is a subscription of this cadence by mail; `next_at` is when its digest is due.
    """

    digest: DigestOut
    text: str
    subscribed: bool
    stopped: bool
    next_at: datetime | None


class MailsIn(BaseModel):
    """A kind of mail, and whether it is wanted."""

    model_config = ConfigDict(extra="forbid")
    about: Mail
    wanted: bool


class MailsOut(BaseModel):
    """The kinds of mail that somebody ended."""

    stopped: list[Mail]


class PostedOut(BaseModel):
    """A mail on the Post page: to whom, of what kind and what became of it; never what it says."""

    id: UUID
    name: str | None
    address: str | None
    kind: Kind
    state: State
    why: str | None
    attempts: int
    posted_at: datetime
    due_at: datetime
    tried_at: datetime | None
    settled_at: datetime | None
    may_send_again: bool


class PostCounts(BaseModel):
    """How many mails are in each state."""

    waiting: int = 0
    sending: int = 0
    sent: int = 0
    maybe_sent: int = 0
    refused: int = 0
    bounced: int = 0


class PostOut(BaseModel):
    """The newest mails; `server`: a mail server is set up, without one mails wait. `sender` is where they come from."""

    server: bool
    sender: str
    counts: PostCounts
    items: list[PostedOut]


Limit = Annotated[int, Field(ge=1, le=500)]
