"""Let serious comments speak up early: a few of them can tell more than the number of all. Pure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from earshot.signals.bounds import Unwatchable
from earshot.signals.detectors import Readings
from earshot.signals.evidence import SIDES


def with_serious(everything: Readings, serious: Readings) -> Readings:
    """Read a series together with its serious comments; rows and columns of both are the same series and weeks.

    The evidence is the average of both Bayes factors: that all comments changed, or that the serious ones did. Averages
    of Bayes factors are Bayes factors, so what chance does to it is known as before, and
    `earshot.signals.budget.alarms` takes it like any other. Counts and expectations stay those of all comments; where
    the serious ones are not judged, all comments speak alone. Raises Unwatchable when the shapes differ.
    """
    if everything.expected.shape != serious.expected.shape:
        raise Unwatchable("counts", "give as many series and weeks of serious comments as of all.")
    evidence, since = {}, {}
    for side in SIDES:
        mean = np.logaddexp(everything.evidence[side], serious.evidence[side]) - np.log(2)
        evidence[side] = np.where(serious.judged, mean, everything.evidence[side])
        louder = serious.judged & (serious.evidence[side] > everything.evidence[side])
        since[side] = np.where(louder, serious.since[side], everything.since[side])
    return replace(everything, evidence=evidence, since=since)
