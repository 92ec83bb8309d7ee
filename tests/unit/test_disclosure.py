"""Small numbers stay hidden, also from somebody who adds up and takes away."""

from __future__ import annotations

from itertools import product

from earshot.measures.disclosure import Sum, hidden, small
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
