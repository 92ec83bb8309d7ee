"""Counts as FHIR MeasureReports, made from numbers that are protected already. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from earshot.measures.disclosure import share
from earshot.measures.model import FFT_POSITIVE, NEGATIVE_SHARE, THEME
from earshot.publishing.fhir import ODS, Version

_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_POPULATION = "http://terminology.hl7.org/CodeSystem/measure-population"
_UCUM = "http://unitsofmeasure.org"

Told = Mapping[tuple[str, str], int | None]  # by measure and label; what is not there is nobody


@dataclass(frozen=True)
class Counted:
    """A measure that is reported: what is counted, and of which labels where it is a share."""

    id: str
    name: str
    measure: str
    label: str | None = None
    hits: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Reported:
    """What one report is about."""

    counted: Counted
    org_code: str
    org_name: str
    stream: str
    first: date
    last: date
    made_on: date | None
    taxonomy: str


def counted(measure_id: str) -> Counted | None:
    """What a measure's id stands for; None for one that is not reported."""
    if measure_id.startswith(THEME) and len(measure_id) > len(THEME):
        return Counted(measure_id, measure_id.replace(THEME, "Theme: ", 1), "theme", measure_id.removeprefix(THEME))
    known = {
        "responses": Counted("responses", "Responses", "responses", ""),
        "comments": Counted("comments", "Comments", "comments", ""),
        **{one.id: Counted(one.id, one.name, one.source, None, one.hits) for one in (FFT_POSITIVE, NEGATIVE_SHARE)},
    }
    return known.get(measure_id)


def measure_report(reported: Reported, told: Told, address: str, version: Version) -> dict[str, Any]:
    """A summary MeasureReport; a count that is too few to say is absent, with the reason `masked`."""
    one = reported.counted
    name = f"{address}/{one.id}/{reported.org_code}/{reported.stream}/{reported.first}"
    return {
        "resourceType": "MeasureReport",
        "id": str(uuid5(NAMESPACE_URL, name)),
        "status": "complete",
        "type": "summary",
        "measure": f"{address}/api/v1/fhir/Measure/{one.id.replace(' ', '%20')}|{reported.taxonomy}",
        "reporter": {
            "type": "Organization",
            "identifier": {"system": ODS, "value": reported.org_code},
            "display": reported.org_name,
        },
        "period": {"start": reported.first.isoformat(), "end": reported.last.isoformat()},
        "group": [_group(reported, told, version)],
    } | ({} if reported.made_on is None else {"date": reported.made_on.isoformat()})


def _group(reported: Reported, told: Told, version: Version) -> dict[str, Any]:
    one = reported.counted
    code = {"text": f"{one.name}, {reported.stream}"}
    if one.label is not None:
        count = told.get((one.measure, one.label), 0)
        return {"code": code, "population": [_population("initial-population", count)]}
    labels = [label for measure, label in told if measure == one.measure]
    hits = _sum([told[one.measure, label] for label in labels if label in one.hits])
    whole = _sum([told[one.measure, label] for label in labels])
    score = share(hits, whole)
    group = {"code": code, "population": [_population("numerator", hits), _population("denominator", whole)]}
    if score is None:
        return group
    quantity = {"value": score, "unit": "%", "system": _UCUM, "code": "%"}
    return group | {"measureScoreQuantity" if version == "R5" else "measureScore": quantity}


def _sum(numbers: Sequence[int | None]) -> int | None:
    """The sum of numbers that are told; None where one of them is not."""
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _population(code: str, count: int | None) -> dict[str, Any]:
    named = {"code": {"coding": [{"system": _POPULATION, "code": code}]}}
    if count is None:
        return named | {"_count": {"extension": [{"url": _ABSENT, "valueCode": "masked"}]}}
    return named | {"count": count}


def bundle(reports: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Reports as the answer to a search."""
    entries = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one, "search": {"mode": "match"}} for one in reports]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries)} | (
        {"entry": entries} if entries else {}
    )
