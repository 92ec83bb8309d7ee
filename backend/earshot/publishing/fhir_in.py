"""A FHIR QuestionnaireResponse as a submission. Pure: what cannot be used is named by its element, never quoted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from earshot.core.errors import FieldError, Invalid
from earshot.intake.forms import CURRENT, every_form
from earshot.intake.model import Form, NotJson
from earshot.publishing.fhir import Version

_SAID = ("valueString", "valueInteger", "valueCoding")
_LONGEST = 200  # characters of an identifier
_DEEPEST = 20


@dataclass(frozen=True)
class Response:
    """What a QuestionnaireResponse says, by the names of our forms; `once` is its own identifier."""

    org: str
    form: Form
    answers: Mapping[str, str]
    about: Mapping[str, str]
    fft: int | None
    once: str | None


def read(body: bytes, version: Version) -> Response:
    """Read and check one; raises `NotJson`, and `Invalid` naming each element that is wrong."""
    raw = _valid(body, version)
    wrong: list[FieldError] = []
    if raw.get("status") not in ("completed", "amended"):
        wrong.append(FieldError("QuestionnaireResponse.status", "Send only answers that are completed"))
    form = _form(raw.get("questionnaire"))
    if form is None:
        known = ", ".join(sorted(CURRENT.values()))
        wrong.append(FieldError("QuestionnaireResponse.questionnaire", f"End it with the name of a form: {known}"))
    org = _org(raw.get("subject"))
    if org is None:
        told = "Send the organisation, by its ODS code as identifier. Earshot keeps nothing that names a patient"
        wrong.append(FieldError("QuestionnaireResponse.subject", told))
    if wrong or form is None or org is None:
        raise Invalid(fields=wrong)
    return _sorted(raw, form, org)


def _valid(body: bytes, version: Version) -> dict[str, Any]:
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise NotJson from None
    if not isinstance(raw, dict) or raw.get("resourceType") != "QuestionnaireResponse":
        raise Invalid(fields=[FieldError("resourceType", "Send one QuestionnaireResponse")])
    try:
        _validator(version)(raw)
    except ValidationError as error:
        raise Invalid(fields=[_named(one["loc"]) for one in error.errors(include_input=False)]) from None
    return raw


def _validator(version: Version) -> Callable[[dict[str, Any]], object]:
    """The check of the published structure; read when it is first needed, since a door starts sooner without it."""
    from fhir.resources.questionnaireresponse import QuestionnaireResponse as Newer
    from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse as Older

    check: Callable[[dict[str, Any]], object] = (Newer if version == "R5" else Older).model_validate
    return check


def _named(where: tuple[int | str, ...]) -> FieldError:
    """The element only: a validator's own message may quote what somebody wrote."""
    path = ".".join(str(part) for part in where)[:_LONGEST]
    return FieldError(f"QuestionnaireResponse.{path}", "This is not as the FHIR structure has it")


def _form(questionnaire: object) -> Form | None:
    name = str(questionnaire or "").partition("|")[0].rsplit("/", 1)[-1]
    return every_form()[name] if name in CURRENT.values() else None


def _org(subject: object) -> str | None:
    if not isinstance(subject, dict):
        return None
    kind, _, reference = str(subject.get("reference") or "").rpartition("/")
    if "Organization" not in (subject.get("type", "Organization"),) or kind.rsplit("/", 1)[-1] not in (
        "",
        "Organization",
    ):
        return None
    found = (subject.get("identifier") or {}).get("value") or reference
    return str(found)[:40].replace("\0", "") if found else None


def _once(identifier: object) -> str | None:
    """R4 has one identifier, R5 a list: the first one counts."""
    first = identifier[0] if isinstance(identifier, list) and identifier else identifier
    if not isinstance(first, dict) or not first.get("value"):
        return None
    once = f"{first.get('system', '')}|{first['value']}"
    if len(once) > _LONGEST:
        raise Invalid(fields=[FieldError("QuestionnaireResponse.identifier", f"Use {_LONGEST} characters or fewer")])
    return once


def _sorted(raw: dict[str, Any], form: Form, org: str) -> Response:
    answers: dict[str, str] = {}
    about: dict[str, str] = {}
    fft: int | None = None
    wrong: list[FieldError] = []
    for path, code, values in _items(raw.get("item", ()), "QuestionnaireResponse", 0):
        if code == form.score.code and len(values) == 1:
            fft = int(values[0]) if values[0] in form.score.values else 0
        elif code in form.texts:
            answers[code] = "\n".join(values)
        elif code in form.choices and len(values) == 1:
            about[code] = values[0]
        else:
            wrong.append(FieldError(path, "This form does not ask this, or asks for one answer only"))
    if wrong:
        raise Invalid(fields=wrong)
    return Response(org, form, answers, about, fft, _once(raw.get("identifier")))


def _items(items: Any, above: str, depth: int) -> Iterator[tuple[str, str, list[str]]]:
    """Every item with an answer: its element, its linkId, and what was said."""
    if depth > _DEEPEST:
        raise Invalid(fields=[FieldError("QuestionnaireResponse.item", "Items lie too deep in each other")])
    for number, item in enumerate(items):
        path = f"{above}.item[{number}]"
        values = [value for answer in item.get("answer", ()) if (value := _value(answer)) is not None]
        if len(values) < len(item.get("answer", ())):
            raise Invalid(fields=[FieldError(f"{path}.answer", "Answer with valueString, valueInteger or valueCoding")])
        if values:
            yield path, str(item.get("linkId", "")), values
        yield from _items(item.get("item", ()), path, depth + 1)


def _value(answer: Mapping[str, Any]) -> str | None:
    for name in _SAID:
        if name in answer:
            said = answer[name].get("code") if name == "valueCoding" else answer[name]
            return None if said is None else str(said)
    return None
