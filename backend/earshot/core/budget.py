"""Budgets: how often something may be tried, as token buckets in the database that every process counts in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time

from earshot.core.db import Connection, Query, Statement
from earshot.core.errors import EarshotError

# A bucket refills by $2 tokens a second up to $3. A token is taken if there is one, or while at most $4 are owed:
# who takes from an empty bucket has a place in the queue, and waits until its token has flowed in.
_TAKE = Query(
    float,
    """
    INSERT INTO bucket (key, tokens) VALUES ($1, $3::float8 - 1)
    ON CONFLICT (key) DO UPDATE SET at = clock_timestamp(),
      tokens = least($3, bucket.tokens + $2::float8 * extract(epoch FROM clock_timestamp() - bucket.at)) - 1
    WHERE least($3, bucket.tokens + $2::float8 * extract(epoch FROM clock_timestamp() - bucket.at)) >= 1 - $4::float8
    RETURNING tokens
    """,
)
_FORGET = Statement("DELETE FROM bucket WHERE at < $1")


class TooOften(EarshotError):
    """Too many people, or too many tries, came at once. Nothing was lost: please wait a moment and try again."""

    status = 429

    def __init__(self, wait: float = 10) -> None:
        super().__init__()
        self.wait = max(1, math.ceil(wait))  # seconds

    @property
    def headers(self) -> Mapping[str, str]:
        """Say when to come back."""
        return {"Retry-After": str(self.wait)}


@dataclass(frozen=True)
class Budget:
    """`burst` tries at once, then `per_second`; who comes too early waits up to `longest_wait` seconds for a turn."""

    per_second: float
    burst: float
    longest_wait: float = 0

    async def turn(self, connection: Connection, key: bytes) -> float:
        """Take a try and return the seconds to wait for it; raises `TooOften` where the queue is full."""
        owed = self.per_second * self.longest_wait
        tokens = await _TAKE.maybe(connection, key, self.per_second, self.burst, owed)
        if tokens is None:
            raise TooOften(max(self.longest_wait, 1 / self.per_second))
        return max(0.0, -tokens / self.per_second)


async def take(connection: Connection, key: bytes, *, per_second: float, burst: float) -> bool:
    """Take one token from a bucket; False when it is empty."""
    return await _TAKE.maybe(connection, key, per_second, burst, 0.0) is not None


async def forget_before(connection: Connection, day: date) -> int:
    """Delete every bucket that was not used since a day began; returns how many."""
    return await _FORGET.run(connection, datetime.combine(day, time.min).astimezone())
