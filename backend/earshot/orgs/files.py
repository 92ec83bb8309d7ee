"""Reading an organisations file: `code,name,level,parent_code` and, where known, the rest."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date

from earshot.orgs.model import LEVELS, OrgProblem, OrgRow

REQUIRED = ("code", "name", "level", "parent_code")
OPTIONAL = ("ods_code", "setting", "invented", "opened_on", "closed_on", "successor_code")


def read(lines: Iterable[str]) -> tuple[list[OrgRow], list[OrgProblem]]:
    """Rows that can be loaded, and every line that cannot with its reason."""
    reader = csv.DictReader(lines)
    missing = [name for name in REQUIRED if name not in (reader.fieldnames or ())]
    if missing:
        return [], [OrgProblem(1, missing[0], f"The first line must name the columns {', '.join(REQUIRED)}.")]
    rows: list[OrgRow] = []
    problems: list[OrgProblem] = []
    for record in reader:
        line = reader.line_num
        cells = {name: (record.get(name) or "").strip() for name in REQUIRED + OPTIONAL}
        problem = _problem(line, cells)
        if problem is not None:
            problems.append(problem)
        else:
            rows.append(_row(line, cells))
    return rows, problems


def _problem(line: int, cells: dict[str, str]) -> OrgProblem | None:
    for name in ("code", "name"):
        if not cells[name]:
            return OrgProblem(line, name, f"The {name} is missing.")
    if cells["level"] not in LEVELS:
        return OrgProblem(line, "level", f"The level must be one of {', '.join(LEVELS)}.")
    if not cells["parent_code"] and cells["level"] != "nation":
        return OrgProblem(line, "parent_code", "Only a nation may stand without a parent.")
    for name in ("opened_on", "closed_on"):
        try:
            date.fromisoformat(cells[name] or "2000-01-01")
        except ValueError:
            return OrgProblem(line, name, "Write the date as year-month-day, such as 2026-04-01.")
    return None


def _row(line: int, cells: dict[str, str]) -> OrgRow:
    return OrgRow(
        line=line,
        code=cells["code"],
        name=cells["name"],
        level=cells["level"],
        parent_code=cells["parent_code"] or None,
        ods_code=cells["ods_code"] or None,
        setting=cells["setting"] or None,
        invented=cells["invented"].lower() in ("yes", "true", "1"),
        opened_on=date.fromisoformat(cells["opened_on"]) if cells["opened_on"] else None,
        closed_on=date.fromisoformat(cells["closed_on"]) if cells["closed_on"] else None,
        successor_code=cells["successor_code"] or None,
    )
