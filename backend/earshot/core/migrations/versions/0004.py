"""What became of discovered themes: which continue, split, merge, are new or end."""

from earshot.core.migrations.plain_sql import run_file

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0004.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0004.down.sql")
