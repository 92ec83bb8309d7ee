"""Signals: what the detectors found, what became of it, and a hash of every look."""

from earshot.core.migrations.plain_sql import run_file

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0005.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0005.down.sql")
