"""Builders: rows written by hand, arguments by keyword, and a sensible default for what a test does not care about.

Each takes a connection as the owner (`house.owner()`), inserts one thing and returns its id.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

from earshot.core import audit
from earshot.core.config import Settings
from earshot.core.crypto import KeyFiles
from earshot.core.db import Connection

DAY = date(2026, 3, 2)


def label(code: str) -> str:
    """A code as one label of an ltree path."""
    return "".join(letter if letter.isalnum() else "_" for letter in code)


async def org(
    db: Connection, *, code: str, name: str | None = None, level: str = "provider", parent: UUID | None = None
) -> UUID:
    """An organisation, below `parent` or at the top of the tree."""
    path = label(code)
    if parent is not None:
        path = f"{await db.fetchval('SELECT path::text FROM org WHERE id = $1', parent)}.{path}"
    sql = (
        "INSERT INTO org (parent_id, path, level, code, name, invented)"
        " VALUES ($1, text2ltree($2), $3, $4, $5, true) RETURNING id"
    )
    made: UUID = await db.fetchval(sql, parent, path, level, code, name or f"{code} (invented)")
    return made


async def account(
    db: Connection, *, email: str, password_hash: str = "!", name: str = "Ada Invented", roles: Mapping[str, UUID]
) -> UUID:
    """Somebody who signs in, with an organisation for each role. The default password hash lets nobody in."""
    sql = "INSERT INTO account (email, name, password_hash) VALUES ($1, $2, $3) RETURNING id"
    made: UUID = await db.fetchval(sql, email, name, password_hash)
    grant = "INSERT INTO role_grant (account_id, role, org_id) VALUES ($1, $2, $3)"
    await db.executemany(grant, [(made, role, org_id) for role, org_id in roles.items()])
    return made


async def link(
    db: Connection, *, org_id: UUID, token: str | None = None, audience: str = "patient", expires_on: date | None = None
) -> str:
    """A link to a form; returns its token."""
    token = token or secrets.token_hex(6)
    sql = "INSERT INTO form_link (token, org_id, audience, label, expires_on) VALUES ($1, $2, $3, $4, $5)"
    await db.execute(sql, token, org_id, audience, "Poster by the door", expires_on)
    return token


async def import_batch(db: Connection, *, org_id: UUID, refused_line: int = 7) -> UUID:
    """An import with one refused row."""
    sql = "INSERT INTO import_batch (org_id, file_name, mapping) VALUES ($1, 'march.csv', '{}') RETURNING id"
    made: UUID = await db.fetchval(sql, org_id)
    row = "INSERT INTO import_row (import_id, line, outcome, reason, org_id) VALUES ($1, $2, 'refused', 'no date', $3)"
    await db.execute(row, made, refused_line, org_id)
    return made


async def submission(
    db: Connection,
    *,
    settings: Settings,
    org_id: UUID,
    text: str = "Thank you.",
    audience: str = "patient",
    fft: int | None = 2,
    received_on: date = DAY,
) -> UUID:
    """Something sent through the form, sealed with the keys of `settings`, not yet read by the worker."""
    made, key = uuid4(), KeyFiles(settings.keys).sealing()
    body = json.dumps({"answers": {"why": text}, "fft": fft, "about": {}}).encode()
    sql = (
        "INSERT INTO vault.submission (id, org_id, audience, form, channel, response_id, idempotency_hash, received_on,"
        " sealed, key_id) VALUES ($1, $2, $3, 'patient-1', 'form', $1, $4, $5, $6, $7)"
    )
    sealed = key.seal(body, info=b"earshot/submission/v1/" + made.bytes)
    mark = hashlib.sha256(made.bytes).digest()
    await db.execute(sql, made, org_id, audience, mark, received_on, sealed, key.key_id)
    return made


async def comment(
    db: Connection,
    *,
    settings: Settings,
    org_id: UUID,
    text: str = "The staff were kind.",
    stream: str = "patient",
    said_on: date = DAY,
    fft: int | None = 2,
) -> UUID:
    """A comment with its response and submission, not analysed."""
    sent = await submission(db, settings=settings, org_id=org_id, text=text, audience=stream)
    response = "INSERT INTO response (id, org_id, stream, said_on, fft, channel) VALUES ($1, $2, $3, $4, $5, 'form')"
    await db.execute(response, sent, org_id, stream, said_on, fft)
    sql = (
        "INSERT INTO comment (id, submission_id, response_id, org_id, stream, question, text, said_on)"
        " VALUES ($1, $2, $2, $3, $4, 'Why?', $5, $6)"
    )
    made = uuid4()
    await db.execute(sql, made, sent, org_id, stream, text, said_on)
    return made


async def analysed(db: Connection, *, comment_id: UUID, theme: str = "Staff manner", sentiment: int = 2) -> UUID:
    """What the worker makes of a comment: sentiment, a theme, an embedding, a cluster; returns the cluster's id."""
    row = await db.fetchrow("SELECT org_id, stream, said_on FROM comment WHERE id = $1", comment_id)
    org_id, stream, said_on = row
    vector = "[" + ",".join(["1"] + ["0"] * 383) + "]"
    analysis = (
        "INSERT INTO analysis (comment_id, org_id, stream, bundle, language, language_p, sentiment, sentiment_p,"
        " sentences) VALUES ($1, $2, $3, 'test', 'en', 1, $4, 0.9, '[]')"
    )
    await db.execute(analysis, comment_id, org_id, stream, sentiment)
    await db.execute(
        "INSERT INTO comment_theme VALUES ($1, 'qdc', $2, 0.8, '[]', $3, $4)", comment_id, theme, org_id, stream
    )
    await considered(db, comment_id=comment_id, theme="Considered", p=0.3)
    await db.execute(
        "INSERT INTO embedding VALUES ($1, $2, $3, 'test', ($4::text)::halfvec)", comment_id, org_id, stream, vector
    )
    cluster, kind = uuid4(), "staff" if stream == "staff" else "patient"
    await db.execute(
        "INSERT INTO cluster VALUES ($1, $2, $3, $4, 'kind, staff', '[]', ($5::text)::halfvec, $6, 1, $7, $7)",
        *(cluster, org_id, kind, secrets.randbelow(10**9), vector, [comment_id], said_on),
    )
    await db.execute("INSERT INTO comment_cluster VALUES ($1, $2, $3, $4)", comment_id, cluster, org_id, stream)
    await db.execute(
        "INSERT INTO daily VALUES ($1, $2, $3, 'comments', '', 1) ON CONFLICT DO NOTHING", org_id, said_on, stream
    )
    return cluster


async def considered(db: Connection, *, comment_id: UUID, theme: str, p: float) -> None:
    """A theme that the worker was not sure enough of to claim."""
    sql = "INSERT INTO comment_considered SELECT id, 'qdc', $2, $3, org_id, stream FROM comment WHERE id = $1"
    await db.execute(sql, comment_id, theme, p)


async def one_of_everything(db: Connection, *, settings: Settings, org_id: UUID, stream: str = "patient") -> UUID:
    """A row for `org_id` in every table that belongs to an organisation; returns the comment's id."""
    made = await comment(db, settings=settings, org_id=org_id, stream=stream)
    await analysed(db, comment_id=made)
    await import_batch(db, org_id=org_id)
    await link(db, org_id=org_id)
    await account(db, email=f"{org_id}@invented.example", roles={"analyst": org_id})
    run = uuid4()
    await db.execute("INSERT INTO discovery (id, org_id, state) VALUES ($1, $2, 'done')", run, org_id)
    lineage = (
        "INSERT INTO cluster_lineage (org_id, stream, discovery_id, kind, later_id)"
        " SELECT org_id, stream, $2, 'new', id FROM cluster WHERE org_id = $1"
    )
    await db.execute(lineage, org_id, run)
    item = (
        "INSERT INTO review_item (id, submission_id, comment_id, org_id, stream, reason, said_on)"
        " SELECT gen_random_uuid(), submission_id, id, org_id, stream, 'language', said_on FROM comment WHERE id = $1"
    )
    await db.execute(item, made)
    await safety(db, comment_id=made, kinds=("danger_now",))
    sample = (
        "INSERT INTO safety_sample (comment_id, org_id, stream) SELECT id, org_id, stream FROM comment WHERE id = $1"
    )
    await db.execute(sample, made)
    await learned(db, comment_id=made)
    await signal(db, org_id=org_id, streams=(stream,), comment_ids=(made,))
    await case_file(db, org_id=org_id, stream=stream)
    await escrow(db, org_id=org_id)
    await sent_return(db, org_id=org_id)
    await kept(db, org_id=org_id)
    await db.execute("INSERT INTO escalation (org_id, role) VALUES ($1, 'quality_lead')", org_id)
    await publication(db, org_id=org_id, quote=made)
    await improved(db, org_id=org_id, comment_id=made, stream=stream)
    await published_counts(db, org_id=org_id, stream=stream)
    return made


async def published_counts(db: Connection, *, org_id: UUID, stream: str) -> None:
    """A quality report with its files, a key for another programme, and a number that such a programme may read."""
    person = await account(db, email=f"reports-{uuid4()}@invented.example", roles={"quality_lead": org_id})
    report = (
        "INSERT INTO report (org_id, since, until, streams, n, state, content, asked_by, made_on)"
        " VALUES ($1, '2026-03-01', '2026-03-31', ARRAY[$2], 1, 'ready', $3, $4, current_date) RETURNING id"
    )
    made = await db.fetchval(report, org_id, stream, secrets.token_bytes(32), person)
    files = "INSERT INTO report_file (report_id, kind, content, hash) VALUES ($1, $2, 'x', sha256('x'))"
    await db.executemany(files, [(made, kind) for kind in ("pdf", "pptx", "xlsx")])
    key = (
        "INSERT INTO feed_key (key_hash, begins, name, org_id, streams, may, period, made_by, expires_on)"
        " VALUES ($1, 'earshot_x', 'Board', $2, ARRAY[$3], '{counts}', 'month', $4, current_date)"
    )
    await db.execute(key, secrets.token_bytes(32), org_id, stream, person)
    number = "INSERT INTO statistic VALUES ($1, 'month', '2026-03-01', $2, 'comments', '', 10, 'earshot-counts/1')"
    await db.execute(number, org_id, stream)
    await db.execute("INSERT INTO feed_reader (login, org_id) VALUES ('nobody', $1)", org_id)


async def improved(db: Connection, *, org_id: UUID, comment_id: UUID, stream: str) -> UUID:
    """An improvement action with what belongs to one, praise for the place, what worked there, and its level."""
    made = await improvement(db, org_id=org_id, streams=(stream,))
    await db.execute("INSERT INTO praise (comment_id, org_id, stream, said_on) VALUES ($1, $2, $3, $4)",
                     comment_id, org_id, stream, DAY)  # fmt: skip
    entry = (
        "INSERT INTO library_entry (id, org_id, source, title, what_we_heard, what_we_did, measure, result, weeks,"
        " content_hash, vector) VALUES (gen_random_uuid(), $1, 'Invented', 'Quieter nights', 'Noise at night.',"
        " 'Soft bins.', 'Sleep', 'Improved.', 8, $2, ($3::text)::halfvec)"
    )
    vector = "[" + ",".join(["1"] + ["0"] * 383) + "]"
    await db.execute(entry, org_id, secrets.token_bytes(32), vector)
    level = "INSERT INTO assurance (org_id, pack, level, reasons) VALUES ($1, 'nqb-2024', 'routine', 'No concerns.')"
    await db.execute(level, org_id)
    return made


async def improvement(
    db: Connection,
    *,
    org_id: UUID,
    streams: tuple[str, ...] = ("patient",),
    title: str = "Quieter nights",
    state: str = "planned",
    started_on: date | None = None,
    due_on: date | None = None,
    measure: str | None = None,
    wanted: str | None = None,
    owner_id: UUID | None = None,
    signal_ids: tuple[UUID, ...] = (),
    themes: tuple[str, ...] = (),
) -> UUID:
    """An action; a closed one was closed on the day it began."""
    made = uuid4()
    person = owner_id or await account(db, email=f"improves-{made}@invented.example", roles={"quality_lead": org_id})
    sql = (
        "INSERT INTO improvement_action (id, org_id, streams, title, what_we_heard, what_we_did, state, owner_id,"
        " due_on, started_on, closed_on, measure_id, wanted, themes, made_by)"
        " VALUES ($1, $2, $3, $4, 'Noise at night.', 'Soft-closing bins.', $5, $6, $7, $8, $9, $10, $11, $12, $6)"
    )
    closed = started_on if state in ("finished", "stopped") else None
    await db.execute(
        sql, made, org_id, list(streams), title, state, person, due_on, started_on, closed, measure, wanted,
        list(themes),
    )  # fmt: skip
    made_event = "INSERT INTO improvement_event (action_id, what, by_id) VALUES ($1, 'made', $2)"
    await db.execute(made_event, made, person)
    await db.executemany("INSERT INTO improvement_signal VALUES ($1, $2)", [(made, one) for one in signal_ids])
    return made


async def publication(
    db: Connection,
    *,
    org_id: UUID,
    title: str = "Quieter nights",
    did: str = "We moved the bins.",
    state: str = "approved",
    writer: UUID | None = None,
    quote: UUID | None = None,
) -> UUID:
    """Something for the public page, approved by somebody else than its writer unless it is a draft."""
    people = [await account(db, email=f"{uuid4()}@invented.example", roles={"quality_lead": org_id}) for _ in range(2)]
    made: UUID = await db.fetchval(
        "INSERT INTO publication (org_id, streams) VALUES ($1, '{patient,carer}') RETURNING id", org_id
    )
    numbers = [{"since": str(DAY), "until": str(DAY + timedelta(days=13)), "about": 15, "heard": 120}]
    sql = (
        "INSERT INTO publication_version (publication_id, org_id, streams, n, state, title, heard, did, theme, since,"
        " until, numbers, writers, approved_by, approved_on) SELECT $1, $2, '{patient,carer}', 1, $3, $4,"
        " 'You told us that nights were loud.', $9, 'Noise', $5::date, $5::date + 13, $6,"
        " ARRAY[$7::uuid], $8, CASE WHEN $8::uuid IS NOT NULL THEN current_date END RETURNING id"
    )
    approver = None if state == "draft" else people[1]
    version = await db.fetchval(sql, made, org_id, state, title, DAY, numbers, writer or people[0], approver, did)
    step = "INSERT INTO publication_step (publication_id, org_id, streams, n, step, by_account)"
    await db.execute(step + " VALUES ($1, $2, '{patient,carer}', 1, 'written', $3)", made, org_id, writer or people[0])
    if quote is not None:
        words = "INSERT INTO publication_quote VALUES ($1, $2, $3, '{patient,carer}', 'The staff were kind.')"
        await db.execute(words, version, quote, org_id)
    return made


async def kept(db: Connection, *, org_id: UUID) -> None:
    """A line of the audit trail, a rule of how long to keep, a hold that was lifted, and a tombstone."""
    await audit.record(db, action="test.made", by=None, org_id=org_id)
    await db.execute("INSERT INTO retention_rule (org_id, kind, days) VALUES ($1, 'responses', 3650)", org_id)
    hold = "INSERT INTO retention_hold (org_id, reason, lifted_on) VALUES ($1, 'claim', current_date)"
    await db.execute(hold, org_id)
    plan = (
        "INSERT INTO retention_plan (org_id, kind, due, held, counted_on) VALUES ($1, 'responses', 1, 0, current_date)"
    )
    await db.execute(plan, org_id)
    gone = "INSERT INTO erasure (subject, kind, why, org_id) VALUES ($1, 'response', 'asked', $2)"
    await db.execute(gone, uuid4(), org_id)


async def sent_return(db: Connection, *, org_id: UUID, pack: str = "fft-monthly", period: date = DAY) -> UUID:
    """A return that was noted as sent, with a number that somebody typed in."""
    person = await account(db, email=f"sender-{uuid4()}@invented.example", roles={"quality_lead": org_id})
    typed = "INSERT INTO return_value (org_id, pack, period, field, value, by_account) VALUES ($1, $2, $3, $4, 90, $5)"
    await db.execute(typed, org_id, pack, period, "total.all.eligible", person)
    sql = (
        "INSERT INTO return_frozen (org_id, pack, version, counts, period, until, numbers, hash, by_account)"
        " VALUES ($1, $2, '1', 'answers', $3, $3, '{}', $4, $5) RETURNING id"
    )
    made: UUID = await db.fetchval(sql, org_id, pack, period, secrets.token_bytes(32), person)
    return made


async def key_pair(db: Connection, *, account_id: UUID, public: bytes | None = None) -> UUID:
    """A handler's key pair; the default public half is one that nobody can open anything with."""
    sql = "INSERT INTO key_pair (account_id, public) VALUES ($1, $2) RETURNING id"
    made: UUID = await db.fetchval(sql, account_id, public or secrets.token_bytes(32))
    return made


async def escrow(db: Connection, *, org_id: UUID) -> None:
    """Two people who together may open what nobody else can."""
    accounts = [
        await account(db, email=f"escrow{n}-{org_id}@invented.example", roles={"administrator": org_id}) for n in (1, 2)
    ]
    pairs = [await key_pair(db, account_id=one) for one in accounts]
    await db.execute("INSERT INTO escrow (org_id, first_pair_id, second_pair_id) VALUES ($1, $2, $3)", org_id, *pairs)


async def case_file(
    db: Connection,
    *,
    org_id: UUID,
    stream: str = "staff",
    way: str = "anonymous",
    received_on: date = DAY,
    public: bytes | None = None,
    risk: bool | None = None,
    criticality: int | None = None,
) -> UUID:
    """A case as it arrives, without texts."""
    sql = (
        "INSERT INTO case_file (id, org_id, stream, way, reference, received_on, public, receipt_hash, receipt_sealed,"
        " content_hash, risk, criticality) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
    )
    made, some = uuid4(), secrets.token_bytes(32)
    reference = f"T-{secrets.token_hex(4)}"
    await db.execute(
        sql, made, org_id, stream, way, reference, received_on, public or some, some, some, some, risk, criticality
    )
    return made


async def signal(
    db: Connection,
    *,
    org_id: UUID,
    kind: str = "rise",
    meaning: str = "concern",
    streams: tuple[str, ...] = ("patient",),
    measure: str = "theme_negative",
    theme: str = "Discharge",
    since: date = DAY,
    until: date = DAY + timedelta(days=13),
    observed: int = 9,
    weeks_between: float | None = 14.0,
    respondents: int | None = 9,
    comment_ids: tuple[UUID, ...] = (),
    due_at: datetime | None = None,
) -> UUID:
    """A signal with everything that belongs to one: its raising, an answer, the look that found it, and rules."""
    made, scan = uuid4(), uuid4()
    person = await account(db, email=f"{made}@invented.example", roles={"quality_lead": org_id})
    subject = f"one_comment/{comment_ids[0]}" if kind == "one_comment" else str(made)
    sentence = f"Comments about {theme} rose."
    sql = (
        "INSERT INTO signal (id, subject, kind, meaning, org_id, streams, measure, label, since, until, observed,"
        " expected, statistic, weeks_between, detector, detector_version, sentence, respondents, comment_ids, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 4, 3.2, $12, 'test', '1', $13, $14, $15, $16)"
    )
    await db.execute(
        sql, made, subject, kind, meaning, org_id, list(streams), measure, theme, since, until, observed,
        weeks_between, sentence, respondents, list(comment_ids), due_at,
    )  # fmt: skip
    event = "INSERT INTO signal_event (signal_id, org_id, streams, what) VALUES ($1, $2, $3, 'raised')"
    await db.execute(event, made, org_id, list(streams))
    answer = "INSERT INTO signal_answer (signal_id, account_id, org_id, streams, useful) VALUES ($1, $2, $3, $4, true)"
    await db.execute(answer, made, person, org_id, list(streams))
    look = (
        "INSERT INTO signal_scan (id, org_id, as_of, first_week, budget, series, comments, content_hash)"
        " VALUES ($1, $2, $3, $3, 4, 10, 100, $4)"
    )
    await db.execute(look, scan, org_id, until, made.hex)
    finding = (
        "INSERT INTO signal_finding (scan_id, signal_id, org_id, streams, as_of, kind, meaning, since, until, observed,"
        " weeks_between, respondents, sentence) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $5, $9, $10, $11, $12)"
    )
    await db.execute(
        finding, scan, made, org_id, list(streams), until, kind, meaning, since, observed, weeks_between, respondents,
        sentence,
    )  # fmt: skip
    rules = (
        "INSERT INTO signal_rules (org_id, false_alarms, acknowledge_hours) VALUES ($1, 4, 4) ON CONFLICT DO NOTHING"
    )
    await db.execute(rules, org_id)
    return made


async def learned(db: Connection, *, comment_id: UUID) -> None:
    """What people said about a comment: a correction, a coding, and a week of the drift log."""
    org_id, stream, said_on = await db.fetchrow("SELECT org_id, stream, said_on FROM comment WHERE id = $1", comment_id)
    person = await account(db, email=f"{comment_id}@invented.example", roles={"quality_lead": org_id})
    correction = (
        "INSERT INTO correction (id, comment_id, org_id, stream, kind, framework, theme, present, made_by)"
        " VALUES (gen_random_uuid(), $1, $2, $3, 'theme', 'patient-experience', 'Parking', true, $4)"
    )
    await db.execute(correction, comment_id, org_id, stream, person)
    sample = "INSERT INTO coding_sample (comment_id, org_id, stream, drawn_by) VALUES ($1, $2, $3, $4)"
    await db.execute(sample, comment_id, org_id, stream, person)
    coding = "INSERT INTO coding (comment_id, account_id, themes, org_id, stream) VALUES ($1, $2, '{}', $3, $4)"
    await db.execute(coding, comment_id, person, org_id, stream)
    await db.execute("INSERT INTO drift VALUES ($1, $2, $3, 40, '{}', '{}', '{}')", org_id, stream, said_on)


async def safety(db: Connection, *, comment_id: UUID, kinds: tuple[str, ...], start: int = 0, end: int = 3) -> None:
    """What the net for immediate risk heard in a comment, and that a person must look."""
    flag = (
        "INSERT INTO safety_flag (comment_id, kind, p, evidence_start, evidence_end, org_id, stream)"
        " SELECT id, unnest($2::text[]), 0.9, $3, $4, org_id, stream FROM comment WHERE id = $1"
    )
    await db.execute(flag, comment_id, list(kinds), start, end)
    item = (
        "INSERT INTO review_item (id, submission_id, comment_id, org_id, stream, reason, said_on)"
        " SELECT gen_random_uuid(), submission_id, id, org_id, stream, 'safety', said_on FROM comment WHERE id = $1"
    )
    await db.execute(item, comment_id)


async def alert(
    db: Connection, *, account_id: UUID, signal_id: UUID, subscription_id: UUID, urgent: bool = False
) -> UUID:
    """Something that somebody was told in Earshot, as they had subscribed."""
    sql = (
        "INSERT INTO alert (account_id, signal_id, subscription_id, why, cadence, channels, urgent, state, told_at)"
        " VALUES ($1, $2, $3, 'subscribed', 'at_once', '{in_app}', $4, 'told', now()) RETURNING id"
    )
    made: UUID = await db.fetchval(sql, account_id, signal_id, subscription_id, urgent)
    way = "INSERT INTO alert_delivery (alert_id, turn, channel) VALUES ($1, 1, 'in_app')"
    await db.execute(way, made)
    return made


async def subscription(db: Connection, *, account_id: UUID, org_id: UUID, cadence: str = "at_once") -> UUID:
    """A subscription to everything at a place, by mail and in Earshot."""
    sql = (
        "INSERT INTO subscription (account_id, place_id, channels, cadence) VALUES ($1, $2, '{in_app,mail}', $3)"
        " RETURNING id"
    )
    made: UUID = await db.fetchval(sql, account_id, org_id, cadence)
    return made


async def digest(db: Connection, *, account_id: UUID) -> UUID:
    """A weekly digest with nothing new in it, and its mail, which was perhaps sent."""
    letter, made = uuid4(), uuid4()
    post = (
        "INSERT INTO letter (id, key, mark, account_id, address, kind, subject, body, state)"
        " VALUES ($1, $1::uuid::text, $2, $3, 'ada@invented.example', 'digest', 'Hello', 'Nothing new.', 'maybe_sent')"
    )
    await db.execute(post, letter, letter.hex, account_id)
    content = {
        "cadence": "weekly", "subject": "Nothing new", "intro": "Nothing new.", "period": "2026-03-02T08:00:00Z",
        "since": "2026-02-23", "until": "2026-03-01", "places": [], "news": False, "sections": [],
    }  # fmt: skip
    sql = (
        "INSERT INTO digest (id, account_id, cadence, period, state, content, letter_id)"
        " VALUES ($1, $2, 'weekly', '2026-03-02 08:00+00', 'nothing_new', $3, $4)"
    )
    await db.execute(sql, made, account_id, content, letter)
    return made
