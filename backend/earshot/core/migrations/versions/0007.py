"""Speaking up: key pairs, sealed cases, and who may see them."""

from earshot.core.migrations.plain_sql import run_file

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0007.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0007.down.sql")
