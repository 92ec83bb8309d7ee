"""Several frameworks at once: what the console is told of them, and comments by the dimensions of their themes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import make
import pytest_asyncio
from conftest import SignIn
from house import House

SITE = {"sec-fetch-site": "same-origin"}


@dataclass(frozen=True)
class Desk:
    """A quality lead of a trust, with a comment of a patient and one of somebody on its staff."""

    lead: httpx.AsyncClient
    patient: UUID
    staff: UUID

    async def read(self, path: str, **query: str) -> Any:
        answer = await self.lead.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def found(self, dimension: str) -> set[str]:
        return {one["id"] for one in (await self.read("/api/comments", dimension=dimension))["items"]}

    async def add(self, comment: UUID, theme: str) -> int:
        given = {"kind": "theme", "theme": theme, "present": True}
        return (await self.lead.post(f"/api/comments/{comment}/corrections", json=given, headers=SITE)).status_code


@pytest_asyncio.fixture
async def desk(house: House, signed_in: SignIn) -> AsyncIterator[Desk]:
    async with house.owner() as db:
        trust = await make.org(db, code="OURS")
        comments = []
        for stream, theme in (("patient", "Timeliness of care"), ("staff", "Worker safety or wellbeing")):
            made = await make.comment(db, settings=house.settings, org_id=trust, stream=stream)
            await make.analysed(db, comment_id=made, theme=theme)
            comments.append(made)
        await db.execute("UPDATE comment_theme SET framework = 'staff' WHERE stream = 'staff'")
    yield Desk(await signed_in("quality_lead", trust), *comments)


async def test_the_console_is_told_every_framework_and_where_its_themes_belong(desk: Desk) -> None:
    told = await desk.read("/api/frameworks")
    assert [(one["id"], one["streams"]) for one in told["frameworks"]] == [
        ("patient-experience", ["patient", "carer"]),
        ("staff", ["staff"]),
    ]
    dimensions = {each["id"]: each["name"] for one in told["mappings"] for each in one["dimensions"]}
    assert len(dimensions) == 8
    assert dimensions["cqc:well-led"] == "Well-led"
    assert all("Check the wording" in one["note"] and one["version"] and one["source"] for one in told["mappings"])
    themes = {theme["name"]: theme["dimensions"] for one in told["frameworks"] for theme in one["themes"]}
    assert themes["Timeliness of care"] == ["cqc:responsive", "darzi:effectiveness", "darzi:experience"]
    assert themes["Detriment from speaking up"] == ["cqc:well-led", "darzi:safety"]
    assert "Not assigned" not in themes


async def test_comments_are_found_by_the_dimension_of_any_of_their_themes(desk: Desk) -> None:
    assert await desk.found("cqc:responsive") == {str(desk.patient)}
    assert await desk.found("cqc:safe") == {str(desk.staff)}
    assert await desk.found("cqc:well-led") == set()
    assert await desk.add(desk.patient, "Feeling safe") == 201
    assert await desk.found("cqc:safe") == {str(desk.patient), str(desk.staff)}
    for unknown in ("cqc:kind", "nobody:safe", "safe"):
        answer = await desk.lead.get("/api/comments", params={"dimension": unknown})
        assert answer.status_code == 422, unknown


async def test_a_comment_is_corrected_by_the_framework_of_who_spoke(desk: Desk) -> None:
    assert await desk.add(desk.staff, "We are a team") == 201
    assert await desk.add(desk.staff, "Timeliness of care") == 422
    assert await desk.add(desk.patient, "We are a team") == 422
    (made,) = await desk.read(f"/api/comments/{desk.staff}/corrections")
    assert made["theme"] == "We are a team"
    shown = {one["theme"] for one in (await desk.read(f"/api/comments/{desk.staff}"))["themes"]}
    assert shown == {"We are a team", "Worker safety or wellbeing"}
