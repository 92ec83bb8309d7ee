"""The schema's history: `NNNN.up.sql` and `NNNN.down.sql`, run by Alembic."""
