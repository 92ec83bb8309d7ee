"""The frameworks that are shipped, read from their data files."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from earshot.taxonomy.model import Framework, Theme

PATIENT_EXPERIENCE = "patient-experience"
NOT_ASSIGNED = "Not assigned"


@cache
def patient_experience() -> Framework:
    """The patient-experience framework."""
    raw = json.loads((files("earshot.taxonomy") / "frameworks" / "patient_experience.json").read_text("utf-8"))
    themes = tuple(Theme(**theme) for theme in raw.pop("themes"))
    return Framework(**raw, themes=themes)
