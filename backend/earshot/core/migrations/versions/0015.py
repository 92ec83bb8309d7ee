"""Publications: what was approved for the public page."""

from earshot.core.migrations.plain_sql import run_file

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0015.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0015.down.sql")
