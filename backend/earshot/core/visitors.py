"""Visitors: how often one network came today, without keeping any address.

An address is used in memory only. What is stored is a keyed hash of its network; the key is a file that changes every
day and is destroyed the next, together with the hashes, so that nobody can try all networks later.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from ipaddress import IPv6Address, ip_address, ip_network
from pathlib import Path

from fastapi import Request

from earshot.core.budget import forget_before
from earshot.core.crypto import BlindingKey, erase, write_once
from earshot.core.db import Connection, Database
from earshot.core.errors import KeysMissing, Unavailable

_LOOK_EVERY = 600  # seconds
_SIZES = {4: 24, 6: 48}  # bits that name a network: about what one person can come from


def network_of(address: str | None) -> str:
    """The network of an address: 24 bits of IPv4, 48 of IPv6; everything without an address is one network."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return "nowhere"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return str(ip_network((found, _SIZES[found.version]), strict=False))


def address_of(client: str | None, forwarded: str, proxies: int) -> str | None:
    """Where a request comes from: the peer, or what the outermost of `proxies` of our own wrote in X-Forwarded-For.

    Entries further to the left are the visitor's own words, so they count for nothing.
    """
    hops = [hop.strip() for hop in forwarded.split(",")]
    return hops[-proxies] if 0 < proxies <= len(hops) and hops[-proxies] else client


@dataclass
class Visitors:
    """Marks of networks under the key of the day, which lies in the key folder for all processes of a door."""

    folder: Path
    proxies: int = 0
    _day: date | None = None
    _key: BlindingKey | None = field(default=None, repr=False)

    def address(self, request: Request) -> str | None:
        """Where a request comes from; never to be written anywhere."""
        client = request.client.host if request.client is not None else None
        return address_of(client, ",".join(request.headers.getlist("x-forwarded-for")), self.proxies)

    def mark(self, address: str | None, purpose: str) -> bytes:
        """The keyed hash of an address's network for one purpose (32 bytes); raises `KeysMissing`."""
        return self._today().blind(purpose, network_of(address))

    def mark_of_all(self, purpose: str) -> bytes:
        """The keyed hash that stands for everybody; raises `KeysMissing`."""
        return self._today().blind(purpose)

    def _today(self) -> BlindingKey:
        today = date.today()
        if self._key is None or self._day != today:
            self._key, self._day = self._read_or_make(today), today
        return self._key

    def _read_or_make(self, today: date) -> BlindingKey:
        path = self.folder / f"visitors-{today}"
        try:
            with suppress(FileExistsError):
                write_once(path, secrets.token_bytes(32))
            raw = path.read_bytes()
        except OSError:
            raise KeysMissing from None
        if len(raw) != 32:
            raise KeysMissing
        return BlindingKey(raw)

    async def forget_earlier_days(self, connection: Connection) -> None:
        """Destroy the keys of earlier days, and the marks that were made with them."""
        today = date.today()
        await forget_before(connection, today)
        for path in self.folder.glob("visitors-*"):
            if path.name < f"visitors-{today}":
                erase(path)

    async def forget_each_day(self, database: Database) -> None:
        """Forget earlier days for as long as the door is open, at the latest ten minutes after midnight."""
        while True:
            with suppress(Unavailable):
                async with database.transaction() as connection:
                    await self.forget_earlier_days(connection)
            await asyncio.sleep(_LOOK_EVERY)
