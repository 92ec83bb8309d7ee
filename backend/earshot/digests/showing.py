"""Digests as the console's pages get them, and as they are kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from earshot.core.mail_letter import MailState
from earshot.digests.answers import (
    DigestLine,
    DigestListItem,
    DigestOut,
    DigestSection,
    MailStateOut,
)
from earshot.digests.compose import intro, subject
from earshot.digests.model import Digest
from earshot.digests.store import Kept


def shown(digest: Digest) -> DigestOut:
    """A digest that is not kept yet."""
    return DigestOut.model_validate(
        {
            "id": None,
            "cadence": digest.cadence,
            "subject": subject(digest),
            "intro": intro(digest),
            "period": digest.period,
            "since": digest.since,
            "until": digest.until,
            "places": list(digest.places),
            "news": digest.news,
            "sections": [
                DigestSection(
                    id=section.id,
                    title=section.title,
                    lines=[DigestLine.model_validate(vars(line)) for line in section.lines],
                    more=section.more,
                    path=section.all_of,
                )
                for section in digest.sections
            ],
            "mail": None,
        }
    )


def content(digest: Digest) -> dict[str, Any]:
    """What is kept of a digest: all but the quotes, so that a comment that is erased stands nowhere else."""
    kept = shown(digest).model_dump(mode="json", exclude={"id", "mail"})
    for section in kept["sections"]:
        for line in section["lines"]:
            line["quote"] = None
    return kept


def kept(row: Kept, mail: Mapping[UUID, MailState]) -> DigestOut:
    """A digest that was kept, with what became of its mail."""
    return DigestOut.model_validate({**row.content, "id": row.id, "mail": _mail(row, mail)})


def item(row: Kept, mail: Mapping[UUID, MailState]) -> DigestListItem:
    """The same in a list."""
    return DigestListItem.model_validate(
        {
            "id": row.id,
            "cadence": row.cadence,
            "period": row.period,
            "subject": row.content["subject"],
            "news": row.state == "news",
            "mail": _mail(row, mail),
        }
    )


def _mail(row: Kept, mail: Mapping[UUID, MailState]) -> MailStateOut | None:
    state = mail.get(row.letter_id) if row.letter_id is not None else None
    return None if state is None else MailStateOut.model_validate(vars(state))
