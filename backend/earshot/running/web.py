"""What granian serves: the two apps, each in a process that ends with the one that started it."""

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
