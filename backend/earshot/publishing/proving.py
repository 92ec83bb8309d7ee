"""Whether a change helped, as its improvement action's chart says it."""

from __future__ import annotations

from uuid import UUID

from earshot.core.db import Connection
from earshot.core.errors import FieldError, Invalid, NotFound
from earshot.improvement import store as improvements
from earshot.improvement.effect import ERROR_RATE
from earshot.improvement.model import Action
from earshot.orgs import store as orgs
from earshot.publishing.model import Proof


async def proof(connection: Connection, improvement_id: UUID | None, org_id: UUID) -> Proof:
    """What may be said of an improvement action now.

    Raises `NotFound` for one out of sight, and `Invalid` for one of another place than `org_id` and all below it.
    """
    if improvement_id is None:
        return Proof()
    action = await improvements.action(connection, improvement_id)
    if action.org_id not in await orgs.below(connection, org_id):
        raise Invalid(fields=[FieldError("org_id", "The action belongs to another place.")])
    return _said(action)


async def proof_seen(connection: Connection, improvement_id: UUID | None) -> Proof | None:
    """The same for whoever may see the action; None for all others, and where there is none."""
    if improvement_id is None:
        return None
    try:
        return _said(await improvements.action(connection, improvement_id))
    except NotFound:
        return None


def _said(action: Action) -> Proof:
    verdict = action.verdict
    return Proof(verdict, action.verdict_sentence, None if verdict is None else ERROR_RATE)
