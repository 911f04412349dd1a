"""Graphs: kept as the page gets them, beside the rest of a story."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0007"
down_revision = "v0006"


def upgrade() -> None:
    """Forward: stories of an older version are told anew when they are read."""
    op.add_column("incident_story", sa.Column("graph", sa.Text, nullable=False, server_default=""))


def downgrade() -> None:
    """Back: stories are made anew from the alerts whenever they are wanted."""
    op.drop_column("incident_story", "graph")
