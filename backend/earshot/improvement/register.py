"""Actions as lines for a risk register, as a CSV file whose cells are inert in a spreadsheet. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date

from earshot.analysis.export import inert
from earshot.improvement.model import STATES, Action

HEADER = (
    "organisation", "title", "what we heard", "what we did", "state", "owner", "due on", "overdue", "began on",
    "closed on", "did it help", "in words", "risk register reference", "risk register address",
)  # fmt: skip


def render(actions: Sequence[Action], today: date) -> bytes:
    """The file's bytes, with the mark by which Excel knows UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for action in actions:
        writer.writerow([inert(cell) for cell in _cells(action, today)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cells(action: Action, today: date) -> tuple[str, ...]:
    return (
        action.org_name, action.title, action.what_we_heard, action.what_we_did, STATES[action.state],
        action.owner_name or "", _day(action.due_on), "yes" if action.overdue(today) else "no",
        _day(action.started_on), _day(action.closed_on), action.verdict or "not measured", action.verdict_sentence,
        action.risk_reference, action.risk_address,
    )  # fmt: skip


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
