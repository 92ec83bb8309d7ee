"""Returns: what people typed in, and what was sent."""

from earshot.core.migrations.plain_sql import run_file

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0010.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0010.down.sql")
