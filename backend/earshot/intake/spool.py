"""Files that wait for the worker: sealed, since an upload holds what people wrote, and removed once they are read."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from earshot.core.config import Settings
from earshot.core.crypto import KeyFiles
from earshot.core.errors import EarshotError

_SEALED_FOR = b"earshot/import/v1/"


class UploadLost(EarshotError):
    """The uploaded file is no longer there. Upload it again."""


@dataclass(frozen=True)
class Spool:
    """The folder of sealed uploads; the console seals into it, and only the worker can open what lies there."""

    settings: Settings

    def put(self, import_id: UUID, content: bytes) -> None:
        """Seal a file and keep it; raises `KeysMissing`."""
        sealed = KeyFiles(self.settings.keys).sealing().seal(content, info=_SEALED_FOR + import_id.bytes)
        path = self._path(import_id)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())  # the import is promised once it is queued

    def take(self, import_id: UUID) -> bytes:
        """Open a file that waits; it stays until `forget`. Raises `UploadLost`, `KeysMissing` and `Unreadable`."""
        try:
            sealed = self._path(import_id).read_bytes()
        except FileNotFoundError:
            raise UploadLost from None
        return KeyFiles(self.settings.keys).opening().open(sealed, info=_SEALED_FOR + import_id.bytes)

    def forget(self, import_id: UUID) -> None:
        """Remove a file, if it is there."""
        with suppress(FileNotFoundError):
            self._path(import_id).unlink()

    def _path(self, import_id: UUID) -> Path:
        return self.settings.home / "spool" / f"{import_id}.sealed"
