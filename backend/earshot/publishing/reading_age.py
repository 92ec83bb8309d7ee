"""How old somebody must be to read a text with ease, and which words make it hard. Pure.

The Flesch–Kincaid grade is 0.39 words / sentences + 11.8 syllables / words - 15.59 (Kincaid, Fishburne, Rogers and
Chissom, Derivation of new readability formulas for Navy enlisted personnel, 1975, Research Branch Report 8-75). It is a
school year of the United States, where children are about five years older than the year's number. The NHS asks for a
reading age of 9 to 11 years (NHS digital service manual, content guide, health literacy).

A formula counts, and does not understand: a short text of short words can still be unclear.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import pyphen

ADVISED = (9, 11)  # years
_OLDER = 5  # years: a child of the first grade is six
_HARD = 3  # syllables
_LISTED = 20  # hard words told
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W_]+(?:['’][^\W_]+)*")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ]")
_END = re.compile(r"[.!?…]+(?=\s|$)|[\r\n]+")
_VOWELS = re.compile(r"[aeiouyàáâäèéêëìíîïòóôöùúûü]+")
_SILENT = re.compile(  # mak(e), car(e), tim(es), mov(ed), saf(e)ly; but not tab-le, plac-es, want-ed
    r"(?<![aeiouylr])e$|(?<=[aeiouy][lr])e$|(?<![aeiouylrcghsxz])es$|(?<=[aeiouy][lr])es$|(?<![tdaeiouy])ed$"
    r"|(?<=[^aeiouy])e(?=(?:ly|ful|less|ness|ment)s?$)"
)
#: Words that plain English says more simply; after the NHS content guide's list of words to avoid.
SIMPLER: Mapping[str, str] = {
    "accommodate": "fit",
    "additional": "more",
    "approximately": "about",
    "assist": "help",
    "assistance": "help",
    "attempt": "try",
    "commence": "start",
    "commenced": "started",
    "communicate": "tell",
    "concerning": "about",
    "discontinue": "stop",
    "enable": "let",
    "ensure": "make sure",
    "facilitate": "help",
    "implement": "do",
    "implemented": "did",
    "improvement": "change for the better",
    "initiative": "plan",
    "initiate": "start",
    "inform": "tell",
    "medication": "medicine",
    "methodology": "way",
    "numerous": "many",
    "obtain": "get",
    "participate": "take part",
    "prior": "before",
    "provide": "give",
    "purchase": "buy",
    "regarding": "about",
    "require": "need",
    "requirement": "need",
    "residence": "home",
    "sufficient": "enough",
    "subsequently": "later",
    "terminate": "end",
    "utilise": "use",
    "utilised": "used",
}


@dataclass(frozen=True)
class HardWord:
    """A word that makes a text harder, how many syllables it has, and a simpler one where there is one."""

    word: str
    syllables: int
    instead: str | None


@dataclass(frozen=True)
class Reading:
    """How hard a text is to read. `age` is in years, or None where there is nothing to read in English."""

    age: float | None
    words: int
    sentences: int
    hard_words: tuple[HardWord, ...]

    @property
    def plain(self) -> bool:
        """Whether the text is as easy as the NHS advises."""
        return self.age is not None and self.age <= ADVISED[1]


def read(text: str) -> Reading:
    """The reading age of an English text and its hard words, hardest first; each word is told once."""
    words = _WORD.findall(text)
    if sum(1 for word in words if _LATIN.match(word)) * 2 < len(words):
        return Reading(None, len(words), 0, ())  # another script, or numbers alone: the formula is for English
    sentences = sum(1 for part in _END.split(text) if _WORD.search(part))
    if not words:
        return Reading(None, 0, 0, ())
    age = max(_OLDER, grade(len(words), sentences, sum(map(syllables, words))) + _OLDER)
    return Reading(round(age, 1), len(words), sentences, _hard(words))


def grade(words: int, sentences: int, counted: int) -> float:
    """The Flesch–Kincaid grade of a text with so many words, sentences and syllables."""
    return 0.39 * words / sentences + 11.8 * counted / words - 15.59


def syllables(word: str) -> int:
    """How many syllables an English word has, at least one.

    A hyphen never stands inside a syllable, so the hyphenation patterns of pyphen give a lower bound; they leave out
    breaks that would look bad ("ar-ea"). Groups of written vowels, silent endings left out, give another. The greater
    of the two is taken. A number counts as one.
    """
    plain = word.lower().replace("’", "'").removesuffix("'s")
    if plain[0].isdigit():
        return 1
    parts = len(_patterns().positions(plain)) + 1
    return max(1, parts, len(_VOWELS.findall(_SILENT.sub("", plain))))


def _hard(words: Sequence[str]) -> tuple[HardWord, ...]:
    found: dict[str, HardWord] = {}
    for place, word in enumerate(words):
        plain, count = word.lower(), syllables(word)
        name = place > 0 and word[0].isupper()  # a name cannot be said more simply
        if plain in SIMPLER or (count >= _HARD and not name):
            found.setdefault(plain, HardWord(plain, count, SIMPLER.get(plain)))
    order = sorted(found.values(), key=lambda hard: (hard.instead is None, -hard.syllables, hard.word))
    return tuple(order[:_LISTED])


@cache
def _patterns() -> pyphen.Pyphen:
    # The American patterns break by sound, as syllables do; the British ones break by where words come from.
    return pyphen.Pyphen(lang="en_US")
