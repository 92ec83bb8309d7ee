"""The audit trail, retention and erasure."""

from earshot.core.migrations.plain_sql import run_file

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0009.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0009.down.sql")
