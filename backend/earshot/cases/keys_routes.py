"""Key pairs of the people who handle cases. Private halves arrive locked; the server never holds what opens them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from earshot.cases import keys_store, texts_store
from earshot.cases.keys_answers import (
    CaseLockOut,
    CaseLocksOut,
    ColleagueOut,
    EscrowIn,
    EscrowOut,
    KeyLockIn,
    KeyLockOut,
    KeyPairIn,
    KeyPairOut,
    KeysOut,
    RotateIn,
)
from earshot.cases.keys_store import Couple, KeyHolder, KeyLock, KeyPair
from earshot.cases.texts_store import Lock
from earshot.core import audit
from earshot.core.db import Connection
from earshot.core.errors import Conflict, FieldError, Invalid, NotFound
from earshot.orgs import store as orgs
from earshot.people.model import Actor
from earshot.people.routes import allowed, database

router = APIRouter(prefix="/api/keys", tags=["keys"])

KeyKeeper = Annotated[Actor, Depends(allowed("keys"))]
SetsEscrow = Annotated[Actor, Depends(allowed("escrow"))]


class HasKeys(Conflict):
    """You have a key pair already, or this one is somebody's. Change your keys instead of making first ones."""


class NoKeys(Conflict):
    """You have no key pair yet. Make one first."""


class LocksLeft(Conflict):
    """Some cases that your old key opens have no new lock. Load your keys again, and change them once more."""


class LastLock(Conflict):
    """This is the only way to open your key. Add another one first."""


@router.get("")
async def keys(request: Request, actor: KeyKeeper) -> KeysOut:
    """One's own key pairs with what locks them, colleagues who hold one, and the couples of the escrow."""
    async with database(request).transaction(actor.scope) as connection:
        return await _keys(connection, actor)


@router.get("/case-locks")
async def case_locks(request: Request, actor: KeyKeeper) -> CaseLocksOut:
    """Every lock that one's own key pairs open, to be sealed again when keys are changed."""
    async with database(request).transaction(actor.scope) as connection:
        found = await keys_store.case_locks(connection, actor.account_id)
    return CaseLocksOut(locks=[CaseLockOut.model_validate(vars(lock)) for lock in found])


@router.post("", status_code=201)
async def make(request: Request, actor: KeyKeeper, given: KeyPairIn) -> KeysOut:
    """Make a first key pair, or one in place of a key pair that was lost.

    What was sealed to a lost one stays shut until a colleague gives access again.
    """
    async with database(request).transaction(actor.scope) as connection:
        if given.lost:
            await keys_store.retire(connection, actor.account_id)
        await _add_pair(connection, actor, given.public, given.lock)
        action = "keys.lost" if given.lost else "keys.made"
        await audit.record(connection, action=action, by=actor.account_id)
        return await _keys(connection, actor)


@router.post("/rotate", status_code=201)
async def rotate(request: Request, actor: KeyKeeper, given: RotateIn) -> KeysOut:
    """Change one's keys: a new pair, with a new lock for every case and all notes that the old one opens.

    409 where one is left out, so that no case is shut by accident. The old pair is taken out of use, not destroyed:
    a form that was opened before may still be sealed to it.
    """
    async with database(request).transaction(actor.scope) as connection:
        old = await keys_store.case_locks(connection, actor.account_id)
        if not await keys_store.pairs(connection, actor.account_id):
            raise NoKeys
        if {(lock.case_id, lock.opens) for lock in old} != {(lock.case_id, lock.opens) for lock in given.case_locks}:
            raise LocksLeft
        await keys_store.retire(connection, actor.account_id)
        made = await _add_pair(connection, actor, given.public, given.lock)
        for lock in given.case_locks:
            await texts_store.add_lock(connection, Lock(lock.case_id, made, lock.opens, lock.sealed))
        await keys_store.forget_old_locks(connection, actor.account_id, made)
        await audit.record(connection, action="keys.changed", by=actor.account_id)
        return await _keys(connection, actor)


@router.post("/locks", status_code=201)
async def add_lock(request: Request, actor: KeyKeeper, given: KeyLockIn) -> KeyLockOut:
    """Add another way to open the key pair in use: a passphrase, or a passkey."""
    async with database(request).transaction(actor.scope) as connection:
        current = await _current(connection, actor)
        lock_id = await _add_lock(connection, current.id, given)
        await audit.record(connection, action="keys.lock_added", by=actor.account_id)
        found = await keys_store.key_locks(connection, actor.account_id)
    return next(_lock(lock) for lock in found if lock.id == lock_id)


@router.delete("/locks/{lock_id}", status_code=204)
async def drop_lock(request: Request, actor: KeyKeeper, lock_id: UUID) -> Response:
    """Take one way to open a key pair away; 409 for the last one."""
    async with database(request).transaction(actor.scope) as connection:
        found = await keys_store.key_locks(connection, actor.account_id)
        lock = next((one for one in found if one.id == lock_id), None)
        if lock is None:
            raise NotFound
        if sum(one.pair_id == lock.pair_id for one in found) == 1:
            raise LastLock
        await keys_store.drop_key_lock(connection, lock_id)
        await audit.record(connection, action="keys.lock_removed", by=actor.account_id)
    return Response(status_code=204)


@router.put("/escrow/{org_id}")
async def set_escrow(request: Request, actor: SetsEscrow, org_id: UUID, given: EscrowIn) -> KeysOut:
    """Name the two people who together open what nobody else can: it counts for cases that arrive from now on."""
    if given.first_account_id == given.second_account_id:
        raise Invalid(fields=[FieldError("second_account_id", "Choose two different people.")])
    async with database(request).transaction(actor.scope) as connection:
        await orgs.org(connection, org_id)
        known = {one.account_id: one for one in await keys_store.colleagues(connection, [org_id])}
        for field, person in given.model_dump().items():
            if person not in known:
                raise Invalid(fields=[FieldError(field, "Choose somebody of this place who holds a key pair.")])
        first, second = known[given.first_account_id], known[given.second_account_id]
        await keys_store.set_couple(connection, org_id, first.pair_id, second.pair_id)
        await audit.record(connection, action="escrow.set", by=actor.account_id, org_id=org_id)
        return await _keys(connection, actor)


@router.delete("/escrow/{org_id}", status_code=204)
async def drop_escrow(request: Request, actor: SetsEscrow, org_id: UUID) -> Response:
    """Do without an escrow from now on; cases that have one keep it."""
    async with database(request).transaction(actor.scope) as connection:
        if not await keys_store.drop_couple(connection, org_id):
            raise NotFound
        await audit.record(connection, action="escrow.removed", by=actor.account_id, org_id=org_id)
    return Response(status_code=204)


async def _keys(connection: Connection, actor: Actor) -> KeysOut:
    locks = await keys_store.key_locks(connection, actor.account_id)
    pairs = [_pair(pair, locks) for pair in await keys_store.pairs(connection, actor.account_id)]
    places = [grant.org_id for grant in actor.grants]
    couples = await keys_store.couples(connection)
    named = await keys_store.holders(connection, [each for one in couples for each in _pair_ids(one)])
    return KeysOut(
        current=next((pair for pair in pairs if pair.retired_on is None), None),
        retired=[pair for pair in pairs if pair.retired_on is not None],
        colleagues=[_colleague(one) for one in await keys_store.colleagues(connection, places)],
        escrow=[_escrow(one, named) for one in couples if all(each in named for each in _pair_ids(one))],
        may_set_escrow=actor.may("escrow"),
    )


async def _current(connection: Connection, actor: Actor) -> KeyPair:
    """The key pair in use; raises `NoKeys`."""
    found = await keys_store.pairs(connection, actor.account_id)
    if not found or found[0].retired_on is not None:
        raise NoKeys
    return found[0]


async def _add_pair(connection: Connection, actor: Actor, public: bytes, lock: KeyLockIn) -> UUID:
    made = await keys_store.add_pair(connection, actor.account_id, public)
    if made is None:
        raise HasKeys
    await _add_lock(connection, made, lock)
    await keys_store.follow_couples(connection, actor.account_id, made)
    return made


async def _add_lock(connection: Connection, pair_id: UUID, given: KeyLockIn) -> UUID:
    """Keep a lock; raises `Invalid` where it says too little or too much for its kind."""
    passkey, passphrase = given.credential_id is not None, given.settings is not None
    if (passkey, passphrase) != (given.kind == "passkey", given.kind == "passphrase"):
        told = "A lock by passkey names the passkey, one by passphrase the settings of Argon2id, and neither the other."
        raise Invalid(fields=[FieldError("kind", told)])
    settings = {} if given.settings is None else given.settings.model_dump()
    return await keys_store.add_key_lock(
        connection, pair_id, given.kind, given.credential_id, given.salt, settings, given.sealed
    )


def _pair(pair: KeyPair, locks: Sequence[KeyLock]) -> KeyPairOut:
    own = [_lock(lock) for lock in locks if lock.pair_id == pair.id]
    return KeyPairOut.model_validate({**vars(pair), "locks": own})


def _lock(lock: KeyLock) -> KeyLockOut:
    return KeyLockOut.model_validate(vars(lock))


def _colleague(one: KeyHolder) -> ColleagueOut:
    return ColleagueOut.model_validate(vars(one))


def _pair_ids(couple: Couple) -> tuple[UUID, UUID]:
    return couple.first_pair_id, couple.second_pair_id


def _escrow(couple: Couple, named: dict[UUID, KeyHolder]) -> EscrowOut:
    return EscrowOut(
        org_id=couple.org_id,
        org_name=couple.org_name,
        first=_colleague(named[couple.first_pair_id]),
        second=_colleague(named[couple.second_pair_id]),
        set_on=couple.set_on,
    )
