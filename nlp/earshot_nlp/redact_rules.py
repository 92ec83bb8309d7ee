"""What identifies a person in the United Kingdom by its shape: numbers, addresses, dates of birth.

Every pattern has bounded repeats and no nested ones, so that its time grows linearly with the text whatever is sent.
Each rule gives spans `(start, end)` of the text it was shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
Rule: TypeAlias = Callable[[str], Iterator[Span]]

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = (
    r"(?:\d{1,2}(?:st|nd|rd|th)?(?:\sof)?[\s./-]{1,2}(?:\d{1,2}|" + _MONTH + r")[\s./,-]{1,2}\d{2,4}"
    r"|" + _MONTH + r"\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|\d{4}-\d{2}-\d{2}|\d{6}|\d{8})\b"
)
_DIGIT = r"(?:[\s.()-]{0,2}\d)"

_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_EMAIL_SPOKEN = re.compile(
    r"(?<![\w.-])[\w.-]{2,40}\s?[(\[]?\bat\b[)\]]?\s?(?:gmail|hotmail|outlook|yahoo|icloud|nhs)"
    r"\b(?:\s?(?:\.|\bdot\b)\s?[a-z]{2,5}){1,3}",
    re.IGNORECASE,
)
_NHS_NUMBER = re.compile(r"(?<![\d+])(\d{3}[\s-]?\d{3}[\s-]?\d{4})(?!\d)")
_NHS_NUMBER_SAID = re.compile(
    r"\bnhs\s?(?:number|num|no\.?|#)[\s:]{0,3}(?:is|was)?[\s:]{0,3}(\d(?:[\s-]?\d){8,9})(?!\d)", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\d+])(?:"
    r"(?:\+44|0044)\s?(?:\(0\)\s?)?[1-9]" + _DIGIT + r"{8,9}"  # international form of a United Kingdom number
    r"|\(?0[1235789]" + _DIGIT + r"{8,9}"  # national form
    r"|\+\d{1,3}" + _DIGIT + r"{7,12}"  # any other country
    r")(?!\d)"
)
_DOTTED_DATE = re.compile(r"\d\d[.\s-]\d\d[.\s-](?:19|20)\d\d")
_POSTCODE = re.compile(
    r"\b(GIR\s?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRV-Y])\s{0,2}(\d[ABD-HJLNP-UW-Z]{2}))\b",
    re.IGNORECASE,
)
_NOT_INWARD = frozenset(
    {"1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th", "9th", "0th", "5hr", "2hr", "1hr", "3hr"}
)
_BIRTH = re.compile(
    r"\b(?:d\.?\s?o\.?\s?b\b\.?|date of birth|birth\s?date|born(?:\son(?:\sthe)?)?|birthday)"
    r"[\s:,=(-]{0,4}(?:(?:is|was|on|the)\s){0,3}(" + _DATE + r")",
    re.IGNORECASE,
)
_NATIONAL_INSURANCE = re.compile(
    r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?\d{2}\s?\d{2}\s?\d{2}\s?[A-D]\b", re.IGNORECASE
)
_HOSPITAL_NUMBER = re.compile(
    r"\b(?:(?:hospital|patient|unit|case|record|clinic)\s?(?:number|num|no\.?|id|ref(?:erence)?)|mrn|crn|pas\sn(?:umber|o))"
    r"[\s:.#-]{0,3}(?:is|was)?[\s:]{0,2}([A-Z]{0,3}[\s/-]?\d{4,10}[A-Z]?)\b",
    re.IGNORECASE,
)
_ROAD = (
    r"(?:street|road|avenue|lane|close|drive|crescent|terrace|gardens|grove|place|way|court|square|hill|row|walk|"
    r"view|mews)"
)
_ADDRESS = re.compile(
    r"\b(?:(?:flat|apartment|apt)\s\d{1,4}[a-z]?,?\s)?\d{1,4}[a-zA-Z]?,?\s(?:[A-Z][\w'’-]{1,20}\s){1,3}"
    r"(?:(?i:" + _ROAD + r")|St|Rd|Ave|Cres|Dr|Ln)\b",
)
_ADDRESS_SAID = re.compile(
    r"\b(?:liv(?:e|es|ed|ing)\sat|address\s(?:is|was)|home\sat|resid(?:e|es|ing)\sat)\s"
    r"((?:flat\s\d{1,4}[a-z]?,?\s)?\d{1,4}[a-z]?,?\s(?:[\w'’-]{2,20}\s){1,3}(?:" + _ROAD + r"|st|rd|ave|cres))\b",
    re.IGNORECASE,
)
_NOT_A_HOUSE = re.compile(r"\b(?:ward|bed|bay|room|unit|floor|clinic|zone|level|theatre)\s$", re.IGNORECASE)


def is_nhs_number(digits: str) -> bool:
    """Say whether ten digits carry a right check digit: modulus 11, weights 10 to 2 (NHS Data Dictionary,
    "NHS number").
    """
    if len(digits) != 10:
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[9]) if check != 10 else False


def _whole(pattern: re.Pattern[str], group: int = 0) -> Rule:
    def rule(text: str) -> Iterator[Span]:
        for match in pattern.finditer(text):
            yield match.span(group)

    return rule


def _nhs_numbers(text: str) -> Iterator[Span]:
    for match in _NHS_NUMBER.finditer(text):
        if is_nhs_number(re.sub(r"\D", "", match[1])):
            yield match.span(1)
    for match in _NHS_NUMBER_SAID.finditer(text):  # said to be one: a digit may be wrong and it still identifies
        yield match.span(1)


def _phones(text: str) -> Iterator[Span]:
    for match in _PHONE.finditer(text):
        if not _DOTTED_DATE.match(match[0]):
            yield match.span()


def _postcodes(text: str) -> Iterator[Span]:
    for match in _POSTCODE.finditer(text):
        inward = match[2]
        if inward is None or inward.lower() not in _NOT_INWARD:
            yield match.span(1)


def _addresses(text: str) -> Iterator[Span]:
    for match in _ADDRESS.finditer(text):
        if not _NOT_A_HOUSE.search(text, max(0, match.start() - 12), match.start()):
            yield match.span()
    for match in _ADDRESS_SAID.finditer(text):
        yield match.span(1)


RULES: tuple[tuple[str, Rule], ...] = (
    ("e-mail", _whole(_EMAIL)),
    ("e-mail", _whole(_EMAIL_SPOKEN)),
    ("national insurance number", _whole(_NATIONAL_INSURANCE)),
    ("NHS number", _nhs_numbers),
    ("date of birth", _whole(_BIRTH, 1)),
    ("hospital number", _whole(_HOSPITAL_NUMBER, 1)),
    ("phone", _phones),
    ("address", _addresses),
    ("postcode", _postcodes),
)
"""Kind and rule; where two overlap, the one that stands earlier here wins."""


def structured(text: str) -> Iterator[tuple[str, int, int]]:
    """Find every identifier with a fixed shape: yields `(kind, start, end)`, in order of precedence, overlaps
    included.
    """
    for kind, rule in RULES:
        for start, end in rule(text):
            yield kind, start, end
