"""The forms themselves: one JSON file for each version, so that the wording of an old answer is never lost."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any

from earshot.intake.model import Audience, Form, Option, Question

#: The version that each audience sees now.
CURRENT: dict[Audience, str] = {"patient": "patient-1", "carer": "carer-1", "staff": "staff-1"}


@cache
def every_form() -> dict[str, Form]:
    """Every version of every form, by id."""
    folder = files("earshot.intake") / "forms"
    documents = [json.loads(entry.read_bytes()) for entry in folder.iterdir() if entry.name.endswith(".json")]
    return {form.id: form for form in map(_form, documents)}


def form_for(audience: Audience) -> Form:
    """The form that an audience sees now."""
    return every_form()[CURRENT[audience]]


def wording(form_id: str, code: str) -> str:
    """The question as it was asked; an imported answer has no form, and its code is the question's own wording."""
    form = every_form().get(form_id)
    if form is not None:
        for question in form.questions:
            if question.code == code:
                return question.wording
    return code


def _form(document: dict[str, Any]) -> Form:
    questions = tuple(_question(**question) for question in document.pop("questions"))
    return Form(questions=questions, **document)


def _question(*, options: list[dict[str, str]] | None = None, **rest: Any) -> Question:
    return Question(options=tuple(Option(**option) for option in options or ()), **rest)
