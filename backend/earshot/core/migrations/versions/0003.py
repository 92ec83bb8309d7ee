"""Learning from people: corrections and what they make of the reading, models that learned, agreement and drift."""

from earshot.core.migrations.plain_sql import run_file

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0003.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0003.down.sql")
