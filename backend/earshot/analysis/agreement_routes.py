"""Coding the same comments blind, and how far people agree, for the console."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from earshot.analysis import agreement_store as store
from earshot.analysis.agreement import Coding, agreement, sentence
from earshot.analysis.filters import subtree
from earshot.core.errors import FieldError, Invalid
from earshot.people.model import Actor
from earshot.people.routes import allowed, database
from earshot.taxonomy.frameworks import frameworks, of_stream
from earshot.taxonomy.model import Framework

router = APIRouter(prefix="/api/agreement", tags=["agreement"])
May = Annotated[Actor, Depends(allowed("review"))]


class SampleIn(BaseModel):
    """Where to draw comments from, and how many."""

    model_config = ConfigDict(extra="forbid")
    org: UUID | None = None
    size: int = Field(default=50, ge=5, le=500)


class SampleOut(BaseModel):
    """How many comments were drawn."""

    comments: int


class ToCodeOut(BaseModel):
    """A comment to code, without what anybody made of it."""

    id: UUID
    question: str
    text: str
    stream: str
    org_name: str


class ChoiceOut(BaseModel):
    """A theme that can be chosen."""

    name: str
    group: str
    description: str


class NextOut(BaseModel):
    """The next comment, how far one has come, and the themes to choose from."""

    comment: ToCodeOut | None
    done: int
    left: int
    themes: list[ChoiceOut]


class CodingIn(BaseModel):
    """The themes that a person sees in a comment; none means not assigned."""

    model_config = ConfigDict(extra="forbid")
    comment_id: UUID
    themes: list[Annotated[str, Field(max_length=200)]] = Field(max_length=60)


class CoderOut(BaseModel):
    """A person who coded, and how many comments."""

    name: str
    n: int


class PairOut(BaseModel):
    """The two people that the themes' figures compare."""

    names: list[str]
    comments: int


class ThemeAgreementOut(BaseModel):
    """Agreement of two people about one theme."""

    theme: str
    n: int
    agreement: float
    kappa: float | None
    low: float | None
    high: float | None


class AgreementOut(BaseModel):
    """How far people agree."""

    comments: int
    coders: list[CoderOut]
    alpha: float | None
    pair: PairOut | None
    themes: list[ThemeAgreementOut]
    sentence: str


def _choices(framework: Framework) -> list[ChoiceOut]:
    return [
        ChoiceOut(name=theme.name, group=theme.group, description=theme.description)
        for theme in framework.themes
        if theme.name in framework.names
    ]


@router.post("/samples", status_code=201)
async def draw(request: Request, actor: May, given: SampleIn) -> SampleOut:
    """Draw comments for people to code."""
    async with database(request).transaction(actor.scope) as connection:
        org_ids = await subtree(connection, given.org)
        return SampleOut(comments=await store.draw(connection, org_ids, given.size, actor.account_id))


@router.get("/next")
async def following(request: Request, actor: May) -> NextOut:
    """The next comment to code."""
    async with database(request).transaction(actor.scope) as connection:
        found = await store.following(connection, actor.account_id)
        progress = await store.progress(connection, actor.account_id)
    comment = None if found is None else ToCodeOut.model_validate(asdict(found))
    choices = _choices(of_stream("patient" if found is None else found.stream))
    return NextOut(comment=comment, done=progress.done, left=progress.left, themes=choices)


@router.post("/codings", status_code=204)
async def code(request: Request, actor: May, given: CodingIn) -> Response:
    """Say which themes a comment of the sample has."""
    if not any(set(given.themes) <= set(framework.names) for framework in frameworks()):
        raise Invalid(fields=[FieldError("themes", "Choose themes of one framework.")])
    async with database(request).transaction(actor.scope) as connection:
        await store.code(connection, given.comment_id, actor.account_id, given.themes)
    return Response(status_code=204)


@router.get("")
async def result(request: Request, actor: May) -> AgreementOut:
    """How far people agree, theme by theme."""
    async with database(request).transaction(actor.scope) as connection:
        rows = await store.coded(connection)
    names = {row.account_id: row.name for row in rows}
    counts = Counter(row.account_id for row in rows)
    found = agreement(Coding(row.comment_id, row.account_id, frozenset(row.themes)) for row in rows)
    pair = None if found.pair is None else [name for id_, name in names.items() if id_ in found.pair]
    return AgreementOut(
        comments=found.comments,
        coders=[CoderOut(name=names[person], n=n) for person, n in counts.most_common()],
        alpha=_rounded(found.alpha),
        pair=None if pair is None else PairOut(names=sorted(pair), comments=found.pair_comments),
        themes=[
            ThemeAgreementOut(
                theme=row.theme,
                n=row.n,
                agreement=round(row.kappa.agreement, 3),
                kappa=_rounded(row.kappa.kappa),
                low=_rounded(row.kappa.low),
                high=_rounded(row.kappa.high),
            )
            for row in found.themes
        ],
        sentence=sentence(found.alpha),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
