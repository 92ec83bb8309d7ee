"""What identifies a person in the United Kingdom by its shape: numbers, addresses, dates of birth, plates, accounts.

Every pattern has bounded repeats and no nested ones, so that its time grows linearly with the text whatever is sent.
Each rule gives spans `(start, end)` of the text it was shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeAlias

Span: TypeAlias = tuple[int, int]
Rule: TypeAlias = Callable[[str], Iterator[Span]]

_IS = r"[\s:=.,#(-]{0,4}(?:(?:is|was|of|on|the)\b[\s:]{0,2}){0,2}"
_NUMBER = r"(?:number|num|no|nr|id|ref(?:erence)?|code)"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_BETWEEN = r"[\s./,-]{1,3}"
_DATE = (
    r"(?:" + _DAY + r"(?:\sof)?" + _BETWEEN + r"(?:\d{1,2}|" + _MONTH + r")" + _BETWEEN + r"\d{2,4}"
    r"|(?:" + _DAY + r"(?:\sof)?\s)?" + _MONTH + r"\.?(?:\s" + _DAY + r",?)?\s\d{4}"
    r"|\d{4}-\d{2}-\d{2}|\d{6}|\d{8}|" + _DAY + r"(?:\sof)?[\s-]" + _MONTH + r"(?:\s\d{2}\b)?"
    r"|" + _MONTH + r"\s" + _DAY + r")(?![\d])"
)
_DIGIT = r"(?:[\s.()-]{0,2}\d)"

_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'’-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_DOMAIN_END = r"(?:com|co|org|net|uk|nhs|gov|ac|edu|info|me|eu|ie|fr|de|pl|es|it|in|ng|cymru|wales|scot)\b"
_EMAIL_SPACED = re.compile(
    r"(?<![\w.+%-])[\w.+%'’-]{1,64}\s{0,2}(?:@|[(\[]\s?at\s?[)\]])\s{0,2}[\w-]{1,63}"
    r"(?:\s?(?:\.|[(\[]?\bdot\b[)\]]?)\s?" + _DOMAIN_END + r"){1,3}",
    re.IGNORECASE,
)
_PROVIDER = (
    r"(?:gmail|googlemail|hotmail|outlook|yahoo|icloud|nhs|btinternet|live|msn|aol|sky|talktalk|virginmedia|ymail)"
)
_EMAIL_SPOKEN = re.compile(
    r"(?<![\w.-])(?:[\w.-]{1,30}\s(?:dot|underscore|dash)\s){0,2}[\w.-]{2,40}\s?\bat\b\s?"
    r"(?:"
    + _PROVIDER
    + r"\b(?:\s?(?:\.|\bdot\b)\s?[a-z]{2,5}\b){1,3}|[\w-]{2,40}(?:\sdot\s"
    + _DOMAIN_END
    + r"){1,3})",
    re.IGNORECASE,
)
_NHS_NUMBER = re.compile(r"(?<![\d+])(\d{3}[\s.-]?\d{3}[\s.-]?\d{4})(?!\d)")
_TEN_DIGITS = re.compile(r"(?<![\d+])(?<!\d[\s.-])([4679]\d?(?:[\s.-]?\d){8,9})(?![\s.-]?\d)")
_NHS_NUMBER_SAID = re.compile(
    r"\bn\.?h\.?s\.?[\s-]?(?:" + _NUMBER + r"|#)?" + _IS + r"(\d(?:[\s.-]{0,2}\d){8,9})(?!\d)", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\d+])(?:"
    r"\(?(?:\+\s?44|0044)\)?[\s.-]?(?:\(0\)[\s.-]?|0[\s.-]?)?[1-9]" + _DIGIT + r"{8,9}"  # international, this country
    r"|\(?[0oO][\s.()-]{0,2}[1235789]" + _DIGIT + r"{8,9}"  # national form
    r"|(?:\+|\b00)\d{1,3}" + _DIGIT + r"{7,12}"  # any other country
    r")(?!\d)"
)
_PHONE_SAID = re.compile(
    r"\b(?:phone|tel(?:ephone)?|mob(?:ile)?|landline|extension|whats\s?app|(?:ring|call|text|phone|contact|reach)\sme(?:\son|\sat)?|"
    r"(?:my|his|her|contact|house|home|work)\snumber)(?:\s?"
    + _NUMBER
    + r"\b)?"
    + _IS
    + r"(\d(?:[\s-]?\d){5,12})(?![\d/])",
    re.IGNORECASE,
)
_DOTTED_DATE = re.compile(r"\d\d[.\s-]\d\d[.\s-](?:19|20)\d\d")
_POSTCODE = re.compile(
    r"\b(GIR\s?0AA|[A-PR-UWYZ](?:\d{1,2}|[A-HK-Y]\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d[ABEHMNPRV-Y])[\s-]{0,2}(\d[ABD-HJLNP-UW-Z]{2}))\b",
    re.IGNORECASE,
)
_NOT_INWARD = re.compile(r"\d(?:st|nd|rd|th|hr|ds|pt|ft|as)$")
_BORN = re.compile(
    r"\b(?:d\.?\s?o\.?\s?b\b\.?|date[\s-]of[\s-]birth|birth\s?-?date|birthday)[^\d\n]{0,20}?(?<![\w.])(" + _DATE + r")"
    r"|\bborn\b[^\d\n.!?]{0,25}?\b(" + _DATE + r")|[(\[]b\.?\s?(" + _DATE + r")"
    r"|\b(" + _DATE + r")\W{1,3}(?:(?:is|was)\s(?:my|his|her|the)\s)?(?:d\.?o\.?b\b|date\sof\sbirth|birthday)",
    re.IGNORECASE,
)
_LONG_AGO = re.compile(
    r"(?<![\d/.-])(?:" + _DAY + r"(?:\sof)?" + _BETWEEN + r"(?:\d{1,2}|" + _MONTH + r")" + _BETWEEN + r"19\d\d)(?!\d)",
    re.IGNORECASE,
)
_NOT_A_BIRTH = re.compile(r"\b(?:open\w{0,3}|since|built|founded|until|from|to|in)\b[^.!?\n]{0,25}$", re.IGNORECASE)
_NATIONAL_INSURANCE = re.compile(
    r"\b[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z][\s-]?\d(?:[\s-]?\d){5}[\s-]?[A-D]\b", re.IGNORECASE
)
_NATIONAL_INSURANCE_SAID = re.compile(
    r"(?:\bn\.?i\b\.?|\bnino|\b(?:nat(?:ional)?\.?\s?)?ins(?:urance)?)(?:\s?(?:" + _NUMBER + r")\b\.?)?" + _IS
    + r"([a-z]{2}[\s-]?\d(?:[\s-]?\d){5}(?:[\s-]?[a-d]\b)?)(?!\d)",
    re.IGNORECASE,
)  # fmt: skip
_RECORD = re.compile(
    r"\b(?:(?:hosp(?:ital)?|patient|unit|case|record|clinic|district|pas|rxh|complaint|incident|claim|booking|appointment|"
    r"referral|episode|file|wristband|barcode|pals|datix|x-?ray|lab|staff|employee|payroll|nmc|gmc|membership|policy|"
    r"[a-z])\s?(?:(?:number|num|no|id|ref(?:erence)?|code|pin)\b['’s.]{0,2}\s?){1,2}"
    r"|\bref(?:erence)?(?:\s?" + _NUMBER + r"\b\.?)?"
    r"|mrn|crn|datix|pals|lfpse|(?-i:[A-Z]{2,4})\snumber)"
    + _IS + r"((?:[A-Z]{1,5}[\s/-]?)?\d(?:[\s/-]?\d){3,11}[A-Z]{0,2}|[A-Z]{1,3}\d{2,10}[A-Z]?)\b",
    re.IGNORECASE,
)  # fmt: skip
_RECORD_BARE = re.compile(r"(?<![\w£$/.,-])(?:[A-Z]{1,3}\d{6,9}[A-Z]?|(?!\d{0,4}0{4,9}\b)\d{7,12})(?![\w,]|\.\d)")
_ROAD = (
    r"(?:street|road|avenue|lane|close|drive|crescent|terrace|gardens|grove|place|way|court|square|hill|row|walk|"
    r"view|mews|paddocks?|meadows?|vale|rise|boulevard|croft|dale|heights|parade|fold|garth|wharf|chase|gate|mount|green)"
)
_ROAD_SHORT = r"(?:St|Rd|Ave|Av|Cres|Dr|Ln|Gdns|Cl|Sq|Tce|Ter|Blvd|Pl|Ct)\b\.?"
_TOWARDS = r"(?:\s(?:North|South|East|West))?"
_FLAT = r"(?:(?:flat|apartment|apt|unit)\.?\s\d{1,4}[a-z]?,?\s)"
_ADDRESS = re.compile(
    r"\b(?:(?i:" + _FLAT + r"))?\d{1,4}[a-zA-Z]?,?\s(?:[A-Z][\w'’-]{1,20}\.?\s){1,3}"
    r"(?:(?i:" + _ROAD + r")|" + _ROAD_SHORT + r")(?:\b" + _TOWARDS + r")"
    r"|\b(?i:flat|apartment|apt)\.?\s\d{1,4}[a-zA-Z]?,?\s(?:[A-Z][\w'’-]{1,20}\s){1,2}(?:House|Court|Tower|Lodge|Point|Mansions|Heights)\b"
    r"|\b(?i:p\.?o\.?\sbox)\s\d{1,6}\b"
    r"|\b\d{1,4}[a-z]?\s(?!(?:main|side|way|mile|miles|ring|busy|long|wrong|other|same|new)\b)[a-z'’]{3,20}\s"
    r"(?:street|road|avenue|lane|crescent|terrace|grove|rd|ave)\b",
)
_ADDRESS_SAID = re.compile(
    r"\b(?:liv(?:e|es|ed|ing)\s(?:at|in|on)|address(?:\s(?:is|was))?:?|(?:home|house|flat)\s(?:at|is|address)|stay(?:s|ing|ed)?\sat|"
    r"resid(?:e|es|ing)\sat|moved\s(?:to|from)|based\sat)\s(?:(?:no|number)\.?\s)?"
    r"(" + _FLAT + r"?\d{1,4}[a-z]?,?\s(?:[\w'’-]{2,20}\s){1,3}(?:" + _ROAD + r"|st|rd|ave|cres|cl)\b" + _TOWARDS
    + r"|\d{1,4}[a-z]?,?\s(?-i:(?:[A-Z][\w'’-]{1,20})(?:\s[A-Z][\w'’-]{1,20}){1,2}))",
    re.IGNORECASE,
)  # fmt: skip
_HOUSE = re.compile(
    r"(?:\b(?:my|our|her|his)\s(?:house|home|flat|address)|\b(?:live|lives|lived|living|address|home))[\s,:]{1,3}(?:(?:at|is|in)\s)?"
    r"((?:[A-Z][\w'’-]{1,20}\s){1,3}(?:Cottage|House|Farm|Lodge|Villa|Barn|Bungalow)"
    r"(?:,\s(?:[A-Z][\w'’-]{1,20}\s){1,3}(?i:" + _ROAD + r"))?)\b"
)
_NOT_A_HOUSE = re.compile(
    r"\b(?:ward|bed|bay|room|unit|floor|clinic|zone|level|theatre|junction|stop|bus|platform|car\spark)\s$",
    re.IGNORECASE,
)
_PLATE = re.compile(r"\b([A-HJ-PR-Y][A-HJ-PR-Y](?:0[1-9]|[1-7]\d)[\s-]?([A-HJ-PR-Z]{3}))\b", re.IGNORECASE)
_PLATE_OLD = re.compile(
    r"\b([A-HJ-NPR-TV-Y]\d{1,3}[\s-]?([A-HJ-PR-Z]{3})|([A-Z]{3})[\s-]?\d{1,3}[A-HJ-NPR-TV-Y]|((?-i:[A-Z]{1,2}[IZ][A-Z]?))[\s-]?\d{1,4})\b",
    re.IGNORECASE,
)
_PLATE_SAID = re.compile(
    r"\b(?:(?:reg(?:istration)?|number|licen[cs]e|vehicle|car)[\s-]?(?:"
    + _NUMBER
    + r"|plate|mark|reg)|reg|vrm|plate|registration)\b"
    r"(?!\sdesk)" + _IS + r"((?=[A-Z]{0,3}\d|\d)[A-Z0-9]{1,4}[\s-]?(?=[A-Z]*\d|[A-Z]{3})[A-Z0-9]{1,4})\b"
)
_VEHICLE = re.compile(
    r"\b(?:reg(?:istration)?|plates?|vrm|vehicle|cars?|park(?:ed|ing)?|van|taxi|clamped|mot|fiesta|corsa|astra|focus|golf|polo|"
    r"ford|vauxhall|bmw|audi|toyota|nissan|mini|micra|clio|motability|minibus|penalty|dvla|blue badge)\b",
    re.IGNORECASE,
)
_NO_PLATE = frozenset(
    re.findall(
        r"\w+",
        "the and was for but not are had has you all any can her his our out day who did its let say she too use "
        "way new now old see two off one get got him how man put bay bed car far lot map min pay red run top bad "
        "big bit boy cut due ear end eye few fit hot ill job leg low mum dad non per sat sit six ten tea try via "
        "war wet why yes yet mgs kgs mls hrs hour mins days bus gps nhs mri ent ecg icu ward",
    )
)
_HANDLE = re.compile(
    r"(?<![\w.@/])@(?!(?:the|home|work|my|night|nights|reception|a|an|this|that|least|all|our|your|his|her|lunch)\b)"
    r"[A-Za-z_][\w.]{0,29}\w"
)
_PLATFORM = (
    r"(?:insta(?:gram)?|ig|snap(?:\s?chat)?|tik\s?tok|twitter|face\s?book|fb|messenger|telegram|discord|threads|blue\s?sky|bsky|"
    r"mastodon|linked\s?in|you\s?tube|reddit|twitch|x\shandle|skype|xbox|psn)"
)
_LOOKS_LIKE_A_HANDLE = r"(?:[a-z][a-z0-9]{0,29}[\d_.-][\w.#-]{0,28}\w|[a-z]{2,29}\d{1,6})"
_HANDLE_SAID = re.compile(
    r"\b" + _PLATFORM + r"(?:\s(?:name|account|page|id|user|profile))?(?:\s(?:is|at|as|under)\b)?\s{0,2}[-=]?\s{0,2}("
    + _LOOKS_LIKE_A_HANDLE + r")\b"
    r"|\b" + _PLATFORM + r"\s?(?:name|account|page|id|handle|username)?\s?[:=]\s?@?([\w.#-]{2,30}\w)"
    r"|\b(?:handle|user\s?name|gamer\s?tag|screen\s?name)(?:\son\s\w{1,12})?(?:\s(?:is|was)\b)?[\s:=]{1,3}@?("
    + _LOOKS_LIKE_A_HANDLE + r")\b"
    r"|\b" + _PLATFORM + r"\s(?:handle|username|user\sname|name)\s(?:is|was)\s@?([\w.-]{2,30}\w)"
    r"|\b(?:facebook|instagram|twitter|x|tiktok|linkedin|threads|youtube|snapchat)\.com/(?:in/|add/|@)?([\w.-]{2,50}\w)"
    r"|\b(?:add|dm|follow|message|tag|tagged|find)\s(?:me\s)?(?:on\s\w{1,12}\s)?(?:as\s)?([a-z][a-z0-9]*_[\w.]*\w)",
    re.IGNORECASE,
)  # fmt: skip
_CARD = re.compile(r"(?<![\d+])[2-6]\d{3}(?:[\s-]?\d){9,15}(?!\d)")
_IBAN = re.compile(r"\b([A-Z]{2}\d{2})(?=[\s-]?[A-Z0-9]{4})((?:[\s-]?[A-Z0-9]){11,30})", re.IGNORECASE)
_IBAN_LENGTHS = {
    "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18,
    "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IT": 27, "LT": 20, "LU": 20, "LV": 21,
    "MT": 31, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19, "SK": 24, "TR": 26,
    "UA": 29,
}  # fmt: skip
"""Letters and digits of an IBAN by country (SWIFT, IBAN registry, release 97)."""
_SORT = r"\d{2}[\s-]?\d{2}[\s-]?\d{2}"
_ACCOUNT = r"(?:\d{8}|\d{4}[\s-]\d{4}|\d{2}[\s-]\d{2}[\s-]\d{2}[\s-]\d{2}|\d{7})"
_BANK = (
    r"(?:bank(?:ing)?|barclays|hsbc|lloyds|nat\s?west|santander|halifax|monzo|starling|nationwide|tsb|rbs|co-?op|"
    r"revolut)"
)
_SORT_SAID = re.compile(
    r"\b(?:sort(?:ing)?(?:[\s-]?codes?)?|s/?c\b|" + _BANK + r")[^\d\n]{0,25}(" + _SORT + r")(?!\d)", re.IGNORECASE
)
_SORT_THEN_ACCOUNT = re.compile(
    r"(?<!\d)(\d{2}[\s-]\d{2}[\s-]\d{2}|\d{6})(?:[\s,/;:&]{1,3}|[^\d\n]{0,6}\b(?:and|acc?\w{0,6}|a/c)\b[^\d\n]{0,12})("
    + _ACCOUNT
    + r")(?!\d)",
    re.IGNORECASE,
)
_ACCOUNT_SAID = re.compile(
    r"\b(?:acc(?:oun)?ts?|acct?|acc|a/c|" + _BANK + r")\b[^\d\n]{0,30}(?<!\d)(" + _ACCOUNT + r")(?!\d)"
    r"|(?<!\d)(" + _ACCOUNT + r")\b[\s,]{1,2}(?:is|was)\s(?:my|the|his|her|our)\s(?:bank\s)?(?:acc|a/c)",
    re.IGNORECASE,
)


def is_nhs_number(digits: str) -> bool:
    """Say whether ten digits carry a right check digit: modulus 11, weights 10 to 2 (NHS Data Dictionary,
    "NHS number").
    """
    if len(digits) != 10:
        return False
    check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
    return check % 11 == int(digits[9]) if check != 10 else False


def is_card_number(digits: str) -> bool:
    """Say whether 13 to 19 digits carry a right check digit (ISO/IEC 7812-1 annex B, "Luhn")."""
    if not 13 <= len(digits) <= 19:
        return False
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(value - 9 * (value > 9) for value in doubled) % 10 == 0


def is_iban(account: str) -> bool:
    """Say whether letters and digits are an IBAN: its country's length, and 1 modulo 97 (ISO 13616-1)."""
    if len(account) != _IBAN_LENGTHS.get(account[:2]):
        return False
    return int("".join(str(int(character, 36)) for character in account[4:] + account[:4])) % 97 == 1


def _said(*patterns: re.Pattern[str]) -> Rule:
    """A rule that takes every group of each match, or the whole of a match without groups."""

    def rule(text: str) -> Iterator[Span]:
        for pattern in patterns:
            for match in pattern.finditer(text):
                for group in range(1, pattern.groups + 1) if pattern.groups else (0,):
                    if match.start(group) >= 0:
                        yield match.span(group)

    return rule


def _nhs_numbers(text: str) -> Iterator[Span]:
    for pattern in (_NHS_NUMBER, _TEN_DIGITS):
        for match in pattern.finditer(text):
            if is_nhs_number(re.sub(r"\D", "", match[1])):
                yield match.span(1)


def _phones(text: str) -> Iterator[Span]:
    for match in _PHONE.finditer(text):
        if not _DOTTED_DATE.match(match[0]):
            yield match.span()


def _postcodes(text: str) -> Iterator[Span]:
    for match in _POSTCODE.finditer(text):
        if match[2] is None or not _NOT_INWARD.match(match[2]):
            yield match.span(1)


def _births(text: str) -> Iterator[Span]:
    yield from _said(_BORN)(text)
    for match in _LONG_AGO.finditer(text):
        if not _NOT_A_BIRTH.search(text, max(0, match.start() - 40), match.start()):
            yield match.span()


def _addresses(text: str) -> Iterator[Span]:
    yield from _said(_ADDRESS_SAID)(text)
    for match in _ADDRESS.finditer(text):
        if not _NOT_A_HOUSE.search(text, max(0, match.start() - 12), match.start()):
            yield match.span()


def _plates(text: str) -> Iterator[Span]:
    yield from _said(_PLATE_SAID)(text)
    about = _VEHICLE.search(text) is not None
    for pattern in (_PLATE, _PLATE_OLD) if about else (_PLATE,):
        for match in pattern.finditer(text):
            letters = next(group for group in match.groups()[1:] if group)
            spaced_lower = match[1] != match[1].upper() and not about
            if letters.lower() not in _NO_PLATE and not spaced_lower:
                yield match.span(1)


def _cards(text: str) -> Iterator[Span]:
    for match in _CARD.finditer(text):
        if is_card_number(re.sub(r"\D", "", match[0])):
            yield match.span()


def _ibans(text: str) -> Iterator[Span]:
    for match in _IBAN.finditer(text):
        length = _IBAN_LENGTHS.get(match[1][:2].upper(), 0)
        places = [match.start() + at for at, character in enumerate(match[0]) if character.isalnum()][:length]
        if length and is_iban("".join(text[at] for at in places).upper()):
            yield match.start(), places[-1] + 1


RULES: tuple[tuple[str, int, Rule], ...] = (
    ("NHS number", 9, _said(_NHS_NUMBER_SAID)),
    ("bank details", 6, _ibans),
    ("bank details", 13, _cards),
    ("date of birth", 1, _births),
    ("bank details", 6, _said(_SORT_THEN_ACCOUNT, _SORT_SAID, _ACCOUNT_SAID)),
    ("national insurance number", 6, _said(_NATIONAL_INSURANCE_SAID, _NATIONAL_INSURANCE)),
    ("phone", 8, _phones),
    ("NHS number", 9, _nhs_numbers),
    ("hospital number", 2, _said(_RECORD)),
    ("phone", 6, _said(_PHONE_SAID)),
    ("vehicle plate", 1, _plates),
    ("address", 1, _addresses),
    ("postcode", 2, _postcodes),
    ("hospital number", 6, _said(_RECORD_BARE)),
)
"""Kind, the fewest digits that a text must hold for it, and rule; of two that overlap the earlier one wins."""

_MAIL: tuple[tuple[str, Rule], ...] = (("e-mail", _said(_EMAIL, _EMAIL_SPACED)),)
_SPOKEN_MAIL: tuple[tuple[str, Rule], ...] = (("e-mail", _said(_EMAIL_SPOKEN)),)
_HANDLES: tuple[tuple[str, Rule], ...] = (("handle", _said(_HANDLE, _HANDLE_SAID)),)
_HOUSES: tuple[tuple[str, Rule], ...] = (("address", _said(_HOUSE)),)
_DIGIT_THERE = re.compile(r"\d")
_HAS_MAIL = re.compile(r"@|[(\[]\s?at", re.IGNORECASE)
_HAS_SPOKEN_MAIL = re.compile(r"\bat\b\s?(?:" + _PROVIDER + r"|[\w-]{2,40}\sdot\b)", re.IGNORECASE)
_HAS_HANDLE = re.compile(
    r"@|\b(?:" + _PLATFORM + r"|handle|user\s?name|gamer\s?tag|screen\s?name)|\w_\w", re.IGNORECASE
)
_HAS_HOUSE = re.compile(r"Cottage|House|Farm|Lodge|Villa|Barn|Bungalow")
_GUARDED = (
    (_HAS_MAIL, _MAIL),
    (_HAS_SPOKEN_MAIL, _SPOKEN_MAIL),
    (_HAS_HANDLE, _HANDLES),
)
"""A cheap look first: nearly all comments have no @, and few digits, and need none of the rules."""


def structured(text: str) -> Iterator[tuple[str, int, int]]:
    """Find every identifier with a fixed shape: yields `(kind, start, end)`, in order of precedence, overlaps
    included.
    """
    for sign, rules in _GUARDED:
        if sign.search(text):
            yield from _found(rules, text)
    digits = len(_DIGIT_THERE.findall(text))
    yield from _found([(kind, rule) for kind, fewest, rule in RULES if fewest <= digits], text)
    if _HAS_HOUSE.search(text):
        yield from _found(_HOUSES, text)


def _found(rules: Iterable[tuple[str, Rule]], text: str) -> Iterator[tuple[str, int, int]]:
    for kind, rule in rules:
        for start, end in rule(text):
            yield kind, start, end
