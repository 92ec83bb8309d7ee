"""A digest as an HTML mail, and the page that ends such mails. No picture, no script, nothing from another address."""

from __future__ import annotations

from functools import cache
from typing import Literal

import mrml
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from earshot.digests.compose import intro, subject
from earshot.digests.model import Digest
from earshot.digests.text import foot, heading

# XML knows no control characters but the tab and the ends of lines, which the template's own lines need.
_PLAIN = {code: " " for code in (*range(32), 127) if chr(code) not in "\t\n\r"}


def html(digest: Digest, *, console: str, unsubscribe: str) -> str:
    """The mail, made for narrow screens first; `console` is the console's address, `unsubscribe` a path on it."""
    source = (
        _templates()
        .get_template("digest.mjml")
        .render(
            subject=subject(digest),
            heading=heading(digest),
            intro=intro(digest),
            sections=digest.sections if digest.news else (),
            foot=foot(digest),
            console=console,
            unsubscribe=unsubscribe,
        )
    )
    return str(mrml.to_html(source.translate(_PLAIN)).content)


def unsubscribe_page(state: Literal["asks", "stopped", "unknown"], mails: str = "") -> str:
    """The page behind the link in a mail."""
    titles = {"asks": "Stop these mails?", "stopped": "Stopped", "unknown": "We do not know this address"}
    page = _templates().get_template("unsubscribe.html")
    return page.render(lang="en-GB", dir="ltr", state=state, title=titles[state], mails=mails)


@cache
def _templates() -> Environment:
    return Environment(
        loader=ChoiceLoader([PackageLoader("earshot.digests"), PackageLoader("earshot.intake")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
