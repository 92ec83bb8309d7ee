"""The log files of the parts that run: one a part, kept small."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

_LARGEST = 5_000_000  # bytes


def open_log(path: Path) -> IO[bytes]:
    """Open a log to append to; one that has grown large moves aside, and the one before it goes."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LARGEST:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "wb")
