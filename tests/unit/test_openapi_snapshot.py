"""The front end is held to a copy of the server's own description of its answers; this holds the copy to it."""

from __future__ import annotations

import json
from pathlib import Path

from earshot.apps import console
from earshot.core.config import Settings
from fastapi import FastAPI

COPY = Path(__file__).parents[2] / "frontend/openapi.json"
HOW = "The console's API changed. Write its description anew with: python tests/unit/test_openapi_snapshot.py"


def described(home: Path) -> str:
    """The console app's OpenAPI document, written as it is kept."""
    app = console(Settings(home=home, role_dsn="postgresql://nobody@localhost/nowhere")).app
    assert isinstance(app, FastAPI)
    return json.dumps(app.openapi(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def test_the_front_end_is_held_to_what_the_server_answers_today(tmp_path: Path) -> None:
    assert COPY.read_text(encoding="utf-8") == described(tmp_path), HOW


if __name__ == "__main__":
    COPY.write_text(described(COPY.parent), encoding="utf-8")
