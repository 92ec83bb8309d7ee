"""Near-misses: themes that were considered and not claimed, and the band in which that happens."""

from earshot.core.migrations.plain_sql import run_file

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0006.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0006.down.sql")
