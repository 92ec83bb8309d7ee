"""The account that Postgres runs under: never root, which Postgres refuses."""

from __future__ import annotations

import os
import pwd
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from earshot.running.errors import NoOrdinaryAccount, NotOurHome


class Demotion(TypedDict, total=False):
    """The arguments of `subprocess` that change the user of a child."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A user of this computer, by number; `demoted` says that it is another one than ours."""

    uid: int
    gid: int
    demoted: bool

    @property
    def arguments(self) -> Demotion:
        """What `subprocess` needs to run a child under this account."""
        return Demotion(user=self.uid, group=self.gid, extra_groups=[]) if self.demoted else Demotion()

    def own(self, folder: Path) -> None:
        """Make `folder`, private to this account; raises `NotOurHome` where that is refused."""
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            if folder.stat().st_uid != self.uid:
                os.chown(folder, self.uid, self.gid)
            folder.chmod(0o700)
        except PermissionError:
            raise NotOurHome(folder.parent) from None


def postgres_account(data: Path) -> Account:
    """Whoever owns the database already; else ourselves, or for root the user `postgres` or `nobody`."""
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid(), demoted=False)
    if data.exists() and (owner := data.stat()).st_uid != 0:
        return Account(owner.st_uid, owner.st_gid, demoted=True)
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid, demoted=True)
    raise NoOrdinaryAccount
