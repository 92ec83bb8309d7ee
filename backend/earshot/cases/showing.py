"""Cases as their pages show them: put together from what the database holds, with clocks and plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from earshot.cases import glass_store, hand_off_store, store, texts_store
from earshot.cases.answers import (
    ActionOut,
    CaseCounts,
    CaseDetail,
    CaseOut,
    CaseRef,
    FeedbackOut,
    GlassMark,
    HandlerOut,
    HandOffOut,
    LockOut,
    PersonOut,
    StepOut,
    TextOut,
)
from earshot.cases.model import CaseFile, Handler, must_look, owner_overdue, thanks_overdue
from earshot.cases.texts_store import Lock, SealedText, Step
from earshot.cases.working_days import england
from earshot.core.db import Connection

_SAID = {
    "filed": "Somebody spoke up.",
    "read": "Earshot read it and put it in its place in the queue.",
    "thanked": "{} thanked the person.",
    "opened": "{} began to work on it.",
    "triaged": "{} sorted it.",
    "way_changed": "{} changed whether it is open, confidential or anonymous.",
    "linked": "{} noted which other cases tell of the same.",
    "continues": "{} noted which earlier case this one goes on from.",
    "owned": "{} settled who looks after it.",
    "released": "{} handed it back: nobody looks after it now.",
    "deputy": "The deputy looks after it now, since the owner had done nothing for five working days.",
    "owner_left": "Nobody looks after it now, since its owner can no longer open it.",
    "answered": "{} wrote to the person.",
    "from_person": "The person wrote.",
    "feedback": "The person answered a question of ours.",
    "noted": "{} wrote a private note.",
    "handed_off": "{} drafted a hand-off.",
    "hand_off_changed": "{} changed a hand-off.",
    "hand_off_sent": "{} sent a hand-off.",
    "hand_off_withdrawn": "{} withdrew a hand-off.",
    "action_agreed": "{} noted an action.",
    "action_done": "{} noted that an action is done.",
    "action_undone": "{} noted that an action is not done after all.",
    "closed": "{} closed it.",
    "reopened": "{} opened it again.",
    "access_given": "{} gave a colleague the key to it.",
    "break_glass_asked": "{} asked to open it without its handlers' keys.",
    "break_glass_agreed": "{} agreed that it is opened without its handlers' keys.",
    "break_glass_refused": "{} refused that it is opened without its handlers' keys.",
    "break_glass_opened": "{} opened it without its handlers' keys.",
    "break_glass_given": "{} gave its key to a handler, without the other handlers' keys.",
}


def case_out(case: CaseFile, today: date, lock: Lock | None = None, reading: bytes | None = None) -> CaseOut:
    """One case as the queue shows it."""
    fields = {name: getattr(case, name) for name in CaseOut.model_fields if hasattr(case, name)}
    return CaseOut.model_validate(
        {
            **fields,
            "must_look": must_look(case),
            "owner": _person(case.owner_id, case.owner_name),
            "deputy": _person(case.deputy_id, case.deputy_name),
            "thanks_overdue": thanks_overdue(case, today, england()),
            "owner_overdue": owner_overdue(case, today, england()),
            "lock": None if lock is None else lock_out(lock),
            "reading": None if lock is None else reading,
        }
    )


async def cases_out(connection: Connection, person: UUID, cases: Sequence[CaseFile]) -> list[CaseOut]:
    """Cases with what the person's browser needs to open their readings; giving those out is noted."""
    ids = [case.id for case in cases]
    readings = await texts_store.readings(connection, ids)
    locks: dict[UUID, Lock] = {}
    for lock in await texts_store.locks(connection, ids, person):
        if lock.opens == "case":
            locks.setdefault(lock.case_id, lock)
    await texts_store.given(connection, sorted(readings.keys() & locks.keys()), person)
    return [case_out(case, date.today(), locks.get(case.id), readings.get(case.id)) for case in cases]


def counts(cases: Sequence[CaseFile], person: UUID, today: date) -> CaseCounts:
    """How many cases there are, and how many press."""
    waiting = [case for case in cases if case.state != "closed" or case.awaits_answer]
    return CaseCounts(
        total=len(cases),
        new=sum(case.state == "new" for case in cases),
        open=sum(case.state == "open" for case in cases),
        closed=sum(case.state == "closed" for case in cases),
        must_look=sum(must_look(case) for case in waiting),
        thanks_overdue=sum(thanks_overdue(case, today, england()) for case in waiting),
        owner_overdue=sum(owner_overdue(case, today, england()) for case in waiting),
        mine=sum(person in (case.owner_id, case.deputy_id) for case in waiting),
        unread=sum(case.unread > 0 for case in waiting),
        locked=sum(not case.has_lock for case in waiting),
    )


async def detail(connection: Connection, person: UUID, case: CaseFile) -> CaseDetail:
    """All that a case's page shows; that it was given out is noted."""
    today, ref = date.today(), case.id
    locks = await texts_store.locks(connection, [ref], person)
    first = next((lock for lock in locks if lock.opens == "case"), None)
    readings = await texts_store.readings(connection, [ref])
    await texts_store.opened(connection, ref, person)
    continues = None if case.continues_id is None else await store.named(connection, case.continues_id)
    return CaseDetail(
        case=case_out(case, today, first, readings.get(ref)),
        public=case.public,
        notes_public=case.notes_public,
        texts=[text_out(text) for text in await texts_store.texts(connection, ref)],
        locks=[lock_out(lock) for lock in locks],
        steps=[step_out(step) for step in await texts_store.steps(connection, ref)],
        hand_offs=[_hand_off(one, today) for one in await hand_off_store.hand_offs(connection, ref)],
        actions=[ActionOut.model_validate(vars(one)) for one in await hand_off_store.actions(connection, ref)],
        feedback=[FeedbackOut.model_validate(vars(one)) for one in await texts_store.feedback(connection, ref)],
        handlers=[handler_out(one) for one in await store.handlers(connection, ref)],
        break_glass=[_mark(one, today) for one in await glass_store.of_case(connection, ref)],
        same=[_ref(one) for one in await store.same(connection, ref)],
        continues=None if continues is None else _ref(continues),
        continued_by=[_ref(one) for one in await store.continued_by(connection, ref)],
    )


def lock_out(lock: Lock) -> LockOut:
    """A lock without the case that it hangs on."""
    return LockOut.model_validate({"pair_id": lock.pair_id, "opens": lock.opens, "sealed": lock.sealed})


def text_out(text: SealedText) -> TextOut:
    """A sealed text."""
    return TextOut.model_validate(vars(text))


def step_out(step: Step) -> StepOut:
    """A step in a plain sentence; one that has no sentence yet is told by its name."""
    text = _SAID.get(step.kind, step.kind.replace("_", " ").capitalize() + ".").format(step.by or "Earshot")
    return StepOut(n=step.n, kind=step.kind, on_day=step.on_day, by=step.by, text=text)


def handler_out(handler: Handler) -> HandlerOut:
    """Somebody who may handle a case."""
    return HandlerOut.model_validate(vars(handler))


def _person(account_id: UUID | None, name: str | None) -> PersonOut | None:
    return None if account_id is None else PersonOut(id=account_id, name=name or "")


def _hand_off(one: hand_off_store.HandOff, today: date) -> HandOffOut:
    overdue = one.state == "draft" and one.due_on is not None and one.due_on < today
    return HandOffOut.model_validate({**vars(one), "overdue": overdue})


def _mark(one: glass_store.Glass, today: date) -> GlassMark:
    return GlassMark.model_validate({**vars(one), "state": one.state(today), "on_day": one.latest})


def _ref(one: store.Named) -> CaseRef:
    return CaseRef(id=one.id, reference=one.reference)
