"""From texts to analyses: the one way through the language library, batch first, without I/O after loading.

`redact` comes first; `analyse` reads what it left. A text's result never depends on its neighbours in the batch.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from scipy import sparse

from earshot_nlp import bundle as files
from earshot_nlp.bundle import Bundle
from earshot_nlp.embed import DIMENSIONS, Embedder
from earshot_nlp.features import Encoding, Floats, Ints, folded, plain, questions_matrix
from earshot_nlp.hearing import Heard, hear
from earshot_nlp.language import ENGLISH, Languages
from earshot_nlp.manner import with_manner
from earshot_nlp.model import Model
from earshot_nlp.redact import Redactor
from earshot_nlp.safety import RiskNet
from earshot_nlp.themes import Scores, above, below, explain
from earshot_nlp.types import (
    Analysis,
    Considered,
    Language,
    Matrix,
    Rating,
    Redaction,
    RedactionFailed,
    Safety,
    Sentence,
    Text,
    ThemeScore,
    Word,
)
from earshot_nlp.zero_shot import STAFF, ZeroShot

WORDS_SHOWN = 5
BATCH = 32
"""Texts that one thread reads at once, from hearing them to their analyses."""


@dataclass(frozen=True, slots=True, eq=False)
class _Row:
    """One text's TF-IDF row and what is needed to explain it."""

    encoding: Encoding
    columns: Ints
    values: Floats
    per_occurrence: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What the models read from one text: its themes and their framework, its ratings and its sentences' ratings."""

    themes: tuple[ThemeScore, ...]
    sentiment: Rating
    criticality: Rating | None
    sentences: tuple[Sentence, ...]
    framework: str
    considered: tuple[Considered, ...] = ()


class Pipeline:
    """De-identifies and analyses batches of texts with one loaded bundle of weights.

    Attributes:
        bundle_id: name and hash of the weights, stored with every analysis.
        labels: the themes of the framework, in the bundle's order.
        framework: the framework's name.
    """

    def __init__(self, model: Model, *, threads: int | None = None) -> None:
        self.model = model
        # A framework trained without ratings borrows the shipped bundle's sentiment.
        self._rater = model if model.ratings and model.sentences else Model.restore(Bundle.load())
        self.threads = threads or os.cpu_count() or 1
        self.bundle_id: str = model.id
        self.labels: tuple[str, ...] = model.labels
        self.framework: str = model.meta["name"]

    @classmethod
    def load(cls, bundle_dir: Path | None = None, *, threads: int | None = None) -> Pipeline:
        """Load a bundle of weights (None: the shipped patient-experience bundle); raises BundleRefused when
        it was altered.

        Args:
            threads: texts read at once; None uses every core.
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
        return RiskNet.load(self._in_turn)

    @cached_property
    def staff(self) -> ZeroShot:
        """The staff framework, loaded when the first comment of staff comes."""
        return ZeroShot.load(STAFF, self._in_turn)

    @cached_property
    def _in_turn(self) -> Embedder:
        return self.embedder.in_turn()

    @cached_property
    def _readers(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self.threads, thread_name_prefix="analyse")

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
        parts = max(-(-len(texts) // BATCH), min(self.threads, len(texts)))
        batches = [texts[len(texts) * at // parts : len(texts) * (at + 1) // parts] for at in range(parts)]
        if len(batches) < 2:
            return self._analyse(texts)
        self._load_for(texts)
        # A thread takes its batch all the way. The encoders leave Python free, so that another can read meanwhile, and
        # no more threads run than there are cores.
        return [analysis for part in self._readers.map(self._analyse, batches) for analysis in part]

    def _load_for(self, texts: Sequence[Text]) -> None:
        """Load what these texts need, before several threads ask for it at once."""
        _ = self.risks, self._languages
        if any(text.audience == STAFF for text in texts):
            _ = self.staff

    def _analyse(self, texts: Sequence[Text]) -> list[Analysis]:
        heard = self._hear(texts, self._in_turn)
        rows = [_row(self.model, text.text) for text in texts]
        readings = self._of_staff(texts, heard.embeddings, self._read(texts, rows, heard))
        dangers = self.risks.read([text.text for text in texts], heard)
        spoken = self.languages([text.text for text in texts])
        return [
            self._analysis(language, vector, reading, danger)
            for language, vector, reading, danger in zip(spoken, heard.embeddings, readings, dangers, strict=True)
        ]

    def languages(self, texts: Sequence[str]) -> list[Language]:
        """Detect the language of each text."""
        return [self._languages.detect(plain(text)) for text in texts]

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts: shape (n, 384), rows of length 1 (zeros for a text without any token)."""
        return self.embedder.embed([plain(text) for text in texts])

    def vectors(self, texts: Sequence[Text]) -> Matrix:
        """Give what the models read beside the words: the embedding and, where an encoder was tuned, the tuned
        embedding; shape (n, 384) or (n, 768).
        """
        return self._hear(texts, self.embedder).vectors

    def _hear(self, texts: Sequence[Text], embedder: Embedder) -> Heard:
        encoder = self.model.encoder or self._rater.encoder
        return hear([text.text for text in texts], [text.question for text in texts], embedder, encoder)

    def _read(self, texts: Sequence[Text], rows: Sequence[_Row], heard: Heard) -> list[Reading]:
        vectors = heard.vectors
        features = _features(self.model, rows, texts, vectors)
        p = self.model.themes.predict_proba(features)
        rater = self._rater
        judged = rows if rater is self.model else [_row(rater, text.text) for text in texts]
        ratings = self._ratings(texts, features if rater is self.model else _features(rater, judged, texts, vectors))
        criticality = self._criticality(judged, vectors)
        spans = self._sentences(texts, heard, ratings)
        return [
            Reading(
                self._themes(text, row, chances, spoken), rating, serious, spoken, self.framework, self._near(chances)
            )
            for text, row, chances, rating, serious, spoken in zip(
                texts, rows, p, ratings, criticality, spans, strict=True
            )
        ]

    def _of_staff(self, texts: Sequence[Text], embeddings: Matrix, readings: list[Reading]) -> list[Reading]:
        """Give what staff said the staff framework's themes; a framework that somebody trained is for everybody."""
        rows = [row for row, text in enumerate(texts) if text.audience == STAFF and self.framework == files.SHIPPED]
        spoken = [readings[row].sentences for row in rows]
        found = self.staff.read([texts[row].text for row in rows], embeddings[rows], spoken) if rows else []
        out = list(readings)
        for row, themes in zip(rows, found, strict=True):
            out[row] = replace(readings[row], themes=themes, framework=STAFF, considered=())
        return out

    def probabilities(self, texts: Sequence[Text]) -> Scores:
        """Give the calibrated probability of every label, shape (n, labels)."""
        rows = [_row(self.model, text.text) for text in texts]
        features = _features(self.model, rows, texts, self.vectors(texts))
        return self.model.themes.predict_proba(features)

    def choose(self, p: Scores) -> list[tuple[int, float]]:
        """Give (label index, probability) of the labels that one text's probabilities speak for, best first."""
        if self.model.exclusive:
            best = int(p.argmax())
            return [(best, float(p[best]))]
        return above(p, self.model.themes.thresholds_)

    def _themes(self, text: Text, row: _Row, p: Scores, spoken: tuple[Sentence, ...]) -> tuple[ThemeScore, ...]:
        model = self.model.themes
        out = []
        for index, chance in self.choose(p):
            coef = model.coef_[index] * model.slope_[index]
            words = explain(row.encoding, row.per_occurrence, coef, top=WORDS_SHOWN)
            said = _sentiment_of(words, text.text, spoken)
            out.append(ThemeScore(self.labels[index], round(chance, 4), words, said))
        return tuple(out)

    def _near(self, p: Scores) -> tuple[Considered, ...]:
        """The labels that come near to being claimed; where a text has exactly one, nothing else is near."""
        themes = self.model.themes
        near = () if self.model.exclusive else below(p, themes.thresholds_, themes.bands_)
        return tuple(Considered(self.labels[index], round(chance, 4)) for index, chance in near)

    def _ratings(self, texts: Sequence[Text], features: sparse.csr_matrix) -> list[Rating]:
        assert self._rater.ratings is not None, "checked when the pipeline was made"
        return self._rater.ratings.rate(with_manner(features, [plain(text.text) for text in texts]))

    def _criticality(self, rows: Sequence[_Row], vectors: Matrix) -> Sequence[Rating | None]:
        model = self._rater
        if model.criticality is None:
            return [None] * len(rows)
        terms = model.text.stack([(row.columns, row.values) for row in rows])
        return model.criticality.rate(sparse.hstack([terms, sparse.csr_matrix(vectors[:, : model.dimensions])]).tocsr())

    def _sentences(self, texts: Sequence[Text], heard: Heard, ratings: Sequence[Rating]) -> list[tuple[Sentence, ...]]:
        """Rate sentences; the only sentence of a text has the text's rating."""
        model = self._rater
        assert model.sentences is not None, "checked when the pipeline was made"
        several = [
            (row, span, part)
            for row, found in enumerate(heard.spans)
            if len(found) > 1
            for part, span in enumerate(found)
        ]
        features = model.text.transform([plain(texts[row].text[start:end]) for row, (start, end), _ in several])
        if model.encoder and several:
            tuned = np.stack([heard.sentences[row][part, DIMENSIONS:] for row, _, part in several])
            features = sparse.hstack([features, sparse.csr_matrix(tuned)]).tocsr()
        rated = iter(model.sentences.rate(features) if several else ())
        out: list[tuple[Sentence, ...]] = []
        for found, whole in zip(heard.spans, ratings, strict=True):
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
            considered=() if reason else reading.considered,
            needs_person=reason,
            safety=danger,
            bundle=self.bundle_id,
            embedding=np.asarray(vector, dtype=np.float32).reshape(DIMENSIONS),
            criticality=None if reason else reading.criticality,
            framework=reading.framework,
        )


def _row(model: Model, text: str) -> _Row:
    encoding = model.text.encode(plain(text))
    return _Row(encoding, *model.text.values(encoding))


def _sentiment_of(words: tuple[Word, ...], text: str, spoken: tuple[Sentence, ...]) -> int | None:
    """The sentiment of the sentence that holds most of a theme's evidence; the first of several."""

    def evidence(sentence: Sentence) -> float:
        here = folded(text[sentence.start : sentence.end])
        return sum(word.weight for word in words if word.text in here)

    return max(spoken, key=evidence).sentiment if spoken else None


def _features(model: Model, rows: Sequence[_Row], texts: Sequence[Text], vectors: Matrix) -> sparse.csr_matrix:
    terms = model.text.stack([(row.columns, row.values) for row in rows])
    asked = questions_matrix((text.question for text in texts), model.questions)
    known = sparse.csr_matrix(vectors[:, : model.dimensions])
    return sparse.hstack([terms, known, sparse.csr_matrix(asked)]).tocsr()
