"""Counts as CSV and Parquet: the same rows give the same bytes."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from earshot.analysis.export import inert
from earshot.measures.periods import Period, end_of
from earshot.publishing.feed_store import Row

CSV = "text/csv; charset=utf-8"
PARQUET = "application/vnd.apache.parquet"
HEADER = (
    "id", "organisation", "ods_code", "period", "first_day", "last_day", "stream", "measure", "label", "n", "too_few",
    "taxonomy", "made_on",
)  # fmt: skip


def csv_of(rows: Sequence[Row], period: Period) -> bytes:
    """CSV in UTF-8 with a mark by which Excel knows it; no cell is a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for row in rows:
        writer.writerow([inert(cell) if isinstance(cell, str) else cell for cell in _cells(row, period)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def parquet_of(rows: Sequence[Row], period: Period) -> bytes:
    """Parquet, compressed with zstd."""
    import pyarrow as pa  # here, since a door that hands out no Parquet need not carry 60 MB of it
    import pyarrow.parquet as pq

    kinds = {
        **dict.fromkeys(HEADER, pa.string()),
        **dict.fromkeys(("first_day", "last_day", "made_on"), pa.date32()),
        "n": pa.int32(),
        "too_few": pa.bool_(),
    }
    columns = list(zip(*(_cells(row, period) for row in rows), strict=True)) or [()] * len(HEADER)
    arrays = [pa.array(column, type=kind) for column, kind in zip(columns, kinds.values(), strict=True)]
    out = io.BytesIO()
    pq.write_table(pa.table(dict(zip(kinds, arrays, strict=True))), out, compression="zstd")
    return out.getvalue()


def _cells(row: Row, period: Period) -> tuple[object, ...]:
    return (
        str(row.id), row.organisation, row.ods_code, period, row.first_day, end_of(row.first_day, period), row.stream,
        row.measure, row.label, row.n, row.n is None, row.taxonomy, row.made_on,
    )  # fmt: skip
