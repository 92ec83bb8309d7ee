"""Doors: which organisation a link or a code leads to now, remembered for a few seconds."""

from __future__ import annotations

import time
from collections.abc import Hashable
from datetime import date

from earshot.core.db import Database
from earshot.intake import store
from earshot.intake.model import Audience, Door

REMEMBERED = 5.0  # seconds: how long a link that was changed still leads where it led
_MOST = 4_096  # doors remembered; more than that and all are looked up again


class Doors:
    """Looks doors up, and answers a rush on one poster from memory."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[Hashable, tuple[float, Door | None]] = {}

    async def by_token(self, token: str) -> Door | None:
        """Where a link leads; None where no link has the token. Raises `Unavailable`."""
        known = self._remembered(token)
        if known is not None:
            return known[1]
        async with self._database.transaction() as connection:
            return self._remember(token, await store.door_by_token(connection, token, date.today()))

    async def by_code(self, code: str, audience: Audience) -> Door | None:
        """The organisation with a code; None where nothing has it. Raises `Unavailable`."""
        known = self._remembered((code, audience))
        if known is not None:
            return known[1]
        async with self._database.transaction() as connection:
            found = await store.door_by_code(connection, code, audience, date.today())
            return self._remember((code, audience), found)

    def _remembered(self, key: Hashable) -> tuple[float, Door | None] | None:
        known = self._known.get(key)
        return known if known is not None and known[0] > time.monotonic() else None

    def _remember(self, key: Hashable, door: Door | None) -> Door | None:
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (time.monotonic() + REMEMBERED, door)
        return door
