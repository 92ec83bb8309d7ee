"""Improvement: changes, cycles, verdicts, praise and what worked."""

from earshot.core.migrations.plain_sql import run_file

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0014.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0014.down.sql")
