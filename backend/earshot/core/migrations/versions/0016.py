"""Reports that are frozen, and keys for other programmes."""

from earshot.core.migrations.plain_sql import run_file

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0016.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0016.down.sql")
