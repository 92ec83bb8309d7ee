"""Runs a whole SQL file in the migration's own transaction."""

from pathlib import Path
from typing import Any

from alembic import op
from sqlalchemy.util import await_only


def run_file(name: str) -> None:
    """Run every statement of a file of this folder; asyncpg sends them as one simple query."""
    sql = (Path(__file__).parent / name).read_text(encoding="utf-8")
    # The adapter opens its transaction at the first statement: ask for one, so that this file is part of it.
    op.get_bind().exec_driver_sql("SELECT 1")
    driver_connection: Any = op.get_bind().connection.driver_connection
    await_only(driver_connection.execute(sql))
