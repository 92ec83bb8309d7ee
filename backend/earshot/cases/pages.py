"""The pages of speaking up as HTML: plain forms that work without JavaScript, in which the script takes over some."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from earshot.cases.door_api import Place
from earshot.cases.filing import LONGEST_MESSAGE, excludable
from earshot.cases.model import Way
from earshot.cases.receipts import ROLES, THANKS, WORSE, Question, proof_words
from earshot.core.errors import EarshotError, FieldError
from earshot.intake.model import AUDIENCES, LONGEST_TEXT, Audience
from earshot.intake.model import Place as ListedPlace
from earshot.intake.pages import fresh_once
from earshot.intake.store import LISTED

EVEN = 65_536  # bytes: the pages that answer a receipt are a whole multiple of this long

LABELS: Mapping[Audience, str] = {"patient": "a patient", "carer": "a carer", "staff": "someone who works here"}


@dataclass(frozen=True)
class WayShown:
    """One way to speak up, with what it gives and where it ends."""

    code: Way
    label: str
    about: str


WAYS = (
    WayShown(
        "open",
        "Openly",
        "Those who handle your report know who you are, and can tell others who need to know to put it right. This is"
        " the easiest way to look into it and to answer you.",
    ),
    WayShown(
        "confidential",
        "In confidence",
        "Only those who handle your report know who you are, and they do not tell others without asking you. They may"
        " have to if someone could come to serious harm, or if the law says so.",
    ),
    WayShown(
        "anonymous",
        "Anonymously",
        "Nobody here can find out from this site who you are: not those who handle your report, not those who run it."
        " We can only ask you questions here, and people may still guess from what you write.",
    ),
)


@dataclass(frozen=True)
class SpeakUpPage:
    """The form as it is shown: empty, or with what was typed and what is to be put right."""

    token: str
    audience: Audience
    place: Place | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    excluded: Collection[str] = ()
    errors: Sequence[FieldError] = ()
    once: str = field(default_factory=fresh_once)
    trouble: str = ""
    nobody: bool = False

    def html(self) -> str:
        """The page; patients and carers begin with a named reply, staff choose."""
        way = {} if self.audience == "staff" else {"way": "open"}
        handlers = () if self.place is None else self.place.recipients.handlers
        return _page(
            "speak.html",
            token=self.token,
            audience=self.audience,
            audiences=AUDIENCES,
            labels=LABELS,
            roles=ROLES,
            place_name="" if self.place is None else self.place.door.name,
            invented=self.place is not None and self.place.door.invented,
            handlers=handlers,
            excludable=excludable(handlers),
            escrow=self.place is not None and self.place.recipients.escrow is not None,
            typed=defaultdict(str, {**way, **self.typed}),
            excluded=self.excluded,
            errors=_by_field(self.errors),
            once=self.once,
            trouble=self.trouble,
            nobody=self.nobody,
            ways=WAYS,
            longest=LONGEST_TEXT,
            proof=proof_words(),
            receipt="",
        )


@dataclass(frozen=True)
class OpenedText:
    """Something that was written, opened with the receipt."""

    by: str
    on: str
    words: str


@dataclass(frozen=True)
class Event:
    """Something that happened, and when."""

    on: str
    words: str


@dataclass(frozen=True)
class CasePage:
    """A case as the holder of its receipt sees it without JavaScript."""

    receipt: str
    place: str
    status: str
    sentence: str
    texts: Sequence[OpenedText]
    events: Sequence[Event]
    question: Question | None
    proof: str
    note: str = ""
    typed: str = ""
    errors: Sequence[FieldError] = ()

    def html(self) -> str:
        """The page, as long as every other answer to a receipt."""
        shown = {**vars(self), "typed": defaultdict(str, text=self.typed), "errors": _by_field(self.errors)}
        return _even(_page("case.html", **shown, once=fresh_once(), longest=LONGEST_MESSAGE, thanks="", worse=""))


def places(found: Sequence[ListedPlace], *, typed: str = "", unknown: bool = False) -> str:
    """Where is it about? `unknown` says kindly that a link led nowhere."""
    more = len(found) > LISTED
    return _page("places.html", places=found[:LISTED], more=more, typed=typed, unknown=unknown, audience="staff")


def shut(error: EarshotError, audience: Audience = "staff") -> str:
    """What is shown while nothing can be kept safely."""
    reason = "Nobody who could read your report holds a key to it just now, or we cannot keep it safely."
    return _page("shut.html", reason=error.message if error.status == 429 else reason, audience=audience)


def filed(receipt: str, proof: str) -> str:
    """The receipt of a report that the server sealed."""
    return _page("filed.html", receipt=receipt, proof=proof)


def receipt(*, typed: str = "", errors: Sequence[FieldError] = ()) -> str:
    """Where a receipt is typed; what the script needs to show a case goes with it, empty."""
    empty = dict.fromkeys(("receipt", "place", "status", "sentence", "note", "once"), "") | {"proof": proof_words()}
    lists: dict[str, Any] = {"texts": (), "events": (), "question": None, "longest": LONGEST_MESSAGE}
    lists |= {"thanks": THANKS, "worse": WORSE}
    shown: dict[str, Any] = {"code": typed, "typed": defaultdict(str), "errors": _by_field(errors), "audience": "staff"}
    return _page("receipt.html", **empty, **lists, **shown)


def nothing() -> str:
    """A receipt that leads nowhere, as long as every other answer to one."""
    return _even(_page("nothing.html", audience="staff"))


def _even(page: str) -> str:
    """The page with a comment that nobody sees, so that its length tells nothing."""
    filler = (-(len(page.encode()) + len("<!---->"))) % EVEN
    return f"{page}<!--{secrets.token_hex(filler // 2 + 1)[:filler]}-->"


def _by_field(errors: Sequence[FieldError]) -> dict[str, str]:
    return {error.field: error.message for error in errors}


def _page(template: str, **context: Any) -> str:
    return _templates().get_template(template).render(lang="en-GB", dir="ltr", **context)


@cache
def _templates() -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader("earshot.cases"), PackageLoader("earshot.intake")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
