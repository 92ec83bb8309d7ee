"""What the holder of a receipt is shown: where the case stands, who read it, what was written, what is asked. Pure.

Sentences are made here once, for the page that the server makes and for the one that the browser makes. The texts
themselves stay sealed: whoever opens them does so with the receipt.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal
from uuid import UUID

from earshot.cases import sealing
from earshot.cases.model import LEARNINGS, OUTCOMES, Learning, Outcome, State, Way
from earshot.cases.sealing import TextKind
from earshot.core.audit import Reading

Asked = Literal["again", "detriment_30", "detriment_90", "detriment_180"]
Answer = Literal["yes", "no", "maybe", "dont_know"]

BUNDLE = 65_536  # bytes of every answer to a lookup, whatever it says
_ROOM = BUNDLE - 28 - 1  # what is left beside nonce, tag and the padding's mark
_MOST_EVENTS = 20  # shown; the oldest are left out
ROLES: Mapping[str | None, str] = {"guardian": "Freedom to Speak Up Guardian", "pals": "PALS"}
_READERS = {"guardian": "a guardian", "pals": "PALS", "other": "someone who handles reports"}
_AGAIN: Mapping[Answer, str] = {"yes": "Yes", "no": "No", "maybe": "Maybe", "dont_know": "I do not know"}
_WORSE: Mapping[Answer, str] = {"yes": "Yes", "no": "No", "dont_know": "I am not sure"}

#: What happened to a case, in the words that its sender reads; `{by}` is who did it. Other steps are not told.
_STEPS: Mapping[str, str] = {
    "filed": "We received your report",
    "read": "A computer read it once, to see whether someone is in danger",
    "thanked": "You were thanked",
    "owned": "It has someone to look after it",
    "deputy": "{by} took it on",
    "action_agreed": "Something to do was agreed",
    "action_done": "Something that was agreed was done",
    "access_given": "{by} let a colleague open it",
    "break_glass_given": "After the emergency, someone was given a key to it",
    "continues": "It was brought together with your earlier report",
    "closed": "It was closed",
    "reopened": "It was opened again",
    "break_glass_asked": "Someone asked to open it in an emergency",
    "break_glass_agreed": "A second person agreed that it be opened in an emergency",
    "break_glass_refused": "A second person refused that it be opened in an emergency",
    "break_glass_opened": "Two people together opened it in an emergency",
}
_OWNING = ("owned", "deputy", "released", "owner_left")
THANKS = "Thank you for your answer."
WORSE = (
    "Thank you. It is wrong to treat anyone worse for speaking up. Those who handle your report can see your answer."
    " Please write to them below, or ask the charity Protect for free advice."
)
_HAND_OFFS: Mapping[str, str] = {
    "pals": "It was passed to the Patient Advice and Liaison Service (PALS)",
    "complaint": "It was passed to the complaints team",
    "lfpse": "It was recorded as a patient safety event, without your name",
    "safeguarding": "It was passed to the safeguarding team",
}


@dataclass(frozen=True)
class Held:
    """The case that a receipt leads to, as far as its holder may see it."""

    id: UUID
    org_name: str
    way: Way
    received_on: date
    public: bytes
    receipt_sealed: bytes
    content_hash: bytes
    sealed_by: str
    state: State
    thanked_on: date | None
    closed_on: date | None
    outcome: Outcome | None
    learning: Learning | None


@dataclass(frozen=True)
class Text:
    """Something that was written, sealed; `n` orders the texts of a case."""

    n: int
    kind: TextKind
    on_day: date
    by_account: UUID | None
    sealed: bytes


@dataclass(frozen=True)
class Step:
    """Something that happened."""

    kind: str
    on_day: date
    by_account: UUID | None


@dataclass(frozen=True)
class Sent:
    """A hand-off that went out."""

    kind: str
    sent_on: date


@dataclass(frozen=True)
class Person:
    """Somebody who read or wrote in the case."""

    account_id: UUID
    name: str
    role: str | None

    @property
    def shown(self) -> str:
        """Name and what they are."""
        return f"{self.name}, {ROLES[self.role]}" if self.role in ROLES else self.name


@dataclass(frozen=True)
class Feedback:
    """An answer that the holder gave to one of our questions."""

    question: Asked
    answer: Answer


@dataclass(frozen=True)
class Question:
    """One question to the holder, with its answers by code."""

    code: Asked
    wording: str
    options: Mapping[Answer, str]


@dataclass(frozen=True)
class Told:
    """Everything that the holder of one receipt is shown."""

    held: Held
    texts: Sequence[Text]
    steps: Sequence[Step]
    sent: Sequence[Sent]
    people: Sequence[Person]
    readings: Sequence[Reading]
    feedback: Sequence[Feedback]

    def status(self) -> tuple[str, str]:
        """Where the case stands: a heading and a sentence."""
        held, owning = self.held, [step.kind for step in self.steps if step.kind in _OWNING]
        if held.state == "closed":
            learning = f" {LEARNINGS[held.learning]}." if held.learning is not None else ""
            return "It is closed", (f"{OUTCOMES[held.outcome]}." if held.outcome is not None else "") + learning
        if owning and owning[-1] in ("owned", "deputy"):
            return "Someone is looking into it", "They may write to you here. You can write to them at any time."
        if held.thanked_on is not None:
            return "We thanked you, and will look into it", "Someone will take it on. You can write to them here."
        if self.readings:
            return "It was read", "Someone will take it on and write to you here."
        return "We have your report", "Nobody has opened it yet. Guardians usually read reports on working days."

    def events(self) -> list[tuple[date, str]]:
        """What happened, oldest first: days and sentences."""
        by: dict[UUID | None, str] = {person.account_id: person.shown for person in self.people}
        told = [
            *((step.on_day, _STEPS[step.kind].format(by=by.get(step.by_account, "Someone"))) for step in self._steps()),
            *((reading.on_day, f"Opened by {_READERS[reading.role]}") for reading in self.readings),
            *((sent.sent_on, _HAND_OFFS[sent.kind]) for sent in self.sent),
        ]
        return sorted(told, key=lambda event: event[0])[-_MOST_EVENTS:]

    def _steps(self) -> Iterator[Step]:
        return (step for step in self.steps if step.kind in _STEPS)

    def writer(self, text: Text) -> str:
        """Who wrote a text, as its sender reads it."""
        if text.by_account is None:
            return "You"
        return next((person.shown for person in self.people if person.account_id == text.by_account), "Our team")

    def question(self, today: date) -> Question | None:
        """What to ask now: after closing whether they would do it again, later whether they were treated worse."""
        answered = {one.question for one in self.feedback}
        if self.held.state == "closed" and "again" not in answered:
            return Question("again", "Given your experience, would you speak up again?", _AGAIN)
        since = self.held.closed_on or self.held.thanked_on
        due = [code for days, code in _DETRIMENT if since is not None and (today - since).days >= days]
        if not due or due[-1] in answered:
            return None
        wording = "Have you been treated worse in any way because you spoke up?"
        return Question(due[-1], wording, _WORSE)

    def document(self, today: date, *, after: int = 0) -> dict[str, Any]:
        """What the browser opens with the receipt: texts after number `after`, as many as there is room for."""
        heading, sentence = self.status()
        question = self.question(today)
        held = self.held
        document: dict[str, Any] = {
            "case": held.id.hex,
            "place": held.org_name,
            "public": _b64(held.public),
            "receipt_sealed": _b64(held.receipt_sealed),
            "status": heading,
            "sentence": sentence,
            "events": [{"on": said(day), "words": words} for day, words in self.events()],
            "question": question and {**vars(question), "options": dict(question.options)},
            "proof": {"day": held.received_on.isoformat(), "content_hash": held.content_hash.hex()},
        }
        room = _ROOM - len(str(document).encode()) - 512
        texts, more = fitting([self._listed(text) for text in self.texts if text.n > after], room)
        return {**document, "texts": texts, "more": more}

    def _listed(self, text: Text) -> dict[str, Any]:
        on, by = said(text.on_day), self.writer(text)
        return {"n": text.n, "kind": text.kind, "on": on, "by": by, "sealed": _b64(text.sealed)}


_DETRIMENT: tuple[tuple[int, Asked], ...] = ((30, "detriment_30"), (90, "detriment_90"), (180, "detriment_180"))
QUESTIONS: Mapping[Asked, Mapping[Answer, str]] = {"again": _AGAIN, **{code: _WORSE for _, code in _DETRIMENT}}


def fitting(texts: Sequence[dict[str, Any]], room: int) -> tuple[list[dict[str, Any]], bool]:
    """The first texts that fit into `room` bytes, and whether more follow; one that never fits comes without itself."""
    taken: list[dict[str, Any]] = []
    for text in _none_too_long(texts, room):
        room -= len(str(text).encode())
        if room < 0:
            return taken, True
        taken.append(text)
    return taken, False


def _none_too_long(texts: Sequence[dict[str, Any]], room: int) -> Iterator[dict[str, Any]]:
    for text in texts:
        yield text if len(str(text).encode()) <= room else {**text, "sealed": ""}


def thanks_for(question: Asked, answer: Answer) -> str:
    """What is said after an answer: who was treated worse is told what to do."""
    return WORSE if question != "again" and answer == "yes" else THANKS


def said(day: date) -> str:
    """A day as people write it."""
    return f"{day.day} {day:%B %Y}"


def proof_of_filing(case_id: UUID, day: date, *, salt: bytes, text: str, content_hash: bytes) -> str:
    """The proof of filing, to keep: it shows that this text was filed on this day, without saying who filed it."""
    hashed = sealing.text_hash(salt, text).hex()
    return proof_words(day=day.isoformat(), case=case_id.hex, salt=salt.hex(), text=hashed, proof=content_hash.hex())


def proof_words(
    *, day: str = "{day}", case: str = "{case}", salt: str = "{salt}", text: str = "{text}", proof: str = "{proof}"
) -> str:
    """The proof's words; where something is left out, a blank for the browser's script to fill in."""
    return (
        "Earshot: proof of filing\n\n"
        f"Date: {day}\n"
        f"Case: {case}\n"
        f"Salt: {salt}\n"
        f"Text: {text}\n"
        f"Proof: {proof}\n\n"
        "Salt was drawn at random for your report. It is kept only where your words are.\n"
        "Text is the SHA-256 of: Salt as 16 bytes, and your words as they were sent (UTF-8).\n"
        "Proof is the SHA-256 of: the letters earshot/filing/v2, Case as 16 bytes,\n"
        "Date as written above, and Text as 32 bytes. The organisation keeps Proof.\n"
        "To check: earshot verify-filing THIS-FILE --text YOUR-WORDS.txt\n"
    )


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
