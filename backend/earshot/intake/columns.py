"""Which column is which: a mapping that a person can correct, and a first guess from headings and contents."""

from __future__ import annotations

import datetime as days
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from earshot.core.errors import FieldError, Invalid
from earshot.intake import dates
from earshot.intake.answers import Audience, audience, fft_answer, has_words, is_old_fft, one_line
from earshot.intake.dates import Cell, DateOrder
from earshot.orgs.model import LEVELS

_NO_DATE = (dates.MISSING, dates.IMPOSSIBLE)
_LOOKED_AT = 2000  # rows whose contents are studied; blanks are counted in every row


class MappingInvalid(Invalid):
    """The mapping does not fit the file. Each field below says why."""


class Mapping(BaseModel):
    """Which column holds what; the names are headings of the file, `org` goes from the outermost level inwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: tuple[str, ...] = ()
    source_id: str | None = None
    respondent: str | None = None
    date: str | None = None
    date_order: DateOrder = "auto"
    default_date: days.date | None = None
    fft: str | None = None
    fft_values: dict[str, Annotated[int, Field(ge=1, le=6)]] = Field(default_factory=dict)
    question: str | None = None
    audience: str | None = None
    default_audience: Audience = "patient"
    org: tuple[str, ...] = Field(default=(), max_length=4)
    org_code: str | None = None
    create_orgs: bool = True

    @classmethod
    def from_json(cls, raw: str | bytes) -> Mapping:
        """Read a mapping; raises `MappingInvalid` with the fields that are wrong."""
        try:
            return cls.model_validate_json(raw)
        except ValidationError as error:
            found = error.errors(include_url=False, include_input=False, include_context=False)
            fields = [FieldError(".".join(map(str, one["loc"])) or "mapping", one["msg"]) for one in found]
            raise MappingInvalid("The mapping cannot be read as JSON with known fields.", fields=fields) from None

    def check(self, columns: Sequence[str]) -> None:
        """Raise `MappingInvalid` unless every column that is named exists and there is something to import."""
        named = [("text", name) for name in self.text] + [("org", name) for name in self.org]
        single = ("source_id", "respondent", "date", "fft", "question", "audience")
        named += [(key, value) for key in single if (value := getattr(self, key)) is not None]
        wrong = [FieldError(key, f"There is no column “{name}”.") for key, name in named if name not in columns]
        if not self.text:
            wrong.append(FieldError("text", "Say which column holds what people wrote."))
        if self.date is None and self.default_date is None:
            wrong.append(FieldError("date", "Say which column holds the date, or give default_date for all rows."))
        if wrong:
            raise MappingInvalid(" ".join(error.message for error in wrong[:3]), fields=wrong)


@dataclass
class Profile:
    """What one column holds, gathered row by row."""

    name: str
    samples: list[str] = field(default_factory=list)
    blank: int = 0
    filled: int = 0  # of the rows that were looked at, as are all the counts below
    dates: int = 0
    numbers: int = 0
    ffts: int = 0
    off_scale: int = 0
    audiences: int = 0
    words: int = 0
    longest: int = 0
    distinct: dict[str, int] = field(default_factory=dict)  # with a hash of the first row that has the value
    clashes: int = 0  # values that came again in another row

    def see(self, cell: Cell, row: int, *, closely: bool) -> None:
        """Take one cell of the row with the hash `row` into account; `closely` studies what it says."""
        text = say_cell(cell)
        if not has_words(text):
            self.blank += 1
            return
        if not closely:
            return
        line = one_line(text)
        if len(self.samples) < 5 and line[:120] not in self.samples:
            self.samples.append(line[:120])
        self.filled += 1
        self.clashes += self.distinct.setdefault(line[:200], row) != row
        self.longest = max(self.longest, len(line))
        self.words += len(line.split())
        if len(line) > 60:
            return  # a story is neither a date nor a score nor a role
        number = bool(re.fullmatch(r"[-+]?\d+(?:[.,]\d+)?", line))
        self.numbers += number
        self.dates += isinstance(cell, days.date) or (
            not number and dates.read(cell).kind not in ("missing", "impossible")
        )
        self.ffts += fft_answer(line) is not None or is_old_fft(line) or line == "7"
        self.off_scale += number and line not in {"1", "2", "3", "4", "5", "6", "7"}
        self.audiences += audience(line) is not None

    def share(self, count: float) -> float:
        """A count as a share of the filled cells that were looked at."""
        return count / self.filled if self.filled else 0.0

    def is_called(self, *patterns: str) -> bool:
        """Whether the heading has one of these words."""
        heading = re.sub(r"[\W_]+", " ", self.name.lower()).strip()
        return any(re.search(rf"\b(?:{pattern})\b", heading) for pattern in patterns)


def say_cell(cell: Cell) -> str:
    """A cell as text: whole numbers without a point, dates as ISO."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, days.datetime):
        return cell.isoformat(sep=" ")
    return str(cell)


def profile(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> tuple[list[Profile], int]:
    """Study every column; returns the profiles and the number of rows."""
    profiles = [Profile(name) for name in columns]
    count = 0
    for count, row in enumerate(rows, start=1):
        closely = count <= _LOOKED_AT
        mark = hash(tuple(row)) if closely else 0
        for one, cell in zip(profiles, row, strict=False):
            one.see(cell, mark, closely=closely)
        for one in profiles[len(row) :]:
            one.blank += 1
    return profiles, count


def guess(profiles: Sequence[Profile]) -> Mapping:
    """A first mapping: a column is taken only where heading and contents agree, each for one purpose."""
    left = [one for one in profiles if one.filled]
    said_on = _take(left, _date_score)
    fft = _take(left, _fft_score)
    source_id = _take(left, _source_score)
    respondent = _take(left, _respondent_score)
    question = _take(left, _question_score)
    who = _take(left, _audience_score)
    org = _orgs(left)
    left = [one for one in left if one.name not in org]
    return Mapping(
        text=tuple(_texts(left)),
        source_id=_name(source_id) or (_name(respondent) if respondent and _unique(respondent) else None),
        respondent=_name(respondent),
        date=_name(said_on),
        fft=_name(fft),
        fft_values=_fft_values(fft),
        question=_name(question),
        audience=_name(who),
        org=tuple(org),
    )


def level_of(heading: str) -> str | None:
    """The level of organisation that a heading names, or None."""
    one = Profile(heading)
    if one.is_called("service user.*", "web ?site"):
        return None
    for level, words in _LEVEL_WORDS.items():
        if one.is_called(words):
            return level
    return None


_LEVEL_WORDS = {
    "provider": "trust|provider|organi[sz]ation|practice",
    "site": "site|hospital|location|campus",
    "team": "ward|team|unit|clinic",
    "service": "services?|specialt(?:y|ies)|speciality|directorate|department|division|pathway",
}


def _name(one: Profile | None) -> str | None:
    return one.name if one else None


def _unique(one: Profile) -> bool:
    """A number of each row's own: where it comes twice, the whole row comes twice."""
    return one.filled > 1 and one.clashes == 0 and len(one.distinct) > one.filled // 2


def _take(left: list[Profile], score: object) -> Profile | None:
    """The column with the best score above zero, taken out of those that are left."""
    assert callable(score)
    best = max(left, key=score, default=None)
    if best is None or score(best) <= 0:
        return None
    left.remove(best)
    return best


def _date_score(one: Profile) -> float:
    share = one.share(one.dates)
    if one.is_called("birth", "dob"):
        return 0
    called = one.is_called("date", "day", "when", "received", "submitted", "completed", "timestamp", "time", "created")
    serials = called and one.share(one.numbers) > 0.9 and all(re.match(r"[34]\d{4}(\.|$)", v) for v in one.distinct)
    return (1 + share if called and (share >= 0.6 or serials) else 0) or (share if share >= 0.9 else 0)


def _fft_score(one: Profile) -> float:
    """Numbers count only under a heading that says FFT: a "rating" of 5 may be the best or the worst."""
    share = one.share(one.ffts)
    if share < 0.8 or one.off_scale or one.is_called("sentiment", "question"):
        return 0
    called = one.is_called("fft", "friends", "overall", "recommend.*")
    if one.share(one.numbers) > 0.5:
        return share if called else 0
    return share + called


def _source_score(one: Profile) -> float:
    if not _unique(one) or one.is_called("nhs", "respondent", "participant", "patient", "person", "user"):
        return 0
    if not one.is_called("id", "ref", "reference", "number", "no", "index", "key", "uuid", r"\w*id"):
        return 0
    return 2 if one.is_called("comment", "response", "record", "feedback", "submission", "row") else 1


def _respondent_score(one: Profile) -> float:
    who = one.is_called("respondent", "participant", "person", "patient", "user", "survey", "response")
    return float(who and one.is_called("id", "ref", "reference", "number", "no") and not one.is_called("nhs"))


def _question_score(one: Profile) -> float:
    few = len(one.distinct) <= max(5, one.filled // 5) and len(one.distinct) <= 60
    return float(few and one.is_called("question") and one.share(one.numbers) < 0.5)


def _audience_score(one: Profile) -> float:
    share = one.share(one.audiences)
    return share if share >= 0.95 else 0


def _orgs(left: list[Profile]) -> list[str]:
    """Columns that name organisations, outermost first, no more than four."""
    found = []
    for place, one in enumerate(left):
        level = level_of(one.name)
        few = len(one.distinct) <= max(20, one.filled // 3) and one.longest <= 120
        if level and few and (one.share(one.numbers) < 0.9 or _is_bare(one)) and one.share(one.words) < 8:
            found.append((LEVELS.index(level), place, one.name))
    return [name for _level, _place, name in sorted(found)][:4]


def _is_bare(one: Profile) -> bool:
    """Whether a heading is only the level's name: then "111" is a service, where elsewhere 0 and 1 are labels."""
    kinds = "|".join(_LEVEL_WORDS.values())
    return bool(re.fullmatch(rf"(?:{kinds})(?: (?:name|type|code|line))?(?: \d)?", one.name.strip().lower()))


def _texts(left: Sequence[Profile]) -> list[str]:
    """Columns of free text: called so, or so long and so varied that they can be nothing else."""
    prose = [one for one in left if one.share(one.numbers) < 0.5 and one.share(one.dates) < 0.5]
    called = "comments?|feedback|answer|text|narrative|verbatim|response|why|what|tell us|improve|better|describe|story"
    chosen = [
        one.name
        for one in prose
        if (one.is_called(called) and one.share(one.words) >= 1.5)
        or (one.share(one.words) >= 8 and one.share(len(one.distinct)) >= 0.5)
    ]
    wordy = sorted(prose, key=lambda one: -one.share(one.words))[:1]
    return chosen or [one.name for one in wordy if one.share(one.words) >= 3]


def _fft_values(one: Profile | None) -> dict[str, int]:
    known = {} if one is None else {raw: fft_answer(raw) for raw in sorted(one.distinct)[:40]}
    return {raw: value for raw, value in known.items() if value is not None}
