"""What the encoders make of texts: an embedding of each text, and of each of its sentences as they stand in it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from earshot_nlp.embed import DIMENSIONS, Embedder
from earshot_nlp.encoder import Encoder
from earshot_nlp.features import plain, question_key
from earshot_nlp.redact_rules import Span
from earshot_nlp.sentences import places, sentences
from earshot_nlp.types import Matrix


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What the encoders made of texts.

    Attributes:
        vectors: embeddings, shape (n, 384); with a tuned encoder both, shape (n, 768).
        spans: of each text, the spans of its sentences.
        sentences: of each text, both embeddings of its sentences, shape (sentences, 768): none for a text's only
            sentence, or where no encoder was tuned. The general half is zero where a sentence lies beyond what is read
            of a text.
    """

    vectors: Matrix
    spans: list[list[Span]]
    sentences: list[Matrix]

    @property
    def embeddings(self) -> Matrix:
        """The general embeddings, shape (n, 384)."""
        return self.vectors[:, :DIMENSIONS]

    @property
    def tuned(self) -> bool:
        """Whether an encoder was tuned."""
        return bool(self.vectors.shape[1] == 2 * DIMENSIONS)

    def with_others(self, rows: Sequence[int], others: Heard) -> Heard:
        """Give the same with other texts in some rows."""
        vectors, spans, own = self.vectors.copy(), list(self.spans), list(self.sentences)
        for at, row in enumerate(rows):
            vectors[row], spans[row], own[row] = others.vectors[at], others.spans[at], others.sentences[at]
        return replace(self, vectors=vectors, spans=spans, sentences=own)


Hear = Callable[[Sequence[str]], Heard]


def hear(texts: Sequence[str], questions: Sequence[str | None], embedder: Embedder, encoder: Encoder | None) -> Heard:
    """Embed texts and their sentences in one pass."""
    spans, written = [sentences(text) for text in texts], [plain(text) for text in texts]
    if encoder is None:
        return Heard(embedder.embed(written), spans, [np.zeros((0, 2 * DIMENSIONS), dtype=np.float32)] * len(texts))
    # The only sentence of a text is the text; it needs no embedding of its own.
    several = [
        places(text, found, whole) if len(found) > 1 else []
        for text, found, whole in zip(texts, spans, written, strict=True)
    ]
    vectors, parts = embedder.encode(written, [question_key(question) for question in questions], encoder, several)
    return Heard(vectors, spans, parts)
