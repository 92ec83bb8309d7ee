"""The one table of roles, its page, and what somebody with several roles may do."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from earshot.people.matrix import ACTIONS, HANDLES, MATRIX, STREAMS, Role, Stream
from earshot.people.model import Actor, Grant
from earshot.people.roles_page import roles_page
from earshot.people.routes import allowed

PAGE = Path(__file__).parents[2] / "deploy/roles.md"
ROOMS = Path(__file__).parents[2] / "backend/earshot"
HOW = "The matrix of roles changed. Write its page anew with: earshot roles > deploy/roles.md"


def actor(*roles: Role) -> Actor:
    return Actor(
        uuid4(), "Ada Invented", "ada@invented.example", tuple(Grant(role, uuid4(), "A ward") for role in roles)
    )


def test_the_page_of_roles_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == roles_page(), HOW


def test_every_action_has_its_own_name_a_room_that_exists_and_somebody_who_may() -> None:
    assert len({action.name for action in MATRIX}) == len(MATRIX)
    assert [
        action for action in MATRIX if not (ROOMS / action.room / "__init__.py").is_file() or not action.roles
    ] == []


def test_a_guard_knows_only_actions_of_the_table() -> None:
    with pytest.raises(AssertionError, match="not in the matrix"):
        allowed("fly")


def test_whoever_handles_cases_may_work_on_them_and_nobody_else() -> None:
    assert {role for role in Role if "cases" in ACTIONS[role]} == set(HANDLES)
    assert all(HANDLES[role] <= STREAMS[role] for role in HANDLES)


def test_managers_and_administrators_see_no_words_of_staff() -> None:
    for role in (Role.MANAGER, Role.ADMINISTRATOR, Role.ANALYST, Role.PALS):
        assert Stream.STAFF not in actor(role).streams


def test_a_second_role_widens_what_may_be_done_and_narrows_what_may_be_read() -> None:
    both = actor(Role.GUARDIAN, Role.MANAGER)
    assert both.may("forms") and both.may("cases")
    assert both.streams == (Stream.PATIENT, Stream.CARER)
    assert both.scope.case_org_ids == (both.grants[0].org_id,)
    assert not both.may_everywhere("cases") and actor(Role.GUARDIAN).may_everywhere("cases")


def test_nobody_without_a_role_may_do_anything() -> None:
    assert not actor().actions and not actor().streams and not actor().may_everywhere("comments")


def test_a_role_allows_an_action_over_its_own_place_alone() -> None:
    both = actor(Role.GUARDIAN, Role.MANAGER)
    assert both.places("cases") == (both.grants[0].org_id,)
    assert both.places("comments") == tuple(grant.org_id for grant in both.grants)
