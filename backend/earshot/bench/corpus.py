"""Many different comments for measuring: sentences of the demonstration's hand-written remarks, put together anew."""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from random import Random

from earshot.core.errors import EarshotError
from earshot.demonstration.remarks import every_remark

_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_SHORTEST = 12  # characters: shorter sentences say too little to be told apart
_ASIDE = 0.25  # the share of comments that also speak of something else


class ColumnMissing(EarshotError):
    """The file has no such column. Give one of the names in its first line as --text."""


def composed(count: int) -> list[str]:
    """Different comments, the same for everybody: each two to four sentences on one subject, some with an aside."""
    random = Random("earshot themes")  # noqa: S311 - the same comments for everybody
    subjects = _sentences()
    names = sorted(subjects, key=lambda name: (-len(subjects[name]), name))
    often = [1 / (place + 2) ** 0.5 for place in range(len(names))]
    made: dict[str, None] = {}
    while len(made) < count:
        said = subjects[random.choices(names, often)[0]]
        chosen = random.sample(said, random.choice((2, 3, 3, 4)))
        if random.random() < _ASIDE:
            chosen.insert(random.randrange(len(chosen) + 1), random.choice(subjects[random.choice(names)]))
        made[" ".join(chosen)] = None
    return list(made)


def _sentences() -> dict[str, list[str]]:
    """What is said about each subject, sentence by sentence."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for remark in every_remark():
        for sentence in _END_OF_SENTENCE.split(remark.text):
            if len(sentence) >= _SHORTEST:
                found[remark.about][sentence] = None
    return {about: list(sentences) for about, sentences in found.items() if len(sentences) >= 10}


def from_file(path: Path, column: str, count: int) -> Sequence[str]:
    """The first `count` different texts of a CSV's column; raises `ColumnMissing`."""
    with path.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines)
        if column not in (rows.fieldnames or ()):
            raise ColumnMissing
        texts = dict.fromkeys(text for row in rows if len(text := (row[column] or "").strip()) >= _SHORTEST)
    return list(texts)[:count]
