"""The phrases of the risk net: where a text says that somebody is in danger, unless it says the opposite.

The phrases are data (`lexicon/safety_phrases.txt`), so that people who know how danger sounds can read and mend them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from earshot_nlp.safety_sieve import Sieve

_NAME = re.compile(r"([A-Z]+) = (.+)")
_GAP = re.compile(r"<(<?)(\d+)>>?")
_APOSTROPHES = str.maketrans("’‘`´ʼ\u00a0", "''''' ")
_MISSING = re.compile(
    r"\b(do|does|did|ca|wo|would|could|should|is|are|was|were|has|have|had|dare)(nt)\b"
    r"|\b(i)(m|ve)\b|\b(?:(he|she)(s)|(they|you)(ve|re))\b|(?<=said )(he|she|they)(d|ll)\b"
)

_NEGATED = re.compile(
    r"(?:\b(?:never|no ?one(?: has| was| ever)*|nobody(?: has| was| ever)*|not (?:been |ever )?|no|nor|wasn't|weren't"
    r"|isn't|aren't|without|no longer|denied|nothing|none)(?: [^\s.!?]+){0,2}|\b(?:do|does|did)(?:n't| not)"
    r"(?: (?:have|feel|get|had)(?: any)?)?)\s*$"
)
"""A denial in the last words before a phrase."""

_OVER = re.compile(
    r"\b(?:used to|years? (?:ago|back)|last year|in (?:19|20)\d\d|when i was|before i|as a child|i had before|have gone"
    r"|at my lowest|talked me (?:down|out)|you (?:saved|found)|in the past|years? (?:since|free)|last (?:summer|winter)"
    r"|(?:our|my|the) (?:last|previous|old) (?:place|home|hospital))\b"
)
_THANKS = re.compile(
    r"\b(?:thank(?:s| you)(?! for nothing)|thankful|grateful|saved (?:my|his|her|our|their|me|him)"
    r"|gave me (?:my life|hope)|better place)\b"
)
_PRAISE = re.compile(
    r"\b(?:wonderful|brilliant|amazing|fantastic|superb|angels?|lovely|excellent|so (?:kind|caring)|great care"
    r"|looked after|(?:helped|got) (?:me|him|her|us)|healed|cleared up|turned the corner|back at work|volunteer|college"
    r"|university|years free)\b"
)
_STILL = re.compile(
    r"\b(?:again|still|(?<!well )(?<!ok )(?<!okay )(?<!better )(?<!fine )(?<!gone )now"
    r"(?! (?:at (?:college|university|work|school)|well|married|free|better|back))"
    r"|tonight|today|tomorrow|keeps?|every (?:day|night)|nobody|no one|ignored|left)\b"
)
_GENERAL = re.compile(
    r"\b(?:policy|policies|e-?learning|(?:leaflets?|posters?) (?:about|on|for)|induction|workshop"
    r"|guidance|webinar|audit|fire drill|pathway|role play|simulat\w+|study day|phq|podcast|dissertation|adviser"
    r"|(?:protection|awareness) day|questions? about|questions (?:are|is)|part of (?:the|a) form"
    r"|training (?:on|about|in|ought|should|for)|more training|if (?:a|an) \w+ were to|awareness (?:day|week))\b"
)
_ASKED = re.compile(r"\b(?:ask(?:ed|s)?|question)(?: \w+){0,3} (?:if|whether|about)\b")
_SAID_NO = re.compile(r"\b(?:i (?:could )?(?:\w+ )?sa(?:y|id) no|not at all|never felt|not relevant)\b")
"""A question about danger in the words before a phrase, and an answer after it that there is none."""

_JOKE = re.compile(r"\b(?:lol|haha\w*|cake|biscuits|chocolates|flowers|crossword|dominoes|in stitches)\b")
FIGURE = "figure of speech"
_MEANS_WELL = "good"
_SENTENCE = re.compile(r"[.!?\n]")
_NEAR, _FAR = 60, 400


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase that was found: the kind of risk it tells of, and where it stands."""

    kind: str
    start: int
    end: int


class Phrases:
    """Finds the phrases of danger in a text, in time linear in its length.

    Args:
        source: the phrases as they are written in the shipped list. Raises ValueError at a line it cannot read.
    """

    def __init__(self, source: str) -> None:
        written = _read(source)
        self._figures = re.compile("|".join(written.pop(FIGURE)))
        self.kinds: tuple[str, ...] = tuple(written)
        self._patterns = [(kind, re.compile(phrase)) for kind, phrases in written.items() for phrase in phrases]
        self._sieve = Sieve([phrase for phrases in written.values() for phrase in phrases])

    def meant(self, text: str) -> str:
        """Give a text with each figure of speech ("dying for a cuppa") replaced by a harmless word; every other
        character stays in its place.
        """
        low, places = _plain(text)
        for match in self._figures.finditer(low):
            if match.end() > match.start():
                start, end = places[match.start()], places[match.end() - 1] + 1
                text = text[:start] + _MEANS_WELL.ljust(end - start)[: end - start] + text[end:]
        return text

    def find(self, text: str) -> list[Hit]:
        """Give the phrases of a text, offsets in the text as it is, in the order of the list and then of the text."""
        low, places = _plain(text)
        praised = bool(_THANKS.search(low) or _PRAISE.search(low))
        found: list[Hit] = []
        for number in self._sieve.candidates(low):
            kind, pattern = self._patterns[number]
            found += [
                Hit(kind, places[match.start()], places[match.end() - 1] + 1)
                for match in pattern.finditer(low)
                if match.end() > match.start() and not _taken_back(low, match, praised=praised)
            ]
        return found


def _read(source: str) -> dict[str, list[str]]:
    words: dict[str, str] = {}
    phrases: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in source.splitlines():
        if not line or line.startswith("#"):
            continue
        if line.startswith("[") and line.endswith("]"):
            current = phrases.setdefault(line[1:-1], [])
        elif current is None:
            named = _NAME.fullmatch(line)
            if named is None:
                raise ValueError("A list of words is written as NAME = words.")
            words[named[1]] = _expanded(named[2], words)
        else:
            current.append(_expanded(line, words))
    return phrases


def _expanded(phrase: str, words: dict[str, str]) -> str:
    def meaning(match: re.Match[str]) -> str:
        return words[match[0]]

    if words:
        phrase = re.sub(f"(?<![A-Z])(?:{'|'.join(words)})(?![A-Z])", meaning, phrase)
    return _GAP.sub(_gap, phrase)


def _gap(match: re.Match[str]) -> str:
    """Up to n words of bounded length, so that no text can make a search slow."""
    word = r"\S{1,40}" if match[1] else r"[^\s.!?]{1,40}"
    before = r"\b\W{0,6}" if match[1] else r"\b[,;:'\")]{0,2}\s{0,3}"
    return f"{before}(?:{word}\\s{{1,3}}){{0,{match[2]}}}?"


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Lower case, straight and complete apostrophes, one blank for each white space; and where each character stood."""
    low = text.translate(_APOSTROPHES)
    lowered = low.lower()
    if len(lowered) != len(low):  # a few letters grow when they are lowered, and places would move
        lowered = "".join(char.lower() if len(char.lower()) == 1 else char for char in low)
    low = lowered
    low = low.replace("\t", " ").replace("\r", " ").replace("\n", " ")
    pieces: list[str] = []
    places: list[int] = []
    at = 0
    for match in _MISSING.finditer(low):
        # "dont" becomes "don't": the added apostrophe stands where its letter stands
        cut = match.end() - len(next(ending for ending in match.groups()[1::2] if ending))
        cut += 1 if match[2] else 0
        pieces += [low[at:cut], "'"]
        places += [*range(at, cut), cut]
        at = cut
    return "".join([*pieces, low[at:]]), [*places, *range(at, len(low))]


def _sentence_around(low: str, match: re.Match[str]) -> tuple[int, int]:
    """The sentence that a phrase stands in, as far as `_FAR` characters each way."""
    least, most = max(0, match.start() - _FAR), min(len(low), match.end() + _FAR)
    start = max(low.rfind(mark, least, match.start()) for mark in ".!?") + 1
    after = _SENTENCE.search(low, match.end(), most)
    return max(start, least), after.end() if after else most


def _taken_back(low: str, match: re.Match[str], *, praised: bool) -> bool:
    """Whether the words around a phrase deny it, thank for help in the past, speak in general, or joke."""
    start, end = _sentence_around(low, match)
    if _NEGATED.search(low[max(start, match.start() - _NEAR) : match.start()]):
        return True
    sentence = low[start:end]
    if _GENERAL.search(sentence) or _JOKE.search(sentence):
        return True
    if _ASKED.search(low[max(0, match.start() - _NEAR) : match.start()]) and _SAID_NO.search(
        low[match.end() :][:_NEAR]
    ):
        return True
    if _STILL.search(sentence):
        return False
    return _THANKS.search(sentence) is not None or (praised and _OVER.search(sentence) is not None)


def spans(hits: Sequence[Hit]) -> Iterator[tuple[str, int, int]]:
    """Give for each kind its longest phrase: kind, start, end."""
    for kind in dict.fromkeys(hit.kind for hit in hits):
        best = max((hit for hit in hits if hit.kind == kind), key=lambda hit: (hit.end - hit.start, -hit.start))
        yield kind, best.start, best.end
