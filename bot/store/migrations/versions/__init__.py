"""One file per step, named by what it does; Alembic reads the order from `down_revision`."""
