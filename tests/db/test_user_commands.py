"""`earshot user …`: what an administrator may do in the console can be done on the server as well."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import make
import pytest
from earshot import cli
from earshot.cli import app
from earshot.core.errors import EarshotError, NotFound
from earshot.people import codes, factors_store, people_store, store
from earshot.people.factor_key import FactorKey
from earshot.people.model import How
from house import House
from typer.testing import CliRunner

pytestmark = pytest.mark.slow
Command = Callable[..., str]


@pytest.fixture
def command(house: House, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs a command on this test's database and returns what it prints; raises what it raises."""
    monkeypatch.setattr(cli, "settings", lambda: house.settings)

    def run(*words: str, typed: str = "") -> str:
        done = CliRunner().invoke(app, ["user", *words], input=typed)
        if isinstance(done.exception, EarshotError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.output

    return run


async def test_people_are_added_closed_opened_and_given_links(house: House, command: Command) -> None:
    async with house.owner() as db:
        await make.org(db, code="TRUST")

    async def user(*words: str, typed: str = "") -> str:
        return await asyncio.to_thread(command, *words, typed=typed)

    role = ("--name", "Ada", "--role", "administrator", "--org", "TRUST")
    await user("add", "ada@invented.example", *role, typed="kettle orbit mustard seven\n")
    with pytest.raises(people_store.LastAdministrator):
        await user("disable", "ada@invented.example")
    with pytest.raises(people_store.LastAdministrator):
        await user("take-role", "ada@invented.example", "--role", "administrator", "--org", "TRUST")
    await user("add", "abe@invented.example", *role, typed="quartz lantern bishop eleven\n")
    await user("disable", "ada@invented.example")
    await user("enable", "ada@invented.example")
    link = await user("link", "ada@invented.example")
    assert link.startswith(f"{house.settings.console_address}/welcome#")
    await user("take-role", "abe@invented.example", "--role", "administrator", "--org", "TRUST")
    async with house.owner() as db:
        trail = [row[0] for row in await db.fetch("SELECT action FROM audit_line ORDER BY n")]
    assert trail == [
        *("people.give_role", "people.give_role", "people.close", "people.open", "people.link", "people.take_role"),
    ]


async def test_codes_are_told_of_invented_people_only_and_factors_can_be_reset(house: House, command: Command) -> None:
    secret, key = codes.new_secret(), FactorKey(house.settings.keys)
    async with house.owner() as db:
        place = await make.org(db, code="TRUST")
        for name in ("real", "made"):
            account = await make.account(db, email=f"{name}@invented.example", roles={"guardian": place})
            await factors_store.begin_totp(db, account, key.seal(secret, account_id=account))
            await factors_store.confirm_totp(db, account, 0)
        await store.say_invented(db, account)
        token = await store.open_session(db, account, how=How.CODE, mfa=True)
    told = await asyncio.to_thread(command, "totp", "made@invented.example")
    assert len(told.strip()) == 6
    with pytest.raises(NotFound):
        await asyncio.to_thread(command, "totp", "real@invented.example")
    await asyncio.to_thread(command, "reset-factors", "made@invented.example")
    async with house.owner() as db:
        assert await store.use_session(db, token) is None
        assert await factors_store.ways(db, account) == []
