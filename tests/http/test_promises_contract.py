"""Promise 50: both doors answer as their OpenAPI documents say, for every role, whatever is sent."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import make
import pytest
from earshot.people import store
from earshot.people.model import How, Role
from earshot.people.routes import COOKIE
from stack import Stack, new_stack

pytestmark = pytest.mark.slow
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@dataclass(frozen=True)
class Open:
    """Both doors, and a session for each role over an organisation that holds one of everything."""

    stack: Stack
    sessions: dict[str, str]


@pytest.fixture(scope="module")
def doors() -> Iterator[Open]:
    with new_stack() as stack:
        sessions = asyncio.run(furnish(stack))
        stack.start("public")
        stack.start("console")
        yield Open(stack, sessions)


async def furnish(stack: Stack) -> dict[str, str]:
    async with stack.owner() as db:
        ours = await make.org(db, code="OURS")
        ward = await make.org(db, code="OURS1", level="team", parent=ours)
        for stream in ("patient", "carer", "staff"):
            comment = await make.comment(db, settings=stack.settings, org_id=ward, stream=stream)
            await make.analysed(db, comment_id=comment)
        await make.one_of_everything(db, settings=stack.settings, org_id=ward)
        accounts = {
            role.value: await make.account(db, email=f"{role}@invented.example", roles={role.value: ours})
            for role in Role
        }
        return {
            role: await store.open_session(db, account, how=How.PASSKEY, mfa=True) for role, account in accounts.items()
        }


def attack(document: str, folder: Path, *options: str, phases: str = "coverage,fuzzing", examples: int = 6) -> None:
    """Send what the document allows and what it does not, the same each time; fail with Schemathesis's own words."""
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "run", document, "--checks", CHECKS, "--no-color"),
        *("--phases", phases, "--max-examples", str(examples), "--generation-deterministic", *options),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-8_000:] + done.stderr[-2_000:]


def test_promise_50_the_public_door_keeps_its_contract(doors: Open, tmp_path: Path) -> None:
    attack(f"{doors.stack.public}/api/v1/openapi.json", tmp_path)


def test_promise_50_the_console_keeps_its_contract_with_strangers(doors: Open, tmp_path: Path) -> None:
    attack(f"{doors.stack.console}/api/openapi.json", tmp_path, phases="fuzzing")


@pytest.mark.parametrize("role", [role.value for role in Role])
def test_promise_50_the_console_keeps_its_contract_with(doors: Open, role: str, tmp_path: Path) -> None:
    # Signing out is left out, or everything after it would be the answer to a stranger.
    leaving = ("--exclude-path", "/api/session", "--exclude-path", "/api/account/sessions/{session_id}")
    session = ("--header", f"Cookie: {COOKIE}={doors.sessions[role]}", *leaving)
    document = f"{doors.stack.console}/api/openapi.json"
    if role == Role.QUALITY_LEAD:  # one who may do nearly everything
        attack(document, tmp_path, *session)
    else:
        attack(document, tmp_path, *session, phases="fuzzing", examples=4)
