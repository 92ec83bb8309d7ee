"""What the pages of keys and of breaking the glass get and send, as the OpenAPI document describes it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from earshot.cases.answers import HandlerOut, In, LockIn, Opens, Reference, TextOut
from earshot.cases.ciphertexts import Base64, CredentialId, LockedKey, Public, Salt, SealedKey

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=10, max_length=1000, pattern=r"^[^\x00]*$")]


class Argon2Settings(In):
    """How a passphrase becomes a key: Argon2id with `m` KiB of memory, `t` passes and `p` lanes."""

    m: int = Field(ge=19_456, le=1_048_576)
    t: int = Field(ge=1, le=20)
    p: int = Field(ge=1, le=8)


class KeyLockIn(In):
    """A private key as it leaves the browser: under a passphrase, or under a passkey."""

    kind: Literal["passphrase", "passkey"]
    credential_id: CredentialId | None = None
    salt: Salt
    settings: Argon2Settings | None = None
    sealed: LockedKey


class KeyLockOut(BaseModel):
    """One way to open a private key."""

    id: UUID
    kind: Literal["passphrase", "passkey"]
    credential_id: Base64 | None
    salt: Base64
    settings: dict[str, int]
    sealed: Base64
    made_on: date


class KeyPairOut(BaseModel):
    """One of one's own key pairs; a retired one still opens what was sealed to it late. `cases` counts those."""

    id: UUID
    public: Base64
    made_on: date
    retired_on: date | None
    cases: int
    locks: list[KeyLockOut]


class ColleagueOut(BaseModel):
    """Somebody of one's places who holds a key pair."""

    account_id: UUID
    name: str
    roles: list[str]
    pair_id: UUID
    public: Base64
    made_on: date


class EscrowOut(BaseModel):
    """The two people of an organisation who together open what nobody else can."""

    org_id: UUID
    org_name: str
    first: ColleagueOut
    second: ColleagueOut
    set_on: date


class KeysOut(BaseModel):
    """One's own keys, colleagues who hold some, and the couples of the escrow."""

    current: KeyPairOut | None
    retired: list[KeyPairOut]
    colleagues: list[ColleagueOut]
    escrow: list[EscrowOut]
    may_set_escrow: bool


class CaseLockOut(BaseModel):
    """A lock of one of one's own key pairs, to be sealed again when keys are changed."""

    case_id: UUID
    pair_id: UUID
    opens: Opens
    sealed: Base64


class CaseLocksOut(BaseModel):
    """Every lock that one's own key pairs open."""

    locks: list[CaseLockOut]


class KeyPairIn(In):
    """A first key pair; with `lost`, one in place of a key pair that nobody can open any longer."""

    public: Public
    lock: KeyLockIn
    lost: bool = False


class CaseLockIn(In):
    """A lock sealed again, for the new key pair."""

    case_id: UUID
    opens: Opens
    sealed: SealedKey


class RotateIn(In):
    """A new key pair, and every lock of the old one sealed to it."""

    public: Public
    lock: KeyLockIn
    case_locks: list[CaseLockIn] = Field(max_length=20_000)


class EscrowIn(In):
    """The two people, of whom neither opens anything alone."""

    first_account_id: UUID
    second_account_id: UUID


class AskIn(In):
    """Which case to open without its handlers' keys, and why; never words of the case."""

    reference: Reference
    reason: Reason


class AgreeIn(In):
    """What is left when the second person has taken the outer layer off."""

    inner_sealed: SealedKey


class GlassOut(BaseModel):
    """A request to open a case without its handlers' keys.

    `part` is what one may do: `first` asked and opens, `second` agrees or refuses, `handler` sees. `outer_sealed` is
    for the second person while it waits, `inner_sealed` for the first once it was agreed, until `ends_on`.
    """

    id: UUID
    case_id: UUID
    reference: str
    org_name: str
    asked_by: str
    asked_on: date
    reason: str
    state: Literal["waiting", "agreed", "opened", "refused", "over"]
    agreed_by: str | None
    agreed_on: date | None
    ends_on: date | None
    part: Literal["first", "second", "handler"]
    pair_id: UUID | None
    outer_sealed: Base64 | None
    inner_sealed: Base64 | None


class GlassList(BaseModel):
    """Requests, newest first. `may_ask` says whether one is the first person of an escrow."""

    items: list[GlassOut]
    may_ask: bool


class GlassOpened(BaseModel):
    """A case that two people opened: its sealed texts without private notes, and who may be given its key."""

    glass: GlassOut
    stream: str
    way: str
    received_on: date
    texts: list[TextOut]
    handlers: list[HandlerOut]


class GlassGive(In):
    """Locks of the case for handlers who could not open it."""

    locks: list[LockIn] = Field(min_length=1, max_length=400)
