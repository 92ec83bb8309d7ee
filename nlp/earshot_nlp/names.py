"""People's names by list, title and context, in capitals or without: what a name recogniser trained on news
does not see.

A word is a name when it is a first name that is hardly ever anything else; or when it is unknown or ambiguous
and what stands around it says so ("nurse siân", "thanks to Grace", "my name is …"). Recall is worth more than
precision here, but diseases, charities, hospitals, wards and places keep their names.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from earshot_nlp import name_words as said
from earshot_nlp.redact_rules import Span

_WORD = re.compile(r"[^\W\d_]\w*(?:['’-][^\W\d_]\w*)*")
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)
_GAP = frozenset({" ", ". ", "  ", ": ", ", ", " - ", " (", ' "', " '", ".", " :"})
_CHAIN = frozenset({", ", " & ", "/", " + ", ",", "&", " / ", " n "})
_AND = frozenset({"and", "or", "n", "und"})
_BEFORE_A_JOB = frozenset({" ", ", ", ". ", ".", " - "})
_ALONE = frozenset({"a", "s"})
_MANY_CAPITALS = 0.4
"""A text with a larger share of words in capitals was typed so, and its capitals tell nothing."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The word lists, lower case and without accents: first names, names that are also words, ordinary words,
    places.
    """

    first_names: frozenset[str]
    ambiguous: frozenset[str]
    common: frozenset[str]
    places: frozenset[str]

    def ordinary(self, word: str) -> bool:
        """Say whether a word is an everyday one; contractions ("can't", "I've") follow their first half."""
        if word in self.common:
            return True
        if "-" in word and all(part in self.common for part in word.split("-")):
            return True
        head, mark, tail = word.replace("’", "'").partition("'")
        return bool(mark) and len(tail) <= 2 and (len(head) == 1 or head in self.common)

    def first_name(self, word: str) -> bool:
        """Say whether a word, or a half of a double one, is a first name that is hardly ever anything else."""
        return word in self.first_names or ("-" in word and any(part in self.first_names for part in word.split("-")))


class Token(NamedTuple):
    """A word of the text; `word` is lower case and without its possessive."""

    start: int
    end: int
    word: str
    capital: bool
    shouted: bool
    possessive: bool


def tokens(text: str) -> list[Token]:
    """Split into words: letters first, apostrophes and hyphens inside; a possessive is cut off and remembered."""
    out = []
    for match in _WORD.finditer(text):
        core, start = match[0], match.start()
        own = _POSSESSIVE.search(core) if "'" in core or "’" in core else None
        if own:
            core = core[: own.start()]
        capital = core[0].isupper()
        out.append(Token(start, start + len(core), core.casefold(), capital, capital and core.isupper(), bool(own)))
    return out


class Names:
    """Finds people's names by rules alone.

    Args:
        lexicon: the word lists (`bundle.lexicon()` gives the shipped ones).
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._plain_words = lexicon.common - lexicon.first_names - lexicon.ambiguous - said.SURNAMES
        """Words that are no name whatever stands around them; nine of ten words are told by this alone."""

    def find(self, text: str, words: Sequence[Token] | None = None) -> list[Span]:
        """Give the spans of names, in order and without overlap; surnames and initials that follow are inside.

        `words` are the text's tokens, for those who have them already.
        """
        words = tokens(text) if words is None else words
        kept: list[Span] | None = None
        found: list[Span] = []
        loud = sum(word.capital for word in words) > _MANY_CAPITALS * len(words)
        past = 0
        for i, word in enumerate(words):
            if i < past or (word.word in self._plain_words and not word.capital):
                continue
            if not self._is_name(text, words, i, found, loud):
                continue
            if kept is None:
                kept = [match.span() for match in said.KEPT_PHRASES.finditer(text)]
            if not _inside(word, kept):
                last = self._extend(text, words, i)
                found.append((word.start, words[last].end))
                past = last + 1
        return self._again(words, kept or [], found) if found else found

    def _again(self, words: Sequence[Token], kept: list[Span], found: list[Span]) -> list[Span]:
        """A name that was found once is a name wherever it comes back in the same text."""
        parts = {word.word for word in words if word.end - word.start > 2 and _inside(word, found)}
        parts = {part for part in parts if not self.lexicon.ordinary(part) and part not in self.lexicon.places}
        more = [
            (word.start, word.end)
            for word in words
            if word.word in parts and not _inside(word, found) and not _inside(word, kept)
        ]
        return sorted(found + more)

    def could_be(self, token: Token) -> bool:
        """Say whether a word that no rule took is worth showing to the name recogniser."""
        return (
            token.capital
            and token.end - token.start > 1
            and not (token.shouted and token.end - token.start <= 5)  # RVI, HDU: more often letters than a name
            and not token.word[-1].isdigit()
            and not self.lexicon.ordinary(token.word)
            and token.word not in self.lexicon.places
            and token.word not in said.NEVER
        )

    def accept(self, text: str, span: Span) -> Span | None:
        """Trim a recogniser's span to the words that can be a name; None when nothing is left or it is a
        place or disease.
        """
        words = [word for word in tokens(text[span[0] : span[1]]) if word.word not in said.STRONG_TITLES | said.TITLES]
        while words and not self._plausible(words[0]):
            words.pop(0)
        while words and not self._plausible(words[-1]) and not (words[-1].capital and words[-1].word in said.SURNAMES):
            words.pop()
        if not any(self._plausible(word) and word.word not in said.SELDOM for word in words):
            return None
        start, end = span[0] + words[0].start, span[0] + words[-1].end
        around = tokens(text[max(0, start - 12) : end + 60])
        here = next(i for i, word in enumerate(around) if word.start == start - max(0, start - 12))
        kept = any(phrase.start() < end and start < phrase.end() for phrase in said.KEPT_PHRASES.finditer(text))
        if kept or _is_place(text[max(0, start - 12) : end + 60], around, here):
            return None
        return start, end

    def _plausible(self, token: Token) -> bool:
        first_name = self.lexicon.first_name(token.word)
        known = first_name or token.word in self.lexicon.ambiguous
        return (token.capital or first_name) and (known or self.could_be(token))

    def _is_name(self, text: str, words: Sequence[Token], i: int, found: list[Span], loud: bool) -> bool:
        word = words[i]
        if word.end - word.start < 2:
            return self._is_initial(text, words, i)
        if word.word in said.NEVER:
            return False
        if self._titled(text, words, i):
            return True
        if _is_place(text, words, i):
            return False
        if self.lexicon.first_name(word.word) or self._introduced(words, i):
            return True
        known = word.word in self.lexicon.ambiguous
        if known and not word.capital and word.word in said.WORDY:
            return False
        if not known and not self._unknown(word):
            return False
        if _thanked(words, i) or _seen_by(words, i) or self._listed(text, words, i, found):
            return True
        if (known or word.capital) and _employed(text, words, i):
            return True
        return word.capital and (
            _acts(words, i, known) or _signed(words, i) or self._inside_sentence(text, words, i, known, loud)
            or self._full_name(text, words, i)
        )  # fmt: skip

    def _unknown(self, word: Token) -> bool:
        """A word of letters that no list knows, in capitals or not: a name where the context asks for one."""
        short = word.end - word.start <= (5 if word.shouted else 2)
        if short or word.word[-1].isdigit() or word.word in self.lexicon.places or said.ENGLISH_END.search(word.word):
            return False
        return not self.lexicon.ordinary(word.word) and word.word not in said.NEVER

    def _full_name(self, text: str, words: Sequence[Token], i: int) -> bool:
        """Two unknown words in capitals side by side: more often a person than anything else."""
        if i + 1 >= len(words) or text[words[i].end : words[i + 1].start] != " ":
            return False
        return self.could_be(words[i]) and self.could_be(words[i + 1])

    def _is_initial(self, text: str, words: Sequence[Token], i: int) -> bool:
        """One letter: after a title ("Dr K"), or before a surname or the owner's job ("J. Shaw", "T.J. the nurse")."""
        if i and words[i - 1].word in said.STRONG_TITLES and text[words[i - 1].end : words[i].start] in _GAP:
            return words[i].word != "i" and (words[i].capital or words[i].word not in _ALONE)
        if not words[i].capital or words[i].word == "i" or (i and words[i - 1].word in said.BEFORE_LETTERS):
            return False
        after = i + 1
        while after < min(i + 4, len(words)) and text[words[after - 1].end : words[after].start] in (".", ". "):
            if words[after].end - words[after].start > 1:
                if self.could_be(words[after]) and not said.ENGLISH_END.search(words[after].word):
                    return True
                break
            after += 1
        if after == i + 1:
            by = i > 0 and words[i - 1].word in ("by", "from", "signed", "regards") and after < len(words)
            return by and text[words[i].end : words[after].start] == " " and self.could_be(words[after])
        return _employed(text, words, after - 1)

    def _titled(self, text: str, words: Sequence[Token], i: int) -> bool:
        if i == 0 or text[words[i - 1].end : words[i].start] not in _GAP or words[i - 1].possessive:
            return False
        before, word = words[i - 1], words[i]
        known = word.word in self.lexicon.ambiguous or self.lexicon.first_name(word.word)
        ordinary = self.lexicon.ordinary(word.word)
        if before.word in said.STRONG_TITLES:
            if word.word in said.PARTICLES:
                return any(after.capital for after in words[i + 1 : i + 3])
            if not ordinary or (not word.capital and word.word not in said.VERBS and (known or _is_surname(word))):
                return True
            return word.capital and (known or before.capital) and not _is_place(text, words, i)
        if before.word in said.TITLES:
            if not ordinary:
                return not word.shouted and not said.ENGLISH_END.search(word.word)
            if word.capital:
                return known or _is_surname(word)
            return (before.word == "doctor" and _is_surname(word)) or (known and word.word not in said.VERBS)
        if before.word in said.OURS and word.capital:
            return (known and word.word not in said.SELDOM) or self._unknown(word)
        return before.word in said.ROLES and ((word.capital and known) or self._unknown(word))

    def _introduced(self, words: Sequence[Token], i: int) -> bool:
        if i < 1:
            return False
        if words[i - 1].word in ("i'm", "im", "am", "surname") or (words[i - 1].word == "name" and words[i].capital):
            return words[i].capital and self._unknown(words[i])
        if words[i - 1].word not in said.SAID:
            return False
        near = {word.word for word in words[max(0, i - 4) : i - 1]}
        named = words[i - 1].word in ("names", "named") or "name" in near
        if not named and not (words[i - 1].word == "called" and near & said.PERSON):
            return False
        if words[i].word in self.lexicon.ambiguous:
            return "name" in near or words[i].capital
        return not self.lexicon.ordinary(words[i].word) and not said.ENGLISH_END.search(words[i].word)

    def _listed(self, text: str, words: Sequence[Token], i: int, found: list[Span]) -> bool:
        """Beside a name in a list: after one ("Tom & Ola"), or before one ("jan and carol")."""
        gap = text[found[-1][1] : words[i].start] if found else "."
        if gap in _CHAIN or (len(gap) < 6 and gap.strip(" ,").casefold() in _AND):
            return True
        ahead = i + 1
        if ahead < len(words) and words[ahead].word in _AND:
            ahead += 1
        if ahead >= len(words) or words[ahead].end == words[i].end:
            return False
        gap = text[words[i].end : words[ahead].start]
        joined = gap in _CHAIN or gap.strip(" ,").casefold() in _AND
        return joined and self._pairs_with(words[i], words[ahead])

    def _pairs_with(self, word: Token, after: Token) -> bool:
        if self.lexicon.first_name(after.word):
            return True
        both = word.word in self.lexicon.ambiguous and after.word in self.lexicon.ambiguous
        return both and word.capital and after.capital and not {word.word, after.word} & said.SELDOM

    def _inside_sentence(self, text: str, words: Sequence[Token], i: int, known: bool, loud: bool) -> bool:
        """A capital inside a sentence, on a word that is a name as well: no month, place or ward."""
        if loud or not known or i == 0 or words[i].word in said.SELDOM or words[i - 1].word in said.WHERE:
            return False
        return text[words[i - 1].end : words[i].start] in (" ", ", ") and not words[i - 1].capital

    def _extend(self, text: str, words: Sequence[Token], i: int) -> int:
        last = i
        while last + 1 < len(words) and last - i < 3 and not words[last].possessive:
            gap = text[words[last].end : words[last + 1].start]
            initial = words[last].end - words[last].start == 1
            if gap != " " and not (gap in (". ", ".") and initial):
                break
            ahead = last + 1
            while words[ahead].word in said.PARTICLES and ahead + 1 < len(words) and ahead - last < 3:
                ahead += 1
            led = words[ahead - 1].word in said.PARTICLES and words[ahead].capital  # "van der Berg"
            if not led and not self._surname(words[i], words[ahead]):
                break
            last = ahead
        return last

    def _surname(self, first: Token, after: Token) -> bool:
        if after.word in said.KEPT_WORDS or after.word in said.PLACES:
            return False
        if after.end - after.start == 1:
            return after.capital and after.word != "i"
        if self.lexicon.first_name(after.word):
            return True
        if self.lexicon.ordinary(after.word):
            return after.capital and _is_surname(after)
        if after.capital:
            return True
        unknown = after.word not in self.lexicon.ambiguous or after.word not in said.WORDY
        return not first.capital and unknown and not said.ENGLISH_END.search(after.word)


def _is_surname(word: Token) -> bool:
    return word.word in said.SURNAMES


def _inside(token: Token, spans: Sequence[Span]) -> bool:
    """Say whether a word begins inside one of the spans, which are in order and do not overlap."""
    at = bisect_right(spans, token.start, key=itemgetter(0)) - 1
    return at >= 0 and token.start < spans[at][1]


def _is_place(text: str, words: Sequence[Token], i: int) -> bool:
    """A saint or king before it, or the name of a place, building or disease after it, makes a name no person's."""
    if i and words[i - 1].word in said.BEFORE_PLACES and words[i].start - words[i - 1].end <= 2:
        return True
    for k in range(i + 1, min(i + 4, len(words))):
        gap = text[words[k - 1].end : words[k].start]
        if gap.strip("'’sS-") != "" and gap.strip("'’sS") != " ":
            return False
        if words[k].word in said.PLACES:
            return words[k].capital or not words[k - 1].possessive
        if not words[k].capital:
            return False
    return False


def _thanked(words: Sequence[Token], i: int) -> bool:
    k = i - 1
    while k >= 0 and i - k <= 3 and words[k].word in said.LINKS:
        k -= 1
    return k >= 0 and words[k].word in said.THANKS and not words[k].possessive


def _seen_by(words: Sequence[Token], i: int) -> bool:
    return i >= 2 and words[i - 1].word == "by" and words[i - 2].word in said.TREATED | {"after"}


def _signed(words: Sequence[Token], i: int) -> bool:
    if i == 0:
        return False
    return words[i - 1].word in said.SIGNED or (words[i - 1].word == "from" and words[i - 1].capital)


def _employed(text: str, words: Sequence[Token], i: int) -> bool:
    """Followed by the person's job ("Nic the OT") or place of work ("Penny at the surgery")."""
    after = [word.word for word in words[i + 1 : i + 6]]
    if len(after) < 2 or words[i].possessive or text[words[i].end : words[i + 1].start] not in _BEFORE_A_JOB:
        return False
    if after[0] in ("the", "our", "my", "a") and words[i].word not in said.VERBS:
        return any(word in said.JOBS for word in after[1:4])
    seldom = words[i].word in said.SELDOM or not words[i].capital
    return after[0] in ("from", "in", "at", "on") and not seldom and any(w in said.PLACES_OF_WORK for w in after[1:5])


def _acts(words: Sequence[Token], i: int, known: bool) -> bool:
    after = [word.word for word in words[i + 1 : i + 5]]
    if not after or words[i].possessive or words[i].word in said.SELDOM:
        return False
    if after[0] in said.DOES:
        return True
    if after[0] not in ("was", "is", "were"):
        return False
    rest = [word for word in after[1:] if word not in said.MANNER]
    return bool(rest) and rest[0] in (said.PRAISE if known else said.MANNERS)
