"""Single sign-on: OpenID Connect Core 1.0 with a code, PKCE (RFC 7636) and `iss` in the answer (RFC 9207).

The provider is asked where its doors are, for a token, and for its keys: the only calls that leave Earshot, and only
where a provider is set.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from earshot.core.config import Settings
from earshot.core.errors import EarshotError

BACK = "/api/session/single-sign-on/back"
_ALGORITHMS = ["RS256", "PS256", "ES256", "ES384", "EdDSA"]  # with a key pair: nobody but the provider can sign
_PATIENCE = 10.0  # seconds
_CLOCKS_DIFFER = 60  # seconds
_TWO_FACTORS_ACR = frozenset(
    {"AAL2", "AAL3", "AAL2_OR_AAL3_ANY", "AAL3_ANY", "https://refeds.org/profile/mfa", "phr", "phrh"}
)


class SignOnAway(EarshotError):
    """Your organisation's sign-in does not answer. Try again later, or sign in with your password."""

    status = 503


class SignOnRefused(EarshotError):
    """Your organisation's sign-in gave an answer that cannot be trusted. Start again from the sign-in page."""

    status = 401


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun: where to send the browser, and what its answer must fit."""

    address: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Identity:
    """Whom the provider means, by its own name and number; `mfa` where it says that two factors were shown."""

    issuer: str
    subject: str
    mfa: bool


@dataclass(frozen=True)
class Provider:
    """The provider that the settings name, and Earshot as it knows it."""

    issuer: str
    client_id: str
    secret_file: Path | None
    back: str

    @classmethod
    def of(cls, settings: Settings) -> Provider | None:
        """The provider of the settings, or None where single sign-on is not set up."""
        if settings.oidc_issuer is None:
            return None
        back = settings.console_address + BACK
        return cls(settings.oidc_issuer.rstrip("/"), settings.oidc_client_id, settings.oidc_client_secret_file, back)

    async def begin(self) -> Begun:
        """Find the provider's door; raises `SignOnAway` or `SignOnRefused`."""
        state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
        async with httpx.AsyncClient(timeout=_PATIENCE) as client:
            doors = await self._doors(client)
        address = prepare_grant_uri(
            doors["authorization_endpoint"],
            client_id=self.client_id,
            response_type="code",
            redirect_uri=self.back,
            scope="openid",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return Begun(address, state, nonce, verifier)

    async def finish(self, *, code: str, issuer: str | None, nonce: str, verifier: str) -> Identity:
        """Trade a code for who it is; raises `SignOnAway`, or `SignOnRefused` where anything does not fit."""
        async with httpx.AsyncClient(timeout=_PATIENCE) as client:
            doors = await self._doors(client)
            says_who = doors.get("authorization_response_iss_parameter_supported") is True
            if issuer != doors["issuer"] and (issuer is not None or says_who):
                raise SignOnRefused
            try:
                token = await self._token(client, doors["token_endpoint"], code=code, verifier=verifier)
                keys = (await client.get(doors["jwks_uri"])).raise_for_status().json()
            except httpx.TransportError:
                raise SignOnAway from None
            except (httpx.HTTPError, ValueError):
                raise SignOnRefused from None
        return self._identity(token, keys, doors["issuer"], nonce)

    async def _token(self, client: httpx.AsyncClient, door: str, *, code: str, verifier: str) -> Any:
        """What the provider gives for a code, where Earshot can name itself and show that it began."""
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.back, "code_verifier": verifier}
        secret = self._secret()
        if secret is None:
            answer = await client.post(door, data={**sent, "client_id": self.client_id})
        else:
            named = httpx.BasicAuth(quote(self.client_id, safe=""), quote(secret, safe=""))  # RFC 6749, 2.3.1
            answer = await client.post(door, data=sent, auth=named)
        return answer.raise_for_status().json()

    def _identity(self, token: Any, keys: Any, issuer: str, nonce: str) -> Identity:
        """Check the id token: its signature, issuer, audience, nonce and times (OpenID Connect Core, 3.1.3.7)."""
        rules = jwt.JWTClaimsRegistry(
            leeway=_CLOCKS_DIFFER,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": self.client_id},
            nonce={"essential": True, "value": nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            claims = jwt.decode(token["id_token"], KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims
            rules.validate(claims)
        except (JoseError, KeyError, TypeError, ValueError):
            raise SignOnRefused from None
        if claims.get("azp", self.client_id) != self.client_id:
            raise SignOnRefused
        methods = claims.get("amr")
        mfa = (isinstance(methods, list) and "mfa" in methods) or claims.get("acr") in _TWO_FACTORS_ACR
        return Identity(issuer, str(claims["sub"]), mfa)

    async def _doors(self, client: httpx.AsyncClient) -> dict[str, Any]:
        """The provider's own description of itself, which must be of the issuer that the settings name."""
        try:
            answer = await client.get(f"{self.issuer}/.well-known/openid-configuration")
            doors: dict[str, Any] = answer.raise_for_status().json()
            named = [doors[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        except (httpx.HTTPError, ValueError, KeyError, TypeError):
            raise SignOnAway from None
        if str(doors.get("issuer")).rstrip("/") != self.issuer or not all(_is_private(str(each)) for each in named):
            raise SignOnRefused
        return doors

    def _secret(self) -> str | None:
        try:
            return self.secret_file.read_text(encoding="utf-8").strip() if self.secret_file else None
        except OSError:
            raise SignOnAway from None


def _is_private(address: str) -> bool:
    """Whether nobody on the way can read along: HTTPS, or a provider on this very computer."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1", "::1")
