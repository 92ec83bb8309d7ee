"""People's names by list, title and context, in capitals or without: what a name recogniser trained on news
does not see.

A word is a name when it is a first name that is hardly ever anything else; or when it is unknown or ambiguous
and what stands around it says so ("nurse siân", "thanks to Grace", "my name is …"). Recall is worth more than
precision here, but diseases, charities, hospitals, wards and places keep their names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from earshot_nlp.redact_rules import Span

_WORD = re.compile(r"[^\W\d_]\w*(?:['’-][^\W\d_]\w*)*")
_POSSESSIVE = re.compile(r"['’]s?$", re.IGNORECASE)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


STRONG_TITLES = _set("dr mr mrs ms mx prof professor")
TITLES = _set("nurse sister matron doctor midwife miss hca paramedic consultant reverend rev sir dame")
ROLES = _set(
    "aunt auntie uncle husband wife son daughter brother driver physio physiotherapist carer receptionist "
    "surgeon therapist student assistant pharmacist volunteer chaplain practitioner porter manager partner "
    "psychologist psychiatrist radiographer phlebotomist registrar colleague baby nan grandad hi hello dear"
)
_SAID = _set("is was named called names")
_PERSON = _set(
    "name names nurse doctor lady man girl guy woman lad someone person member staff driver carer midwife "
    "paramedic receptionist son daughter wife husband mum dad boy gentleman hca sister one physio therapist"
)
_THANKS = _set("thanks thank thankyou especially particularly mention praise cheers")
_LINKS = _set("to you also and both")
_DOES = _set(
    "explained listened reassured helped introduced told said smiled sat held phoned rang visited treated "
    "greeted answered apologised advised cared deserves who"
)
_TREATED = _set("seen treated helped assisted greeted examined supported called phoned visited told advised")
_MANNER = _set("so very really extremely absolutely always especially incredibly truly particularly just such a")
_MANNERS = _set("kind caring friendly helpful lovely patient gentle polite supportive rude dismissive amazing")
PLACES = _set(
    "hospital hospitals infirmary ward unit house centre center clinic surgery practice suite building wing "
    "university school college trust foundation hospice lodge court view park road street lane avenue drive "
    "close terrace hall library theatre theatres syndrome disease palsy lymphoma disorder stockings frame "
    "nurses scale score manoeuvre county council airport station society charity bar village town city"
)
_BEFORE_PLACES = _set("st saint king queen prince princess royal sts queens kings lake mount port")
_KEPT_WORDS = _set(
    "parkinson parkinsons crohn crohns alzheimer alzheimers macmillan macmillans hodgkin hodgkins huntington "
    "huntingtons tourette tourettes addison addisons cushing cushings hashimoto hashimotos sjogren sjogrens "
    "meniere menieres raynaud raynauds barrett barretts asperger aspergers zimmer hickman foley apgar hcas iv "
    "tia addenbrooke addenbrookes samaritans covid god jesus christ christmas easter google amazon zoom tesco "
    "asda boots bradford perthes korsakoff lewy downs graves whipple glasgow bristol redacted fft nhs gp icu "
    "hdu itu ccu sau mau amu eau ed ae cpn camhs iapt mri ct ecg"
)
_KEPT_PHRASES = re.compile(
    r"\b(?:marie curie|sue ryder|florence nightingale|john radcliffe|james cook|braxton hicks|guillain[- ]barr\w{1,3}|"
    r"guy['’]?s (?:and|&) st|st\.? (?:john|thomas|george|mary|james|bartholomew|helen|luke|peter|ann|barnabas|"
    r"michael|elizabeth|catherine|richard|christopher|margaret|andrew|joseph|oswald|cuthbert|giles|martin|nicholas)(?:['’]?s)?|"
    r"helen['’]s law|martha['’]s rule|oliver mcgowan|mother teresa|charing cross|jehovah['’]s)\b",
    re.IGNORECASE,
)
_NEVER = _KEPT_WORDS | STRONG_TITLES | TITLES
_PARTICLES = _set("van der den de del della di da dos el al bin binti ibn la le ap mac")
_GAP = frozenset({" ", ". ", "  ", ": ", ", ", " - "})
_CHAIN = frozenset({", ", " & ", "/", " + ", ","})


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
        if word in self.common or ("-" in word and all(part in self.common for part in word.split("-"))):
            return True
        head, mark, tail = word.replace("’", "'").partition("'")
        return bool(mark) and len(tail) <= 2 and (len(head) == 1 or head in self.common)

    def first_name(self, word: str) -> bool:
        """Say whether a word, or a half of a double one, is a first name that is hardly ever anything else."""
        return word in self.first_names or ("-" in word and any(part in self.first_names for part in word.split("-")))


@dataclass(frozen=True, slots=True)
class Token:
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
        raw = match[0]
        own = _POSSESSIVE.search(raw)
        core = raw[: own.start()] if own else raw
        end = match.start() + len(core)
        out.append(Token(match.start(), end, core.casefold(), core[:1].isupper(), core.isupper(), own is not None))
    return out


class Names:
    """Finds people's names by rules alone.

    Args:
        lexicon: the word lists (`bundle.lexicon()` gives the shipped ones).
    """

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon

    def find(self, text: str) -> list[Span]:
        """Give the spans of names, in order and without overlap; surnames and initials that follow are inside."""
        words = tokens(text)
        kept = [match.span() for match in _KEPT_PHRASES.finditer(text)]
        found: list[Span] = []
        i = 0
        while i < len(words):
            if _inside(words[i], kept) or not self._is_name(text, words, i, found):
                i += 1
                continue
            last = self._extend(text, words, i)
            found.append((words[i].start, words[last].end))
            i = last + 1
        return self._again(words, kept, found)

    def _again(self, words: list[Token], kept: list[Span], found: list[Span]) -> list[Span]:
        """A name that was found once is a name wherever it comes back in the same text."""
        parts = {word.word for word in words if _inside(word, found) and word.end - word.start > 2}
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
            and not self.lexicon.ordinary(token.word)
            and token.word not in self.lexicon.places
            and token.word not in _NEVER
        )

    def accept(self, text: str, span: Span) -> Span | None:
        """Trim a recogniser's span to the words that can be a name; None when nothing is left or it is a
        place or disease.
        """
        words = [word for word in tokens(text[span[0] : span[1]]) if word.word not in STRONG_TITLES | TITLES]
        while words and not self._plausible(words[0]):
            words.pop(0)
        while words and not self._plausible(words[-1]):
            words.pop()
        if not words:
            return None
        start, end = span[0] + words[0].start, span[0] + words[-1].end
        around = tokens(text[max(0, start - 12) : end + 60])
        here = next(i for i, word in enumerate(around) if word.start == start - max(0, start - 12))
        if _is_place(text[max(0, start - 12) : end + 60], around, here) or _KEPT_PHRASES.search(text, start, end):
            return None
        return start, end

    def _plausible(self, token: Token) -> bool:
        first_name = self.lexicon.first_name(token.word)
        known = first_name or token.word in self.lexicon.ambiguous
        return (token.capital or first_name) and (known or self.could_be(token))

    def _is_name(self, text: str, words: list[Token], i: int, found: list[Span]) -> bool:
        word = words[i]
        if word.word in _NEVER or word.end - word.start < 2:
            return False
        if self._titled(text, words, i):
            return True
        if _is_place(text, words, i):
            return False
        if self.lexicon.first_name(word.word) or self._introduced(words, i):
            return True
        if not (word.capital and word.word in self.lexicon.ambiguous) and not self._unknown(word):
            return False
        if _thanked(words, i) or _seen_by(words, i) or _chained(text, words, i, found):
            return True
        return word.capital and (_acts(words, i) or self._full_name(text, words, i))

    def _unknown(self, word: Token) -> bool:
        """A word of letters that no list knows, in capitals or not: a name where the context asks for one."""
        known = self.lexicon.ordinary(word.word) or word.word in self.lexicon.places or word.word in _NEVER
        short = word.end - word.start <= (5 if word.shouted else 2)
        return not known and not short and word.word not in self.lexicon.ambiguous

    def _full_name(self, text: str, words: list[Token], i: int) -> bool:
        """Two unknown words in capitals side by side: more often a person than anything else."""
        if i + 1 >= len(words) or text[words[i].end : words[i + 1].start] != " ":
            return False
        return self.could_be(words[i]) and self.could_be(words[i + 1])

    def _titled(self, text: str, words: list[Token], i: int) -> bool:
        if i == 0 or text[words[i - 1].end : words[i].start] not in _GAP or words[i - 1].possessive:
            return False
        before, word = words[i - 1].word, words[i]
        known = word.word in self.lexicon.ambiguous or self.lexicon.first_name(word.word)
        ordinary = self.lexicon.ordinary(word.word)
        if before in STRONG_TITLES:
            if word.word in _PARTICLES:
                return any(after.capital for after in words[i + 1 : i + 3])
            return not ordinary or (word.capital and (known or words[i - 1].capital) and not _is_place(text, words, i))
        if before in TITLES:
            return (not ordinary and not word.shouted) or (word.capital and known)
        return before in ROLES and ((word.capital and known) or self._unknown(word))

    def _introduced(self, words: list[Token], i: int) -> bool:
        if i < 1 or words[i - 1].word not in _SAID:
            return False
        near = {word.word for word in words[max(0, i - 4) : i - 1]}
        named = words[i - 1].word in ("names", "named") or "name" in near
        if not named and not (words[i - 1].word == "called" and near & _PERSON):
            return False
        ordinary = self.lexicon.ordinary(words[i].word)
        return not ordinary or (words[i].word in self.lexicon.ambiguous and ("name" in near or words[i].capital))

    def _extend(self, text: str, words: list[Token], i: int) -> int:
        last = i
        while last + 1 < len(words) and last - i < 3 and not words[last].possessive:
            gap = text[words[last].end : words[last + 1].start]
            initial = words[last].end - words[last].start == 1
            if gap != " " and not (gap == ". " and initial):
                break
            ahead = last + 1
            while words[ahead].word in _PARTICLES and ahead + 1 < len(words) and ahead - last < 3:
                ahead += 1
            if not self._surname(words[i], words[ahead]):
                break
            last = ahead
        return last

    def _surname(self, first: Token, after: Token) -> bool:
        if after.word in _KEPT_WORDS or after.word in PLACES:
            return False
        if after.end - after.start == 1:
            return after.capital and after.word != "i"
        if self.lexicon.first_name(after.word):
            return True
        if self.lexicon.ordinary(after.word):
            return False
        return after.capital or (not first.capital and after.word not in self.lexicon.ambiguous)


def _inside(token: Token, spans: Iterable[Span]) -> bool:
    return any(start <= token.start < end for start, end in spans)


def _is_place(text: str, words: list[Token], i: int) -> bool:
    """A saint or king before it, or the name of a place, building or disease after it, makes a name no person's."""
    if i and words[i - 1].word in _BEFORE_PLACES and words[i].start - words[i - 1].end <= 2:
        return True
    for k in range(i + 1, min(i + 4, len(words))):
        gap = text[words[k - 1].end : words[k].start]
        if gap.strip("'’sS-") != "" and gap.strip("'’sS") != " ":
            return False
        if words[k].word in PLACES:
            return words[k].capital or not words[k - 1].possessive
        if not words[k].capital:
            return False
    return False


def _thanked(words: list[Token], i: int) -> bool:
    k = i - 1
    while k >= 0 and i - k <= 3 and words[k].word in _LINKS:
        k -= 1
    return k >= 0 and words[k].word in _THANKS and not words[k].possessive


def _seen_by(words: list[Token], i: int) -> bool:
    return i >= 2 and words[i - 1].word == "by" and words[i - 2].word in _TREATED | {"after"}


def _chained(text: str, words: list[Token], i: int, found: list[Span]) -> bool:
    if not found or i == 0:
        return False
    gap = text[found[-1][1] : words[i].start]
    return gap in _CHAIN or gap.strip(" ,").casefold() == "and"


def _acts(words: list[Token], i: int) -> bool:
    after = [word.word for word in words[i + 1 : i + 5]]
    if not after or words[i].possessive:
        return False
    if after[0] in _DOES:
        return True
    if after[0] not in ("was", "is", "were"):
        return False
    rest = [word for word in after[1:] if word not in _MANNER]
    return bool(rest) and rest[0] in _MANNERS
