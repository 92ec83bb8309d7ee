"""Counts by week and month for every organisation and all above it."""

from earshot.core.migrations.plain_sql import run_file

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0013.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0013.down.sql")
