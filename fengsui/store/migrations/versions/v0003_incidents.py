"""Incidents: what analysts joined, split and undid; whose alerts they are made of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0003"
down_revision = "v0002"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "decision",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_decision"),
    )
    op.create_index("ix_decision_run_at", "decision", ["run", "at"])
    op.create_table(
        "folded_alert",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("into", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_folded_alert"),
    )
    op.add_column("incident", sa.Column("origin", sa.String, nullable=False, server_default="own"))


def downgrade() -> None:
    """Back: decisions go, and the machine groups alone again."""
    op.drop_column("incident", "origin")
    op.drop_table("folded_alert")
    op.drop_table("decision")
    op.execute("DELETE FROM change WHERE topic = 'decisions'")
