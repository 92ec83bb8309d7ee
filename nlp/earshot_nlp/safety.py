"""The risk net: does somebody speak of danger to themselves or to others, and in which words?

Phrases (`safety_rules`) are put together with a linear model that knows how like a text is to examples
(`safety_model`). Either is enough, since a missed person in danger costs more than a look. What the net says is
never the last word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from earshot_nlp import bundle as files
from earshot_nlp.bundle import Bundle, BundleRefused
from earshot_nlp.embed import DIMENSIONS, Embedder
from earshot_nlp.encoder import Encoder
from earshot_nlp.features import plain
from earshot_nlp.hearing import Hear, Heard, hear
from earshot_nlp.redact_rules import Span
from earshot_nlp.safety_model import ANY, KINDS, NAME, SafetyModel, word_weights
from earshot_nlp.safety_rules import Phrases, spans
from earshot_nlp.themes import Scores
from earshot_nlp.types import Matrix, Safety, SafetyKind

PHRASE = 0.9
"""The probability given to a kind whose phrase was found: about what they earned on examples."""

SPOKEN = 0.4
"""The probability from which one sentence of a text tells of risk: more than is asked of a whole text, or every vivid
comment would have a sentence that sounds like danger.
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


def shipped_hearing(embedder: Embedder) -> Hear:
    """Give the function that embeds texts and their sentences in general and by the tuned encoder that ships."""
    graph = Bundle.load().encoder
    if graph is None:
        raise BundleRefused("The bundle that ships has no tuned encoder, without which no risk is heard.")
    encoder = Encoder(graph)
    return lambda texts: hear(texts, [None] * len(texts), embedder, encoder)


class RiskNet:
    """Reads texts for danger.

    Args:
        model: the fitted part. phrases: the written part. hear: gives texts and their sentences both embeddings.
    """

    def __init__(self, model: SafetyModel, phrases: Phrases, hear: Hear) -> None:
        self.model = model
        self.phrases = phrases
        self.hear = hear

    @classmethod
    def load(cls, embedder: Embedder) -> RiskNet:
        """Load the net that ships; raises BundleRefused when its weights were altered."""
        model = SafetyModel.restore(Bundle.load(files.shipped(NAME)))
        return cls(model, Phrases(files.safety_phrases()), shipped_hearing(embedder))

    def read(self, texts: Sequence[str], heard: Heard | None = None) -> list[Safety]:
        """Read texts; a text's result does not depend on its neighbours.

        Args:
            heard: what the encoders made of the texts, where it is known already.
        """
        if not texts:
            return []
        if heard is None or not heard.tuned:
            heard = self.hear(texts)
        meant = [self.phrases.meant(text) for text in texts]
        changed = [row for row, text in enumerate(texts) if meant[row] != text]
        if changed:
            heard = heard.with_others(changed, self.hear([meant[row] for row in changed]))
        parts = self._parts(meant, heard)
        return [self._read(text, own) for text, own in zip(meant, parts, strict=True)]

    def _parts(self, texts: Sequence[str], heard: Heard) -> list[list[_Part]]:
        """Every text as a whole, and those of its sentences that tell of risk: in a long comment one of them is lost
        among the others.
        """
        words = self.model.text
        whole = self.model.probabilities(words.transform([plain(text) for text in texts]), heard.vectors)
        out = [[_Part((0, len(text)), p)] if text.strip() else [] for text, p in zip(texts, whole, strict=True)]
        several = [(row, at) for row, vectors in enumerate(heard.sentences) for at in range(len(vectors))]
        terms = words.transform([plain(texts[row][slice(*heard.spans[row][at])]) for row, at in several])
        kept = self.model.worth_reading(terms)
        if kept:
            chosen = [several[at] for at in kept]
            found = self.model.probabilities(terms[kept], self._vectors(texts, heard, chosen))
            for (row, at), p in zip(chosen, found, strict=True):
                if p[ANY] >= SPOKEN:
                    out[row].append(_Part(heard.spans[row][at], p))
        return out

    def _vectors(self, texts: Sequence[str], heard: Heard, chosen: Sequence[tuple[int, int]]) -> Matrix:
        """Both embeddings of sentences, given as text and number. Those that lie beyond what was read of a long text
        are read together, as another text.
        """
        vectors = np.stack([heard.sentences[row][at] for row, at in chosen])
        beyond = np.flatnonzero(~vectors[:, :DIMENSIONS].any(axis=1)).tolist()
        left: dict[int, list[str]] = {}
        for row, at in (chosen[place] for place in beyond):
            left.setdefault(row, []).append(texts[row][slice(*heard.spans[row][at])])
        if left:
            own = dict(zip(left, self.hear([" ".join(said) for said in left.values()]).vectors, strict=True))
            vectors[beyond] = [own[chosen[place][0]] for place in beyond]
        return vectors

    def _read(self, text: str, parts: Sequence[_Part]) -> Safety:
        found = {kind: SafetyKind(kind, PHRASE, (start, end)) for kind, start, end in spans(self.phrases.find(text))}
        risky = [part for part in parts if part.p[ANY] >= self.model.threshold]
        if risky:
            # the text as a whole comes first, and knows best of which kind the risk is; else the strongest sentence
            part = risky[0] if risky[0].span == (0, len(text)) else max(risky, key=lambda part: part.p[ANY])
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
