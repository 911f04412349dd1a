"""Entered by Alembic: runs migrations on the connection that `fengsui.store.sql.migrate` gives."""

from __future__ import annotations

from alembic import context

from fengsui.store.sql.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
