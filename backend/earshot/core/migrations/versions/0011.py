"""Alerts: who wants to know of what, who was told, and who answers for what is urgent."""

from earshot.core.migrations.plain_sql import run_file

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0011.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0011.down.sql")
