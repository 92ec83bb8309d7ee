"""Which language a comment is written in, with care for the very short ones."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from earshot_nlp.types import Language

ENGLISH = "en"
_WORD = re.compile(r"[^\W\d_]+")
_HEARD = (
    "ar bg bn cs cy da de el en es et fa fi fr ga gu he hi hr hu id it ja ka ko ku lt lv ml mr ms ne nl no pa pl ps pt "
    "ro ru si sk sl so sq sr sv sw ta te th tl tr uk ur vi zh"
)
_SHORT = 4
"""Fewer words than this are taken as English unless the script says otherwise: "Nada" and "Super" are English
here.
"""


class Languages:
    """Detects languages heard in the United Kingdom.

    Args:
        english: everyday English words; a text made of them needs no statistics.
    """

    def __init__(self, english: frozenset[str]) -> None:
        self.english = english

    def detect(self, text: str) -> Language:
        """Give the language of a text; a text without letters is English with probability 0."""
        words = _WORD.findall(text[:2_000])
        if not words:
            return Language(ENGLISH, 0.0)
        latin = sum(_is_latin(word) for word in words) / len(words)
        known = sum(word.lower() in self.english for word in words) / len(words)
        if latin > 0.7 and (known >= 0.6 or len(words) < _SHORT):
            return Language(ENGLISH, round(max(known, 0.5), 4))
        code, p = _identifier().classify(" ".join(words))
        if latin > 0.7 and known >= 0.35 and p < 0.9:
            return Language(ENGLISH, round(known, 4))
        return Language(str(code), round(float(p), 4))


def _is_latin(word: str) -> bool:
    return word[0].isascii() or unicodedata.name(word[0], "").startswith("LATIN")


@cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in _HEARD.split() if code in identifier.nb_classes])
    return identifier
