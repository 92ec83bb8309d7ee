"""For whom praise is, and which of its words to show. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

SHORTEST, LONGEST = 20, 240  # letters of a sentence that is shown alone
VERY_POSITIVE = 1
_ASIDE = re.compile(r"\s*\([^)]*\)")


@dataclass(frozen=True)
class Team:
    """A team by the name that people call it."""

    id: UUID
    name: str


class Names:
    """The teams of one provider, to be found by name in what people say; a name that two share names nobody."""

    def __init__(self, teams: Sequence[Team]) -> None:
        called = {team.id: _called(team.name) for team in teams}
        often = Counter(called.values())
        self._patterns = {
            team_id: re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
            for team_id, name in called.items()
            if often[name] == 1 and len(name) > 3
        }

    def named(self, text: str) -> list[UUID]:
        """The teams that a text names."""
        return [team_id for team_id, pattern in self._patterns.items() if pattern.search(text)]

    def sentence(self, team_id: UUID, text: str, sentences: Sequence[Mapping[str, Any]]) -> str:
        """The first sentence of a text that names a team; empty where it is longer than may be shown."""
        pattern = self._patterns[team_id]
        found = next((words for words, _ in pieces(text, sentences) if pattern.search(words)), "")
        return found if len(found) <= LONGEST else ""


def _called(name: str) -> str:
    return _ASIDE.sub("", name).strip().lower()


def pieces(text: str, sentences: Sequence[Mapping[str, Any]]) -> list[tuple[str, int]]:
    """The sentences of a text with their sentiments, from offsets that were kept."""
    return [(text[each["start"] : each["end"]].strip(), int(each["sentiment"])) for each in sentences]


def best(text: str, sentences: Sequence[Mapping[str, Any]]) -> str | None:
    """The sentence that praises most and says most; None where none can stand alone."""
    fitting = [(words, mood) for words, mood in pieces(text, sentences) if SHORTEST <= len(words) <= LONGEST]
    praising = [words for words, mood in fitting if mood == VERY_POSITIVE]
    return max(praising, key=len, default=None)
