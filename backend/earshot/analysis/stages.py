"""The worker's steps: de-identify what was sent, then read what it means."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from earshot_nlp.types import Analysis, RedactionFailed, Text, Word

from earshot.analysis import reading, store
from earshot.analysis.discovery import assign_new
from earshot.analysis.learning_stages import use_active
from earshot.analysis.model import Comment, Reason, Response, ReviewItem, SealedSubmission, comment_id, review_id
from earshot.core.config import settings
from earshot.core.crypto import KeyFiles, OpeningKey, Unreadable
from earshot.core.db import Database
from earshot.core.work import Payload, Stage, enqueue, ids
from earshot.intake.forms import wording
from earshot.intake.model import SEALED_FOR
from earshot.taxonomy.frameworks import NOT_ASSIGNED

EMBEDDING_MODEL = "all-MiniLM-L6-v2 int8"
DRAWN = 50  # one in so many comments without a flag is read by a person, to measure what the risk net misses
AT_ONCE = 5  # the priority of what cannot wait
BATCH = 100  # comments of one analyse job: enough to fill the models, few enough to share among workers


@dataclass
class _Opened:
    """What came out of a batch of sealed submissions."""

    responses: list[Response] = field(default_factory=list)
    answers: list[tuple[SealedSubmission, str, str]] = field(default_factory=list)  # submission, question, words
    reviews: list[ReviewItem] = field(default_factory=list)
    held: list[UUID] = field(default_factory=list)


async def deidentify(database: Database, payload: Payload) -> None:
    """Submissions → Comments: open, take out what identifies people, keep the rest.

    Fails closed: a text that cannot be de-identified makes no comment, and its submission waits for a person.
    """
    async with database.connection() as connection:
        waiting = await store.waiting(connection, ids(payload, "submissions"))
    opened = _open(waiting, KeyFiles(settings().keys).opening()) if waiting else _Opened()
    comments = await _redacted(opened)
    held = set(opened.held)
    async with database.transaction() as connection:
        await store.keep(connection, opened.responses, comments, opened.reviews)
        await store.set_state(connection, [s.id for s in waiting if s.id not in held], "done")
        await store.set_state(connection, opened.held, "held")
        for start in range(0, len(comments), BATCH):
            batch = [comment.id for comment in comments[start : start + BATCH]]
            await enqueue(connection, "analyse", {"comments": batch})
        if opened.responses:
            await enqueue(connection, "rollup", {"cells": store.cells(opened.responses)})


def _open(waiting: Sequence[SealedSubmission], key: OpeningKey) -> _Opened:
    opened = _Opened()
    for submission in waiting:
        try:
            sent = json.loads(key.open(submission.sealed, info=SEALED_FOR + submission.id.bytes))
        except Unreadable:
            opened.held.append(submission.id)
            opened.reviews.append(_review(submission, "", "unreadable"))
            continue
        opened.responses.append(
            Response(
                submission.response_id, submission.org_id, submission.audience, submission.received_on, sent["fft"],
                sent["about"], submission.channel, submission.import_id,
            )
        )  # fmt: skip
        for code, words in sent["answers"].items():
            if words.strip():
                opened.answers.append((submission, wording(submission.form, code), words))
    return opened


async def _redacted(opened: _Opened) -> list[Comment]:
    """The answers as comments; those that fail are held in `opened` instead."""
    comments: list[Comment] = []
    redactions = await reading.redact([words for _, _, words in opened.answers])
    for (submission, question, _), redaction in zip(opened.answers, redactions, strict=True):
        if isinstance(redaction, RedactionFailed):
            opened.held.append(submission.id)
            opened.reviews.append(_review(submission, question, "redaction"))
            continue
        comments.append(
            Comment(
                comment_id(submission.id, question), submission.id, submission.response_id, submission.org_id,
                submission.audience, question, redaction.text, len(redaction.identifiers), submission.received_on,
            )
        )  # fmt: skip
    return comments


async def analyse(database: Database, payload: Payload) -> None:
    """Comments → Analyses: themes, sentiment, language and embedding, with the words that mattered."""
    async with database.connection() as connection:
        comments = await store.comments(connection, ids(payload, "comments"))
        if not comments:
            return
        await use_active(connection)
    analyses = await reading.analyse([Text(c.text, c.question, c.stream) for c in comments])
    reviews = [_review_of(c, reason) for c, a in zip(comments, analyses, strict=True) for reason in _reasons(a)]
    calm = [c for c, a in zip(comments, analyses, strict=True) if not a.safety.flag and not a.needs_person]
    analysed = [_analysed(c, a) for c, a in zip(comments, analyses, strict=True)]
    async with database.transaction() as connection:
        await store.keep_analyses(
            connection,
            analysed,
            embedding_model=EMBEDDING_MODEL,
        )
        await store.keep_flags(connection, analysed)
        await store.draw(connection, [comment for comment in calm if comment.id.int % DRAWN == 0])
        await store.add_reviews(connection, reviews)
        await assign_new(connection, [comment.id for comment in comments])
        await enqueue(connection, "rollup", {"cells": store.cells(comments)})
        flagged = [one.comment.id for one in analysed if one.safety]
        if flagged:
            await enqueue(connection, "raise_one", {"comments": flagged}, priority=AT_ONCE)


def _analysed(comment: Comment, analysis: Analysis) -> store.Analysed:
    themes = [
        (theme.label, theme.p, [_word(word) for word in theme.words])
        for theme in analysis.themes
        if theme.label != NOT_ASSIGNED  # that a theme was heard says so already, and that none was is no theme
    ]
    return store.Analysed(
        comment=comment,
        bundle=analysis.bundle,
        framework=analysis.framework,
        language=analysis.language.code,
        language_p=analysis.language.p,
        sentiment=analysis.sentiment.label,
        sentiment_p=analysis.sentiment.p,
        sentences=[{"start": s.start, "end": s.end, "sentiment": s.sentiment} for s in analysis.sentences],
        themes=themes or [(NOT_ASSIGNED, 0.0, [])],  # without a probability: nobody claimed it
        considered=[(theme.label, theme.p) for theme in analysis.considered if theme.label != NOT_ASSIGNED],
        vector="[" + ",".join(f"{value:.5g}" for value in analysis.embedding.tolist()) + "]",
        safety=[(risk.kind, risk.p, *risk.evidence) for risk in analysis.safety.kinds],
    )


def _word(word: Word) -> dict[str, object]:
    """A word as it is kept; an example sentence that the comment is like is marked as one."""
    return {"text": word.text, "weight": round(word.weight, 4), **({"anchor": True} if word.anchor else {})}


def _reasons(analysis: Analysis) -> Sequence[Reason]:
    """Why a person must look; danger comes first."""
    reasons: list[Reason] = ["safety"] if analysis.safety.flag else []
    if analysis.needs_person:
        reasons.append("language" if analysis.needs_person == "language" else "empty")
    return reasons


def _review_of(comment: Comment, reason: Reason) -> ReviewItem:
    return ReviewItem(
        review_id(comment.submission_id, comment.question, reason), comment.submission_id, comment.id, comment.org_id,
        comment.stream, reason, comment.said_on,
    )  # fmt: skip


def _review(submission: SealedSubmission, question: str, reason: Reason) -> ReviewItem:
    """A submission that made no comment waits for a person."""
    return ReviewItem(
        review_id(submission.id, question, reason), submission.id, None, submission.org_id, submission.audience,
        reason, submission.received_on,
    )  # fmt: skip


DEIDENTIFY = Stage("deidentify", deidentify)
ANALYSE = Stage("analyse", analyse)
