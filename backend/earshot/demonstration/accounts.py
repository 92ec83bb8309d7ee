"""The invented people who may sign in, and the passphrases that were made for them on this computer."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from uuid import UUID

from earshot.core.config import Settings
from earshot.core.crypto import write_once
from earshot.core.db import Connection
from earshot.demonstration.stories import PROVIDER
from earshot.people import store
from earshot.people.model import Role
from earshot.people.passwords import hash_password

_WORDS = 4  # of a passphrase


@dataclass(frozen=True)
class _Person:
    """An invented person, the role they have and the code of the organisation they have it over."""

    role: Role
    email: str
    name: str
    org: str
    sees: str


@dataclass(frozen=True)
class SignIn:
    """What somebody types to sign in, and what they then see."""

    role: str
    email: str
    password: str
    sees: str


@dataclass(frozen=True)
class DemonstrationSignIns:
    """Everybody who may sign in to the demonstration."""

    people: tuple[SignIn, ...]


_PEOPLE = (
    _Person(
        Role.QUALITY_LEAD, "quality@fenmoor.example", "Quinn Marlowe (invented)", "ENG",
        "all organisations, imported ones too, and every audience",
    ),
    _Person(
        Role.MANAGER, "manager@fenmoor.example", "Morgan Ellery (invented)", "ZZF01",
        "Fenmoor General Hospital: patients and carers",
    ),
    _Person(
        Role.GUARDIAN, "guardian@fenmoor.example", "Gwen Adeyemi-Hart (invented)", PROVIDER,
        "the trust: patients, carers and staff",
    ),
    _Person(
        Role.ANALYST, "analyst@fenmoor.example", "Anil Prior (invented)", PROVIDER,
        "the trust: patients and carers, with export",
    ),
    _Person(
        Role.ADMINISTRATOR, "admin@fenmoor.example", "Alex Thornbury (invented)", "ENG",
        "all organisations: imports, forms and work",
    ),
)  # fmt: skip


def known_sign_ins(settings: Settings) -> DemonstrationSignIns | None:
    """The sign-ins that were made earlier, or None where their file is not there."""
    path = _path(settings)
    if not path.exists():
        return None
    document = json.loads(path.read_text(encoding="utf-8"))
    return DemonstrationSignIns(tuple(SignIn(**person) for person in document["people"]))


def make_sign_ins(settings: Settings) -> DemonstrationSignIns:
    """The sign-ins of this computer, made once and kept in a file that only its owner reads."""
    known = known_sign_ins(settings)
    if known is not None:
        return known
    made = DemonstrationSignIns(
        tuple(
            SignIn(person.role.value.replace("_", " ").capitalize(), person.email, passphrase(), person.sees)
            for person in _PEOPLE
        )
    )
    path = _path(settings)
    unfinished = path.with_suffix(".new")  # a crash between the two steps must not leave half a file
    unfinished.unlink(missing_ok=True)
    write_once(unfinished, json.dumps(asdict(made), indent=1).encode())
    unfinished.replace(path)
    return made


def passphrase() -> str:
    """Four words drawn by chance: about 32 bits, and easy to type from a terminal."""
    words = (files("earshot.demonstration") / "words.txt").read_text(encoding="utf-8").split()
    return "-".join(secrets.choice(words) for _ in range(_WORDS))


async def open_accounts(
    connection: Connection, sign_ins: DemonstrationSignIns, orgs: dict[str, UUID]
) -> dict[Role, UUID]:
    """Give everybody an account and their role over an organisation, by its code in `orgs`; accounts by role."""
    passwords = {person.email: person.password for person in sign_ins.people}
    opened: dict[Role, UUID] = {}
    for person in _PEOPLE:
        hashed = hash_password(passwords[person.email])
        account = await store.add_account(connection, email=person.email, name=person.name, password_hash=hashed)
        await store.give_role(connection, account, person.role, orgs[person.org])
        opened[person.role] = account
    return opened


def _path(settings: Settings) -> Path:
    return settings.home / "demonstration.json"
