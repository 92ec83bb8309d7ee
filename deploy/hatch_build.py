"""Puts the built front end into the wheel, so that an installed Earshot needs no Node."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildFrontEnd(BuildHookInterface):  # type: ignore[type-arg]
    """Runs `npm ci && npm run build` where the pages are not built yet."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add `frontend/dist` as `earshot/web`; an editable install reads the checkout instead."""
        if version == "editable":
            return
        frontend = Path(self.root) / "frontend"
        if not (frontend / "dist" / "console.html").is_file():
            npm = shutil.which("npm")
            if npm is None:
                raise SystemExit("npm is needed to build the pages: install Node.js 20 or newer.")
            for arguments in (["ci", "--ignore-scripts"], ["run", "build"]):
                subprocess.run([npm, *arguments], cwd=frontend, check=True)  # noqa: S603
        dist = frontend / "dist"
        for path in sorted(dist.rglob("*")):
            if path.is_file() and not path.name.startswith("."):  # the mark of deploy/setup.sh stays here
                build_data["force_include"][str(path)] = f"earshot/web/{path.relative_to(dist)}"
