"""The overview, themes and measures for the console. Thin: each route reads its filters and asks one function."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi import Query as FromQuery

from earshot.analysis.discovery_answers import ClustersOut
from earshot.analysis.filters import Filter, filters
from earshot.core.errors import NotFound
from earshot.measures import answers, trends
from earshot.measures import discovered as discovered_themes
from earshot.measures import overview as overviews
from earshot.measures import themes as framework_themes
from earshot.measures.model import Measure, catalogue, measure
from earshot.measures.periods import Period
from earshot.measures.spc import Rules
from earshot.people.model import Actor
from earshot.people.routes import allowed, database
from earshot.taxonomy.frameworks import frameworks

router = APIRouter(prefix="/api", tags=["measures"])

NAME = r"^[^\x00]+$"  # Postgres keeps no text with a zero byte
Given = Annotated[Filter, Depends(filters)]
Reader = Annotated[Actor, Depends(allowed("measures"))]
ThemeReader = Annotated[Actor, Depends(allowed("themes"))]
Target = Annotated[float | None, FromQuery(description="A value to compare the limits with.")]


def exact(actor: Actor) -> bool:
    """Whether somebody may have counts of a few members of staff: guardians, as for signals of few."""
    return actor.may_everywhere("signals_of_few")


def asked_measure(
    measure_id: Annotated[
        str, FromQuery(alias="measure", max_length=200, pattern=NAME, description="The id of a measure.")
    ],
) -> Measure:
    """The measure that an address names; raises `NotFound`."""
    found = measure(frameworks(), measure_id)
    if found is None:
        raise NotFound
    return found


Asked = Annotated[Measure, Depends(asked_measure)]


@router.get("/overview")
async def overview(request: Request, actor: Reader, given: Given) -> answers.Overview:
    """What was heard in a period, by default the 28 days that end with the last day heard, and what changed."""
    async with database(request).transaction(actor.scope) as connection:
        return await overviews.overview(connection, given, actor.streams, exact=exact(actor))


@router.get("/themes", tags=["themes"])
async def themes(request: Request, actor: ThemeReader, given: Given) -> answers.Themes:
    """The themes of each framework with their counts, most heard first."""
    async with database(request).transaction(actor.scope) as connection:
        return await framework_themes.themes(connection, given, actor.streams, exact=exact(actor))


@router.get("/themes/detail", tags=["themes"])
async def theme_detail(
    request: Request, actor: ThemeReader, given: Given, theme: Annotated[str, FromQuery(max_length=200, pattern=NAME)]
) -> answers.ThemeDetail:
    """One theme over time and by organisation, with example comments and the words that spoke for it."""
    async with database(request).transaction(actor.scope) as connection:
        return await framework_themes.detail(connection, given, theme, exact=exact(actor))


@router.get("/clusters", tags=["themes"])
async def discovered(request: Request, actor: ThemeReader, given: Given) -> ClustersOut:
    """Discovered themes with their counts under the filters, most heard first."""
    async with database(request).transaction(actor.scope) as connection:
        return await discovered_themes.discovered(connection, given, exact=exact(actor))


@router.get("/measures")
async def measures(_actor: Reader) -> list[answers.MeasureOut]:
    """Everything that can be charted."""
    return [answers.MeasureOut.model_validate(found) for found in catalogue(frameworks())]


@router.get("/measures/series")
async def series(
    request: Request,
    actor: Reader,
    given: Given,
    asked: Asked,
    period: Period = "week",
    rebase: Annotated[list[date] | None, FromQuery(description="Days from which new limits are worked out.")] = None,
    screen: Annotated[bool, FromQuery(description="Leave outlying moving ranges out of the limits.")] = False,
    target: Target = None,
) -> answers.Series:
    """A measure's XmR chart by week or month."""
    rules = Rules(asked.improvement_direction, screen_outliers=screen, target=target)
    async with database(request).transaction(actor.scope) as connection:
        chart = await trends.series(
            connection, given, asked, period, rules, new_limits_from=rebase or (), exact=exact(actor)
        )
    return answers.Series.model_validate(
        {
            "measure": answers.MeasureOut.model_validate(asked),
            "points": [answers.PointOut.model_validate(point) for point in chart.points],
            "variation": chart.variation,
            "assurance": chart.assurance,
            "target": target,
            "warnings": chart.warnings,
            "sentence": chart.sentence,
        }
    )


@router.get("/measures/units")
async def units(
    request: Request, actor: Reader, given: Given, asked: Asked, period: Period = "week", target: Target = None
) -> list[answers.MeasureUnit]:
    """A measure's newest value and icons for each organisation below the one in view."""
    rules = Rules(asked.improvement_direction, target=target)
    async with database(request).transaction(actor.scope) as connection:
        return await trends.units(connection, given, asked, period, rules, exact=exact(actor))
