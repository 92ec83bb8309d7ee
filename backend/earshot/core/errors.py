"""Errors that people may see: each class carries its HTTP status, and its docstring says what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """One thing to put right: the field's name and a plain sentence."""

    field: str
    message: str


class EarshotError(Exception):
    """Something went wrong. Try again; if it happens again, tell the person who runs Earshot."""

    status = 500

    def __init__(self, message: str | None = None, *, fields: Sequence[FieldError] = ()) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.fields = tuple(fields)
        super().__init__(self.message)

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers that go with the answer."""
        return {}

    def problem(self) -> dict[str, object]:
        """The error as an RFC 9457 problem document."""
        document: dict[str, object] = {
            "type": "about:blank",
            "title": type(self).__name__,
            "status": self.status,
            "detail": self.message,
        }
        if self.fields:
            document["errors"] = [{"field": error.field, "message": error.message} for error in self.fields]
        return document


class Invalid(EarshotError):
    """Some of what was sent cannot be used. Each field below says why."""

    status = 422


class NotFound(EarshotError):
    """There is nothing here, or nothing that you may see."""

    status = 404


class NotSignedIn(EarshotError):
    """Please sign in first."""

    status = 401


class NotAllowed(EarshotError):
    """Your role does not allow this. Ask an administrator if you think it should."""

    status = 403


class CrossSite(EarshotError):
    """This request came from another site, so it was not carried out. Open the page itself and try again."""

    status = 403


class Conflict(EarshotError):
    """This was already used for something else."""

    status = 409


class TooLarge(EarshotError):
    """This is larger than Earshot accepts."""

    status = 413


class TooSlow(EarshotError):
    """The request took too long to arrive. Please try again."""

    status = 408


class WrongEncoding(EarshotError):
    """Send this without compression, as JSON, a form or a file."""

    status = 415


class Unavailable(EarshotError):
    """Earshot cannot keep this safely just now, so nothing was kept. Please try again in a minute."""

    status = 503

    @property
    def headers(self) -> Mapping[str, str]:
        """Ask the sender to come back shortly."""
        return {"Retry-After": "10"}


class KeysMissing(Unavailable):
    """The form is closed: the key that seals what people write is missing. Nothing was kept. Put the key back."""
