"""The nightly clock of cases: what is let lie goes to the deputy, and nobody's leaving leaves a case with them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from desk import Desk, Person, furnished
from earshot.cases.clock_stages import case_clock
from earshot.core.db import Database
from earshot.people import store
from house import House

pytestmark = pytest.mark.slow

LONG_AGO = date.today() - timedelta(days=30)


@pytest_asyncio.fixture
async def desk(house: House, console_clients: Callable[[], httpx.AsyncClient]) -> AsyncIterator[Desk]:
    yield await furnished(house, console_clients)


@pytest_asyncio.fixture
async def people(desk: Desk) -> list[Person]:
    return [await desk.person("guardian", f"{name} Invented") for name in ("Grace", "Omar")]


async def owned(desk: Desk, people: list[Person], *, deputy: bool = True, since: date = LONG_AGO) -> UUID:
    """A case that the first owns, with the second as deputy."""
    case = await desk.case()
    body = {"account_id": str(people[0].account), "deputy_id": str(people[1].account) if deputy else None}
    await people[0].change("POST", case, "/owner", body)
    await desk.sql("UPDATE case_file SET owned_on = $2 WHERE id = $1", case, since)
    await desk.sql("UPDATE case_step SET on_day = $2 WHERE case_id = $1", case, since)
    return case


async def tick(desk: Desk) -> None:
    """The night passes."""
    database = Database(desk.house.dsn("worker"), max_size=2)
    await database.open()
    await case_clock(database, {})
    await database.close()


async def owner(person: Person, case: UUID) -> str | None:
    found = (await person.get(f"/cases/{case}"))["case"]["owner"]
    return None if found is None else str(found["name"])


async def test_a_case_that_its_owner_lets_lie_goes_to_the_deputy_once(desk: Desk, people: list[Person]) -> None:
    grace, omar = people
    lies, fresh = await owned(desk, people), await owned(desk, people, since=date.today())
    worked_on, alone = await owned(desk, people), await owned(desk, people, deputy=False)
    await grace.change("PATCH", worked_on, body={"seniority": "worker"})
    for _ in range(2):
        await tick(desk)
    assert [await owner(omar, case) for case in (lies, fresh, worked_on, alone)] == [omar.name, *[grace.name] * 3]
    page = await omar.get(f"/cases/{lies}")
    assert (page["case"]["deputy"], page["case"]["version"]) == (None, 3)
    assert page["steps"][-1]["text"].startswith("The deputy looks after it now")
    assert (await desk.audited(lies)).count("case.deputy") == 1


async def test_a_step_of_somebody_else_does_not_stop_the_owner_s_clock(desk: Desk, people: list[Person]) -> None:
    case = await owned(desk, people)
    await people[1].change("PATCH", case, body={"seniority": "worker"})
    await tick(desk)
    assert await owner(people[1], case) == people[1].name


async def test_what_a_leaver_owned_goes_to_the_deputy_or_to_nobody(desk: Desk, people: list[Person]) -> None:
    grace, omar = people
    with_deputy = await owned(desk, people, since=date.today())
    without = await owned(desk, people, deputy=False, since=date.today())
    async with desk.house.owner() as db:
        await store.disable(db, grace.account)
    await tick(desk)
    assert await owner(omar, with_deputy) == omar.name
    assert await owner(omar, without) is None
    assert (await omar.get(f"/cases/{without}"))["steps"][-1]["kind"] == "owner_left"


async def test_a_deputy_who_lost_the_key_inherits_nothing(desk: Desk, people: list[Person]) -> None:
    case = await owned(desk, people)
    await desk.sql("UPDATE key_pair SET retired_on = current_date WHERE account_id = $1", people[1].account)
    await tick(desk)
    assert await owner(people[0], case) == people[0].name


async def test_a_closed_case_is_left_alone(desk: Desk, people: list[Person]) -> None:
    case = await owned(desk, people)
    closing = {"sealed": await desk.told(case, "outcome"), "outcome": "resolved"}
    await people[1].change("POST", case, "/close", closing)
    await tick(desk)
    assert await owner(people[0], case) == people[0].name
