"""What becomes of each row of an import: taken in, blank or refused, with the reason. Reads no file and no database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, TypeAlias

from earshot.intake import dates
from earshot.intake.answers import (
    LONGEST_TEXT,
    Audience,
    audience,
    clean,
    fft_answer,
    has_words,
    is_old_fft,
    one_line,
    simple,
)
from earshot.intake.columns import Mapping as Columns
from earshot.intake.columns import say_cell
from earshot.intake.dates import Cell
from earshot.intake.placing import NotPlaced, Place, Places
from earshot.intake.rows import Row

Outcome: TypeAlias = Literal["imported", "duplicate", "blank", "refused"]
_LONGEST_QUESTION = 200


@dataclass(frozen=True)
class Entry:
    """What a row brings: answers by question, a score, a day and a place."""

    place: Place
    audience: Audience
    said_on: date
    fft: int | None
    answers: Mapping[str, str]
    source_id: str | None
    respondent: str | None


@dataclass(frozen=True)
class Verdict:
    """The outcome of one row; `entry` is what is kept of it, also of a blank row that carries a score."""

    line: int
    outcome: Outcome
    column: str | None = None
    reason: str | None = None
    entry: Entry | None = None


@dataclass
class Survey:
    """What a first look at every row shows: how many there are, and how each provider writes its dates."""

    rows: int = 0
    dates: dict[str, Counter[str]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def notes(self) -> list[str]:
        """What people should know about the dates."""
        said = (dates.say_evidence(self.names[key], seen) for key, seen in self.dates.items())
        return [sentence for sentence in said if sentence]


class Picker:
    """Takes the cells that a mapping names out of a row."""

    def __init__(self, columns: Sequence[str], mapping: Columns) -> None:
        self._at = {name: number for number, name in enumerate(columns)}
        self.mapping = mapping

    def cell(self, row: Row, column: str | None) -> Cell:
        """The cell as it came."""
        return None if column is None else row.cells[self._at[column]]

    def text(self, row: Row, column: str | None) -> str:
        """The cell as text."""
        return say_cell(self.cell(row, column))

    def whose(self, row: Row) -> str:
        """The provider's name as the row writes it: dates are judged provider by provider."""
        return one_line(self.text(row, self.mapping.org[0])) if self.mapping.org else ""


def survey(rows: Iterable[Row], picker: Picker) -> Survey:
    """Look at every row once."""
    found = Survey()
    for row in rows:
        found.rows += 1
        name = picker.whose(row)
        key = simple(name)
        found.names.setdefault(key, name)
        if picker.mapping.date is not None:
            kind = dates.read(picker.cell(row, picker.mapping.date)).kind
            found.dates.setdefault(key, Counter())[kind] += 1
    return found


class Judge:
    """Decides row by row; keeps count of what deserves a note at the end."""

    def __init__(self, picker: Picker, places: Places, found: Survey, today: date) -> None:
        self._picker, self._mapping, self._places = picker, picker.mapping, places
        self._survey, self._today = found, today
        self._scores = {simple(raw): value for raw, value in self._mapping.fft_values.items()}
        self.unknown_scores: Counter[str] = Counter()
        self.old_scores = 0

    def __call__(self, row: Row) -> Verdict:
        """The verdict on a row, before it is known whether its source id was seen before."""
        if row.fault:
            return Verdict(row.line, "refused", None, row.fault)
        answers = self._answers(row)
        too_long = [question for question, text in answers.items() if len(text) > LONGEST_TEXT]
        if too_long:
            return Verdict(row.line, "refused", too_long[0], f"the text has more than {LONGEST_TEXT:,} characters")
        fft = self._fft(row)
        if not answers and fft is None:
            return Verdict(row.line, "blank", self._mapping.text[0], "no words and no score")
        return self._complete(row, answers, fft)

    def notes(self) -> list[str]:
        """What people should know about the scores."""
        notes = []
        if self.unknown_scores:
            values = ", ".join(f"{value} ({n:,})" for value, n in self.unknown_scores.most_common(5))
            notes.append(
                f"{self.unknown_scores.total():,} rows have an FFT value that is none of the six answers: {values}. "
                "Their words were kept; their score was left out."
            )
        if self.old_scores:
            notes.append(
                f"{self.old_scores:,} rows answer the older question (“Extremely likely” to “Extremely unlikely”), "
                "which has another scale. Their words were kept; their score was left out. Set fft_values to count it."
            )
        return notes

    def _complete(self, row: Row, answers: dict[str, str], fft: int | None) -> Verdict:
        said_on = self._said_on(row)
        if said_on.day is None:
            return Verdict(row.line, "refused", self._mapping.date, said_on.reason)
        who = self._audience(row)
        if who is None:
            return Verdict(row.line, "refused", self._mapping.audience, "is neither patient, carer nor staff")
        place = self._places.find([self._picker.text(row, column) for column in self._mapping.org])
        if isinstance(place, NotPlaced):
            return Verdict(row.line, "refused", place.column, place.reason)
        source_id = one_line(self._picker.text(row, self._mapping.source_id)) or None
        respondent = one_line(self._picker.text(row, self._mapping.respondent)) or None
        entry = Entry(place, who, said_on.day, fft, answers, source_id, respondent)
        if answers:
            return Verdict(row.line, "imported", entry=entry)
        return Verdict(row.line, "blank", self._mapping.text[0], "no words; the score was kept", entry)

    def _answers(self, row: Row) -> dict[str, str]:
        """Texts by the wording of their question: the question column's, or the heading."""
        found: dict[str, str] = {}
        for column in self._mapping.text:
            text = clean(self._picker.text(row, column))
            if not has_words(text):
                continue
            asked = one_line(self._picker.text(row, self._mapping.question)) if len(self._mapping.text) == 1 else ""
            found[(asked or column)[:_LONGEST_QUESTION]] = text
        return found

    def _fft(self, row: Row) -> int | None:
        raw = one_line(self._picker.text(row, self._mapping.fft))
        if not has_words(raw):
            return None
        known = self._scores.get(simple(raw), fft_answer(raw))
        if known is None and is_old_fft(raw):
            self.old_scores += 1
        elif known is None:
            # Only numbers are quoted: other values may be stories in the wrong column.
            self.unknown_scores[f"“{raw}”" if raw.isdecimal() and len(raw) < 5 else "other words"] += 1
        return known

    def _said_on(self, row: Row) -> dates.Settled:
        reading = dates.read(self._picker.cell(row, self._mapping.date))
        if reading.kind == "missing":
            reading = dates.read(self._mapping.default_date)
        order = self._mapping.date_order
        if order == "auto":
            seen = self._survey.dates.get(simple(self._picker.whose(row)), Counter())
            return dates.settle(reading, dates.order_seen(seen), today=self._today)
        return dates.settle(reading, order, today=self._today)

    def _audience(self, row: Row) -> Audience | None:
        raw = self._picker.text(row, self._mapping.audience)
        return audience(raw) if has_words(raw) else self._mapping.default_audience
