"""The nouns that go into and come out of the language pipeline.

All are frozen: a stage makes new values and never edits those it was given. Offsets count Python characters
(code points).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Vector: TypeAlias = npt.NDArray[np.float32]
"""A MiniLM sentence embedding: shape (384,), float32, length 1."""

Matrix: TypeAlias = npt.NDArray[np.float32]
"""A float32 matrix; rows are texts."""


@dataclass(frozen=True, slots=True)
class Text:
    """One de-identified comment on its way into the pipeline, with what is known about where it came from."""

    text: str
    question: str | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class Identifier:
    """One stretch of the original text that could identify a person: `kind`, and offsets in the original."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Redaction:
    """A text with its identifiers replaced by their kinds, and where they stood in the original."""

    text: str
    identifiers: tuple[Identifier, ...]


class RedactionFailed(Exception):  # a value handed back for one text, not an error that is raised
    """This text could not be de-identified. Let a person read it in the vault; do not make a comment of it.

    It is a value in the list that `Pipeline.redact` gives back, so that one bad text does not stop a batch.
    `reason` names the kind of failure only: neither the message nor the cause ever holds any of the text.
    """

    status = 500

    def __init__(self, reason: str) -> None:
        super().__init__(f"De-identification failed ({reason}). A person has to read this submission.")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Language:
    """The language of a text as an ISO 639-1 code, with the probability that it is that language."""

    code: str
    p: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: offsets in the redacted text, and its sentiment from 1 (very positive) to 5 (very
    negative).
    """

    start: int
    end: int
    sentiment: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word or pair of words with its exact share of a label's log-odds (positive: spoke for the label).

    An `anchor` is no word of the text: it is a sentence of the framework's description that the text is like.
    """

    text: str
    weight: float
    anchor: bool = False


@dataclass(frozen=True, slots=True)
class ThemeScore:
    """A theme that was heard, its calibrated probability, the words that spoke for it most, strongest first, and the
    sentiment (1 to 5) of the sentence that speaks of it most; None where the text has no sentence.
    """

    label: str
    p: float
    words: tuple[Word, ...]
    sentiment: int | None = None


@dataclass(frozen=True, slots=True)
class Considered:
    """A theme that was not claimed because the model was not sure enough, and its calibrated probability."""

    label: str
    p: float


@dataclass(frozen=True, slots=True)
class Rating:
    """A sentiment from 1 (very positive) to 5 (very negative), or a criticality from -4 (most serious) to 4 (praise),
    with its probability.
    """

    label: int
    p: float


@dataclass(frozen=True, slots=True)
class SafetyKind:
    """A kind of immediate risk that may be told, its probability, and where its words stand in the redacted text."""

    kind: str
    p: float
    evidence: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Safety:
    """Whether a person must look at once, and why; the likeliest kind first. No flag is no promise of safety."""

    flag: bool
    kinds: tuple[SafetyKind, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """What was understood of one comment.

    `themes` holds those above their decision threshold, best first; `considered` those so near below it that a no
    cannot be trusted either. `needs_person` is a reason ("language",
    "empty") why the machine's reading must not be trusted alone, else None. `bundle` names the weights that
    were used. `embedding` has shape (384,) and length 1 (all zeros for an empty text). `criticality` is None where the
    bundle knows none or the text cannot be read. `framework` is the one that the themes belong to.
    """

    language: Language
    sentences: tuple[Sentence, ...]
    sentiment: Rating
    themes: tuple[ThemeScore, ...]
    needs_person: str | None
    safety: Safety
    bundle: str
    embedding: Vector
    framework: str
    criticality: Rating | None = None
    considered: tuple[Considered, ...] = ()
