"""The net for immediate risk: what it heard, and how much it misses."""

from earshot.core.migrations.plain_sql import run_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0002.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0002.down.sql")
