"""The risk net: does somebody speak of danger to themselves or to others, and in which words?

Phrases (`safety_rules`) are put together with a linear model that knows how like a text is to examples
(`safety_model`). Either is enough, since a missed person in danger costs more than a look. What the net says is
never the last word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from earshot_nlp import bundle as files
from earshot_nlp.bundle import Bundle, BundleRefused
from earshot_nlp.embed import Embedder
from earshot_nlp.encoder import Encoder
from earshot_nlp.features import plain
from earshot_nlp.redact_rules import Span
from earshot_nlp.safety_model import ANY, KINDS, NAME, SafetyModel, word_weights
from earshot_nlp.safety_rules import Phrases, spans
from earshot_nlp.sentences import sentences
from earshot_nlp.themes import Scores
from earshot_nlp.types import Matrix, Safety, SafetyKind

Encode = Callable[[Sequence[str]], Matrix]

PHRASE = 0.9
"""The probability given to a kind whose phrase was found: about what they earned on examples."""

ALONE = 0.5
"""The probability from which a sentence read by itself tells of risk: out of its context it must be likelier than not,
or every vivid comment would have one that sounds like danger.
"""

WORDS_SHOWN = 8
"""A longer sentence is shown by the words that told, this many around the strongest."""

_WORD = re.compile(r"\S+")
_NOTHING = Safety(flag=False, kinds=())


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """A stretch of a text (all of it, or one sentence) and the probabilities of the kinds and of any."""

    span: Span
    p: Scores


def shipped_encoding(embedder: Embedder) -> Encode:
    """Give the function that embeds plain texts in general and by the tuned encoder that ships: shape (n, 768)."""
    graph = Bundle.load().encoder
    if graph is None:
        raise BundleRefused("The bundle that ships has no tuned encoder, without which no risk is heard.")
    encoder = Encoder(graph)
    return lambda texts: embedder.encode(texts, [""] * len(texts), encoder)[0]


class RiskNet:
    """Reads texts for danger.

    Args:
        model: the fitted part. phrases: the written part. encode: gives plain texts both embeddings, shape (n, 768).
    """

    def __init__(self, model: SafetyModel, phrases: Phrases, encode: Encode) -> None:
        self.model = model
        self.phrases = phrases
        self.encode = encode

    @classmethod
    def load(cls, embedder: Embedder) -> RiskNet:
        """Load the net that ships; raises BundleRefused when its weights were altered."""
        model = SafetyModel.restore(Bundle.load(files.shipped(NAME)))
        return cls(model, Phrases(files.safety_phrases()), shipped_encoding(embedder))

    def read(self, texts: Sequence[str], vectors: Matrix | None = None) -> list[Safety]:
        """Read texts; a text's result does not depend on its neighbours.

        Args:
            vectors: both embeddings of the texts as a whole, shape (n, 768), where they are known already.
        """
        if not texts:
            return []
        if vectors is None:
            vectors = self.encode([plain(text) for text in texts])
        meant = [self.phrases.meant(text) for text in texts]
        changed = [row for row, text in enumerate(texts) if meant[row] != text]
        if changed:
            vectors = vectors.copy()
            vectors[changed] = self.encode([plain(meant[row]) for row in changed])
        parts = self._parts(meant, vectors)
        return [self._read(text, own) for text, own in zip(meant, parts, strict=True)]

    def _parts(self, texts: Sequence[str], vectors: Matrix) -> list[list[_Part]]:
        """Every text as a whole, and the sentence of it whose words speak most of risk, where any does.

        One sentence a text: each costs an embedding, and the text as a whole has been read already.
        """
        words = self.model.text
        whole = self.model.probabilities(words.transform([plain(text) for text in texts]), vectors)
        out = [[_Part((0, len(text)), p)] if text.strip() else [] for text, p in zip(texts, whole, strict=True)]
        several = [(row, span) for row, text in enumerate(texts) for span in _several(sentences(text))]
        if not several:
            return out
        pieces = [plain(texts[row][start:end]) for row, (start, end) in several]
        terms = words.transform(pieces)
        kept = self.model.worth_reading(terms, [row for row, _ in several])
        if kept:
            found = self.model.probabilities(terms[kept], self.encode([pieces[at] for at in kept]))
            for at, p in zip(kept, found, strict=True):
                row, span = several[at]
                if p[ANY] >= ALONE:
                    out[row].append(_Part(span, p))
        return out

    def _read(self, text: str, parts: Sequence[_Part]) -> Safety:
        found = {kind: SafetyKind(kind, PHRASE, (start, end)) for kind, start, end in spans(self.phrases.find(text))}
        risky = [part for part in parts if part.p[ANY] >= self.model.threshold]
        if risky:
            strongest = max(part.p[ANY] for part in risky)
            # the shortest part says best where the risk is told
            part = min(
                (part for part in risky if part.p[ANY] >= strongest - 0.1), key=lambda part: part.span[1] - part.span[0]
            )
            kind = int(np.argmax(part.p[:ANY]))
            p = round(float(part.p[ANY]), 4)
            known = found.get(KINDS[kind])
            if known is None:
                found[KINDS[kind]] = SafetyKind(KINDS[kind], p, self._words(text, part.span))
            else:
                found[KINDS[kind]] = SafetyKind(known.kind, round(1 - (1 - known.p) * (1 - p), 4), known.evidence)
        if not found:
            return _NOTHING
        return Safety(flag=True, kinds=tuple(sorted(found.values(), key=lambda one: (-one.p, one.kind))))

    def _words(self, text: str, span: Span) -> Span:
        """The words of a part that spoke most for risk: a short stretch around the strongest."""
        written = list(_WORD.finditer(text, *span))
        if len(written) <= WORDS_SHOWN:
            return span
        words = self.model.text
        encoding = words.encode(text[span[0] : span[1]])
        _, _, values = words.values(encoding)
        shares = values * encoding.share * word_weights(self.model, ANY)[encoding.columns]
        each = np.bincount(encoding.word_of, weights=shares, minlength=len(written))[: len(written)]
        sums = np.convolve(each, np.ones(WORDS_SHOWN), mode="valid")
        first = int(np.argmax(sums))
        return written[first].start(), written[first + WORDS_SHOWN - 1].end()


def _several(found: Sequence[Span]) -> Sequence[Span]:
    """The sentences of a text that has more than one; the only one is the text."""
    return found if len(found) > 1 else ()
