"""Signing in: second factors, passkeys, single sign-on, recovery."""

from earshot.core.migrations.plain_sql import run_file

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("0008.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("0008.down.sql")
