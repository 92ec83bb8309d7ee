"""Passkeys (WebAuthn level 3): what a browser is asked, and whether its answer is right.

A passkey must be discoverable, so that it names its owner, and must verify its user, so that it is two factors by
itself: something one has, and a fingerprint, face or PIN. `prf` is asked for, so that it may also open a key pair.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import webauthn
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from earshot.core.errors import EarshotError
from earshot.people.factors_store import Passkey

#: What an answer that is no answer raises, somewhere in its parts.
_UNREADABLE = (WebAuthnException, ValueError, LookupError, TypeError, AttributeError, RecursionError, struct.error)


class PasskeyRefused(EarshotError):
    """This passkey was not accepted. Try again, or sign in with your password."""

    status = 422


@dataclass(frozen=True)
class NewPasskey:
    """What is kept of a passkey."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True)
class Site:
    """The console as a browser names it: passkeys serve this address and no other."""

    origin: str

    @property
    def host(self) -> str:
        """The name that passkeys are bound to, without its port."""
        return urlsplit(self.origin).hostname or "localhost"

    def ask_new(self, *, account_id: UUID, email: str, name: str, known: list[bytes]) -> dict[str, Any]:
        """What to ask a browser, to make a passkey that is none of the known ones."""
        options = webauthn.generate_registration_options(
            rp_id=self.host,
            rp_name="Earshot",
            user_id=account_id.bytes,
            user_name=email,
            user_display_name=name,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
        )
        asked: dict[str, Any] = json.loads(webauthn.options_to_json(options))
        return {**asked, "extensions": {"prf": {}}}

    def ask_known(self) -> dict[str, Any]:
        """What to ask a browser, to sign in with any passkey of this site."""
        options = webauthn.generate_authentication_options(
            rp_id=self.host, user_verification=UserVerificationRequirement.REQUIRED
        )
        asked: dict[str, Any] = json.loads(webauthn.options_to_json(options))
        return asked

    def check_new(self, credential: dict[str, Any], challenge: bytes) -> NewPasskey:
        """Check a browser's new passkey; raises `PasskeyRefused`."""
        try:
            made = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
                require_user_verification=True,
            )
        except _UNREADABLE:
            raise PasskeyRefused from None
        return NewPasskey(made.credential_id, made.credential_public_key, made.sign_count)

    def check_known(self, credential: dict[str, Any], challenge: bytes, passkey: Passkey) -> int:
        """Check a browser's signature and return the passkey's new count; raises `PasskeyRefused`."""
        try:
            done = webauthn.verify_authentication_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.origin,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except _UNREADABLE:
            raise PasskeyRefused from None
        return done.new_sign_count


def challenge_of(credential: dict[str, Any]) -> bytes:
    """The challenge that an answer claims to answer; raises `PasskeyRefused`."""
    try:
        client_data = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))
        return base64url_to_bytes(client_data["challenge"])
    except _UNREADABLE:
        raise PasskeyRefused from None


def id_of(credential: dict[str, Any]) -> bytes:
    """What the browser calls the passkey; raises `PasskeyRefused`."""
    try:
        return base64url_to_bytes(credential["rawId"])
    except _UNREADABLE:
        raise PasskeyRefused from None
