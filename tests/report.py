"""The end of `tests/run.sh`: the logs of what failed, one line to read, and the count.

Reads a folder of `NAME.status` (exit status) and `NAME.log`, and beside them pytest's `NAME.xml` or vitest's
`vitest.json`.
"""

from __future__ import annotations

import json
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

LONGEST_LOG = 200  # lines


@dataclass(frozen=True)
class Step:
    """One step: whether it ended well, and how many tests it counted."""

    name: str
    ok: bool
    passed: int
    failed: int


def read_step(status: Path) -> Step:
    """A step and its counts; one that failed without a failed test (a crash, a check) counts as one failure."""
    ok = status.read_text().strip() == "0"
    passed, failed = counts(status)
    return Step(status.stem, ok, passed, failed if ok or failed else 1)


def counts(status: Path) -> tuple[int, int]:
    """Passed and failed tests of a step, (0, 0) for one that is no test run."""
    if (report := status.with_suffix(".xml")).exists():
        suites = ElementTree.parse(report).getroot().iter("testsuite")
        totals = [
            tuple(int(suite.get(key, 0)) for key in ("tests", "failures", "errors", "skipped")) for suite in suites
        ]
        ran, failures, errors, skipped = (sum(column) for column in zip(*totals, strict=True))
        return ran - failures - errors - skipped, failures + errors
    if (report := status.with_suffix(".json")).exists():
        summary = json.loads(report.read_text())
        return summary["numPassedTests"], summary["numFailedTests"]
    return 0, 0


def main(folder: Path, seconds: int) -> int:
    """Print what a person needs to know; returns the exit status."""
    steps = [read_step(status) for status in sorted(folder.glob("*.status"))]
    wrong = [step for step in steps if not step.ok or step.failed]
    for step in wrong:
        lines = (folder / f"{step.name}.log").read_text(errors="replace").splitlines()
        print(f"\n===== {step.name} =====", *lines[-LONGEST_LOG:], sep="\n")
    took = f"{seconds // 60} min {seconds % 60} s"
    if wrong:
        names = ", ".join(step.name for step in wrong)
        print(f"\nNot everything is well after {took}: {names} failed; the logs are above.")
    else:
        print(f"\nEverything is well: {len(steps)} steps in {took}.")
    print(f"{sum(step.passed for step in steps)} passed, {sum(step.failed for step in steps)} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2])))
