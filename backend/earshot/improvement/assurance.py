"""How closely an organisation is watched: levels that come in packs. All of it is data: no code knows a level.

The pack lies in `packs/` as a JSON file. The live document was not public, so the pack says what to check against it.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from pydantic import ConfigDict, TypeAdapter
from pydantic.dataclasses import dataclass

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class Level:
    """A level: what leads to it, what is done, and when it is left."""

    code: str
    name: str
    about: str
    triggers: tuple[str, ...]
    does: tuple[str, ...]
    leaves_when: tuple[str, ...]


@dataclass(frozen=True, config=_STRICT)
class LevelPack:
    """One version of the levels, least first; `check` lists what to compare with the live document before use."""

    id: str
    title: str
    version: str
    about: str
    levels: tuple[Level, ...]
    check: tuple[str, ...]

    def level(self, code: str) -> Level | None:
        """A level by its code."""
        return next((one for one in self.levels if one.code == code), None)


_PACK = TypeAdapter(LevelPack)


@cache
def packs() -> dict[str, LevelPack]:
    """Every pack by its id, in the order of their ids."""
    folder = files("earshot.improvement") / "packs"
    texts = sorted((path.name, path.read_bytes()) for path in folder.iterdir() if path.name.endswith(".json"))
    return {pack.id: pack for pack in (_PACK.validate_json(text) for _, text in texts)}


def pack() -> LevelPack:
    """The pack in use: the newest version."""
    return max(packs().values(), key=lambda one: one.version)


def name_of(pack_id: str, code: str) -> str:
    """What a level was called in the pack by which it was given."""
    known = packs().get(pack_id)
    level = None if known is None else known.level(code)
    return code if level is None else level.name
