"""Mail and digests: letters, and what one person was told in one period."""

from earshot.core.migrations.plain_sql import run_file

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0012.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0012.down.sql")
