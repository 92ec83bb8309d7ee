"""What was found of real comments' bursts, as tables in Markdown, as the README prints them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from earshot.bench.bursts import OFTEN, Found
from earshot.bench.peers import PEERS
from earshot.bench.real_text import RealText
from earshot.bench.signals import OURS

NAMES = (OURS, *PEERS)


def page(figures: RealText) -> str:
    """Everything that was measured."""
    return "\n".join([*figures.used, "", *_table(figures.found), "", *_alarms(figures.found), f"Seed {figures.seed}."])


def _table(found: list[Found]) -> Iterator[str]:
    at = {(one.file, one.calm, one.factor, one.often, one.detector): one for one in found}
    yield "Bursts of eight weeks: share found within 4 / 8 weeks (median weeks); – where the history is too short."
    yield ""
    yield f"| bursts (thresholds set on the series …) | {' | '.join(NAMES)} |"
    yield f"|{'---|' * (len(NAMES) + 1)}"
    for file, calm, factor, often in sorted({key[:4] for key in at}):
        cells = [at.get((file, calm, factor, often, name)) for name in NAMES]
        bursts = next(cell.bursts for cell in cells if cell)
        rate = f"{OFTEN:g} a week or more" if often else f"under {OFTEN:g} a week"
        kind = f"{file}, ×{factor:g}, {rate} ({bursts}; {calm})"
        yield f"| {kind} | {' | '.join(_cell(cell) for cell in cells)} |"


def _cell(cell: Found | None) -> str:
    return "–" if cell is None else f"{cell.within_4:.2f} / {cell.within_8:.2f} ({cell.median_weeks or '>8'})"


def _alarms(found: list[Found]) -> Iterator[str]:
    yield "Alarms a series and year where thresholds were set; in the real series without any burst:"
    for file, calm, name in dict.fromkeys((one.file, one.calm, one.detector) for one in found):
        one = next(one for one in found if (one.file, one.calm, one.detector) == (file, calm, name))
        yield f"- {file}, {calm}, {name}: {one.false_alarms:.2f}; {one.as_it_was:.2f}"
