"""Features of a comment: TF-IDF of words, pairs and character n-grams, its sentence embedding, and the
question asked.

Everything is linear from here on, so each word's share in a decision can be told exactly: `Encoding` keeps
for every occurrence of a term the written word it came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin

from earshot_nlp.types import Matrix

_TOKEN = re.compile(r"\w[\w'’]*")
_PLACEHOLDER = re.compile(
    r"\[(?:name|phone|NHS number|e-mail|postcode|date of birth|address|hospital number|"
    r"national insurance number|vehicle plate|handle|bank details|Redacted)(?: \d{1,4})?\]"
)
_SPACE = re.compile(r"\s+")
_LONGEST_WORD = 40
_CACHE = 100_000

Ints = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


def plain(text: str) -> str:
    """Give a text as the models read it: placeholders of identifiers become "someone", white space one space.

    Half of a surrogate pair becomes a question mark, since no encoder takes it.
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    return _SPACE.sub(" ", _PLACEHOLDER.sub("someone", text)).strip()


def normal(text: str) -> str:
    """Give the form in which two comments count as the same: lower case, letters and digits only."""
    return re.sub(r"[\W_]+", " ", folded(text)).strip()


def folded(text: str) -> str:
    """Give the text in lower case and without accents."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text)
    return "".join(part for part in parts if not unicodedata.combining(part)).lower()


def question_key(question: str | None) -> str:
    """Give a question as a key: white space and capitals make no difference, none is the empty string."""
    return _SPACE.sub(" ", question or "").strip().casefold()


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """One text's known terms: for each occurrence its column, the written word it came from, and how much of
    it (1 or ½).
    """

    words: tuple[str, ...]
    columns: Ints
    word_of: Ints
    share: Floats


class TextFeatures(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """TF-IDF of words and pairs and of the character n-grams inside words, each block of length 1, term
    counts logged.

    The weights follow scikit-learn's `TfidfVectorizer(sublinear_tf=True)`; the difference is that occurrences
    stay known.

    Args:
        max_words: most frequent words and pairs kept. max_grams: most frequent character n-grams kept.
        min_documents: texts a term must stand in. gram_sizes: shortest and longest n-gram.
    """

    def __init__(
        self,
        *,
        max_words: int = 8_000,
        max_grams: int = 20_000,
        min_documents: int = 2,
        gram_sizes: tuple[int, int] = (2, 5),
    ) -> None:
        self.max_words = max_words
        self.max_grams = max_grams
        self.min_documents = min_documents
        self.gram_sizes = gram_sizes

    def fit(self, texts: Sequence[str], y: object = None) -> TextFeatures:
        """Choose the vocabulary and weigh it by inverse document frequency."""
        words: Counter[str] = Counter()
        grams: Counter[str] = Counter()
        for text in texts:
            chunks = folded(text).split()
            tokens = [token for chunk in chunks for token in _TOKEN.findall(chunk)]
            words.update({*tokens, *_pairs(tokens)})
            grams.update({gram for chunk in set(chunks) for gram in self._grams(chunk)})
        kept_words = _most(words, self.max_words, self.min_documents)
        kept_grams = _most(grams, self.max_grams, self.min_documents)
        seen = [words[word] for word in kept_words] + [grams[gram] for gram in kept_grams]
        weights = np.log((1 + len(texts)) / (1 + np.asarray(seen, dtype=np.float64))) + 1
        return self.restore(kept_words, kept_grams, weights.astype(np.float32))

    def restore(self, words: Sequence[str], grams: Sequence[str], weights: Floats) -> TextFeatures:
        """Set the fitted state: terms in column order (words first) and the inverse document frequency of
        each.
        """
        self.words_, self.grams_ = list(words), list(grams)
        self._word_column = {word: column for column, word in enumerate(words)}
        self._gram_column = {gram: column + len(words) for column, gram in enumerate(grams)}
        self._known: dict[str, tuple[list[str], Ints]] = {}
        self.weights_ = weights
        return self

    def encode(self, text: str) -> Encoding:
        """Find the known terms of one text and the words they stand in."""
        chunks, known = self._known_of(text)
        columns = [found for _, found in known]
        pairs, places = self._pairs_of([tokens for tokens, _ in known])
        sizes = np.asarray([len(found) for found in columns], dtype=np.intp)
        word_of = np.repeat(np.arange(len(chunks), dtype=np.int32), sizes)
        return Encoding(
            tuple(chunks),
            np.concatenate([*columns, np.asarray(pairs, dtype=np.int32)]),
            np.concatenate([word_of, np.asarray(places, dtype=np.int32)]),
            _share(len(word_of), len(pairs)),
        )

    def _known_of(self, text: str) -> tuple[list[str], list[tuple[list[str], Ints]]]:
        chunks = folded(text).split()
        return chunks, [self._chunk(chunk) for chunk in chunks]

    def _pairs_of(self, written: Sequence[Sequence[str]]) -> tuple[list[int], list[int]]:
        """The columns of known pairs of tokens, each twice, and the written words that they stand in."""
        columns: list[int] = []
        places: list[int] = []
        before, where = "", 0
        for at, tokens in enumerate(written):
            for token in tokens:
                pair = self._word_column.get(f"{before} {token}")
                if pair is not None:
                    columns += [pair, pair]
                    places += [where, at]
                before, where = token, at
        return columns, places

    def values(self, encoding: Encoding) -> tuple[Ints, Floats, Floats]:
        """Give the columns (ascending), their TF-IDF values, and the value per occurrence."""
        columns, inverse = np.unique(encoding.columns, return_inverse=True)
        counts: Scores = np.bincount(inverse, weights=encoding.share, minlength=len(columns)).astype(np.float64)
        values = self._weighed(columns, counts, np.asarray([0, np.searchsorted(columns, len(self.words_))]))
        return columns, values.astype(np.float32), (values / np.maximum(counts, 0.5))[inverse].astype(np.float32)

    def _weighed(self, columns: Ints, counts: Scores, starts: npt.NDArray[np.intp]) -> Scores:
        """TF-IDF values of terms that were counted; the blocks that begin at `starts` get length 1 each."""
        values: Scores = (1 + np.log(np.maximum(counts, 1))) * self.weights_[columns]
        sizes = np.diff([*starts, len(values)])
        full = starts[sizes > 0]
        if len(full):
            lengths = np.sqrt(np.add.reduceat(np.square(values), full))
            values /= np.repeat(np.where(lengths > 0, lengths, 1.0), sizes[sizes > 0])
        return values

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Give the TF-IDF matrix: shape (len(texts), words + n-grams), float32, rows sorted.

        All texts are counted at once; each value is the same as in `values`.
        """
        width = len(self.weights_)
        keys, shares = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.float32)]
        for row, text in enumerate(texts):
            _, known = self._known_of(text)
            pairs, _ = self._pairs_of([tokens for tokens, _ in known])
            columns = np.concatenate([*(found for _, found in known), np.asarray(pairs, dtype=np.int32)])
            keys.append(columns + np.int64(row * width))
            shares.append(_share(len(columns) - len(pairs), len(pairs)))
        terms, inverse = np.unique(np.concatenate(keys), return_inverse=True)
        counts: Scores = np.bincount(inverse, weights=np.concatenate(shares), minlength=len(terms)).astype(np.float64)
        # each text has a block of words and one of n-grams
        begin = np.arange(len(texts))[:, None] * width + [0, len(self.words_)]
        starts = np.searchsorted(terms, begin.ravel())
        columns = (terms % width).astype(np.int32)
        values = self._weighed(columns, counts, starts).astype(np.float32)
        return sparse.csr_matrix((values, columns, [*starts[::2], len(terms)]), shape=(len(texts), width))

    def stack(self, rows: Sequence[tuple[Ints, Floats]]) -> sparse.csr_matrix:
        """Put rows of (columns, values) into one matrix."""
        starts = np.cumsum([0, *(len(columns) for columns, _ in rows)])
        columns = np.concatenate([np.zeros(0, dtype=np.int32), *(columns for columns, _ in rows)])
        values = np.concatenate([np.zeros(0, dtype=np.float32), *(values for _, values in rows)])
        return sparse.csr_matrix((values, columns, starts), shape=(len(rows), len(self.weights_)))

    def _chunk(self, chunk: str) -> tuple[list[str], Ints]:
        """A written word's tokens and the columns of its single words and n-grams; remembered, since words
        come back.
        """
        known = self._known.get(chunk)
        if known is None:
            tokens = _TOKEN.findall(chunk)
            found = [self._word_column[token] for token in tokens if token in self._word_column]
            found += [self._gram_column[gram] for gram in self._grams(chunk) if gram in self._gram_column]
            known = (tokens, np.asarray(found, dtype=np.int32))
            if len(self._known) < _CACHE:
                self._known[chunk] = known
        return known

    def _grams(self, chunk: str) -> list[str]:
        word = f" {chunk[:_LONGEST_WORD]} "
        out = []
        for size in range(self.gram_sizes[0], self.gram_sizes[1] + 1):
            if len(word) <= size:
                out.append(word)
                break
            out += [word[at : at + size] for at in range(len(word) - size + 1)]
        return out


def questions_matrix(questions: Iterable[str | None], known: Sequence[str]) -> Matrix:
    """One-hot questions: shape (texts, len(known)); a question that was not trained on is all zeros."""
    index = {key: column for column, key in enumerate(known)}
    rows = [index.get(question_key(question)) for question in questions]
    out = np.zeros((len(rows), len(known)), dtype=np.float32)
    for row, column in enumerate(rows):
        if column is not None:
            out[row, column] = 1.0
    return out


def _share(single: int, paired: int) -> Floats:
    """How much of its term each occurrence is: all of a single word or n-gram, half of a pair."""
    out = np.full(single + paired, 0.5, dtype=np.float32)
    out[:single] = 1.0
    return out


def _pairs(tokens: Sequence[str]) -> list[str]:
    return [f"{first} {second}" for first, second in pairwise(tokens)]


def _most(counts: Counter[str], limit: int, least: int) -> list[str]:
    """The most frequent terms, in the order of the alphabet; ties fall to the alphabet, so that it is the
    same everywhere.
    """
    ranked = sorted((-count, term) for term, count in counts.items() if count >= least)
    return sorted(term for _, term in ranked[:limit])
