"""Alembic migrations; `make migration M="why"` writes the next one."""
