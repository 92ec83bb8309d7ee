"""The first schema: organisations, people, the vault, comments, analyses, roll-ups and the work queue."""

from earshot.core.migrations.plain_sql import run_file

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0001.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0001.down.sql")
