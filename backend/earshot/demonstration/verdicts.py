"""What the invented people made of the comments that needed one of them, and when they looked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from earshot.people.model import Role

LEFT_FOR = timedelta(days=10)  # the newest days wait for whoever tries Earshot
SURE = 0.95  # probability from which the invented people agree with the machine …
_UNHAPPY = (4, 5)  # … where the writer also scored Poor or Very poor
_SOON = 3  # days within which somebody looked
_SATURDAY = 5


@dataclass(frozen=True)
class Waiting:
    """A comment that needs a person; `risk` is the probability of its likeliest immediate risk, 0 where none was."""

    comment_id: UUID
    stream: str
    said_on: date
    fft: int | None
    risk: float

    @property
    def tells_of_risk(self) -> bool:
        """The verdict: rarely a risk, as everywhere."""
        return self.risk >= SURE and self.fft in _UNHAPPY

    @property
    def reader(self) -> Role:
        """Who looks: the guardian at what staff say, the quality lead at the rest."""
        return Role.GUARDIAN if self.stream == "staff" else Role.QUALITY_LEAD

    @property
    def looked_on(self) -> date:
        """The working day on which somebody looked, always the same for one comment: one to five days later."""
        day = self.said_on + timedelta(1 + self.comment_id.int % _SOON)
        return day + timedelta(max(0, 7 - day.weekday()) if day.weekday() >= _SATURDAY else 0)
