"""Filing a report: what somebody says when they speak up, who may read it, and the rows it becomes. Pure.

The browser seals a report itself where it can (`frontend/src/public/speak`); the server does the same, with the same
formats, for a browser without JavaScript. Either way what is kept is a `SealedCase`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from uuid import UUID, uuid4

from earshot.cases import sealing
from earshot.cases.model import Way
from earshot.cases.sealing import CaseKeys
from earshot.core.crypto import SealingKey
from earshot.core.errors import EarshotError, FieldError, Invalid
from earshot.intake.model import LONGEST_TEXT, Audience

SealedBy = Literal["browser", "server"]

WAYS: tuple[Way, ...] = ("open", "confidential", "anonymous")
EXCLUDABLE_ROLES = ("guardian", "pals")
LONGEST_LINE = 300  # characters of a name, of how to reach somebody, of any single line
LONGEST_MESSAGE = 10_000  # characters of one message

# Everything of C0 and C1 that is no tab or line end.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_ENDS = re.compile(r"\r\n?")


class NobodyLeft(Invalid):
    """You asked that nobody here sees this, so nobody could read it. Choose at least one person who may."""


class PlaceChanged(EarshotError):
    """The people who may read this, or the day, changed while you wrote. Nothing was kept: please send it again."""

    status = 409


@dataclass(frozen=True)
class Recipient:
    """Somebody who handles reports about a place, to whose key they are sealed; `public` is 32 bytes."""

    account_id: UUID
    name: str
    role: str
    pair_id: UUID
    public: bytes


@dataclass(frozen=True)
class Escrow:
    """Two people who together, and neither alone, may open a case of a place."""

    first_pair_id: UUID
    first_public: bytes
    second_pair_id: UUID
    second_public: bytes


@dataclass(frozen=True)
class Excluded:
    """Who must not see a report, as its sender asked: named handlers and roles."""

    accounts: frozenset[UUID] = frozenset()
    roles: frozenset[str] = frozenset()

    def spares(self, handler: Recipient) -> bool:
        """Whether a handler may see it."""
        return handler.account_id not in self.accounts and handler.role not in self.roles


@dataclass(frozen=True)
class Recipients:
    """To whom a report about one place can be sealed."""

    handlers: tuple[Recipient, ...]
    escrow: Escrow | None = None

    def without(self, excluded: Excluded) -> Recipients:
        """The same without those who must not see it; an escrow that one of them holds is left out as a whole.

        Raises `NobodyLeft` where that leaves no handler.
        """
        left = tuple(handler for handler in self.handlers if excluded.spares(handler))
        if not left:
            raise NobodyLeft(fields=[FieldError("exclude", NobodyLeft.__doc__ or "")])
        barred = {handler.pair_id for handler in self.handlers} - {handler.pair_id for handler in left}
        held = self.escrow is not None and {self.escrow.first_pair_id, self.escrow.second_pair_id} & barred
        return Recipients(left, None if held else self.escrow)


def tidied(text: str) -> str:
    """A text as it is kept: one kind of line end, no control characters, nothing around it."""
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).strip()


@dataclass(frozen=True)
class Report:
    """What somebody says, tidied and checked when it is made; raises `Invalid` naming each field that is wrong.

    `text` has at most 10,000 characters, every other text at most 300. `name` and `reach` are dropped where the way is
    anonymous. `not_to` says in words who else must not see it, `earlier` which report this goes on from. `salt` (16
    bytes) goes into the proof of filing and is sealed with the words: with the database alone no guess can be checked.
    """

    org_id: UUID
    audience: Audience
    way: Way
    text: str
    name: str = ""
    reach: str = ""
    not_to: str = ""
    earlier: str = ""
    excluded: Excluded = field(default_factory=Excluded)
    id: UUID = field(default_factory=uuid4)
    salt: bytes = field(default_factory=sealing.new_salt, repr=False)

    def __post_init__(self) -> None:
        for name in ("text", "name", "reach", "not_to", "earlier"):
            kept = "" if self.way == "anonymous" and name in ("name", "reach") else tidied(getattr(self, name))
            object.__setattr__(self, name, kept)
        wrong = list(self._wrong())
        if wrong:
            raise Invalid(fields=wrong)

    def _wrong(self) -> list[FieldError]:
        wrong = []
        if self.way not in WAYS:
            wrong.append(FieldError("way", "Choose how you want to speak up"))
        if not self.text:
            wrong.append(FieldError("text", "Write what happened"))
        elif len(self.text) > LONGEST_TEXT:
            wrong.append(FieldError("text", f"Make this shorter by {len(self.text) - LONGEST_TEXT:,} characters"))
        for name in ("name", "reach", "not_to", "earlier"):
            over = len(getattr(self, name)) - LONGEST_LINE
            if over > 0:
                wrong.append(FieldError(name, f"Make this shorter by {over:,} characters"))
        if self.way in ("open", "confidential") and not (self.name or self.reach):
            wrong.append(FieldError("name", "Write your name or how to reach you, or choose to stay anonymous"))
        return wrong

    @property
    def document(self) -> dict[str, object]:
        """What is sealed as the report."""
        answers = {"answers": {"earlier": self.earlier}} if self.earlier else {}
        return {"text": self.text, **answers, "not_to": self.not_to, "salt": self.salt.hex()}

    @property
    def contact(self) -> dict[str, object] | None:
        """What is sealed as the contact, where there is any."""
        return {"name": self.name, "reach": self.reach} if self.name or self.reach else None


@dataclass(frozen=True)
class SealedEscrow:
    """A case's private key for two people, one inside the other."""

    first_pair_id: UUID
    second_pair_id: UUID
    sealed: bytes


@dataclass(frozen=True)
class SealedCase:
    """A report as it is kept: nothing in it can be read here."""

    id: UUID
    org_id: UUID
    audience: Audience
    way: Way
    received_on: date
    sealed_by: SealedBy
    public: bytes
    receipt_hash: bytes
    receipt_sealed: bytes
    content_hash: bytes
    locks: Mapping[UUID, bytes]
    escrow: SealedEscrow | None
    report: bytes
    contact: bytes | None
    wrap: bytes
    wrap_key_id: str
    excluded: Excluded = field(default_factory=Excluded)

    def check(self, recipients: Recipients, today: date, day_key_id: str) -> None:
        """Raise `PlaceChanged` where it was sealed to others than may read it now, or on another day.

        Raises `NobodyLeft` where everybody who could read it must not.
        """
        allowed = recipients.without(self.excluded)
        escrow = allowed.escrow
        meant = None if escrow is None else (escrow.first_pair_id, escrow.second_pair_id)
        made = None if self.escrow is None else (self.escrow.first_pair_id, self.escrow.second_pair_id)
        whom, known = {one.pair_id for one in allowed.handlers}, {one.account_id for one in recipients.handlers}
        if not (self.excluded.accounts <= known and self.excluded.roles <= set(EXCLUDABLE_ROLES)):
            raise PlaceChanged
        if (set(self.locks), made, self.received_on, self.wrap_key_id) != (whom, meant, today, day_key_id):
            raise PlaceChanged


def seal(report: Report, recipients: Recipients, day: SealingKey, *, receipt: str, today: date) -> SealedCase:
    """Seal a report on behalf of a browser that cannot; the receipt is shown once and kept nowhere.

    `recipients` are those of the place; those whom the report excludes get no lock. Raises `NobodyLeft`.
    """
    allowed, keys = recipients.without(report.excluded), CaseKeys.new(report.id)
    contact = report.contact
    return SealedCase(
        id=report.id,
        org_id=report.org_id,
        audience=report.audience,
        way=report.way,
        received_on=today,
        sealed_by="server",
        public=keys.public,
        receipt_hash=sealing.receipt_hash(sealing.lookup(receipt)),
        receipt_sealed=keys.under_receipt(receipt),
        content_hash=sealing.content_hash(report.id, today, sealing.text_hash(report.salt, report.text)),
        locks={handler.pair_id: keys.lock_for(handler.public) for handler in allowed.handlers},
        escrow=_escrow(keys, allowed.escrow),
        report=sealing.seal_text(keys.public, report.id, "report", report.document),
        contact=None if contact is None else sealing.seal_text(keys.public, report.id, "contact", contact),
        wrap=sealing.seal_wrap(day, report.id, text=report.text, audience=report.audience),
        wrap_key_id=day.key_id,
        excluded=report.excluded,
    )


def _escrow(keys: CaseKeys, escrow: Escrow | None) -> SealedEscrow | None:
    if escrow is None:
        return None
    sealed = keys.escrow(escrow.first_public, escrow.second_public)
    return SealedEscrow(escrow.first_pair_id, escrow.second_pair_id, sealed)


def receipt_from(raw: bytes) -> str:
    """The receipt that 24 bytes or more of chance stand for: the same one each time, 120 bits."""
    return "".join(sealing.SYMBOLS[byte % len(sealing.SYMBOLS)] for byte in raw[: sealing.RECEIPT_SYMBOLS])


def new_reference() -> str:
    """A name for a case among staff: random, so that it tells no order (40 bits)."""
    symbols = "".join(secrets.choice(sealing.SYMBOLS) for _ in range(8))
    return f"{symbols[:4]}-{symbols[4:]}"


def excludable(handlers: Sequence[Recipient]) -> tuple[str, ...]:
    """The roles that can be excluded at a place: those held there, as long as another role is left."""
    held = [role for role in EXCLUDABLE_ROLES if any(handler.role == role for handler in handlers)]
    return tuple(held) if len(held) > 1 else ()
