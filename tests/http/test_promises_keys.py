"""Promise 27: where keys are missing the form says that it is closed, and nothing is kept."""

from __future__ import annotations

import httpx
import make
import pytest
from house import House

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("key", ["intake.public", "blind"])
@pytest.mark.parametrize("damage", ["gone", "cut short"])
async def test_promise_27_without_its_keys_the_form_is_closed_and_keeps_nothing(
    house: House, public_client: httpx.AsyncClient, key: str, damage: str
) -> None:
    async with house.owner() as db:
        token = await make.link(db, org_id=await make.org(db, code="WARD4", level="team"))
    said = {"link": token, "audience": "patient", "fft": 2, "answers": {"why": "quietwhisker"}}
    form = {"audience": "patient", "fft": "2", "why": "quietwhisker"}
    assert (await public_client.post("/api/v1/submissions", json=said)).status_code == 201

    path = house.settings.keys / key
    whole = path.read_bytes()
    path.unlink() if damage == "gone" else path.write_bytes(whole[:7])
    closed = [
        await public_client.get(f"/f/{token}"),
        await public_client.post(f"/f/{token}", data=form),
        await public_client.post("/api/v1/submissions", json=said),
    ]
    assert [answer.status_code for answer in closed] == [503, 503, 503]
    assert all("retry-after" in answer.headers for answer in closed)
    assert "closed" in closed[0].text
    assert "quietwhisker" in closed[1].text, "what was typed is still there to be sent later"
    async with house.owner() as db:
        assert await db.fetchval("SELECT count(*) FROM vault.submission") == 1
        assert await db.fetchval("SELECT count(*) FROM pgqueuer") == 1
    assert b"quietwhisker" not in house.dump()

    path.write_bytes(whole)
    assert (await public_client.post("/api/v1/submissions", json=said)).status_code == 201, "open again, no restart"
