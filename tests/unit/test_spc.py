"""XmR charts: the reference numbers, the rules against their plain definitions, the pictures and the command."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import pytest
import typer
from earshot.measures import chart, command, spc
from earshot.measures.spc import Direction, Limits, Rules, SeriesRefused, xmr
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

HERE = Path(__file__).parent
SHARED = HERE.parents[2] / "shared" / "vectors" / "xmr_plotthedots.json"
FILES = [HERE / "fixtures" / "xmr.json", *([SHARED] if SHARED.exists() else [])]
REFERENCES = [json.loads(path.read_text(encoding="utf-8")) for path in FILES]
VECTORS = [reference["documented"] for reference in REFERENCES]
LIMIT_CASES = [case for vectors in VECTORS for case in vectors["limits"]]
OUTLIER = [1, 2, 1, 2, 10, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]
SMALL_SERIES = st.lists(st.integers(-5, 5), max_size=12)


def causes(values: list[float], **rules: Any) -> list[str]:
    return [point.special_cause for point in xmr(values, Rules(**rules)).points]


# Reference numbers


@pytest.mark.parametrize("case", LIMIT_CASES)
def test_limits_equal_the_reference_numbers(case: dict[str, Any]) -> None:
    rules = Rules(case.get("improvement_direction", "increase"), screen_outliers=case["screen_outliers"])
    points = xmr(case["y"], rules).points
    limits = points[0].limits
    assert (limits.mean, limits.lpl, limits.upl) == pytest.approx(
        (case["mean"], case["lpl"], case["upl"]), abs=case["tol"]
    )
    found = [point.number for point in points if point.point_type != "common_cause"]
    assert found == case.get("special_cause_index_1based", found)
    assert len(found) == case.get("special_cause_points", len(found))
    assert points[4].point_type == case.get("point_type_at_5", points[4].point_type)


@pytest.mark.parametrize("vectors", VECTORS)
def test_rules_equal_the_reference_numbers(vectors: dict[str, Any]) -> None:
    rules = vectors["rules"]
    for case in rules["seven_point_one_side_mean"]:
        assert spc.seven_on_one_side(case["rtm"]) == case["out"]
    for case in rules["part_of_seven"]:
        assert spc.part_of_seven(case["in"]) == case["out"]
    for case in rules["seven_point_trend"]:
        assert spc.seven_point_trend(case["y"]) == case["out"]
    for case in rules["two_in_three"]:
        assert spc.two_in_three(case["close"], case["rtm"]) == case["out"]
    for case in rules["part_of_two_in_three"]:
        assert spc.part_of_two_in_three(case["close"], case["rtm"]) == case["out"]


@pytest.mark.parametrize("vectors", VECTORS)
def test_two_of_three_on_opposite_sides_is_common_cause(vectors: dict[str, Any]) -> None:
    case = vectors["two_of_three_opposite_sides"]
    assert [point.point_type for point in xmr(case["y"]).points[-2:]] == case["last_two_point_types"]


@pytest.mark.parametrize("vectors", VECTORS)
@pytest.mark.parametrize("direction", ["increase", "decrease", "neutral"])
def test_assurance_equals_the_reference_numbers(vectors: dict[str, Any], direction: Direction) -> None:
    case = vectors["assurance"]
    for lpl, upl, expected in zip(case["lpl"], case["upl"], case[direction], strict=True):
        limits = Limits((lpl + upl) / 2, lpl, upl, lpl, upl)
        assert spc.assurance(limits, case["target"], direction) == expected


@pytest.mark.parametrize("reference", REFERENCES)
def test_names_equal_those_of_the_reference(reference: dict[str, Any]) -> None:
    assert list(get_args(spc.SpecialCause)) == reference["special_cause_types"]
    assert list(get_args(spc.PointType)) == reference["point_types"]


@pytest.mark.parametrize("reference", REFERENCES)
def test_where_several_rules_hold_the_first_of_the_reference_counts(reference: dict[str, Any]) -> None:
    limits = Limits(0, -3, 3, -2, 2)
    winners = {
        "outside limits": ([0.1, 0.5, 1, 1.5, 1.9, 2.5, 3.5], "Above UCL"),  # ends a trend, a run and two in three
        "7-point trend": ([0.1, 0.5, 1, 1.5, 1.9, 2.2, 2.5], "7 Point Trend (Increasing)"),  # the same, inside
        "2 in 3 close to a limit, all three on the same side of the mean": (
            [1, 1, 1, 1, 2.5, 1, 2.5],
            "2 in 3 Above CL",
        ),
        "7 points one side of the mean": ([1, 1, 1, 1, 2.5, 1, 1], "7 Points Above CL"),
        "common cause": ([1, 1, 1, 1, 2.5, 1, -1], "Common Cause"),
    }
    for rule in reference["precedence"]:
        values, cause = winners[rule]
        assert spc.special_causes(values, limits)[-1] == cause
    assert len(winners) == len(reference["precedence"])


# Rules against their definitions


@given(SMALL_SERIES)
def test_a_trend_is_seven_strictly_rising_or_falling_values(values: list[int]) -> None:
    windows = [values[i : i + 7] for i in range(len(values) - 6)]
    rising = [all(b > a for a, b in pairwise(window)) for window in windows]
    falling = [all(b < a for a, b in pairwise(window)) for window in windows]
    expected = [0] * min(6, len(values)) + [up - down for up, down in zip(rising, falling, strict=True)]
    assert spc.seven_point_trend(values) == expected


@given(st.lists(st.integers(-1, 1), max_size=20))
def test_a_point_is_part_of_seven_when_one_of_the_next_seven_marks_it(marks: list[int]) -> None:
    assert spc.part_of_seven(marks) == [int(any(marks[i : i + 7])) for i in range(len(marks))]


@given(SMALL_SERIES)
def test_mirroring_series_and_direction_keeps_every_point_type(values: list[int]) -> None:
    up = [point.point_type for point in xmr(values, Rules("increase")).points]
    down = [point.point_type for point in xmr([-value for value in values], Rules("decrease")).points]
    assert up == down


def test_outside_a_limit_comes_before_a_trend() -> None:
    found = causes([5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 6, 7, 8, 9, 10, 11, 12])
    assert found[-1] == "Above UCL"
    assert found[12] == "7 Point Trend (Increasing)"


def test_a_peak_shared_by_a_rise_and_a_fall_counts_to_the_rise() -> None:
    found = causes([1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1], fix_after_n_points=2)
    assert spc.special_causes([1, 2, 3, 4, 5, 6, 7, 6, 5, 4, 3, 2, 1], Limits(4, -9, 19, -6, 16))[6:8] == [
        "7 Point Trend (Increasing)",
        "7 Point Trend (Decreasing)",
    ]
    assert found[6] == "Above UCL"


def test_two_in_three_marks_only_points_between_near_limit_and_limit() -> None:
    limits = Limits(0, -3, 3, -2, 2)
    assert spc.special_causes([2.5, 1, 2.5], limits) == ["2 in 3 Above CL", "Common Cause", "2 in 3 Above CL"]
    assert spc.special_causes([2.5, 1, 3.5], limits) == ["Common Cause", "Common Cause", "Above UCL"]
    assert spc.special_causes([2, 1, 2.5], limits) == ["Common Cause"] * 3
    assert spc.special_causes([-3, -1, -3], limits)[0] == "2 in 3 Below CL"


def test_a_trend_takes_its_direction_from_the_trend_even_below_the_mean() -> None:
    points = xmr([0, 1, 2, 3, 4, 5, 6, 100, 100, 100], Rules(fix_after_n_points=9)).points
    assert {point.point_type for point in points[:7]} == {"special_cause_improvement"}


@pytest.mark.parametrize(
    ("direction", "high", "low"),
    [
        ("increase", "special_cause_improvement", "special_cause_concern"),
        ("decrease", "special_cause_concern", "special_cause_improvement"),
        ("neutral", "special_cause_neutral_high", "special_cause_neutral_low"),
    ],
)
def test_point_type_follows_the_direction(direction: Direction, high: str, low: str) -> None:
    assert xmr(OUTLIER, Rules(direction)).points[4].point_type == high
    assert xmr([-value for value in OUTLIER], Rules(direction)).points[4].point_type == low


# Groups, fixing, edges


def test_rebase_starts_new_limits_and_no_run_crosses_it() -> None:
    values = [1, 3, 1, 3, 11, 13, 11, 13]
    points = xmr(values, Rules(rebase_at=(5,))).points
    assert [point.limits.mean for point in points] == [2] * 4 + [12] * 4
    assert [point.limits.upl for point in points] == pytest.approx([7.32] * 4 + [17.32] * 4)
    assert [point.group for point in points] == [1] * 4 + [2] * 4
    assert "7 Point Trend (Increasing)" not in causes([1, 2, 3, 4, 5, 6, 7], rebase_at=(4,))


def test_fixed_limits_come_from_the_first_points_of_each_group() -> None:
    points = xmr([2, 4, 2, 4, 20, 2, 4, 90], Rules(fix_after_n_points=2, rebase_at=(6,))).points
    assert {point.limits.mean for point in points} == {3}
    assert {point.limits.upl for point in points} == {3 + 2.66 * 2}
    assert points[4].special_cause == points[7].special_cause == "Above UCL"


def test_equal_values_have_exactly_their_mean() -> None:
    assert causes([0.1] * 9 + [0.1] * 9) == ["Common Cause"] * 18
    assert xmr([0.1] * 3).points[0].limits.upl == 0.1


@pytest.mark.parametrize(("values", "screen"), [([5.0], False), ([3.0] * 13, True)])
def test_without_a_moving_range_there_are_no_limits_but_a_warning(values: list[float], screen: bool) -> None:
    found = xmr(values, Rules(screen_outliers=screen, target=4))
    assert found.points[0].limits == Limits(values[0], None, None, None, None)
    assert found.variation == "common_cause"
    assert found.assurance is None
    assert found.warnings[-1].startswith("No limits")


def test_fewer_than_thirteen_points_give_trial_limits() -> None:
    assert xmr([1, 2] * 6).warnings == ("Trial limits: 12 points, fewer than 13. The limits may move.",)
    assert xmr([1, 2] * 6 + [1]).warnings == ()
    assert "in group 2" in xmr([1, 2] * 10, Rules(rebase_at=(15,))).warnings[0]
    assert xmr([1, 2] * 10, Rules(fix_after_n_points=6)).warnings[0].startswith("Limits fixed on 6 points")


def test_an_empty_series_gives_an_empty_chart() -> None:
    found = xmr([])
    assert (found.points, found.variation, found.assurance, found.warnings) == ((), None, None, ())


def test_the_icons_come_from_the_last_point() -> None:
    found = xmr([*OUTLIER, 10], Rules("decrease", target=30))
    assert (found.variation, found.assurance) == ("special_cause_concern", "consistent_pass")


# Pictures


def test_svg_has_words_letters_and_colours_and_survives_a_hostile_title() -> None:
    title = "<script>alert(1)</script> & \"quotes\" 'too'"
    picture = chart.svg(xmr(OUTLIER, Rules("decrease", target=4)), title=title)
    root = ElementTree.fromstring(picture)
    space = "{http://www.w3.org/2000/svg}"
    assert root.findtext(f"{space}title") == title == root.get("aria-label")
    assert "Above the upper limit (concern): point 5." in (root.findtext(f"{space}desc") or "")
    fills = [circle.get("fill") for circle in root.iter(f"{space}circle") if circle.get("r") in ("4.5", "5.5")]
    assert (fills.count("#a6a6a6"), fills.count("#e46c0a")) == (17, 1)
    letters = [text.text for text in root.iter(f"{space}text")]
    assert "H" in letters and "?" in letters
    assert all("style" not in element.attrib for element in root.iter())
    assert "script" not in {element.tag.removeprefix(space) for element in root.iter()}


@pytest.mark.parametrize("values", [[], [5], [3, 3, 3], [1e-322, 0], [1e99, -1e99], list(range(5000))])
def test_every_series_can_be_drawn(values: list[float]) -> None:
    found = xmr(values)
    assert ElementTree.fromstring(chart.svg(found, title="Any")).tag.endswith("svg")
    drawn = chart.terminal(found, title="Any", width=60, colour=False)
    assert max(len(line) for line in drawn.splitlines()[:17]) <= 60 + 4
    assert drawn.count("•") >= min(len(values), 1)


def test_terminal_marks_points_with_letters_and_colours_only_on_request() -> None:
    found = xmr(OUTLIER, Rules("neutral"))
    plain = chart.terminal(found, title="Falls", colour=False)
    coloured = chart.terminal(found, title="Falls", colour=True)
    assert plain.startswith("Falls\n") and "\x1b" not in plain
    assert "\x1b[1;38;2;73;0;146mH\x1b[0m" in coloured
    assert "Above the upper limit (unusually high): point 5." in plain


def test_findings_name_spans_of_points() -> None:
    lines = chart.sentences(xmr([1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 9, 9, 1, 9]))
    assert "Above the upper limit (improvement): points 13 to 14, 16." in lines


# The command


APP = typer.Typer()
APP.command("spc")(command.spc)


def run(question: str | bytes, *options: str) -> Any:
    return CliRunner().invoke(APP, list(options), input=question)


def test_command_prints_one_value_a_point() -> None:
    question = {"y": OUTLIER, "improvement_direction": "increase", "screen_outliers": True, "target": None}
    result = run(json.dumps(question), "--json")
    printed = json.loads(result.stdout)
    assert result.exit_code == 0
    assert printed["upl"] == pytest.approx([4.604444] * 18, abs=1e-6)
    assert printed["special_cause_type"][4] == "Above UCL"
    assert printed["point_type"].count("common_cause") == 17
    assert {len(printed[name]) for name in ("mean", "lpl", "near_lpl", "near_upl", "rebase_group")} == {18}


def test_command_prints_empty_lists_and_nulls_where_nothing_can_be_said() -> None:
    assert json.loads(run('{"y":[]}', "--json").stdout)["mean"] == []
    one = json.loads(run('{"y":[5], "surprise": 1}', "--json").stdout)
    assert (one["mean"], one["lpl"], one["upl"]) == ([5], [None], [None])
    assert one["warnings"][-1] == "1 unknown field was ignored."


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ("", "standard input"),
        ("[1]", "standard input"),
        ("[" * 100_000, "standard input"),
        (b"\xff\xfe{", "standard input"),
        ("{}", "y"),
        ('{"y":"1,2"}', "y"),
        ('{"y":[1,"2"]}', "y: point 2"),
        ('{"y":[1,null]}', "y: point 2"),
        ('{"y":[true]}', "y: point 1"),
        ('{"y":[1,NaN]}', "y: point 2"),
        ('{"y":[1,1e400]}', "y: point 2"),
        ('{"y":[1,' + "9" * 400 + "]}", "y: point 2"),
        ('{"y":[' + "1," * 100_000 + "1]}", "y"),
        ('{"y":[1,2],"improvement_direction":"up"}', "improvement_direction"),
        ('{"y":[1,2],"improvement_direction":[]}', "improvement_direction"),
        ('{"y":[1,2],"screen_outliers":1}', "screen_outliers"),
        ('{"y":[1,2],"fix_after_n_points":1}', "fix_after_n_points"),
        ('{"y":[1,2],"fix_after_n_points":2.5}', "fix_after_n_points"),
        ('{"y":[1,2],"rebase_at":2}', "rebase_at"),
        ('{"y":[1,2],"rebase_at":[3]}', "rebase_at"),
        ('{"y":[1,2],"rebase_at":[0]}', "rebase_at"),
        ('{"y":[1,2],"rebase_at":[NaN]}', "rebase_at"),
        ('{"y":[1,2],"target":Infinity}', "target"),
        ('{"y":[1,2],"title":4}', "title"),
    ],
)
def test_command_refuses_bad_input_in_one_sentence_that_names_the_field(question: str | bytes, field: str) -> None:
    result = run(question, "--json")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(field) and result.stderr.count("\n") == 1


def test_command_draws_and_writes_the_picture(tmp_path: Path) -> None:
    picture = tmp_path / "falls.svg"
    result = run(json.dumps({"y": OUTLIER, "title": "Falls \x1b[2J\ud800"}), "--svg", str(picture))
    assert result.exit_code == 0
    assert result.stdout.startswith("Falls [2J\n")
    assert f"Picture: {picture}" in result.stdout
    assert ElementTree.parse(picture).getroot().get("aria-label") == "Falls [2J"


def test_command_says_when_the_picture_cannot_be_written(tmp_path: Path) -> None:
    result = run('{"y":[1,2]}', "--svg", str(tmp_path / "missing" / "falls.svg"))
    assert result.exit_code == 2
    assert result.stderr.startswith("--svg: the picture could not be written")


def test_command_needs_no_database_web_or_model_package() -> None:
    heavy = "{'asyncpg', 'fastapi', 'numpy', 'sklearn', 'spacy', 'pydantic', 'earshot_nlp'}"
    code = f"import sys, earshot.measures.command; sys.exit(str({heavy} & set(sys.modules)) != 'set()')"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_refusal_carries_its_field_for_the_web() -> None:
    with pytest.raises(SeriesRefused) as refused:
        xmr([1.0, float("inf")])
    assert (refused.value.status, refused.value.fields[0].field) == (422, "y")
