"""What may become of a signal, and hashes that tell whether two looks found the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from earshot.signals.model import (
    Action,
    Event,
    Finding,
    NoReason,
    NotNow,
    State,
    Subject,
    Was,
    change,
    content_hash,
    ratio,
)

ME, YOU, WARD = UUID(int=1), UUID(int=2), UUID(int=3)
FOUND = Finding(
    Subject("rise", WARD, ("patient",), "negative"), "concern", date(2026, 3, 2), date(2026, 3, 15), 9, 4.12345, 3.2,
    14.0, "test", "1", "Negative comments rose.",
)  # fmt: skip


def event(by: UUID | None, what: str = "acknowledged", **was: str) -> Event:
    return Event(1, datetime.now(UTC), what, by, None, None, dict(was), {})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("state", "action", "after"),
    [
        ("new", "acknowledge", "acknowledged"),
        ("reopened", "acknowledge", "acknowledged"),
        ("acknowledged", "watch", "watching"),
        ("watching", "act", "acted_on"),
        ("acted_on", "close", "closed"),
        ("closed", "reopen", "reopened"),
        ("watching", "own", "watching"),
    ],
)
def test_each_state_leads_on(state: State, action: Action, after: State) -> None:
    now = Was(state, "known" if state == "closed" else None, None)
    assert change(now, action, ME, reason="dealt_with").state == after


@pytest.mark.parametrize(
    ("state", "action"),
    [("acknowledged", "acknowledge"), ("closed", "watch"), ("closed", "own"), ("new", "reopen"), ("closed", "close")],
)
def test_and_not_elsewhere(state: State, action: Action) -> None:
    with pytest.raises(NotNow):
        change(Was(state, None, None), action, ME, reason="known")


@pytest.mark.parametrize("reason", [None, "faded", "because"])
def test_closing_takes_a_reason_of_people(reason: str | None) -> None:
    with pytest.raises(NoReason):
        change(Was("new", None, None), "close", ME, reason=reason)


def test_an_owner_stays_through_changes_of_state_and_can_hand_back() -> None:
    owned = change(Was("new", None, None), "own", ME)
    assert change(Was("new", None, owned.owner_id), "close", YOU, reason="known").owner_id == ME
    assert change(Was("new", None, ME), "release", YOU).owner_id is None


def test_only_one_s_own_newest_step_is_undone() -> None:
    back = change(
        Was("closed", "known", None), "undo", ME, last=event(ME, "closed", state="watching", owner_id=str(YOU))
    )
    assert (back.state, back.closed_reason, back.owner_id) == ("watching", None, YOU)
    for last in (None, event(YOU, state="new"), event(None, state="new"), event(ME, "undone", state="new"), event(ME)):
        with pytest.raises(NotNow):
            change(Was("acknowledged", None, None), "undo", ME, last=last)


def test_a_hash_is_the_same_in_any_order_and_another_for_anything_else_found() -> None:
    other = replace(FOUND, subject=replace(FOUND.subject, org_id=YOU))
    assert content_hash([FOUND, other]) == content_hash([other, FOUND])
    assert content_hash([FOUND]) == content_hash([replace(FOUND, expected=4.123451, sentence="In other words.")])
    differing = [replace(FOUND, observed=10), replace(FOUND, until=date(2026, 3, 22)), replace(FOUND, version="2")]
    assert len({content_hash([one]) for one in [FOUND, *differing]}) == 4
    assert content_hash([]) != content_hash([FOUND])


def test_a_ratio_needs_something_expected() -> None:
    assert (ratio(9, 4), ratio(9, 0), ratio(9, None), FOUND.ratio) == (2.25, None, None, 2.18)
