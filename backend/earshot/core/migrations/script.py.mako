"""${message}"""

from earshot.core.migrations.plain_sql import run_file

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Run the SQL file beside the migrations."""
    run_file("${up_revision}.up.sql")


def downgrade() -> None:
    """Undo it."""
    run_file("${up_revision}.down.sql")
