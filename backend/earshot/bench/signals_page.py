"""The figures of `earshot bench signals` as tables in Markdown, as the README prints them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from earshot.bench.signals import BASELINES, FALSE_ALARMS_A_YEAR, OURS, SignalFigures

HEADING = {2.0: "Doublings", 3.0: "Triplings"}


def page(figures: SignalFigures) -> str:
    """Everything that was measured."""
    return "\n".join([*_tables(figures), *_alarms(figures), *_limits(figures), *_added(figures), *_verdict(figures)])


def _tables(figures: SignalFigures) -> Iterator[str]:
    """One table for doublings and one for triplings: baseline by detector."""
    names = list(dict.fromkeys(cell.detector for cell in figures.cells))
    at = {(cell.detector, cell.baseline, cell.factor, cell.slow): cell for cell in figures.cells}
    for factor, heading in HEADING.items():
        yield f"{heading}: share found within 4 / 8 weeks (median weeks), sudden; slow (over 8 weeks)."
        yield ""
        yield from _head("a week", *names)
        for baseline in BASELINES:
            row = []
            for name in names:
                kinds = [at[name, baseline, factor, slow] for slow in (False, True)]
                row.append(
                    "; ".join(
                        f"{_share(c.within_4)} / {_bold(_share(c.within_8), name == OURS)} ({c.median_weeks or '>26'})"
                        for c in kinds
                    )
                )
            yield f"| {baseline:g} | {' | '.join(row)} |"
        yield ""


def _alarms(figures: SignalFigures) -> Iterator[str]:
    """How many false alarms each really raised, per baseline, and whether the shipped thresholds keep the budget."""
    rates = {(cell.detector, cell.baseline): cell.false_alarms_a_year for cell in figures.cells}
    yield f"False alarms a series and year, each set to {FALSE_ALARMS_A_YEAR:g} at most:"
    for name in dict.fromkeys(cell.detector for cell in figures.cells):
        yield f"- {name}: {', '.join(f'{rates[name, baseline]:.2f}' for baseline in BASELINES)}"
    ratio = figures.kept / figures.promised
    yield (
        f"Earshot's own thresholds, not set on these series: {figures.kept:g} false alarms where {figures.promised:g} "
        f"were promised ({ratio:.2f})."
    )
    yield ""


def _limits(figures: SignalFigures) -> Iterator[str]:
    yield "Mean weeks until a sudden doubling of Poisson counts is found, 26 if it is not, and Lorden's bound:"
    yield ""
    yield from _head("a week", "bound", OURS)
    for limit in figures.limits:
        yield f"| {limit.baseline:g} | {limit.bound:g} | {limit.ours:g} |"
    yield ""


def _added(figures: SignalFigures) -> Iterator[str]:
    yield "What more evidence adds, share found within 4 / 8 weeks:"
    yield ""
    yield from _head("sudden rise", "counts alone", "with it")
    for one in figures.added:
        alone, more = (
            f"{_share(four)} / {_share(eight)}"
            for four, eight in ((one.alone_4, one.alone_8), (one.with_4, one.with_8))
        )
        yield f"| {one.what} | {alone} | {more} |"
    yield ""


def _verdict(figures: SignalFigures) -> Iterator[str]:
    if figures.worse:
        yield "Where a peer found more, by more than two standard errors:"
        yield from (f"- {line}" for line in figures.worse)
    else:
        yield "No peer found more anywhere, by more than two standard errors."
    yield f"{figures.series} series of each kind of rise, seed {figures.seed}."


def _head(*names: str) -> tuple[str, str]:
    return f"| {' | '.join(names)} |", f"|{'---|' * len(names)}"


def _share(value: float) -> str:
    return f"{value:.2f}"


def _bold(text: str, strong: bool) -> str:
    return f"**{text}**" if strong else text
