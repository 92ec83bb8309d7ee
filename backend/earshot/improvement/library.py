"""What worked, as text that may travel: one entry, its file, and what is refused. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from earshot.core.errors import EarshotError
from earshot.improvement.model import identifying

FORMAT, VERSION = "earshot-library", 1
_Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000, pattern=r"^[^\x00]*$")]


class WrongFile(EarshotError):
    """This is not a library file of Earshot. Ask the other organisation to export its library again."""

    status = 422


class EntryRefused(ValueError):
    """An entry of a file cannot be taken; the message says why, without quoting it."""


@dataclass(frozen=True)
class Entry:
    """Something that worked: where, what was heard and done, and what came of it."""

    source: str
    title: str
    what_we_heard: str
    what_we_did: str
    themes: tuple[str, ...]
    measure: str
    result: str
    weeks: int
    finished_on: date | None

    @property
    def content_hash(self) -> bytes:
        """The same for the same entry wherever it travelled (SHA-256 of what people wrote and where it worked)."""
        told = [self.source, self.title, self.what_we_heard, self.what_we_did, self.measure]
        return hashlib.sha256(json.dumps(told).encode()).digest()


class _Written(BaseModel):
    """An entry as it stands in a file."""

    model_config = ConfigDict(extra="forbid")

    source: _Line
    title: _Line
    what_we_heard: _Text
    what_we_did: _Text
    themes: list[_Line] = Field(max_length=20)
    measure: _Line
    result: _Text
    weeks: int = Field(ge=4, le=12)
    finished_on: date | None


def exported(entries: Sequence[Entry], source: str) -> dict[str, Any]:
    """A library file: text that people wrote, no comment, no name of a person, no id."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "from": source,
        "entries": [
            {
                "source": entry.source,
                "title": entry.title,
                "what_we_heard": entry.what_we_heard,
                "what_we_did": entry.what_we_did,
                "themes": list(entry.themes),
                "measure": entry.measure,
                "result": entry.result,
                "weeks": entry.weeks,
                "finished_on": None if entry.finished_on is None else entry.finished_on.isoformat(),
            }
            for entry in entries
        ],
    }


def read(raw: Mapping[str, object]) -> Entry:
    """An entry of a file; raises `EntryRefused`."""
    try:
        written = _Written.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "entry"
        raise EntryRefused(f"{where}: {first['msg']}.") from None
    for text in (written.source, written.title, written.what_we_heard, written.what_we_did, written.result):
        found = identifying(text)
        if found is not None:
            raise EntryRefused(f"It seems to hold {found}.")
    return Entry(**{**written.model_dump(), "themes": tuple(written.themes)})


def title_of(raw: Mapping[str, object]) -> str:
    """What to call an entry in a report, whatever it is."""
    title = raw.get("title")
    return title[:80] if isinstance(title, str) and "\x00" not in title else ""
