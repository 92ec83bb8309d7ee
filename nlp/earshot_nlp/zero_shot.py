"""A framework for which nobody has labelled comments: a label is heard by its likeness to written examples of what it
means (its anchors) and by words that go with it.

Both kinds of evidence, and the embedding beside them, go into one linear model: it begins with weights that are the
same for every label, and corrections can move it from there like any other (`adapt`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from earshot_nlp import bundle as files
from earshot_nlp.bundle import Bundle
from earshot_nlp.embed import DIMENSIONS, Embedder
from earshot_nlp.features import Floats, Ints, folded, plain
from earshot_nlp.themes import Scores, ThemeModel, above, bands_at_their_word
from earshot_nlp.types import Matrix, Sentence, ThemeScore, Word

STAFF = "staff"
"""The framework that ships, and the audience it is for."""

NEAREST = 2
"""A likeness is the mean over this many anchors of a label, so that no single one decides."""

WORDS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Described:
    """One label: sentences that somebody might write about it, and words (`*` stands for any ending)."""

    name: str
    anchors: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What speaks for each label in each text.

    Attributes:
        features: shape (n, 2 · labels + 384): likeness to each label's anchors, share of its words, the embedding.
        anchors: for each text and label the most like anchor's index. parts: the index of the sentence that is most
            like it, or -1 where there are not several. Both have shape (n, labels).
        words: for each text and label the words that were found.
    """

    features: sparse.csr_matrix
    anchors: Ints
    parts: Ints
    words: tuple[tuple[tuple[str, ...], ...], ...]


class ZeroShot:
    """Reads texts by a described framework.

    Args:
        labels: the framework's labels. head: the linear model over `Evidence.features`. embedder: for the anchors,
            which are embedded once, and for single sentences.
    """

    def __init__(self, labels: Sequence[Described], head: ThemeModel, embedder: Embedder, *, id: str = "") -> None:
        self.labels = tuple(labels)
        self.head = head
        self.embedder = embedder
        self.id = id
        self._anchors = [embedder.embed(label.anchors) for label in self.labels]
        self._words = [_pattern(label.words) for label in self.labels]

    @classmethod
    def load(cls, name: str, embedder: Embedder) -> ZeroShot:
        """Load a described framework that ships; raises BundleRefused when its files were altered."""
        found = Bundle.load(files.shipped(name))
        return cls(described(found), head(found), embedder, id=found.id)

    def read(
        self, texts: Sequence[str], embeddings: Matrix, spoken: Sequence[Sequence[Sentence]]
    ) -> list[tuple[ThemeScore, ...]]:
        """Give the labels of texts, best first; a text's result does not depend on its neighbours.

        Args:
            embeddings: of the texts as a whole, shape (n, 384). spoken: each text's sentences.
        """
        if not texts:
            return []
        found = self.evidence(texts, embeddings, spoken)
        p = self.head.predict_proba(found.features)
        return [self._scores(row, p[row], found, spoken[row]) for row in range(len(texts))]

    def evidence(self, texts: Sequence[str], embeddings: Matrix, spoken: Sequence[Sequence[Sentence]]) -> Evidence:
        """Give what speaks for each label; arguments as in `read`."""
        parts = [(row, -1) for row in range(len(texts))]
        parts += [(row, at) for row, said in enumerate(spoken) if len(said) > 1 for at in range(len(said))]
        pieces = [plain(texts[row][spoken[row][at].start : spoken[row][at].end]) for row, at in parts[len(texts) :]]
        vectors = np.concatenate([embeddings, self.embedder.embed(pieces)]) if pieces else embeddings
        likeness, best, part_of = self._likeness(vectors, parts, len(texts))
        words = tuple(self._found(text) for text in texts)
        shares = np.asarray([[1 - 0.5 ** len(hits) for hits in row] for row in words], dtype=np.float32)
        return Evidence(sparse.csr_matrix(np.hstack([likeness, shares, embeddings])), best, part_of, words)

    def _likeness(self, vectors: Matrix, parts: Sequence[tuple[int, int]], rows: int) -> tuple[Floats, Ints, Ints]:
        """The best likeness of each text's parts to each label, its anchor, and the sentence most like the label."""
        likeness, told = (np.full((rows, len(self.labels)), -1, dtype=np.float32) for _ in range(2))
        best, part_of = np.zeros(likeness.shape, dtype=np.int32), np.full(likeness.shape, -1, dtype=np.int32)
        for label, anchors in enumerate(self._anchors):
            for (row, part), vector in zip(parts, vectors, strict=True):
                found = anchors @ vector  # a product of all at once would round by the size of the batch
                value = np.sort(found)[-NEAREST:].mean()
                if value > likeness[row, label]:
                    likeness[row, label], best[row, label] = value, found.argmax()
                if part >= 0 and value > told[row, label]:
                    told[row, label], part_of[row, label] = value, part
        return likeness, best, part_of

    def _found(self, text: str) -> tuple[tuple[str, ...], ...]:
        """The words of each label that stand in a text, in their order, each once."""
        written = folded(plain(text)).replace("’", "'")
        return tuple(tuple(dict.fromkeys(found[0] for found in each.finditer(written))) for each in self._words)

    def _scores(self, row: int, p: Scores, found: Evidence, spoken: Sequence[Sentence]) -> tuple[ThemeScore, ...]:
        out = []
        for label, chance in above(p, self.head.thresholds_):
            part = int(found.parts[row, label])
            said = spoken[part].sentiment if part >= 0 else (spoken[0].sentiment if len(spoken) == 1 else None)
            words = self._explained(row, label, found)
            out.append(ThemeScore(self.labels[label].name, round(chance, 4), words, said))
        return tuple(out)

    def _explained(self, row: int, label: int, found: Evidence) -> tuple[Word, ...]:
        """Exact shares of the log-odds: of each word, and of the anchor over what another label's would have given."""
        size = len(self.labels)
        coef = self.head.coef_[label] * self.head.slope_[label]
        values = found.features[row].toarray()[0]
        hits = found.words[row][label]
        each = float(coef[size + label] * values[size + label]) / max(len(hits), 1)
        alike = float(coef[label] * (values[label] - values[:size].mean()))
        anchor = self.labels[label].anchors[found.anchors[row, label]]
        words = [Word(text, round(each, 4)) for text in hits[:WORDS_SHOWN]]
        words.append(Word(anchor, round(alike, 4), anchor=True))
        return tuple(sorted((word for word in words if word.weight > 0), key=lambda word: -word.weight))


def described(found: Bundle) -> tuple[Described, ...]:
    """Give the labels of a described framework's bundle."""
    vocabulary = found.vocabulary
    return tuple(
        Described(name, tuple(vocabulary[f"anchors: {name}"]), tuple(vocabulary[f"words: {name}"]))
        for name in found.labels
    )


def head(found: Bundle) -> ThemeModel:
    """Give the linear model of a described framework's bundle."""
    model = ThemeModel()
    model.coef_, model.intercept_ = found.arrays["themes.coef"], found.arrays["themes.intercept"]
    model.slope_, model.offset_ = found.arrays["themes.slope"], found.arrays["themes.offset"]
    model.thresholds_ = found.arrays["themes.thresholds"]
    model.bands_ = bands_at_their_word(model.thresholds_)
    return model


def columns(labels: int) -> int:
    """Give how many columns the features of a framework with so many labels have."""
    return 2 * labels + DIMENSIONS


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    every = "|".join(re.escape(word).replace(r"\*", r"\w*") for word in sorted(words, key=lambda word: -len(word)))
    return re.compile(rf"(?<!\w)(?:{every})(?!\w)")
