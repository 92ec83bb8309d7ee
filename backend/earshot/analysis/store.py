"""Submissions out of the vault; comments, analyses and review items into their tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from earshot.analysis.model import Comment, Response, ReviewItem, SealedSubmission
from earshot.core.db import Connection, Query, Statement


@dataclass(frozen=True)
class Analysed:
    """What was understood of one comment, ready to be written."""

    comment: Comment
    bundle: str
    framework: str
    language: str
    language_p: float
    sentiment: int
    sentiment_p: float
    sentences: list[dict[str, int]]
    themes: list[tuple[str, float, list[dict[str, object]]]]
    considered: list[tuple[str, float]]  # themes that were not claimed, for want of certainty
    vector: str  # as pgvector reads it
    safety: list[tuple[str, float, int, int]]  # kind, probability, and where its words begin and end


_WAITING = Query(
    SealedSubmission,
    """
    SELECT id, org_id, audience, form, channel, import_id, response_id, received_on, sealed
    FROM vault.submission WHERE id = ANY ($1) AND state = 'received' ORDER BY id
    """,
)
_ADD_RESPONSE = Statement(
    """
    INSERT INTO response (id, org_id, stream, said_on, fft, about, channel, import_id)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (id) DO UPDATE SET fft = coalesce(response.fft, EXCLUDED.fft)
    """
)
_ADD_COMMENT = Statement(
    """
    INSERT INTO comment (id, submission_id, response_id, org_id, stream, question, text, redactions, said_on)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING
    """
)
_ADD_REVIEW = Statement(
    """
    INSERT INTO review_item (id, submission_id, comment_id, org_id, stream, reason, said_on)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING
    """
)
_SET_STATE = Statement("UPDATE vault.submission SET state = $2 WHERE id = ANY ($1)")
_COMMENTS = Query(
    Comment,
    """
    SELECT id, submission_id, response_id, org_id, stream, question, text, redactions, said_on
    FROM comment WHERE id = ANY ($1) ORDER BY id
    """,
)
_ADD_ANALYSIS = Statement(
    """
    INSERT INTO analysis (comment_id, org_id, stream, bundle, language, language_p, sentiment, sentiment_p, sentences)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (comment_id) DO UPDATE SET bundle = EXCLUDED.bundle, language = EXCLUDED.language,
      language_p = EXCLUDED.language_p, sentiment = EXCLUDED.sentiment, sentiment_p = EXCLUDED.sentiment_p,
      sentences = EXCLUDED.sentences
    """
)
_CLEAR_THEMES = Statement("DELETE FROM comment_theme WHERE comment_id = ANY ($1)")
_ADD_THEME = Statement(
    """
    INSERT INTO comment_theme (comment_id, framework, theme, p, words, org_id, stream)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING
    """
)
_CLEAR_CONSIDERED = Statement("DELETE FROM comment_considered WHERE comment_id = ANY ($1)")
_ADD_CONSIDERED = Statement(
    """
    INSERT INTO comment_considered (comment_id, framework, theme, p, org_id, stream)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING
    """
)
_ADD_EMBEDDING = Statement(
    """
    INSERT INTO embedding (comment_id, org_id, stream, model, vector) VALUES ($1, $2, $3, $4, $5::text::halfvec)
    ON CONFLICT (comment_id) DO UPDATE SET model = EXCLUDED.model, vector = EXCLUDED.vector
    """
)


_ADD_FLAG = Statement(
    """
    INSERT INTO safety_flag (comment_id, kind, p, evidence_start, evidence_end, org_id, stream)
    VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (comment_id, kind) DO UPDATE SET p = EXCLUDED.p, evidence_start = EXCLUDED.evidence_start,
      evidence_end = EXCLUDED.evidence_end
    """
)
_DRAW = Statement("INSERT INTO safety_sample (comment_id, org_id, stream) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")


async def waiting(connection: Connection, submission_ids: Sequence[UUID]) -> list[SealedSubmission]:
    """Those of the submissions that nobody has de-identified yet."""
    return await _WAITING.all(connection, submission_ids)


async def keep(
    connection: Connection, responses: Iterable[Response], comments: Iterable[Comment], reviews: Iterable[ReviewItem]
) -> None:
    """Write what was opened and de-identified; rows that are there already stay as they are."""
    await _ADD_RESPONSE.each(
        connection,
        [(r.id, r.org_id, r.stream, r.said_on, r.fft, r.about, r.channel, r.import_id) for r in responses],
    )
    await _ADD_COMMENT.each(
        connection,
        [
            (c.id, c.submission_id, c.response_id, c.org_id, c.stream, c.question, c.text, c.redactions, c.said_on)
            for c in comments
        ],
    )
    await add_reviews(connection, reviews)


async def add_reviews(connection: Connection, reviews: Iterable[ReviewItem]) -> None:
    """Ask a person to look."""
    await _ADD_REVIEW.each(
        connection, [(r.id, r.submission_id, r.comment_id, r.org_id, r.stream, r.reason, r.said_on) for r in reviews]
    )


async def set_state(connection: Connection, submission_ids: Sequence[UUID], state: str) -> None:
    """Say that submissions are done, or held for a person."""
    if submission_ids:
        await _SET_STATE.run(connection, submission_ids, state)


async def comments(connection: Connection, comment_ids: Sequence[UUID]) -> list[Comment]:
    """Comments by their ids; an id that is gone is left out."""
    return await _COMMENTS.all(connection, comment_ids)


async def keep_analyses(connection: Connection, analysed: Sequence[Analysed], *, embedding_model: str) -> None:
    """Write analyses, replacing those of an earlier run."""
    await _ADD_ANALYSIS.each(
        connection,
        [
            (
                a.comment.id, a.comment.org_id, a.comment.stream, a.bundle, a.language, a.language_p, a.sentiment,
                a.sentiment_p, a.sentences,
            )
            for a in analysed
        ],
    )  # fmt: skip
    await _CLEAR_THEMES.run(connection, [a.comment.id for a in analysed])
    await _ADD_THEME.each(
        connection,
        [
            (a.comment.id, a.framework, theme, p, words, a.comment.org_id, a.comment.stream)
            for a in analysed
            for theme, p, words in a.themes
        ],
    )
    await _CLEAR_CONSIDERED.run(connection, [a.comment.id for a in analysed])
    await _ADD_CONSIDERED.each(
        connection,
        [
            (a.comment.id, a.framework, theme, p, a.comment.org_id, a.comment.stream)
            for a in analysed
            for theme, p in a.considered
        ],
    )
    await _ADD_EMBEDDING.each(
        connection,
        [(a.comment.id, a.comment.org_id, a.comment.stream, embedding_model, a.vector) for a in analysed],
    )


async def keep_flags(connection: Connection, analysed: Iterable[Analysed]) -> None:
    """Write what may tell of immediate risk; an earlier flag stays, since only a person's look clears it."""
    await _ADD_FLAG.each(
        connection,
        [
            (a.comment.id, kind, p, start, end, a.comment.org_id, a.comment.stream)
            for a in analysed
            for kind, p, start, end in a.safety
        ],
    )


async def draw(connection: Connection, drawn: Iterable[Comment]) -> None:
    """Put comments in which no risk was heard before people, to learn what is missed."""
    await _DRAW.each(connection, [(c.id, c.org_id, c.stream) for c in drawn])


def cells(rows: Iterable[Comment | Response]) -> list[list[str]]:
    """The organisation-days that rows touch, as the roll-up stage takes them."""
    found = {(str(row.org_id), row.said_on.isoformat()) for row in rows}
    return [list(cell) for cell in sorted(found)]
