"""The frameworks and mappings that ship are whole, and data that contradict themselves are refused."""

from __future__ import annotations

from dataclasses import replace

import pytest
from earshot.taxonomy.frameworks import frameworks, mappings, of_stream, of_theme, patient_experience, themes_under
from earshot.taxonomy.model import Mapping, TaxonomyRefused, check


def test_every_stream_and_every_theme_has_one_framework() -> None:
    assert [of_stream(stream).id for stream in ("patient", "carer", "staff")] == [
        "patient-experience",
        "patient-experience",
        "staff",
    ]
    assert of_theme("Detriment from speaking up").id == "staff"
    assert of_theme("Discharge") == of_theme("A theme that nobody knows") == patient_experience()


def test_every_theme_has_its_place_in_each_mapping() -> None:
    names = {name for framework in frameworks() for name in framework.names}
    for mapping in mappings():
        assert set(mapping.themes) == names
        assert all(mapping.under(dimension.id) for dimension in mapping.dimensions)


def test_themes_are_looked_up_by_dimension() -> None:
    assert "Detriment from speaking up" in (themes_under("cqc:well-led") or [])
    assert themes_under("darzi:safety") == [
        theme for theme in mappings()[1].themes if "safety" in mappings()[1].of(theme)
    ]
    assert themes_under("cqc:nothing") is themes_under("nothing") is None


def _cqc(**change: tuple[str, ...] | None) -> Mapping:
    """The shipped mapping with some themes placed otherwise, or (None) nowhere."""
    themes = {**mappings()[0].themes, **change}
    return replace(mappings()[0], themes={name: placed for name, placed in themes.items() if placed is not None})


@pytest.mark.parametrize(
    "broken",
    [_cqc(Parking=None), _cqc(Parking=("kind",)), _cqc(Parking=("safe", "safe")), _cqc(Tea=("safe",))],
    ids=["a theme left out", "an unknown dimension", "a dimension twice", "an unknown theme"],
)
def test_a_mapping_that_does_not_fit_the_frameworks_is_refused(broken: Mapping) -> None:
    check(frameworks(), mappings())
    with pytest.raises(TaxonomyRefused):
        check(frameworks(), [broken])


def test_frameworks_that_share_a_theme_or_a_stream_are_refused() -> None:
    first, second = frameworks()
    for twin in (replace(second, themes=first.themes), replace(second, streams=("patient",))):
        with pytest.raises(TaxonomyRefused):
            check([first, twin], [])
