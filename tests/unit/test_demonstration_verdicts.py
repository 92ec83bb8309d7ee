"""What the demonstration's invented people say of comments that needed a person, and when."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest
from earshot.demonstration.verdicts import LEFT_FOR, Waiting
from earshot.people.model import STREAMS, Role, Stream

MONDAY = date(2026, 9, 7)


def waiting(*, number: int = 0, said_on: date = MONDAY, fft: int | None = 5, risk: float = 0.97) -> Waiting:
    return Waiting(UUID(int=number), "patient", said_on, fft, risk)


@pytest.mark.parametrize(
    ("fft", "risk", "verdict"),
    [(5, 0.97, True), (4, 0.95, True), (4, 0.94, False), (3, 0.99, False), (6, 0.99, False), (None, 0.99, False)],
)
def test_only_what_is_nearly_sure_and_said_by_the_unhappy_is_a_risk(
    fft: int | None, risk: float, verdict: bool
) -> None:
    assert waiting(fft=fft, risk=risk).tells_of_risk is verdict


def test_somebody_looks_on_a_working_day_soon_after_and_never_in_the_days_that_are_left() -> None:
    every = [waiting(number=n, said_on=MONDAY + timedelta(day)) for n in range(6) for day in range(14)]
    later = {each.looked_on - each.said_on for each in every}
    assert all(each.looked_on.weekday() < 5 for each in every)
    assert timedelta(1) == min(later)
    assert max(later) <= timedelta(5) < LEFT_FOR
    assert len({each.looked_on for each in every if each.said_on == MONDAY}) == 3, "not everything on one day"


@pytest.mark.parametrize("stream", list(Stream))
def test_who_looks_may_read_what_was_said(stream: Stream) -> None:
    reader = Waiting(UUID(int=1), stream.value, MONDAY, 5, 0.9).reader
    assert stream in STREAMS[reader]
    assert reader is (Role.GUARDIAN if stream is Stream.STAFF else Role.QUALITY_LEAD)
