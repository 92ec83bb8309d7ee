"""Agreement of people who code the same comments, against figures from the literature."""

from __future__ import annotations

import pytest
from earshot.analysis.agreement import Coding, agreement, alpha, kappa, sentence

YES_NO = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15


def test_cohen_s_kappa_of_a_textbook_table() -> None:
    found = kappa(YES_NO)  # agreement .7, by chance .5
    assert found.n == 50
    assert found.agreement == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)


def test_the_interval_of_kappa_follows_fleiss_cohen_and_everitt() -> None:
    # A bootstrap of these fifty pairs gives the same half width: 1.96 × .1295 is .254, the formula .249.
    found = kappa(YES_NO)
    assert found.low == pytest.approx(0.1511, abs=1e-3)
    assert found.high == pytest.approx(0.6489, abs=1e-3)


def test_people_who_always_agree_have_a_kappa_of_one_and_opposites_of_minus_one() -> None:
    assert kappa([(True, True), (False, False)] * 4).kappa == pytest.approx(1)
    assert kappa([(True, False), (False, True)] * 4).kappa == pytest.approx(-1)


def test_where_both_say_the_same_of_everything_kappa_has_no_value() -> None:
    found = kappa([(False, False)] * 9)
    assert (found.agreement, found.kappa, found.low) == (1.0, None, None)
    with pytest.raises(ValueError, match="nothing"):
        kappa([])


def test_krippendorff_s_alpha_of_his_own_examples() -> None:
    """Krippendorff (2011), Computing Krippendorff's Alpha-Reliability, examples A and C."""
    one, other = "0100000010", "1110010000"
    assert alpha(list(zip(one, other, strict=True))) == pytest.approx(0.095, abs=5e-4)
    answers = ("1233214 12...", "1233224125.3", ".33323422 51.", "1233244125 1.")
    people = [row.replace(" ", "") for row in answers]
    units = [[value for value in unit if value != "."] for unit in zip(*people, strict=True)]
    assert alpha(units) == pytest.approx(0.743, abs=5e-4)


def test_alpha_needs_two_answers_and_two_values() -> None:
    assert alpha([["a"], ["b"]]) is None
    assert alpha([["a", "a"], ["a", "a"]]) is None


def test_comments_read_by_one_person_do_not_count() -> None:
    found = agreement([Coding(1, "Ann", frozenset({"Parking"})), Coding(2, "Bo", frozenset())])
    assert (found.comments, found.alpha, found.pair, found.themes) == (0, None, None, ())
    assert "two people" in sentence(found.alpha)


def test_the_two_who_share_most_comments_are_compared_theme_by_theme() -> None:
    codings = [Coding(n, who, frozenset({"Parking"} if n < 3 else {"Food"})) for n in range(6) for who in ("Ann", "Bo")]
    codings += [Coding(0, "Cy", frozenset({"Food"}))]
    found = agreement(codings)
    assert (found.comments, found.pair, found.pair_comments) == (6, ("Ann", "Bo"), 6)
    assert [(row.theme, row.n, row.kappa.kappa) for row in found.themes] == [("Food", 3, 1.0), ("Parking", 3, 1.0)]
    assert found.alpha is not None
    assert 0.5 < found.alpha < 1  # Cy sees it otherwise


def test_each_range_of_alpha_has_a_sentence_of_its_own() -> None:
    assert len({sentence(value) for value in (None, 0.1, 0.7, 0.9)}) == 4
