"""From texts to analyses: the one way through the language library, batch first, without I/O after loading.

The stages can be called one by one (`redact`, `languages`, `embed`, `read`), which is how their speed is
measured; `analyse` is all but the first. A text's result never depends on its neighbours in the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy import sparse

from earshot_nlp import bundle as files
from earshot_nlp.bundle import Bundle
from earshot_nlp.embed import DIMENSIONS, Embedder
from earshot_nlp.features import Encoding, Floats, Ints, plain, questions_matrix
from earshot_nlp.language import ENGLISH, Languages
from earshot_nlp.model import Model
from earshot_nlp.redact import Redactor
from earshot_nlp.safety import RiskNet
from earshot_nlp.sentences import sentences
from earshot_nlp.themes import Scores, above, explain
from earshot_nlp.types import (
    Analysis,
    Language,
    Matrix,
    Rating,
    Redaction,
    RedactionFailed,
    Safety,
    Sentence,
    Text,
    ThemeScore,
)

WORDS_SHOWN = 5
BATCH = 512


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """One text's TF-IDF row and what is needed to explain it."""

    encoding: Encoding
    columns: Ints
    values: Floats
    per_occurrence: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the linear models read from one text: its themes, its rating and its sentences' ratings."""

    themes: tuple[ThemeScore, ...]
    sentiment: Rating
    sentences: tuple[Sentence, ...]


class Pipeline:
    """De-identifies and analyses batches of texts with one loaded bundle of weights.

    Attributes:
        bundle_id: name and hash of the weights, stored with every analysis.
        labels: the themes of the framework, in the bundle's order.
    """

    def __init__(self, model: Model, *, threads: int | None = None) -> None:
        self.model = model
        # A framework trained without ratings borrows the shipped bundle's sentiment.
        self._rater = model if model.ratings and model.sentences else Model.restore(Bundle.load())
        self.threads = threads
        self.bundle_id: str = model.id
        self.labels: tuple[str, ...] = model.labels

    @classmethod
    def load(cls, bundle_dir: Path | None = None, *, threads: int | None = None) -> Pipeline:
        """Load a bundle of weights (None: the shipped patient-experience bundle); raises BundleRefused when
        it was altered.

        Args:
            threads: texts embedded at once; None uses every core.
        """
        return cls(Model.restore(Bundle.load(bundle_dir)), threads=threads)

    @cached_property
    def redactor(self) -> Redactor:
        """The de-identifier, loaded when it is first used (about two seconds)."""
        return Redactor(files.lexicon())

    @cached_property
    def embedder(self) -> Embedder:
        """The sentence encoder, loaded when it is first used."""
        return Embedder(threads=self.threads)

    @cached_property
    def risks(self) -> RiskNet:
        """The net for immediate risk, loaded when it is first used."""
        return RiskNet.load(self.embedder)

    @cached_property
    def _aside(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(1, thread_name_prefix="analyse")

    @cached_property
    def _languages(self) -> Languages:
        return Languages(files.lexicon().common)

    def redact(self, texts: Sequence[str]) -> list[Redaction | RedactionFailed]:
        """De-identify texts; a text that cannot be de-identified gives a RedactionFailed in its place, never
        its text.
        """
        return self.redactor.redact(texts)

    def analyse(self, texts: Sequence[Text]) -> list[Analysis]:
        """Analyse de-identified texts; the result for a text does not depend on its neighbours in the batch."""
        out: list[Analysis] = []
        for start in range(0, len(texts), BATCH):
            batch = texts[start : start + BATCH]
            # The encoder leaves Python free, so the counting of words goes on beside it.
            pending = self._aside.submit(self.embed, [text.text for text in batch])
            spoken = self.languages([text.text for text in batch])
            rows = [_row(self.model, text.text) for text in batch]
            embeddings = pending.result()
            readings = self._read(batch, rows, embeddings)
            dangers = self.risks.read([text.text for text in batch], embeddings)
            for language, vector, reading, danger in zip(spoken, embeddings, readings, dangers, strict=True):
                out.append(self._analysis(language, vector, reading, danger))
        return out

    def languages(self, texts: Sequence[str]) -> list[Language]:
        """Detect the language of each text."""
        return [self._languages.detect(plain(text)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts: shape (n, 384), rows of length 1 (zeros for a text without any token)."""
        return self.embedder.embed([plain(text) for text in texts])

    def read(self, texts: Sequence[Text], embeddings: Matrix) -> list[Reading]:
        """Classify texts whose embeddings are known: themes with their words, sentiment, and sentiment per
        sentence.
        """
        return self._read(texts, [_row(self.model, text.text) for text in texts], embeddings) if texts else []

    def _read(self, texts: Sequence[Text], rows: Sequence[_Row], embeddings: Matrix) -> list[Reading]:
        features = _features(self.model, rows, texts, embeddings)
        p = self.model.themes.predict_proba(features)
        ratings = self._ratings(texts, embeddings, features)
        spans = self._sentences(texts, ratings)
        return [
            Reading(self._themes(row, chances), rating, spoken)
            for row, chances, rating, spoken in zip(rows, p, ratings, spans, strict=True)
        ]

    def probabilities(self, texts: Sequence[Text]) -> Scores:
        """Give the calibrated probability of every label, shape (n, labels)."""
        rows = [_row(self.model, text.text) for text in texts]
        features = _features(self.model, rows, texts, self.embed([text.text for text in texts]))
        return self.model.themes.predict_proba(features)

    def choose(self, p: Scores) -> list[tuple[int, float]]:
        """Give (label index, probability) of the labels that one text's probabilities speak for, best first."""
        if self.model.exclusive:
            best = int(p.argmax())
            return [(best, float(p[best]))]
        return above(p, self.model.themes.thresholds_)

    def _themes(self, row: _Row, p: Scores) -> tuple[ThemeScore, ...]:
        model = self.model.themes
        out = []
        for index, chance in self.choose(p):
            coef = model.coef_[index] * model.slope_[index]
            words = explain(row.encoding, row.per_occurrence, coef, top=WORDS_SHOWN)
            out.append(ThemeScore(self.labels[index], round(chance, 4), words))
        return tuple(out)

    def _ratings(self, texts: Sequence[Text], embeddings: Matrix, features: sparse.csr_matrix) -> list[Rating]:
        model = self._rater
        if model is not self.model:
            features = _features(model, [_row(model, text.text) for text in texts], texts, embeddings)
        assert model.ratings is not None, "checked when the pipeline was made"
        return model.ratings.rate(features)

    def _sentences(self, texts: Sequence[Text], ratings: Sequence[Rating]) -> list[tuple[Sentence, ...]]:
        """Rate sentences; the only sentence of a text has the text's rating, which knows the question and the
        embedding.
        """
        model = self._rater
        spans = [sentences(text.text) for text in texts]
        several = [(row, span) for row, found in enumerate(spans) if len(found) > 1 for span in found]
        rows = [_row(model, texts[row].text[start:end]) for row, (start, end) in several]
        assert model.sentences is not None, "checked when the pipeline was made"
        rated = iter(model.sentences.rate(model.text.stack([(row.columns, row.values) for row in rows])))
        out: list[tuple[Sentence, ...]] = []
        for found, whole in zip(spans, ratings, strict=True):
            own = [whole] if len(found) == 1 else [next(rated) for _ in found]
            out.append(tuple(Sentence(*span, rating.label) for span, rating in zip(found, own, strict=True)))
        return out

    def _analysis(self, language: Language, vector: np.ndarray, reading: Reading, danger: Safety) -> Analysis:
        """Put one analysis together; from a text that the models cannot read no theme is claimed."""
        reason = None if reading.sentences else "empty"
        if language.code != ENGLISH:
            reason = "language"
        return Analysis(
            language=language,
            sentences=reading.sentences,
            sentiment=reading.sentiment,
            themes=() if reason else reading.themes,
            needs_person=reason,
            safety=danger,
            bundle=self.bundle_id,
            embedding=np.asarray(vector, dtype=np.float32).reshape(DIMENSIONS),
        )


def _row(model: Model, text: str) -> _Row:
    encoding = model.text.encode(plain(text))
    return _Row(encoding, *model.text.values(encoding))


def _features(model: Model, rows: Sequence[_Row], texts: Sequence[Text], embeddings: Matrix) -> sparse.csr_matrix:
    terms = model.text.stack([(row.columns, row.values) for row in rows])
    asked = questions_matrix((text.question for text in texts), model.questions)
    return sparse.hstack([terms, sparse.csr_matrix(embeddings), sparse.csr_matrix(asked)]).tocsr()
