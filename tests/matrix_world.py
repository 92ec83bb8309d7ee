"""Two providers with one of everything for each role, for tests of every route: what is own, and what is foreign."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import make
from earshot.core.config import Settings
from earshot.core.db import Connection
from earshot.people import store
from earshot.people.matrix import ACTIONS, HANDLES, Role
from earshot.people.model import How
from earshot.people.passwords import hash_password
from house import Cluster, House, connected, database

_NUMBERS = count(1)

#: How a thing that a name stands for is found: $1 is the person's own ward, $2 the person.
_FOUND: Mapping[str, str] = {
    "comment_id": "SELECT id FROM comment WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "correction_id": "SELECT id FROM correction WHERE org_id = $1 AND made_by = $2",
    "signal_id": "SELECT id FROM signal WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "import_id": "SELECT id FROM import_batch WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "link_id": "SELECT id FROM form_link WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "cluster": "SELECT id FROM cluster WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "account_id": "SELECT account_id FROM role_grant WHERE org_id = $1 AND role = 'analyst' AND account_id <> $2",
    "first_account_id": "SELECT account_id FROM role_grant WHERE org_id = $1 AND role = 'analyst' AND account_id <> $2",
    "second_account_id": "SELECT p.account_id FROM escrow e JOIN key_pair p ON p.id = e.second_pair_id"
    " WHERE e.org_id = $1 AND $2::uuid IS NOT NULL",
    "deputy_id": "SELECT account_id FROM role_grant WHERE org_id = $1 AND role = 'quality_lead' AND account_id <> $2",
    "case_id": "SELECT id FROM case_file WHERE org_id = $1 AND $2::uuid IS NOT NULL ORDER BY reference",
    "ids": "SELECT id FROM case_file WHERE org_id = $1 AND $2::uuid IS NOT NULL ORDER BY reference",
    "same_as": "SELECT id FROM case_file WHERE org_id = $1 AND $2::uuid IS NOT NULL ORDER BY reference DESC",
    "reference": "SELECT reference FROM case_file WHERE org_id = $1 AND $2::uuid IS NOT NULL ORDER BY reference DESC",
    "action_id": "SELECT a.id FROM case_action a JOIN case_file f ON f.id = a.case_id"
    " WHERE f.org_id = $1 AND $2::uuid IS NOT NULL ORDER BY f.reference",
    "hand_off_id": "SELECT h.id FROM hand_off h JOIN case_file f ON f.id = h.case_id"
    " WHERE f.org_id = $1 AND $2::uuid IS NOT NULL ORDER BY f.reference",
    "glass_id": "SELECT b.id FROM break_glass b JOIN case_file f ON f.id = b.case_id"
    " WHERE f.org_id = $1 AND b.asked_by = $2",
    "hold_id": "SELECT id FROM retention_hold WHERE org_id = $1 AND lifted_on IS NULL AND $2::uuid IS NOT NULL",
    "pair_id": "SELECT id FROM key_pair WHERE $1::uuid IS NOT NULL AND account_id = $2",
    "lock_id": "SELECT l.id FROM key_lock l JOIN key_pair p ON p.id = l.pair_id"
    " WHERE $1::uuid IS NOT NULL AND p.account_id = $2",
    "session_id": "SELECT id FROM session WHERE $1::uuid IS NOT NULL AND account_id = $2",
    "passkey_id": "SELECT id FROM passkey WHERE $1::uuid IS NOT NULL AND account_id = $2",
    "look_id": "SELECT id FROM second_look WHERE place_id = $1 AND asked_by <> $2",
    "subscription_id": "SELECT id FROM subscription WHERE $1::uuid IS NOT NULL AND account_id = $2",
    "alert_id": "SELECT id FROM alert WHERE $1::uuid IS NOT NULL AND account_id = $2",
    "digest_id": "SELECT id FROM digest WHERE $1::uuid IS NOT NULL AND account_id = $2",
    "letter_id": "SELECT id FROM letter WHERE $1::uuid IS NOT NULL AND account_id = $2",
    "improvement_id": "SELECT id FROM improvement_action WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "improvement": "SELECT id FROM improvement_action WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "publication_id": "SELECT id FROM publication WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "owner_id": "SELECT $2::uuid WHERE $1::uuid IS NOT NULL",
    "signal": "SELECT id FROM signal WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "signal_ids": "SELECT id FROM signal WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "report_id": "SELECT id FROM report WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    "key_id": "SELECT id FROM feed_key WHERE org_id = $1 AND $2::uuid IS NOT NULL",
    # Background work and models belong to the whole installation.
    "job_id": "SELECT id::text FROM pgqueuer WHERE status = 'failed' AND $1::uuid IS NOT NULL AND $2::uuid IS NOT NULL",
    "bundle_id": "SELECT id FROM bundle_version WHERE parent IS NOT NULL AND $1::uuid IS NOT NULL"
    " AND $2::uuid IS NOT NULL",
}
_WARD = "SELECT $1::uuid WHERE $2::uuid IS NOT NULL"
_GLASS_TO_AGREE = (
    "SELECT b.id FROM break_glass b JOIN case_file f ON f.id = b.case_id WHERE f.org_id = $1 AND b.asked_by <> $2"
)
#: The same where a route means a narrower thing by a name: the end of its path, and the name.
_FOUND_AT: Mapping[tuple[str, str], str] = {
    ("/escrow/{org_id}", "org_id"): _WARD,
    ("/rules/{org_id}/{kind}", "org_id"): _WARD,
    ("/roles/{role}/{org_id}", "org_id"): _WARD,
    ("/{glass_id}/agree", "glass_id"): _GLASS_TO_AGREE,
    ("/{glass_id}/refuse", "glass_id"): _GLASS_TO_AGREE,
}


@dataclass(frozen=True)
class Person:
    """Somebody with one role over a provider, a session, and a ward of their own with one of everything."""

    account_id: UUID
    session: str
    provider: UUID
    ward: UUID

    async def own(self, db: Connection, name: str, path: str) -> Any:
        """The thing of theirs that a name in a request to a path stands for; None where they have none."""
        narrower = next((sql for (end, meant), sql in _FOUND_AT.items() if name == meant and path.endswith(end)), None)
        if narrower is None and name in ("org", "org_id"):
            return str(self.provider)
        found = await db.fetchval(narrower or _FOUND[name], self.ward, self.account_id)
        return found if isinstance(found, str) else str(found) if found is not None else None


@dataclass(frozen=True)
class World:
    """For each role somebody of ours and somebody of theirs."""

    ours: Mapping[Role, Person]
    theirs: Mapping[Role, Person]


@asynccontextmanager
async def copied(cluster: Cluster, house: House) -> AsyncIterator[House]:
    """A copy of a house that nobody is connected to, with the same keys; demolished at the end."""
    name = f"copy_{next(_NUMBERS)}"
    async with connected(database(cluster.postgres.dsn, "postgres")) as connection:
        source = urlsplit(house.owner_dsn).path.lstrip("/")
        await connection.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy")
    dsn = database(cluster.postgres.dsn, name)
    copy = House(house.settings.model_copy(update={"database_url": dsn}), dsn)
    yield copy
    await cluster.demolish(copy)


async def furnish(db: Connection, settings: Settings) -> World:
    """Make everybody and everything."""
    providers = [await make.org(db, code=code) for code in ("OURS", "THEIRS")]
    password = hash_password("quivering marmalade oboe 71")
    sides = [{role: await _person(db, settings, role, provider, password) for role in Role} for provider in providers]
    await db.execute(
        "INSERT INTO pgqueuer (priority, status, entrypoint, execute_after) VALUES (0, 'failed', 'x', now())"
    )
    bundles = "INSERT INTO bundle_version (id, parent, state, reason) VALUES ($1, $2, 'candidate', 'x')"
    await db.executemany(bundles, [("shipped", None), ("learned", "shipped")])
    return World(*sides)


async def _person(db: Connection, settings: Settings, role: Role, provider: UUID, password: str) -> Person:
    mark = f"{provider}-{role}"
    ward = await make.org(db, code=mark, level="team", parent=provider)
    account = await make.account(
        db, email=f"{mark}@invented.example", password_hash=password, roles={role.value: provider}
    )
    await make.one_of_everything(db, settings=settings, org_id=ward)
    await _signing_in(db, account, ward)
    await _cases(db, account, role, ward)
    await _told(db, account, ward)
    await db.execute("INSERT INTO retention_hold (org_id, reason) VALUES ($1, 'inquest')", ward)
    session = await store.open_session(db, account, how=How.PASSKEY, mfa=True)
    return Person(account, session, provider, ward)


async def _told(db: Connection, account: UUID, ward: UUID) -> None:
    """A subscription, an alert that it led to, and a digest whose mail was perhaps sent."""
    mine = await make.subscription(db, account_id=account, org_id=ward)
    signal = await db.fetchval("SELECT id FROM signal WHERE org_id = $1", ward)
    await make.alert(db, account_id=account, signal_id=signal, subscription_id=mine)
    await make.digest(db, account_id=account)


async def _signing_in(db: Connection, account: UUID, ward: UUID) -> None:
    """Second factors, single sign-on, a correction of one's own, and what waits for a second person."""
    passkey = (
        "INSERT INTO passkey (account_id, credential_id, public_key, sign_count, name) VALUES ($1, $2, $2, 0, 'x')"
    )
    await db.execute(passkey, account, account.bytes)
    await db.execute("INSERT INTO totp (account_id, sealed, confirmed_on) VALUES ($1, '', current_date)", account)
    await db.execute("INSERT INTO single_sign_on VALUES ('https://issuer.example', $1::uuid::text, $1)", account)
    correction = (
        "INSERT INTO correction (id, comment_id, org_id, stream, kind, framework, theme, present, made_by)"
        " SELECT gen_random_uuid(), id, org_id, stream, 'theme', 'patient-experience', 'Transport', true, $2"
        " FROM comment WHERE org_id = $1"
    )
    await db.execute(correction, ward, account)
    asked, about = [
        await make.account(db, email=f"{part}-{ward}@invented.example", roles={"administrator": ward})
        for part in ("asks", "about")
    ]
    look = (
        "INSERT INTO second_look (kind, account_id, role, place_id, asked_by)"
        " VALUES ('give_role', $1, 'guardian', $2, $3)"
    )
    await db.execute(look, about, ward, asked)


async def _cases(db: Connection, account: UUID, role: Role, ward: UUID) -> None:
    """Three cases with what belongs to them, and, for whoever may hold keys, a pair that opens them."""
    for _ in range(2):
        await make.case_file(db, org_id=ward, stream="patient")
    named = "UPDATE case_file f SET reference = upper(reference) WHERE org_id = $1 RETURNING id, reference"
    cases = [row["id"] for row in sorted(await db.fetch(named, ward), key=lambda row: str(row["reference"]))]
    text = "INSERT INTO case_text (case_id, n, kind, sealed) VALUES ($1, $2, $3, $4)"
    for case in cases:
        for n, kind in enumerate(("report", "hand_off", "action"), start=1):
            await db.execute(text, case, n, kind, bytes(304))
        await db.execute("INSERT INTO hand_off (case_id, kind, text_n) VALUES ($1, 'pals', 2)", case)
        await db.execute("INSERT INTO case_action (case_id, text_n) VALUES ($1, 3)", case)
    if "keys" in ACTIONS[role]:
        await _keys(db, account, role, cases, ward)


async def _keys(db: Connection, account: UUID, role: Role, cases: list[UUID], ward: UUID) -> None:
    """A key pair; of one case the person broke the glass, of one somebody else asks to, one may be asked for."""
    pair = await make.key_pair(db, account_id=account)
    lock = "INSERT INTO key_lock (pair_id, kind, salt, sealed) VALUES ($1, 'passphrase', $2, $3)"
    for _ in range(2):
        await db.execute(lock, pair, bytes(16), bytes(60))
    if role in HANDLES:
        await db.executemany("INSERT INTO case_lock VALUES ($1, $2, 'case', $3)", [(c, pair, bytes(80)) for c in cases])
    other_pair, other = await db.fetchrow(
        "SELECT p.id, p.account_id FROM escrow e JOIN key_pair p ON p.id = e.first_pair_id WHERE e.org_id = $1", ward
    )
    broken, asked, whole = cases
    escrow = "INSERT INTO case_escrow VALUES ($1, $2, $3, $4)"
    for case, first, second in ((broken, pair, other_pair), (asked, other_pair, pair), (whole, pair, other_pair)):
        await db.execute(escrow, case, first, second, bytes(128))
    glass = (
        "INSERT INTO break_glass (case_id, asked_by, reason, agreed_by, agreed_on, inner_sealed)"
        " VALUES ($1, $2, 'Nobody can open it.', $3, $4, $5)"
    )
    await db.execute(glass, broken, account, other, date.today(), bytes(80))
    await db.execute(glass, asked, other, None, None, None)
