"""Promise 32: ten thousand pairs of filters over dashboards, feeds, files, digests and public counts give nothing away.

The attacker of `attacker.py` knows which answers each number counts. A leak that is planted on purpose must not escape
it, or its silence would mean nothing.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations, product
from typing import Any
from uuid import UUID

import httpx
import make
import pytest
import pytest_asyncio
import time_machine
from attacker import Atom, Recovered, Told, recovered
from conftest import SignIn
from earshot.alerts.stages import route_signals
from earshot.core.db import Database
from earshot.measures import disclosure
from earshot.publishing import counting
from earshot.publishing.feed_stages import make_statistics
from earshot.publishing.model import STREAMS as PUBLIC
from earshot.publishing.model import Stretch
from house import House

pytestmark = pytest.mark.slow

PAIRS = 10_000
PAGES = 128  # filters of dashboards; all pairs of them with the other answers are more than 10,000
TODAY = date(2026, 11, 22)
FIRST = date(2026, 9, 28)  # a Monday
WEEKS = [(FIRST + timedelta(weeks=n)).isoformat() for n in range(7)]
STREAMS = ("patient", "carer", "staff")
THEMES = ("Discharge", "Food & drink provision & facilities", "Timeliness of care")
ANSWERS = {
    "Very good": "1",
    "Good": "2",
    "Neither good nor poor": "3",
    "Poor": "4",
    "Very poor": "5",
    "Don't know": "6",
}
FEELINGS = ("1", "2", "3", "4", "5")
_PARTS = {"fft": tuple(ANSWERS.values()), "sentiment": FEELINGS}


@dataclass
class World:
    """A provider with two sites of three wards; how often each thing was counted, by ward, stream, week and label."""

    house: House
    client: httpx.AsyncClient
    orgs: dict[str, UUID] = field(default_factory=dict)
    wards: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of each place, by code
    counts: dict[Atom, int] = field(default_factory=dict)

    def told(
        self, shown: float | None, place: str, streams: Sequence[str], weeks: Sequence[str], measure: str,
        labels: Sequence[str] = ("",), *, alone: bool = False,
    ) -> Told:  # fmt: skip
        """A number with everything that it counts."""
        pieces = product(self.wards[place], streams, weeks, [measure], labels)
        atoms: frozenset[Atom] = frozenset(pieces)
        what = f"{measure} {'+'.join(labels)} of {place}, {'+'.join(streams)}, {weeks[0]} to {weeks[-1]}"
        number = None if shown is None else int(shown)
        return Told(what, atoms, number, sum(self.counts.get(atom, 0) for atom in atoms), alone)

    async def get(self, path: str, **asked: Any) -> Any:
        answer = await self.client.get(path, params=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest_asyncio.fixture
async def world(house: House, signed_in: SignIn) -> AsyncIterator[World]:
    """Small wards, so that much of what may be asked is about a few people."""
    chance = random.Random(32)
    async with house.owner() as db:
        orgs = {"T": await make.org(db, code="T", name="Our Trust")}
        for site in ("A", "B"):
            orgs[site] = await make.org(db, code=site, name=f"Site {site}", level="site", parent=orgs["T"])
            for n in (1, 2, 3):
                code = f"{site}{n}"
                orgs[code] = await make.org(db, code=code, name=f"Ward {code}", level="team", parent=orgs[site])
        teams = tuple(code for code in orgs if len(code) == 2)
        wards = {code: tuple(team for team in teams if code == "T" or team.startswith(code)) for code in orgs}
        counts = {
            atom: n for team, stream, week in product(teams, STREAMS, WEEKS)
            for atom, n in _said(chance, team, stream, week)
        }  # fmt: skip
        rows = [(orgs[team], date.fromisoformat(week), *rest, n) for (team, stream, week, *of), n in counts.items()
                for rest in [(stream, *of)]]  # fmt: skip
        await db.executemany("INSERT INTO daily VALUES ($1, $2, $3, $4, $5, $6)", rows)
    with time_machine.travel(f"{TODAY}T12:00:00Z", tick=True):
        client = await signed_in("quality_lead", orgs["T"])
        yield World(house, client, orgs, wards, counts)


def _said(chance: random.Random, team: str, stream: str, week: str) -> Iterator[tuple[Atom, int]]:
    """What was said at a ward in a week: answers, and comments with feelings and themes."""
    answers = chance.choice((0, 1, 2, 3, 4, 6, 9) if stream == "patient" else (0, 0, 1, 2, 4))
    comments = chance.randint(0, answers)
    fft = [chance.choice(tuple(ANSWERS.values())) for _ in range(answers)]
    felt = [chance.choice(FEELINGS) for _ in range(comments)]
    about = [chance.choice(THEMES) for _ in range(comments)]
    found = {("responses", ""): answers, ("comments", ""): comments}
    for measure, labels in (("fft", fft), ("sentiment", felt), ("theme", about)):
        found |= {(measure, label): labels.count(label) for label in labels}
    yield from (((team, stream, week, *of), n) for of, n in found.items() if n)


async def dashboards(world: World, chance: random.Random) -> list[list[Told]]:
    """What quality pages tell about some places, weeks and streams."""
    stretches = [(a, b) for a in range(len(WEEKS)) for b in range(a, len(WEEKS))]
    whose = [(), ("patient",), ("carer",), ("staff",), ("patient", "carer")]
    filters = list(product(world.orgs, stretches, whose))
    return [await _page(world, *one) for one in chance.sample(filters, PAGES)]


async def _page(world: World, place: str, stretch: tuple[int, int], asked: tuple[str, ...]) -> list[Told]:
    weeks, streams = WEEKS[stretch[0] : stretch[1] + 1], asked or STREAMS
    until = date.fromisoformat(weeks[-1]) + timedelta(days=6)
    query: dict[str, Any] = {"org": str(world.orgs[place]), "since": weeks[0], "until": until.isoformat()}
    if asked:
        query["stream"] = list(asked)
    overview = _blocks(await world.get("/api/quality/overview", **query))
    experience = _blocks(await world.get("/api/quality/experience", **query))
    funnel = _blocks(await world.get("/api/quality/funnel", **query))
    told = [world.told(overview["figure/comments"]["value"], place, streams, weeks, "comments")]
    told += [
        world.told(point["value"], place, streams, [point["start"]], "comments")
        for point in overview["chart/comments"]["points"]
    ]
    told += [
        world.told(n, place, [stream], weeks, "comments")
        for name, stream in (("Patients", "patient"), ("Carers", "carer"), ("Staff", "staff"))
        for n in _cells(overview["table/who"], name)
    ]
    for theme in THEMES:
        told += [
            world.told(n, place, streams, weeks, "theme", [theme], alone=True)
            for n in _cells(overview["table/themes"], theme)
        ]
    for name, label in ANSWERS.items():
        told += [
            world.told(n, place, streams, weeks, "fft", [label]) for n in _cells(experience["table/answers"], name)
        ]
    codes = {str(org_id): code for code, org_id in world.orgs.items()}
    for block, measure in (("funnel/fft", "fft"), ("funnel/negative", "sentiment")):
        told += [
            world.told(point["n"], codes[point["org_id"]], streams, weeks, measure, _PARTS[measure])
            for point in funnel[block]["points"]
        ]
    return told


def _blocks(page: Any) -> dict[str, Any]:
    return {f"{block['kind']}/{block['id']}": block for block in page["blocks"]}


def _cells(table: Any, name: str) -> list[float | None]:
    """The first number of the line that is headed so, where there is one."""
    return [row["cells"][1]["number"] for row in table["rows"] if row["cells"][0]["text"] == name]


async def feeds(world: World) -> list[list[Told]]:
    """What a key opens: as pages of JSON for one week, and as a CSV file for another."""
    database = Database(world.house.dsn("worker"))
    await database.open()
    await make_statistics(database, {})
    await database.close()
    asked = {
        "name": "Board", "org_id": str(world.orgs["T"]), "streams": list(STREAMS), "may": ["counts"], "period": "week",
        "expires_on": str(TODAY + timedelta(days=30)),
    }  # fmt: skip
    made = await world.client.post("/api/feeds/keys", json=asked)
    headers = {"authorization": f"Bearer {made.json()['secret']}"}
    out = []
    for n, week in enumerate(WEEKS):
        query = {"since": week, "until": str(date.fromisoformat(week) + timedelta(days=6))}
        path = "/api/v1/counts.csv" if n % 2 else "/api/v1/counts"
        answer = await world.client.get(path, params=query if n % 2 else {**query, "limit": "2000"}, headers=headers)
        assert answer.status_code == 200, answer.text
        rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("﻿")))) if n % 2 else answer.json()["rows"]
        out += [[_fed(world, row) for row in rows if row["stream"] == stream] for stream in STREAMS]
    return out


def _fed(world: World, row: Any) -> Told:
    n = None if row["n"] in (None, "") else int(row["n"])
    return world.told(n, row["organisation"], [row["stream"]], [row["first_day"]], row["measure"], [row["label"] or ""])


async def digests(world: World) -> list[list[Told]]:
    """What a digest tells of warnings about a theme at each ward, one week each."""
    whose = {}
    async with world.house.owner() as db:
        for (code, ward), week in zip(world.orgs.items(), WEEKS * 2, strict=False):
            monday = date.fromisoformat(week)
            n = world.told(None, code, ["patient"], [week], "theme", [THEMES[0]]).true
            made = await make.signal(
                db, org_id=ward, measure="theme", theme=THEMES[0], since=monday, until=monday + timedelta(days=6),
                observed=n,
            )  # fmt: skip
            whose[f"/signals/{made}"] = (code, week)
        signals = [path.rsplit("/", 1)[1] for path in whose]
    wish = {
        "org_id": str(world.orgs["T"]), "streams": [], "themes": [], "kinds": [], "channels": ["mail"],
        "cadence": "daily", "at_time": "08:00", "time_zone": "Europe/London",
    }  # fmt: skip
    answer = await world.client.post("/api/subscriptions", json=wish)
    assert answer.status_code == 201, answer.text
    database = Database(world.house.dsn("worker"))
    await database.open()
    await route_signals(database, {"signals": signals})
    await database.close()
    preview = await world.get("/api/digests/preview", cadence="daily")
    lines = [line for section in preview["digest"]["sections"] for line in section["lines"] if line["path"] in whose]
    assert lines
    told = []
    for line in lines:
        code, week = whose[line["path"]]
        said = re.match(r"About (\d+) where", line["numbers"])
        told.append(world.told(int(said[1]) if said else None, code, ["patient"], [week], "theme", [THEMES[0]]))
    return [told]


async def public(world: World) -> list[list[Told]]:
    """What the public page tells of a theme, before and after a change in different weeks."""
    out = []
    async with world.house.owner() as db:
        for place, change in product(("T", "A", "B"), (2, 4)):
            stretches = [(0, change), (change, len(WEEKS))]
            spans = [
                Stretch(date.fromisoformat(WEEKS[a]), date.fromisoformat(WEEKS[b - 1]) + timedelta(days=6))
                for a, b in stretches
            ]
            found = await counting.numbers(db, world.orgs[place], PUBLIC["patients"], THEMES[0], spans)
            told = []
            for number, (a, b) in zip(found, stretches, strict=True):
                told.append(world.told(number.about, place, PUBLIC["patients"], WEEKS[a:b], "theme", [THEMES[0]]))
                told.append(world.told(number.heard, place, PUBLIC["patients"], WEEKS[a:b], "comments"))
            out.append(told)
    return out


async def everything(world: World) -> list[list[Told]]:
    chance = random.Random(10_000)
    return [
        *await dashboards(world, chance), *await feeds(world), *await digests(world), *await public(world),
    ]  # fmt: skip


def attack(answers: Sequence[Sequence[Told]], meant: Any = disclosure.meant) -> list[Recovered]:
    """Every answer alone, and pairs of answers drawn at random."""
    pairs = list(combinations(range(len(answers)), 2))
    drawn = random.Random(1).sample(pairs, PAIRS)
    spoken = [frozenset[Atom]().union(*(one.atoms for one in answer)) for answer in answers]
    found = [one for answer in answers for one in recovered(answer, meant)]
    for a, b in drawn:
        if not spoken[a].isdisjoint(spoken[b]):  # else nothing can be taken from the other
            found += recovered([*answers[a], *answers[b]], meant)
    return found


async def test_promise_32_no_small_number_follows_from_any_of_ten_thousand_pairs_of_answers(world: World) -> None:
    answers = await everything(world)
    hidden = sum(one.shown is None for answer in answers for one in answer)
    assert hidden > 500, "there is something to find"
    found = attack(answers)
    assert found == [], found[:10]


async def test_promise_32_a_planted_leak_does_not_escape_the_same_attacker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exact numbers in place of rounded ones: what one filter has and another has not is then known."""
    monkeypatch.setattr(disclosure, "ROUNDED_TO", 1)
    answers = await dashboards(world, random.Random(10_000))
    found = [
        one for a, b in list(combinations(answers, 2))[:2000] for one in recovered([*a, *b], disclosure.meant)
    ]  # fmt: skip
    assert len({one.what for one in found}) > 20
