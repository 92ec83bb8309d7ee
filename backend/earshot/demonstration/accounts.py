"""The invented people who may sign in, and the passphrases that were made for them on this computer.

Those who handle cases hold key pairs. Real people choose the passphrase of their key themselves, and it is kept
nowhere; these lie in a file beside their passwords, so that the demonstration can be tried.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from uuid import UUID

from earshot.cases import sealing
from earshot.core.config import Settings
from earshot.core.crypto import write_once
from earshot.core.db import Connection
from earshot.demonstration.case_load import Holder, give_key
from earshot.demonstration.stories import PROVIDER
from earshot.people import codes, factors_store, store
from earshot.people.factor_key import FactorKey
from earshot.people.guessing import is_common
from earshot.people.matrix import TWO_FACTORS
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
    holds_key: bool = False

    @property
    def short(self) -> str:
        """How the rest of the demonstration calls them."""
        return self.email.split("@")[0]


@dataclass(frozen=True)
class SignIn:
    """What somebody types to sign in and, where they hold one, to open their key; and what they then see.

    `totp` is the secret of their six-digit codes, for those who need two factors: `earshot user totp` tells the code.
    """

    role: str
    email: str
    password: str
    sees: str
    key_passphrase: str = ""
    totp: str = ""


@dataclass(frozen=True)
class DemonstrationSignIns:
    """Everybody who may sign in to the demonstration, and the receipt of one invented case to try."""

    people: tuple[SignIn, ...]
    receipt: str = ""


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
        "the trust: patients, carers and staff, and every case", holds_key=True,
    ),
    _Person(
        Role.GUARDIAN, "deputy@fenmoor.example", "Dev Okonjo-Reeve (invented)", PROVIDER,
        "the same: stands in for the guardian", holds_key=True,
    ),
    _Person(
        Role.PALS, "pals@fenmoor.example", "Pat Linwood (invented)", PROVIDER,
        "the trust: patients and carers, and their cases", holds_key=True,
    ),
    _Person(
        Role.ANALYST, "analyst@fenmoor.example", "Anil Prior (invented)", PROVIDER,
        "the trust: patients and carers, with export",
    ),
    _Person(
        Role.ADMINISTRATOR, "admin@fenmoor.example", "Alex Thornbury (invented)", "ENG",
        "all organisations: imports, forms and work", holds_key=True,
    ),
)  # fmt: skip


def known_sign_ins(settings: Settings) -> DemonstrationSignIns | None:
    """The sign-ins that were made earlier, or None where their file is not there."""
    path = _path(settings)
    if not path.exists():
        return None
    document = json.loads(path.read_text(encoding="utf-8"))
    people = tuple(SignIn(**person) for person in document["people"])
    return DemonstrationSignIns(people, document.get("receipt", ""))


def make_sign_ins(settings: Settings) -> DemonstrationSignIns:
    """The sign-ins of this computer, made once and kept in a file that only its owner reads."""
    known = known_sign_ins(settings)
    if known is not None and {person.email for person in known.people} >= {person.email for person in _PEOPLE}:
        return known
    made = DemonstrationSignIns(
        tuple(
            SignIn(
                "PALS" if person.role is Role.PALS else person.role.value.replace("_", " ").capitalize(),
                person.email,
                passphrase(),
                person.sees,
                passphrase() if person.holds_key else "",
                codes.new_secret().decode() if person.role in TWO_FACTORS else "",
            )
            for person in _PEOPLE
        ),
        sealing.shown(sealing.new_receipt()),
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
    while is_common(drawn := "-".join(secrets.choice(words) for _ in range(_WORDS))):
        pass  # the same word twice, say
    return drawn


async def open_accounts(
    connection: Connection, sign_ins: DemonstrationSignIns, orgs: dict[str, UUID]
) -> dict[str, UUID]:
    """Give everybody an account and their role over an organisation, by its code in `orgs`.

    Returns the accounts by short names: what stands before the @ of their addresses.
    """
    passwords = {person.email: person.password for person in sign_ins.people}
    opened: dict[str, UUID] = {}
    for person in _PEOPLE:
        hashed = hash_password(passwords[person.email])
        account = await store.add_account(connection, email=person.email, name=person.name, password_hash=hashed)
        await store.say_invented(connection, account)
        await store.give_role(connection, account, person.role, orgs[person.org])
        opened[person.short] = account
    return opened


async def give_codes(
    connection: Connection, sign_ins: DemonstrationSignIns, accounts: dict[str, UUID], key: FactorKey
) -> None:
    """Let the six-digit codes of those who need them count, as if they had set them up."""
    for person in sign_ins.people:
        account = accounts[person.email.split("@")[0]]
        if person.totp:
            sealed = key.seal(person.totp.encode(), account_id=account)
            await factors_store.begin_totp(connection, account, sealed)
            await factors_store.confirm_totp(connection, account, 0)


async def give_keys(
    connection: Connection, sign_ins: DemonstrationSignIns, accounts: dict[str, UUID]
) -> dict[str, Holder]:
    """Give a key pair to everybody who needs one; returns them by the same short names."""
    known = {person.email: person.key_passphrase for person in sign_ins.people}
    return {
        person.short: await give_key(connection, accounts[person.short], known[person.email])
        for person in _PEOPLE
        if person.holds_key
    }


def _path(settings: Settings) -> Path:
    return settings.home / "demonstration.json"
