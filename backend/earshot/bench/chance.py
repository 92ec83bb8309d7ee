"""Measure how often chance alone raises alarms, and write it down as the surface that Earshot ships.

`python -m earshot.bench.chance backend/earshot/signals/chance.json` simulates five kinds of worlds in which nothing
changes, each with a dozen baselines, reads them with the detector itself, counts how often alarms begin at each level
of evidence, and fits `earshot.signals.surface` to that. Takes about a minute of one core; do it again after any change
to `baseline`, `evidence`, `detectors` or `lifetime`.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from earshot.signals.bounds import Numbers
from earshot.signals.detectors import Panel, Readings, read
from earshot.signals.evidence import SIDES, Side
from earshot.signals.lifetime import beginnings
from earshot.signals.simulate import World, counts
from earshot.signals.surface import Surface, features, fit

SEED = 20_261_122
SERIES, WEEKS = 400, 208  # of each baseline in each world
#: Baselines that are read together, as series of one provider are: they learn from each other what is common.
BASELINES = ((0.03, 0.08, 0.16, 0.25), (0.25, 0.5, 1.0, 2.0), (4.0, 8.0, 20.0, 60.0))
LEVELS = np.arange(-1.0, 7.01, 0.5)
#: Edges of the cells, in logarithms, into which weeks of like expectation, spread and certainty are gathered.
EDGES = (
    np.arange(-5, 6, 0.5),
    np.array([0.005, 0.015, 0.03, 0.06, 0.12, 0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.25]),
    np.arange(-5, 1, 0.3),
)


#: Worlds in which nothing changes: plain, seasonal, scattered, both, and both with trends.
WORLDS = (
    World(1, season=0, overdispersed=0),
    World(1, season=0.3, overdispersed=0),
    World(1, season=0, overdispersed=1),
    World(1, season=0.3, overdispersed=0.5),
    World(1, season=0.3, overdispersed=0.5, trend=0.05, spread=(1.5, 4.0)),
)


class Tally:
    """Weeks judged and alarms begun, gathered in cells of like expectation, scatter and certainty."""

    def __init__(self) -> None:
        self._cells: dict[tuple[int, ...], Numbers] = {}

    def add(self, readings: Readings, side: Side) -> None:
        """Count one panel: each cell holds weeks, sums of the three logarithms, and alarms begun at each level."""
        judged = readings.judged
        where = np.log(np.stack([readings.expected[judged], readings.spread[judged], readings.sd[judged]], axis=1))
        begun = [beginnings(readings.evidence[side], float(level), judged)[judged] for level in LEVELS]
        rows = np.column_stack([np.ones(len(where)), where, *begun])
        places = [np.searchsorted(edges, column) for edges, column in zip(EDGES, where.T, strict=True)]
        keys, cell = np.unique(np.stack(places, axis=1), axis=0, return_inverse=True)
        totals = np.zeros((len(keys), rows.shape[1]))
        np.add.at(totals, cell.ravel(), rows)
        for key, total in zip(map(tuple, keys.tolist()), totals, strict=True):
            self._cells[key] = self._cells.get(key, np.zeros(total.size)) + total

    def surface(self) -> Surface:
        """The surface fitted to all that was counted."""
        table = np.array(list(self._cells.values()))
        weeks, begun = table[:, 0], table[:, 4:]
        means = np.exp(table[:, 1:4] / weeks[:, None])
        return fit(features(means[:, 0], means[:, 1], means[:, 2]), weeks, LEVELS, begun)


def main(path: Path) -> None:
    """Simulate, count, fit and write."""
    rng = np.random.default_rng(SEED)
    tallies = {side: Tally() for side in SIDES}
    for number, world in enumerate(WORLDS, start=1):
        for baselines in BASELINES:
            drawn = [counts(replace(world, baseline=baseline), SERIES, WEEKS, rng)[0] for baseline in baselines]
            readings = read(Panel.of(np.concatenate(drawn)))
            for side, tally in tallies.items():
                tally.add(readings, side)
        sys.stderr.write(f"world {number} of {len(WORLDS)} is counted\n")
    shipped = {side: np.round(tally.surface().coefficients, 4).tolist() for side, tally in tallies.items()}
    path.write_text(json.dumps(shipped).replace("], [", "],\n[") + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
