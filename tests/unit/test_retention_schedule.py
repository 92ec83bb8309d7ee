"""The schedule of keeping: every kind once, each with somebody who says so, and what an organisation may change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest
from earshot.admin.retention import KindName, Schedule, local_days, schedule
from earshot.core.errors import Invalid


def test_every_kind_has_days_a_source_and_words_for_what_goes() -> None:
    kinds = schedule().kinds
    assert tuple(kind.kind for kind in kinds) == get_args(KindName)
    assert all(kind.days >= 1 and kind.source.endswith(".") and kind.removes.endswith(".") for kind in kinds)


def test_a_complaint_is_kept_for_ten_years_from_closure() -> None:
    kind = schedule()["cases_patients"]
    assert kind.before(date(2036, 3, 3)) == date(2026, 3, 3)
    assert "closed" in kind.counted_from


def test_a_schedule_with_a_kind_too_few_or_out_of_order_is_refused() -> None:
    kinds = schedule().kinds
    for wrong in (kinds[1:], (*kinds, kinds[0]), kinds[::-1]):
        with pytest.raises(ValueError, match="every kind once"):
            Schedule("2026-1", wrong)


def test_a_kind_without_days_or_source_is_refused() -> None:
    kind = schedule()["responses"]
    for change in ({"days": 0}, {"days": 40_000}, {"source": ""}, {"kind": "letters"}):
        with pytest.raises(ValueError, match=r"responses|letters"):
            replace(kind, **change)


def test_an_organisation_may_change_only_what_is_local() -> None:
    assert local_days(schedule()["responses"], 365) == 365
    for kind, days in (("work", 5), ("responses", 0), ("responses", 36_526)):
        with pytest.raises(Invalid):
            local_days(schedule()[kind], days)
    with pytest.raises(Invalid):
        schedule()["letters"]
