"""Alembic's entry: migrates the connection that `coordinator.storage.migrate` hands over; nothing else runs it."""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"], transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
