"""Looking at the two doors before anything starts: are they free, and do they answer?"""

from __future__ import annotations

import errno
import http.client
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass

from earshot.core.config import Settings
from earshot.running.errors import PortBusy, PortRefused, SamePort

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to knock when a door listens everywhere


@dataclass(frozen=True)
class Door:
    """One port that Earshot listens on, and the setting that changes it."""

    name: str
    bind: str
    port: int
    variable: str

    @property
    def address(self) -> str:
        """What a person types into a browser on this computer."""
        host = "localhost" if self._near in {"127.0.0.1", "::1"} else self._near
        return f"http://{host}:{self.port}"

    @property
    def _near(self) -> str:
        return _EVERYWHERE.get(self.bind, self.bind)

    def check_free(self) -> None:
        """Raise `PortBusy` or `PortRefused`, each a sentence with the setting to change."""
        family = socket.AF_INET6 if ":" in self.bind else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((self.bind, self.port))
                trial.listen(1)
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    raise PortBusy(self.port, self.variable) from None
                raise PortRefused(self.bind, self.port, self.variable) from None

    def answers(self) -> bool:
        """Whether `/healthz` says that the door is open."""
        connection = http.client.HTTPConnection(self._near, self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def doors(settings: Settings) -> tuple[Door, Door]:
    """The public door and the console; raises `SamePort` where both were given one number."""
    if settings.public_port == settings.console_port:
        raise SamePort
    return (
        Door("public door", settings.bind, settings.public_port, "EARSHOT_PUBLIC_PORT"),
        Door("console", settings.bind, settings.console_port, "EARSHOT_CONSOLE_PORT"),
    )


def mailbox_door(settings: Settings) -> Door:
    """The pages of the demonstration's mail box."""
    return Door("mail box", settings.bind, settings.mailbox_port, "EARSHOT_MAILBOX_PORT")


def near_smtp() -> str:
    """An address on this computer alone for the mail box's SMTP server, on a port that is free now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return f"smtp://127.0.0.1:{trial.getsockname()[1]}"


def check_free(opened: Sequence[Door], *, patience: float) -> None:
    """Raise for the first port that is not free, after `patience` seconds for a killed run to let go of it."""
    end = time.monotonic() + patience
    for door in opened:
        while True:
            try:
                door.check_free()
                break
            except PortBusy:
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)
