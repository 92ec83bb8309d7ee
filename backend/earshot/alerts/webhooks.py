"""Webhooks: which addresses may be called, what is sent, and how it is signed. No free text, no number of few people.

A call is signed as standardwebhooks.com says (version 1): HMAC-SHA256 over id, time and body under a secret of the
subscription, which is made from a key file and the subscription's id, so that the database alone signs nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from standardwebhooks import Webhook

from earshot.alerts import wording
from earshot.alerts.model import Told
from earshot.core.crypto import write_once

LIMIT = 5.0  # seconds for one call


@dataclass(frozen=True)
class WebhookKey:
    """The file `webhooks` of the key folder: 32 bytes from which each subscription's secret is made."""

    folder: Path

    def secret(self, subscription_id: UUID) -> str:
        """The secret of a subscription, as standardwebhooks writes it: `whsec_` and base64."""
        made = hmac.new(self._read_or_make(), b"earshot/webhook/v1/" + subscription_id.bytes, hashlib.sha256)
        return "whsec_" + base64.b64encode(made.digest()).decode()

    def _read_or_make(self) -> bytes:
        path = self.folder / "webhooks"
        with suppress(FileExistsError):  # another process may make it between our look and our write
            if not path.exists():
                write_once(path, secrets.token_bytes(32))
        return path.read_bytes()


def permitted(url: str, hosts: Sequence[str]) -> bool:
    """Whether an address may be called: over https to a listed host, or as listed with `http://` before it."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as half an IPv6 address
        return False
    return any(
        (parts.scheme, parts.netloc) == (urlsplit(host).scheme, urlsplit(host).netloc)
        if "://" in host
        else (parts.scheme, parts.netloc) == ("https", host)
        for host in hosts
    )


def body(alert_id: UUID, told: Told, link: str, at: datetime) -> str:
    """What the other programme gets: what, where, since when, protected numbers, and where the evidence is shown."""
    observed, expected = wording.protected(told)
    data = {
        "alert_id": str(alert_id), "signal_id": str(told.id), "kind": told.kind, "meaning": told.meaning,
        "urgent": told.urgent, "streams": told.streams, "org_id": str(told.org_id), "org_name": told.org_name,
        "since": told.since.isoformat(), "until": told.until.isoformat(), "observed": observed, "expected": expected,
        "headline": wording.headline(told), "link": link,
    }  # fmt: skip
    return json.dumps({"type": "signal.raised", "timestamp": at.isoformat(), "data": data}, separators=(",", ":"))


async def call(url: str, secret: str, delivery_id: UUID, text: str, at: datetime) -> bool:
    """Post a signed body once, following no redirect; whether the other side answered 2xx within five seconds."""
    name = f"msg_{delivery_id.hex}"
    headers = {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(name, at, text),
    }
    try:
        async with httpx.AsyncClient(timeout=LIMIT, follow_redirects=False, trust_env=False) as client:
            answer = await client.post(url, content=text.encode(), headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
    return answer.is_success
