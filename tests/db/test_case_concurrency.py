"""Promise 44: two guardians at one case never lose each other's work, in whatever order they look and write."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from secrets import token_bytes
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import httpx
import pytest
import pytest_asyncio
from conftest import role_settings, running
from desk import ADD_TEXT, HERE, Desk, Person, furnished
from earshot import apps
from earshot.cases import receipts_store, sealing
from house import House
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

pytestmark = pytest.mark.slow

T = TypeVar("T")
SENIORITIES = ("worker", "manager", "senior_leader")
GROUPS = ("students", "estates", "other")
CHANGES = st.one_of(
    st.sampled_from([{"seniority": value} for value in SENIORITIES]),
    st.sampled_from([{"worker_group": value} for value in GROUPS]),
    st.sampled_from([{"elements": [value]} for value in ("Bullying or harassment", "Worker safety or wellbeing")]),
)
WHO = st.sampled_from((0, 1))


@pytest_asyncio.fixture
async def desk(house: House, console_clients: Callable[[], httpx.AsyncClient]) -> AsyncIterator[Desk]:
    yield await furnished(house, console_clients)


async def patch(person: Person, case: UUID, version: int, body: dict[str, Any]) -> int:
    """How a change is answered."""
    headers = HERE | {"If-Match": f'"{version}"'}
    return (await person.client.patch(f"/api/cases/{case}", json=body, headers=headers)).status_code


async def test_promise_44_of_many_changes_at_once_exactly_one_counts(desk: Desk) -> None:
    people = [await desk.person("guardian", name) for name in ("Grace Invented", "Omar Invented")]
    case = await desk.case()
    writes = [patch(people[n % 2], case, 1, {"worker_group": GROUPS[n % 3]}) for n in range(12)]
    answers = await asyncio.gather(*writes)
    assert sorted(answers) == [200] + [412] * 11
    page = (await people[0].get(f"/cases/{case}"))["case"]
    assert (page["version"], page["worker_group"]) == (2, GROUPS[answers.index(200) % 3])


@dataclass
class Table:
    """The desk of one example: its people, and a loop of its own to run them in."""

    desk: Desk
    people: list[Person]
    loop: asyncio.AbstractEventLoop

    def run(self, work: Awaitable[T]) -> T:
        """What comes of some work."""
        return self.loop.run_until_complete(work)


@dataclass
class Truth:
    """What the case must hold: every change that was answered with success, and no other."""

    version: int = 1
    fields: dict[str, Any] = field(default_factory=lambda: {"seniority": None, "worker_group": None, "elements": []})
    texts: int = 1

    def change(self, body: dict[str, Any]) -> None:
        self.version += 1
        self.fields |= body


class TwoGuardians(RuleBasedStateMachine):
    """Two people look at a case, write from what they saw, at times at the same moment, and the person writes too."""

    table: ClassVar[Table]

    @initialize()
    def somebody_spoke_up(self) -> None:
        self.case = self.table.run(self.table.desk.case())
        self.truth, self.seen = Truth(), [1, 1]

    @rule(who=WHO)
    def look(self, who: int) -> None:
        self.seen[who] = self.table.run(self.table.people[who].version(self.case))
        assert self.seen[who] == self.truth.version

    @rule(who=WHO, body=CHANGES)
    def change(self, who: int, body: dict[str, Any]) -> None:
        current = self.seen[who] == self.truth.version
        answer = self.table.run(patch(self.table.people[who], self.case, self.seen[who], body))
        assert answer == (200 if current else 412)
        if current:
            self.truth.change(body)

    @rule(bodies=st.tuples(CHANGES, CHANGES))
    def both_at_once(self, bodies: tuple[dict[str, Any], dict[str, Any]]) -> None:
        async def race() -> list[int]:
            people = zip(self.table.people, self.seen, bodies, strict=True)
            return await asyncio.gather(*(patch(person, self.case, seen, body) for person, seen, body in people))

        answers = self.table.run(race())
        up_to_date = [seen == self.truth.version for seen in self.seen]
        assert answers.count(200) == min(1, sum(up_to_date)), "one of them, if anybody saw the newest version"
        for answer, current, body in zip(answers, up_to_date, bodies, strict=True):
            assert answer in ((200, 412) if current else (412,))
            if answer == 200:
                self.truth.change(body)

    @rule(who=WHO)
    def answer(self, who: int) -> None:
        current = self.seen[who] == self.truth.version
        sealed = self.table.run(self.table.desk.told(self.case, "from_handler"))
        self.table.run(
            self.table.people[who].send(
                "POST",
                f"/cases/{self.case}/messages",
                {"sealed": sealed},
                version=self.seen[who],
                status=201 if current else 412,
            )
        )
        if current:
            self.truth.change({})
            self.truth.texts += 1

    @rule()
    def the_person_writes(self) -> None:
        async def write() -> None:
            lookup = sealing.lookup(self.table.desk.receipts[self.case])
            async with self.table.desk.house.role("public") as db, db.transaction():
                assert await receipts_store.hold(db, sealing.receipt_hash(lookup)) is not None
                await receipts_store.write(db, self.case, b"x", once_hash=token_bytes(32), today=date.today())

        self.table.run(write())
        self.truth.change({})
        self.truth.texts += 1

    @rule()
    def the_computer_reads(self) -> None:
        self.table.run(self.table.desk.sql(ADD_TEXT, self.case, "reading", b"x"))
        self.truth.texts += 1

    @invariant()
    def nothing_is_lost(self) -> None:
        async def kept() -> Any:
            async with self.table.desk.house.owner() as db:
                row = await db.fetchrow("SELECT * FROM case_file WHERE id = $1", self.case)
                return row, await db.fetchval("SELECT count(*) FROM case_text WHERE case_id = $1", self.case)

        row, texts = self.table.run(kept())
        assert (row["version"], texts) == (self.truth.version, self.truth.texts)
        assert {name: row[name] for name in self.truth.fields} == self.truth.fields


@contextmanager
def table(house: House) -> Iterator[Table]:
    """The console in an event loop of its own, since Hypothesis calls its steps outside of any."""
    loop = asyncio.new_event_loop()
    console = running(apps.console(role_settings(house, "console")), "http://console.test")
    try:
        desk = loop.run_until_complete(furnished(house, loop.run_until_complete(console.__aenter__())))
        names = ("Grace Invented", "Omar Invented")
        yield Table(desk, [loop.run_until_complete(desk.person("guardian", name)) for name in names], loop)
        loop.run_until_complete(console.__aexit__(None, None, None))
    finally:
        loop.close()


@pytest.mark.slow
def test_promise_44_no_order_of_looking_and_writing_loses_an_update(house: House) -> None:
    with table(house) as laid:
        TwoGuardians.table = laid
        steps = settings(
            max_examples=15, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        )
        run_state_machine_as_test(TwoGuardians, settings=steps)
