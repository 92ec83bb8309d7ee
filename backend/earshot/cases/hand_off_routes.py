"""Hand-offs and actions of a case. A hand-off is a draft: a person sends it, and Earshot sends nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Request, Response

from earshot.cases import hand_off_store, store, texts_store
from earshot.cases.answers import ActionChange, ActionIn, CaseOut, HandOffChange, HandOffIn
from earshot.cases.model import due
from earshot.cases.routes import CaseHandler, Version, changed, opened
from earshot.cases.working_days import england
from earshot.core.errors import Conflict, FieldError, Invalid
from earshot.people.routes import database

router = APIRouter(prefix="/api/cases/{case_id}", tags=["cases"])


class NotADraft(Conflict):
    """This hand-off was sent or withdrawn already. Make a new one."""


@router.post("/hand-offs", status_code=201)
async def draft(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version, given: HandOffIn
) -> CaseOut:
    """Draft a hand-off; a complaint is due within three working days."""
    today = date.today()
    async with database(request).transaction(actor.scope) as connection:
        was = await opened(connection, actor, case_id)
        await store.change(connection, was, replace(was, state="open"), version, actor.account_id, step="handed_off")
        n = await texts_store.add_text(connection, case_id, "hand_off", given.sealed, actor.account_id)
        due_on = due(given.kind, today, england())
        await hand_off_store.add_hand_off(connection, case_id, given.kind, n, due_on, given.about)
        return await changed(connection, response, actor, case_id)


@router.patch("/hand-offs/{hand_off_id}")
async def settle(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, hand_off_id: UUID, version: Version,
    given: HandOffChange,
) -> CaseOut:  # fmt: skip
    """Put a newer draft in place of an older one, or note that it was sent or withdrawn; 409 where it is no draft.

    The codes that returns count may be noted at any time: how a complaint ended is known long after it was sent.
    """
    if not given.model_fields_set:
        raise Invalid(fields=[FieldError("body", "Say what to change.")])
    async with database(request).transaction(actor.scope) as connection:
        was = await store.one(connection, actor.account_id, case_id)
        found = await hand_off_store.hand_off(connection, case_id, hand_off_id)
        if found.state != "draft" and given.model_fields_set != {"about"}:
            raise NotADraft
        step = "hand_off_changed" if given.state is None else f"hand_off_{given.state}"
        await store.change(connection, was, was, version, actor.account_id, step=step)
        n = found.text_n
        if given.sealed is not None:
            n = await texts_store.add_text(connection, case_id, "hand_off", given.sealed, actor.account_id)
        about = found.about if given.about is None else given.about
        await hand_off_store.rewrite(connection, hand_off_id, n, about)
        if given.state is not None:
            await hand_off_store.settle(connection, hand_off_id, given.state, actor.account_id)
        return await changed(connection, response, actor, case_id)


@router.post("/actions", status_code=201)
async def agree(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, version: Version, given: ActionIn
) -> CaseOut:
    """Note an action that was agreed."""
    async with database(request).transaction(actor.scope) as connection:
        was = await opened(connection, actor, case_id)
        await store.change(connection, was, replace(was, state="open"), version, actor.account_id, step="action_agreed")
        n = await texts_store.add_text(connection, case_id, "action", given.sealed, actor.account_id)
        await hand_off_store.add_action(connection, case_id, n, given.due_on)
        return await changed(connection, response, actor, case_id)


@router.patch("/actions/{action_id}")
async def tick(
    request: Request, response: Response, actor: CaseHandler, case_id: UUID, action_id: UUID, version: Version,
    given: ActionChange,
) -> CaseOut:  # fmt: skip
    """Note that an action is done, or is not after all."""
    async with database(request).transaction(actor.scope) as connection:
        was = await store.one(connection, actor.account_id, case_id)
        await hand_off_store.action(connection, case_id, action_id)
        step = "action_done" if given.done else "action_undone"
        await store.change(connection, was, was, version, actor.account_id, step=step)
        await hand_off_store.done(connection, action_id, done=given.done)
        return await changed(connection, response, actor, case_id)
