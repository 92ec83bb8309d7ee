"""Small numbers stay hidden, also from somebody who adds up and takes away."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest
from earshot.measures.disclosure import Sum, hidden, meant, protect, quotes_may_show, ranges, share, small, told
from hypothesis import given, settings
from hypothesis import strategies as st

FEWEST = 5


def grid(cells: list[list[int]]) -> tuple[dict[str, int], list[Sum]]:
    """A table with a total for each row, each column and all, and the sums that a reader knows."""
    counts = {f"{r}.{c}": n for r, row in enumerate(cells) for c, n in enumerate(row)}
    rows, columns = range(len(cells)), range(len(cells[0]))
    counts |= {f"{r}.all": sum(cells[r]) for r in rows} | {f"all.{c}": sum(row[c] for row in cells) for c in columns}
    counts["all.all"] = sum(map(sum, cells))
    sums = [Sum(f"{r}.all", tuple(f"{r}.{c}" for c in columns)) for r in [*rows, "all"]]
    return counts, [*sums, *(Sum(f"all.{c}", tuple(f"{r}.{c}" for r in rows)) for c in [*columns, "all"])]


def test_one_to_four_are_few_and_nobody_is_not() -> None:
    assert [n for n in range(8) if small(n)] == [1, 2, 3, 4]


def test_a_small_count_takes_the_next_smallest_with_it() -> None:
    counts = {"a": 3, "b": 40, "c": 9, "all": 52}
    assert hidden(counts, [Sum("all", ("a", "b", "c"))]) == {"a", "c"}


def test_without_a_total_only_the_small_count_is_hidden() -> None:
    assert hidden({"a": 3, "b": 40}, []) == {"a"}


def test_two_small_counts_that_are_few_together_take_a_third() -> None:
    counts = {"a": 2, "b": 1, "c": 30, "d": 8, "all": 41}
    assert hidden(counts, [Sum("all", ("a", "b", "c", "d"))]) == {"a", "b", "d"}


def test_where_everybody_else_is_nobody_the_total_is_hidden_too() -> None:
    assert "all" in hidden({"a": 3, "b": 0, "all": 3}, [Sum("all", ("a", "b"))])


def test_the_same_number_in_two_places_is_hidden_in_both() -> None:
    assert hidden({"anonymous": 3, "element": 3}, [Sum("element", ("anonymous",))]) == {"anonymous", "element"}


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    counts, sums = grid([[5, 0, 12], [30, 7, 5]])
    assert hidden(counts, sums) == frozenset()


def test_what_several_sums_give_away_together_is_hidden_too() -> None:
    # Each sum alone hides two of its parts, but the first two taken from the third leave "a" alone.
    counts = {"a": 3, "b": 6, "c": 7, "ab": 9, "ac": 10, "abc": 16, "bc": 13}
    sums = [Sum("ab", ("a", "b")), Sum("ac", ("a", "c")), Sum("bc", ("b", "c"))]
    out = hidden(counts, sums)
    assert out & {"ab", "ac", "bc"}, "three totals of three unknowns would give all three away"


@settings(max_examples=150, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=2, max_size=4)
    )
)
def test_no_reader_can_work_a_small_number_out(cells: list[list[int]]) -> None:
    counts, sums = grid(cells)
    out = hidden(counts, sums)
    assert not any(small(count) for name, count in counts.items() if name not in out)
    for one in sums:
        gone = [part for part in one.parts if part in out]
        if one.total not in out:
            assert len(gone) != 1 and (not gone or sum(counts[part] for part in gone) >= FEWEST)
        else:
            assert gone, "a hidden total beside its visible parts is no secret"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 5), min_size=2, max_size=2), min_size=2, max_size=2))
def test_another_table_looks_the_same_for_every_number_that_is_hidden(cells: list[list[int]]) -> None:
    """By trying every table with numbers up to 6: whoever sees the rest cannot say what a small cell is."""
    counts, sums = grid(cells)
    out = hidden(counts, sums)
    secret = [name for name, count in counts.items() if name in out and small(count) and "all" not in name]
    seen: dict[str, set[int]] = {name: set() for name in secret}
    for numbers in product(range(7), repeat=len(cells) * 2) if secret else ():
        other, _ = grid([list(numbers[i : i + 2]) for i in range(0, len(numbers), 2)])
        if all(other[name] == counts[name] for name in counts if name not in out):
            for name in secret:
                seen[name].add(other[name])
    assert all(len(values) > 1 for values in seen.values())


def test_a_count_is_told_as_nobody_as_too_few_or_to_the_nearest_five() -> None:
    assert [told(n) for n in (0, 1, 4, 5, 7, 8, 12, 13, 102, 103)] == [0, None, None, 5, 5, 10, 10, 15, 100, 105]
    with pytest.raises(ValueError, match="below 0"):
        told(-1)


@given(st.integers(0, 10_000))
def test_what_is_told_stands_for_the_count_and_for_no_other_count_alone(count: int) -> None:
    low, high = meant(told(count))
    assert low <= count <= high
    assert count == 0 or low < high
    assert {told(other) for other in range(low, high + 1)} == {told(count)}


def test_a_share_is_of_protected_numbers_and_never_over_a_hundred() -> None:
    assert share(told(8), told(33)) == 28.6
    assert share(told(33), told(32)) == 100.0  # 35 of 30 by rounding
    assert share(None, 30) is None
    assert share(5, None) is None
    assert share(0, 0) is None
    assert share(0, 10) == 0.0


def test_a_quote_needs_ten_comments_around_it() -> None:
    assert [quotes_may_show(n) for n in (0, 9, 10)] == [False, False, True]


def test_rounding_alone_would_give_two_small_counts_away_at_the_edge_of_a_total() -> None:
    # 10 stands for 8 to 12, and two hidden numbers of at most 4 are 8 only as 4 and 4.
    assert protect({"a": 4, "b": 4, "c": 0, "all": 8}, [Sum("all", ("a", "b", "c"))])["c"] is None
    # 5 stands for 5 to 7: with a 5 shown beside them two hidden ones could only be 1 and 1.
    counts = {"a": 5, "b": 1, "c": 1, "d": 40, "all": 47, "few": 7}
    assert protect(counts, [Sum("few", ("a", "b", "c")), Sum("all", ("few", "d"))])["a"] is None


def test_under_a_hidden_total_not_even_a_nought_is_told() -> None:
    # Four hidden parts of a hidden total of at most four would each be one.
    counts = {"a": 1, "b": 1, "c": 1, "d": 1, "e": 0, "all": 4}
    assert set(protect(counts, [Sum("all", ("a", "b", "c", "d", "e"))]).values()) == {None}


def test_counts_that_belong_to_no_sum_are_only_told() -> None:
    assert protect({"a": 3, "b": 41, "c": 0}) == {"a": None, "b": 40, "c": 0}


@settings(max_examples=100, deadline=None)
@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(st.lists(st.integers(0, 12), min_size=width, max_size=width), min_size=2, max_size=4)
    )
)
def test_no_hidden_number_is_pinned_by_ranges_and_nothing_small_is_shown(cells: list[list[int]]) -> None:
    counts, sums = grid(cells)
    shown = protect(counts, sums)
    assert all(value is None or value == told(counts[name]) for name, value in shown.items())
    assert not any(small(counts[name]) for name, value in shown.items() if value is not None)
    found = ranges(shown, sums)
    for name, (low, high) in (found or {}).items():
        assert shown[name] is not None or low < high


def test_whoever_knows_the_rules_and_every_other_table_still_cannot_say_what_a_small_number_is() -> None:
    """Of all tables of two by two with margins up to 7, those that look alike differ in each small number."""
    alike: defaultdict[tuple[tuple[str, int | None], ...], list[dict[str, int]]] = defaultdict(list)
    for a, b, c, d in product(range(8), repeat=4):
        if max(a + b, c + d, a + c, b + d) <= 7:
            counts, sums = grid([[a, b], [c, d]])
            alike[tuple(protect(counts, sums).items())].append(counts)
    assert len(alike) > 10
    for shown, tables in alike.items():
        for name in (name for name, value in shown if value is None):
            values = {table[name] for table in tables}
            assert len(values) > 1 or not small(min(values))
