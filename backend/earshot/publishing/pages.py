"""The public pages as HTML: what was heard, what was done, whether it helped. No script is needed to read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from uuid import UUID

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from earshot.measures.disclosure import TOO_FEW, share
from earshot.orgs.model import Org
from earshot.publishing.model import NOT_MEASURED, VERDICTS, Number, Proof, Publication, Version, chance_words

NO_LONGER_KEPT = "We no longer keep the comments behind this."


@dataclass(frozen=True)
class Listed:
    """A provider with something on the public page."""

    code: str
    name: str
    invented: bool
    items: int


@dataclass(frozen=True)
class Item:
    """Something on the public page. `approved_on` is None in a preview."""

    id: UUID
    n: int
    org_name: str
    org_code: str
    title: str
    heard: str
    did: str
    correction: str
    theme: str | None
    numbers: tuple[Number, ...]
    recounted_on: date | None
    proof: Proof
    approved_on: date | None
    quote: str | None

    @property
    def helped(self) -> str:
        """Whether it helped, in a few words."""
        return NOT_MEASURED if self.proof.verdict is None else VERDICTS[self.proof.verdict]

    @property
    def chance(self) -> str | None:
        """How often the test behind a verdict is wrong, in words; None where nothing was found that could be wrong."""
        if self.proof.error_rate is None or self.proof.verdict not in ("improved", "worse"):
            return None
        return chance_words(self.proof.error_rate)

    @property
    def counts(self) -> list[str]:
        """The counts as sentences, one for each stretch."""
        if not self.numbers:
            return [NO_LONGER_KEPT]
        if len(self.numbers) == 1:
            return [_told(self.numbers[0], self.theme, "")]
        return [
            _told(number, self.theme, when)
            for number, when in zip(self.numbers, ("Before the change", "Since the change"), strict=True)
        ]


def item_of(publication: Publication, version: Version) -> Item:
    """A version as it will stand on the public page."""
    draft = version.draft
    return Item(
        id=publication.id,
        n=version.n,
        org_name=publication.org_name,
        org_code=publication.org_code,
        title=draft.title,
        heard=draft.heard,
        did=draft.did,
        correction=draft.correction,
        theme=draft.theme,
        numbers=version.numbers,
        recounted_on=version.recounted_on,
        proof=version.proof,
        approved_on=version.approved_on,
        quote=None if draft.quote is None else draft.quote.text,
    )


def place_page(place: Org, items: Sequence[Item], *, home: str = "", preview: bool = False) -> str:
    """What is published of one place. `home` comes before the addresses of the public door in a preview."""
    return _page("heard.html", place=place, items=items, home=home, preview=preview)


def list_page(places: Sequence[Listed], *, unknown: bool = False) -> str:
    """The providers that published something; `unknown` says kindly that an address led nowhere."""
    return _page("heard_list.html", places=places, unknown=unknown)


def long_day(day: date) -> str:
    """A day as people write it: 2 March 2026."""
    return f"{day.day} {day:%B %Y}"


def _told(number: Number, theme: str | None, when: str) -> str:
    days = f"from {long_day(number.since)} to {long_day(number.until)}"
    begin = f"{when}, {days}" if when else days[0].upper() + days[1:]
    heard = _comments(number.heard)
    if theme is None or number.heard == 0:
        return f"{begin}: {heard}."
    part = share(number.about, number.heard)
    in_100 = f", or {round(part)} in every 100" if part is not None and number.about else ""
    return f"{begin}: {heard}. About “{theme}”: {_comments(number.about)}{in_100}."


def _comments(count: int | None) -> str:
    if count is None:
        return TOO_FEW
    return "no comments" if count == 0 else f"about {count:,} comments"


def _page(template: str, **context: object) -> str:
    return (
        _templates()
        .get_template(template)
        .render(lang="en-GB", dir="ltr", long_day=long_day, too_few=TOO_FEW, **context)
    )


@cache
def _templates() -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader("earshot.publishing"), PackageLoader("earshot.intake")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
