"""What granian serves: the two apps and the demonstration's mail box, each in a process that ends with its parent."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from earshot.running.lifeline import end_with_parent

if TYPE_CHECKING:
    from earshot.core.web import Boundary

# Granian's own worker is a grandchild of `earshot run`, so it is tied to its parent here, where its code begins.


def public() -> Boundary:
    """The public door."""
    end_with_parent(signal.SIGTERM)
    from earshot import apps

    return apps.public()


def console() -> Boundary:
    """The console."""
    end_with_parent(signal.SIGTERM)
    from earshot import apps

    return apps.console()


def mailbox() -> Boundary:
    """The demonstration's mail box."""
    end_with_parent(signal.SIGTERM)
    from earshot.running.mailbox import mailbox

    return mailbox()
