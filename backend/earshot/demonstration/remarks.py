"""Reading what ships with the demonstration: its organisations and the comments written by hand."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import get_args

from earshot.demonstration.model import Remark
from earshot.intake.model import Audience
from earshot.orgs.files import read
from earshot.orgs.model import OrgRow

_FOLDER = files("earshot.demonstration")


def every_remark() -> list[Remark]:
    """The remarks of patients, carers and staff, and those that belong to a story."""
    found: list[Remark] = []
    for audience in (*get_args(Audience), "stories"):
        for line in (_FOLDER / f"comments_{audience}.jsonl").read_text(encoding="utf-8").splitlines():
            document = {"audience": audience, "settings": (), **json.loads(line)}
            found.append(Remark(**{**document, "settings": frozenset(document["settings"])}))
    return found


def organisations() -> list[OrgRow]:
    """The invented tree, parents before children; raises `ValueError` where the file that ships is wrong."""
    rows, problems = read((_FOLDER / "organisations.csv").read_text(encoding="utf-8").splitlines())
    if problems:
        raise ValueError(f"organisations.csv, line {problems[0].line}: {problems[0].reason}")
    return rows
