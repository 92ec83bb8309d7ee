"""A change is said once, at the level of the tree that tells most."""

from __future__ import annotations

from uuid import UUID

from earshot.signals.attribution import Stands, attributed

TRUST, SITE, WARD, OTHER = (UUID(int=number) for number in range(1, 5))
ABOVE = {TRUST: [TRUST], SITE: [TRUST, SITE], WARD: [TRUST, SITE, WARD], OTHER: [TRUST, SITE, OTHER]}
Counts = dict[UUID, tuple[int, float]]


def own(counts: Counts, *standing: UUID, alike: str = "pain") -> set[UUID]:
    """Which of the places with an alarm keep it, given what each heard and expected."""
    alarms = [Stands(place, alike, 0, 3, *counts[place]) for place in standing]
    return {one.org_id for one in attributed(alarms, ABOVE, lambda _alike: lambda place, _since, _until: counts[place])}


def test_a_rise_of_one_ward_is_not_raised_again_for_its_site_and_trust() -> None:
    counts = {WARD: (12, 4.0), OTHER: (4, 4.0), SITE: (16, 8.0), TRUST: (26, 18.0)}
    assert own(counts, WARD, SITE, TRUST) == {WARD}


def test_a_rise_everywhere_is_the_trust_s_own_and_not_each_ward_s() -> None:
    counts = {WARD: (8, 4.0), OTHER: (8, 4.0), SITE: (16, 8.0), TRUST: (60, 30.0)}
    assert own(counts, WARD, SITE, TRUST) == {TRUST}


def test_a_ward_that_rose_clearly_more_than_the_rest_is_named_beside_it() -> None:
    counts = {WARD: (20, 4.0), OTHER: (4, 4.0), SITE: (24, 8.0), TRUST: (80, 30.0)}
    assert own(counts, WARD, TRUST) == {WARD, TRUST}


def test_a_place_without_alarms_below_keeps_its_own() -> None:
    assert own({SITE: (30, 20.0)}, SITE) == {SITE}


def test_a_fall_works_the_other_way_round() -> None:
    counts = {WARD: (0, 10.0), OTHER: (10, 10.0), SITE: (10, 20.0), TRUST: (50, 60.0)}
    assert own(counts, WARD, SITE, TRUST) == {WARD}
    assert own({WARD: (5, 10.0), SITE: (10, 20.0), OTHER: (5, 10.0), TRUST: (30, 60.0)}, WARD, TRUST) == {TRUST}


def test_different_things_are_never_set_off_against_each_other() -> None:
    counts = {WARD: (12, 4.0), SITE: (16, 8.0)}
    alarms = [Stands(WARD, "pain", 0, 3, 12, 4.0), Stands(SITE, "food", 0, 3, 16, 8.0)]
    kept = attributed(alarms, ABOVE, lambda _alike: lambda place, _since, _until: counts[place])
    assert {(one.org_id, one.alike) for one in kept} == {(WARD, "pain"), (SITE, "food")}
