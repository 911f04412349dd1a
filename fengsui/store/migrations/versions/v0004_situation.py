"""Situation: levels and days of gauges, hours of traffic, warnings (issue 8)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "gauge",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("gauge", sa.String, nullable=False),
        sa.Column("value", sa.Float, nullable=True),
        sa.Column("level", sa.String, nullable=True),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("kind", "scope", "gauge", name="pk_gauge"),
    )
    op.create_table(
        "gauge_day",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("scope", sa.String, nullable=False),
        sa.Column("gauge", sa.String, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("value", sa.Float, nullable=True),
        sa.Column("low", sa.Float, nullable=True),
        sa.Column("high", sa.Float, nullable=True),
        sa.Column("level", sa.String, nullable=True),
        sa.Column("changes", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("kind", "scope", "gauge", "day", name="pk_gauge_day"),
    )
    op.create_index("ix_gauge_day_day", "gauge_day", ["day"])
    op.create_table(
        "traffic_hour",
        sa.Column("run", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("flows", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run", "kind", "name", "hour", name="pk_traffic_hour"),
    )
    op.create_index("ix_traffic_hour_hour", "traffic_hour", ["hour"])
    op.create_table(
        "warning",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("proposed", sa.BigInteger, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_warning"),
    )
    op.create_index("ix_warning_run_status", "warning", ["run", "status"])
    op.create_index("ix_warning_incident", "warning", ["incident"])


def downgrade() -> None:
    """Back: history of gauges, traffic and warnings goes with it."""
    for table in ("warning", "traffic_hour", "gauge_day", "gauge"):
        op.drop_table(table)
    op.execute("DELETE FROM change WHERE topic = 'situation'")
