"""De-identification: what is taken out, what stays, and that hostile text neither breaks nor slows it."""

from __future__ import annotations

import time

import pytest
from earshot_nlp import bundle, redact
from earshot_nlp.redact import Redactor
from earshot_nlp.redact_rules import is_card_number, is_iban, is_nhs_number
from earshot_nlp.types import Identifier, Redaction, RedactionFailed


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return Redactor(bundle.lexicon())


def redacted(redactor: Redactor, text: str) -> str:
    (result,) = redactor.redact([text])
    assert isinstance(result, Redaction)
    return result.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Nurse Siân was brilliant, thank you siân", "Nurse [name 1] was brilliant, thank you [name 1]"),
        ("my nurse sarah jones was lovely, thanks sarah", "my nurse [name 1] was lovely, thanks [name 1]"),
        ("dr patel is great but Dr Okafor is not", "dr [name 1] is great but Dr [name 2] is not"),
        ("saw dr about my leg", "saw dr about my leg"),
        ("thanks to Priya and Oluwaseun and Grace", "thanks to [name 1] and [name 2] and [name 3]"),
        ("a nurse called shenice helped me", "a nurse called [name 1] helped me"),
        ("my name is grace", "my name is [name 1]"),
        ("Agnieszka Kowalska was my midwife", "[name 1] was my midwife"),
        ("Mr O'Brien and Mrs van der Berg", "Mr [name 1] and Mrs [name 2]"),
        ("Chukwuemeka Obi came. Obi was great", "[name 1] came. [name 1] was great"),
        ("Sam, Tom & Ola were amazing", "[name 1], [name 2] & [name 3] were amazing"),
        ("Staff nurse Joy and HCA Blessing", "Staff nurse [name 1] and HCA [name 2]"),
        ("Rachel's ward was clean", "[name 1]'s ward was clean"),
        ("muhammad at reception hung up", "[name 1] at reception hung up"),
        ("Grace was very kind", "[name 1] was very kind"),
        ("thanks to zubenathi and the team", "thanks to [name 1] and the team"),
        ("i was seen by wioleta", "i was seen by [name 1]"),
        ("Thembeka Zwane came every day", "[name 1] came every day"),
        ("our Dave saw Dr K. and dr b", "our [name 1] saw Dr [name 2]. and dr [name 3]"),
        ("J. Threlfall signed, T.J. the porter left", "[name 1] signed, [name 2]. the porter left"),
        ("Docter Hughes and Sistr Collins", "Docter [name 1] and Sistr [name 2]"),
        ("mr green and Emma Cooper, nurse rose", "mr [name 1] and [name 2], nurse [name 3]"),
        ("Nic the OT, and Penny at the surgery", "[name 1] the OT, and [name 2] at the surgery"),
        ("Blessing washed my hair, and we all liked Grace", "[name 1] washed my hair, and we all liked [name 2]"),
    ],
)
def test_people_are_replaced_and_numbered(redactor: Redactor, text: str, expected: str) -> None:
    assert redacted(redactor, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NHS number 943 476 5919", "NHS number [NHS number]"),
        ("it is 9434765919.", "it is [NHS number]."),
        ("my nhs number is 943 476 5918", "my nhs number is [NHS number]"),
        ("ring 07700 900123 or 01632 960 001", "ring [phone] or [phone]"),
        ("ring +44 (0)7700 900123", "ring [phone]"),
        ("ring (020) 7946 0958 please", "ring [phone] please"),
        ("write to sarah.jones+ward@nhs.net", "write to [e-mail]"),
        ("write to sarah dot jones or sjones at gmail dot com", "write to [name 1] dot jones or [e-mail]"),
        ("we are at SW1A 1AA", "we are at [postcode]"),
        ("ng5 1pb is far", "[postcode] is far"),
        ("DOB 03/04/1961", "DOB [date of birth]"),
        ("born on 3rd May 1990", "born on [date of birth]"),
        ("date of birth: 12.11.58", "date of birth: [date of birth]"),
        ("I live at 14 maple road", "I live at [address]"),
        ("25 Acacia Avenue smells", "[address] smells"),
        ("NI AB 12 34 56 C", "NI [national insurance number]"),
        ("hospital number A123456", "hospital number [hospital number]"),
        ("MRN: 00123456", "MRN: [hospital number]"),
        ("hosp no K-284 756, complaint ref PALS-20391", "hosp no [hospital number], complaint ref [hospital number]"),
        ("Datix W128834, see K1129385", "Datix [hospital number], see [hospital number]"),
        ("my car AB12 CDE and reg K123 ABC", "my car [vehicle plate] and reg [vehicle plate]"),
        ("parked my fj70xyz here, plate ABC 123D", "parked my [vehicle plate] here, plate [vehicle plate]"),
        ("ask @NottsMum or insta: shazza.xo", "ask [handle] or insta: [handle]"),
        ("snapchat is leah-2007", "snapchat is [handle]"),
        ("facebook.com/bob.smithers.54", "facebook.com/[handle]"),
        ("sort code 20-45-17 account 33829104", "sort code [bank details] account [bank details]"),
        ("a/c 99281736, refund 40-12-88 55610293", "a/c [bank details], refund [bank details] [bank details]"),
        ("card 4111 1111 1111 1111 exp 04/27", "card [bank details] exp 04/27"),
        ("pay GB82 WEST 1234 5698 7654 32 please", "pay [bank details] please"),
        ("ni no SR-40-22-19-C", "ni no [national insurance number]"),
        ("Jo 4.6.1951, born in June 1932", "[name 1] [date of birth], born in [date of birth]"),
        ("mo.farouk[at]yahoo.com or brenda @ talktalk . net", "[e-mail] or [e-mail]"),
        ("Flat 4, 19 Gladstone Street in B33 8TH", "[address] in [postcode]"),
        ("0\u200b7700\u200b900123 and ０７７００９００１２３", "[phone] and [phone]"),
    ],
)
def test_numbers_and_addresses_are_replaced(redactor: Redactor, text: str, expected: str) -> None:
    assert redacted(redactor, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "My Parkinson's nurse and the Crohn's clinic and the Macmillan nurses were kind",
        "Marie Curie and St Mary's Hospital, James Cook Hospital and Queen Elizabeth Hospital",
        "bed 12 on ward 4, 500mg at 10.30am in May, £3.50 each, b12 1mg on Monday 3 June",
        "May was busy. Will you improve? I hope so. It was a mark of respect",
        "Durham was busy, Newcastle was not, and Cramlington hospital was quiet",
        "I can't say I've had a better time, they didn't rush. Nurse in charge was busy",
        "call 111 or 999, wait 2 hours on the road, appointment 01/02/2026 at 9",
        "RVI, HDU, OT and CAMHS were full. Excelent service. Thank you so much",
        "Thanks to everyone, a face-to-face visit, seen by podiatrists in Bishop Auckland",
        "Nurse Practitioner, Sister on duty, Dr surgery, miss my home",
        "A4 ward, bed B12 and T12 fracture, FEC75 then 20 30 40 minutes, parked in zone B2 and paid",
        "waiting @ 3pm @ the desk, put it on facebook or instagram so all know, twitter is awful",
        "I had to give an account 12-14-16 times, card payments only, sort it out, code 4455 on the door",
        "The unit opened on 14/02/1987 and the birthday cake was nice, born at 27 weeks",
        "the female Dr I saw, NHS111 and TED stockings, vitamin C. Podiatry was late",
        "olive oil, basil soup, rosemary and ginger, the heather, a ray of sunshine, no grace",
        "Moved to Rowan, then Hazel ward in May. In April they told me June",
        "There were 1000000 reasons, look at www.nhs.uk",
        "",
        " \n ",
        "👍👍👍",
    ],
)
def test_what_identifies_nobody_stays(redactor: Redactor, text: str) -> None:
    assert redacted(redactor, text) == text


def test_offsets_point_into_the_original(redactor: Redactor) -> None:
    text = "Ask Si\u0301an on 07700 900123"
    (result,) = redactor.redact([text])
    assert isinstance(result, Redaction)
    assert result.identifiers == (Identifier("name", 4, 9), Identifier("phone", 13, 25))
    assert result.text == "Ask [name 1] on [phone]"


def test_batch_equals_single(redactor: Redactor) -> None:
    texts = ["Shanelle Kavanagh-Price helped", "Nothing", "dr patel", "Mbali went to Tesco with Mr Ferreira", ""] * 3
    assert redactor.redact(texts) == [redactor.redact([text])[0] for text in texts]


def test_check_digits_of_cards_and_bank_accounts() -> None:
    assert is_card_number("4111111111111111") and not is_card_number("4111111111111112")
    assert not is_card_number("0" * 12)
    assert is_iban("GB82WEST12345698765432") and not is_iban("GB82WEST12345698765433")
    assert not is_iban("ZZ82WEST12345698765432") and not is_iban("GB82")


def test_check_digit_of_nhs_numbers() -> None:
    assert is_nhs_number("9434765919")
    assert not is_nhs_number("9434765918")
    assert not is_nhs_number("943476591")


@pytest.mark.parametrize(
    "text",
    [
        "👩🏽‍⚕️" * 1250,
        "\u200b\u202e" * 2500,
        "a" * 10_000,
        "A" * 10_000,
        "a@" * 5000,
        "1 " * 5000,
        "0" * 10_000,
        "Ab Cd " * 1600,
        "12 Xx " * 1600,
        "e" + "\u0301" * 9999,
        "Dr " * 3000,
        "sarah-" * 1600,
        "\ud800" * 100 + " Sarah",
        "\x00 Sarah \x00",
        "[name 1] " * 1000,
        "سارة كانت لطيفة " * 600,
        "reg AB12 " * 1100,
        "sort code 12 account " * 500,
        "J. " * 3300,
        "4111 " * 2000,
        "GB82WEST" * 1250,
        "insta a.b_" * 1000,
        "born 1 " * 1400,
        "my house Ab Cd " * 250,
        "1 ab ab " * 1250,
    ],
    ids=str.__len__,
)
def test_hostile_text_takes_less_than_a_second(redactor: Redactor, text: str) -> None:
    started = time.process_time()
    (result,) = redactor.redact([text])
    assert time.process_time() - started < 1
    assert isinstance(result, Redaction)
    assert "Sarah" not in result.text


def test_fails_closed_without_a_word_of_the_text(redactor: Redactor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(text: str) -> object:
        if "secret" in text:
            raise ValueError(text)
        return whole(text)

    whole = redact.visible
    monkeypatch.setattr(redact, "visible", broken)
    first, second = redactor.redact(["a secret thing", "Sarah came"])
    assert isinstance(first, RedactionFailed) and "secret" not in f"{first} {first!r} {first.__context__}"
    assert isinstance(second, Redaction) and second.text == "[name 1] came"


def test_a_broken_recogniser_fails_every_doubtful_text(redactor: Redactor, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> object:
        raise RuntimeError("model")

    monkeypatch.setattr(redactor._recogniser, "pipe", broken)
    (result,) = redactor.redact(["Shanelle Kavanagh went home"])
    assert isinstance(result, RedactionFailed)
    assert "Shanelle" not in str(result)
