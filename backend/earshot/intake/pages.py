"""The public pages as HTML: plain forms that work without JavaScript, one template each."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined

from earshot.core.errors import FieldError
from earshot.intake.forms import form_for
from earshot.intake.model import AUDIENCES, LONGEST_TEXT, Audience, Door, Form, Link, Place
from earshot.intake.store import LISTED

_POSTER_HEADINGS: Mapping[Audience, str] = {
    "patient": "How was your care?",
    "carer": "Do you look after someone we care for?",
    "staff": "Do you work here? Tell us how it is",
}


def fresh_once() -> str:
    """A form's hidden field: a word that no other rendered form carries (128 bits)."""
    return secrets.token_urlsafe(16)


@dataclass(frozen=True)
class FormPage:
    """A form as it is shown: empty, or with what was typed and what is to be put right."""

    form: Form
    token: str
    door: Door | None = None
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[FieldError] = ()
    once: str = field(default_factory=fresh_once)
    closed: bool = False

    def html(self) -> str:
        """The page. Each error is linked to its field by the field's id, which is the question's code."""
        return _render(
            "form.html",
            lang=self.form.lang,
            dir=self.form.dir,
            form=self.form,
            token=self.token,
            door=self.door,
            typed=defaultdict(str, self.typed),
            errors={error.field.rpartition(".")[2]: error.message for error in self.errors},
            once=self.once,
            closed=self.closed,
            about_open=any(self.typed.get(code) for code in self.form.choices),
            others=[form_for(audience) for audience in AUDIENCES if audience != self.form.audience],
            longest=LONGEST_TEXT,
        )


def chooser(places: Sequence[Place], *, typed: str = "", unknown: bool = False) -> str:
    """The start page: where was it? `unknown` says kindly that a link led nowhere."""
    listed = sorted(places[:LISTED], key=_provider)  # keeps the order within one provider
    return _english(
        "chooser.html",
        places=[(name, list(found)) for name, found in groupby(listed, key=_provider)],
        more=len(places) > LISTED,
        typed=typed,
        unknown=unknown,
        audience="patient",
    )


def thanks(audience: Audience) -> str:
    """The answer page: thanks, what happens next, where to get help now."""
    return _english("thanks.html", audience=audience)


def closed() -> str:
    """What is shown while nothing can be kept safely."""
    return _english("closed.html", audience="patient")


def poster(link: Link, url: str) -> str:
    """A page to print and hang up; its picture is the link's QR code."""
    until = f"{link.expires_on.day} {link.expires_on:%B %Y}" if link.expires_on is not None else ""
    heading = _POSTER_HEADINGS[link.audience]
    return _english("poster.html", link=link, url=url, until=until, heading=heading)


def _provider(place: Place) -> str:
    return place.provider_name or place.site_name or place.name


def _english(template: str, **context: object) -> str:
    return _render(template, lang="en-GB", dir="ltr", **context)


def _render(template: str, **context: object) -> str:
    return _templates().get_template(template).render(**context)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("earshot.intake"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
