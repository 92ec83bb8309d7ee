"""What several language tests share; loading the models takes seconds, so it is done once."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from earshot_nlp.pipeline import Pipeline


@pytest.fixture(scope="session")
def pipeline() -> Pipeline:
    return Pipeline.load(threads=2)


@pytest.fixture(scope="session")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small labelled CSV of our own: three themes, sentiment, two sources, a label name with a comma."""
    path = tmp_path_factory.mktemp("data") / "labelled.csv"
    food = ["The food was {}", "Dinner was {} again", "My breakfast came {}", "The sandwiches were {}"]
    wait = ["I waited {} in the clinic", "The wait was {}", "They kept us waiting {}", "Waiting time was {}"]
    staff = ["The nurses were {}", "Staff on the ward were {}", "The doctor was {}", "Reception staff were {}"]
    rows: list[list[str]] = []
    for theme, patterns, good, bad in (
        ("food", food, ["delicious", "lovely and hot", "very tasty", "fresh"], ["cold", "awful", "tasteless", "late"]),
        ("wait", wait, ["short", "no time", "only minutes", "brief"], ["hours", "far too long", "all day", "endless"]),
        ("staff", staff, ["kind", "friendly", "brilliant", "caring"], ["rude", "cross", "unkind", "abrupt"]),
    ):
        for words, rating in ((good, "1"), (bad, "5")):
            for pattern in patterns:
                for word in words:
                    flags = ["1" if theme == name else "0" for name in ("food", "wait", "staff")]
                    source = "A" if len(rows) % 2 else "B"
                    rows.append([pattern.format(word), *flags, theme, rating, "How was it?", source])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["comment", "Food, drink", "Waiting", "Staff", "theme", "rating", "question", "trust"])
        writer.writerows(rows)
    return path
