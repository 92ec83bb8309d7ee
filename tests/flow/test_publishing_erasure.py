"""Promise 31 from end to end: what somebody asked to erase leaves published numbers, and all that themes are made of.

A comment is erased at the console; the worker does the rest; the public door is read before and after.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import make
import pytest
import pytest_asyncio
from conftest import SignIn, role_settings, running
from earshot import apps
from earshot.admin.stages import ERASE
from earshot.core.db import Database
from earshot.core.work import Worker
from earshot.measures.stages import ROLLUP, rollup
from earshot.publishing.stages import REFREEZE
from house import House
from make import DAY

pytestmark = pytest.mark.slow

THEME, CANARY = "Noise at night", "quillwhisker"
HERE = {"sec-fetch-site": "same-origin"}


@dataclass
class Ward:
    """A ward of which twelve people spoke about one theme, one of them to be quoted."""

    house: House
    sign_in: SignIn
    public: httpx.AsyncClient
    worker: Database
    trust: UUID
    id: UUID
    comments: list[UUID] = field(default_factory=list)

    async def publish(self, **more: Any) -> Any:
        """Something on the public page with the counts of two weeks, by one person and approved by another."""
        manager, lead = [await self.sign_in(role, self.trust) for role in ("manager", "quality_lead")]
        words = {"org_id": str(self.id), "title": "Quieter nights", "heard": "Nights were loud.", "did": "Bins moved."}
        asked = {**words, "theme": THEME, "since": str(DAY), "until": str(DAY + timedelta(days=13)), **more}
        made = (await manager.post("/api/publications", json=asked, headers=HERE)).json()
        match = {**HERE, "if-match": '"1"'}
        out = await lead.post(f"/api/publications/{made['id']}/approve", headers=match)
        assert out.status_code == 200, out.text
        return out.json()

    async def erase(self, *comments: UUID) -> None:
        """Ask for comments to be erased, as an administrator does, and let the worker work."""
        administrator = await self.sign_in("administrator", self.trust)
        for comment in comments:
            asked = {"comment_id": str(comment)}
            answer = await administrator.post("/api/retention/erasures", json=asked, headers=HERE)
            assert answer.status_code == 204, answer.text
        await Worker(self.house.dsn("worker"), [ERASE, ROLLUP, REFREEZE]).drain()

    async def read(self) -> str:
        """What anybody reads."""
        return (await self.public.get("/what-we-heard/OURS")).text


@pytest_asyncio.fixture
async def ward(house: House, signed_in: SignIn) -> AsyncIterator[Ward]:
    async with AsyncExitStack() as opened:
        async with house.owner() as db:
            trust = await make.org(db, code="OURS")
            place = await make.org(db, code="OURS1", level="team", parent=trust)
        public = await opened.enter_async_context(
            running(apps.public(role_settings(house, "public")), "http://say.test")
        )
        worker = Database(house.dsn("worker"))
        await worker.open()
        opened.push_async_callback(worker.close)
        made = Ward(house, signed_in, public(), worker, trust, place)
        async with house.owner() as db:
            for number in range(12):
                text = f"It was loud in bed {number}. {CANARY if number == 0 else ''}".strip()
                comment = await make.comment(db, settings=house.settings, org_id=place, text=text)
                await make.analysed(db, comment_id=comment, theme=THEME)
                made.comments.append(comment)
        await rollup(worker, {"cells": [[str(place), str(DAY)]]})
        yield made


async def left(ward: Ward, table: str, comment: UUID) -> int:
    async with ward.house.owner() as db:
        found: int = await db.fetchval(f"SELECT count(*) FROM {table} WHERE comment_id = $1", comment)
        return found


async def test_promise_31_an_erased_comment_leaves_published_counts_and_the_quote_at_the_next_run(ward: Ward) -> None:
    quoted = ward.comments[0]
    made = await ward.publish(quote={"comment_id": str(quoted), "text": f"It was loud in bed 0. {CANARY}"})
    page = await ward.read()
    assert f"About “{THEME}”: about 10 comments, or 100 in every 100." in page and CANARY in page
    other = ward.comments[1]
    shown = await ward.publish(title="Another quote", quote={"comment_id": str(other), "text": "It was loud in bed 1."})
    await ward.erase(quoted)
    page = await ward.read()
    assert CANARY not in page and CANARY.encode() not in ward.house.dump(), "not in any version, draft or table"
    assert "about 10 comments" in page and "It was loud in bed 1." in page, (
        "eleven still round to ten, and may be quoted"
    )
    assert [await left(ward, table, quoted) for table in ("embedding", "comment_cluster")] == [0, 0]

    await ward.erase(*ward.comments[2:7])
    page = await ward.read()
    assert f"About “{THEME}”: about 5 comments, or 100 in every 100." in page and "about 10 comments" not in page
    assert "It was loud in bed 1." not in page, "six are too few for anybody's words to be shown"
    assert "because a comment was taken out" in page
    table = (await ward.public.get("/what-we-heard/OURS/open-data.csv")).text
    assert ",5,5,," in table and ",10,10," not in table
    lead = await ward.sign_in("quality_lead", ward.trust)
    for publication in (made, shown):
        now = (await lead.get(f"/api/publications/{publication['id']}")).json()
        assert now["steps"][0]["step"] == "recounted" and now["steps"][0]["by_name"] is None

    await ward.erase(ward.comments[1], *ward.comments[7:11])
    assert "too few to say" in (await ward.read()).split("About the numbers")[0]
    await ward.erase(ward.comments[11])
    page = await ward.read()
    assert "We no longer keep the comments behind this." in page and "no comments" not in page


async def test_promise_31_an_older_version_and_a_draft_are_counted_anew_too(ward: Ward) -> None:
    made = await ward.publish()
    manager = await ward.sign_in("manager", ward.trust)
    words = {name: made["versions"][0][name] for name in ("title", "heard", "did", "theme", "since", "until")}
    change = await manager.put(
        f"/api/publications/{made['id']}",
        json={**words, "correction": "A word was wrong."},
        headers={**HERE, "if-match": f'"{made["revision"]}"'},
    )
    assert [version["numbers"][0]["about"] for version in change.json()["versions"]] == [10, 10]
    await ward.erase(*ward.comments[:6])
    now = (await manager.get(f"/api/publications/{made['id']}")).json()
    assert [version["numbers"][0]["about"] for version in now["versions"]] == [5, 5]


async def test_promise_31_an_erased_case_was_in_no_published_count_and_changes_none(ward: Ward) -> None:
    async with ward.house.owner() as db:
        case = await make.case_file(db, org_id=ward.id, stream="patient", received_on=DAY)
        await db.execute("UPDATE case_file SET state = 'closed', closed_on = current_date WHERE id = $1", case)
    await ward.publish()
    before = await ward.read()
    assert "about 10 comments" in before, "twelve comments, and not the case"
    await ERASE.run(ward.worker, {"kind": "case", "id": str(case)})
    await Worker(ward.house.dsn("worker"), [ERASE, ROLLUP, REFREEZE]).drain()
    assert await ward.read() == before
    async with ward.house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM case_file") == 0
        assert await db.fetchval("SELECT count(*) FROM erasure WHERE subject = $1", case) == 1


async def test_late_comments_leave_frozen_counts_as_they_are(ward: Ward) -> None:
    await ward.publish()
    async with ward.house.owner() as db:
        for number in range(8):
            late = await make.comment(db, settings=ward.house.settings, org_id=ward.id, text=f"Late {number}.")
            await make.analysed(db, comment_id=late, theme=THEME)
    await rollup(ward.worker, {"cells": [[str(ward.id), str(DAY)]]})
    await Worker(ward.house.dsn("worker"), [ROLLUP, REFREEZE]).drain()
    assert f"About “{THEME}”: about 10 comments, or 100 in every 100." in await ward.read()
