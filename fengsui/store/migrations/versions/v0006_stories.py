"""Stories: what an incident is told by, made once, and its alerts in order of time by page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0006"
down_revision = "v0005"

_INDEXES = {
    "ix_incident_alert_incident_first_alert": ["incident", "first", "alert"],
    "ix_incident_alert_incident_rule_first_alert": ["incident", "rule", "first", "alert"],
}


def upgrade() -> None:
    """Forward: alerts of incidents that are there already get their time and rule."""
    op.add_column(
        "incident_alert", sa.Column("first", sa.BigInteger, nullable=False, server_default="0")
    )
    op.add_column("incident_alert", sa.Column("rule", sa.String, nullable=False, server_default=""))
    of_alert = "COALESCE((SELECT alert.{0} FROM alert WHERE alert.id = incident_alert.alert), {1})"
    op.execute(
        f"UPDATE incident_alert SET first = {of_alert.format('first', '0')}, "  # noqa: S608
        f"rule = {of_alert.format('rule', chr(39) * 2)}"
    )
    for name, columns in _INDEXES.items():
        op.create_index(name, "incident_alert", columns)
    op.create_table(
        "incident_story",
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("stale", sa.Boolean, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("web", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"],
            ["incident.id"],
            name="fk_incident_story_incident",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("incident", name="pk_incident_story"),
    )
    op.create_table(
        "incident_mark",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"],
            ["incident.id"],
            name="fk_incident_mark_incident",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("kind", "value", "incident", name="pk_incident_mark"),
    )
    op.create_index("ix_incident_mark_kind_value_last", "incident_mark", ["kind", "value", "last"])
    op.create_index("ix_incident_mark_incident", "incident_mark", ["incident"])


def downgrade() -> None:
    """Back: stories are made anew from the alerts whenever they are wanted."""
    op.drop_table("incident_mark")
    op.drop_table("incident_story")
    for name in _INDEXES:
        op.drop_index(name, "incident_alert")
    op.drop_column("incident_alert", "rule")
    op.drop_column("incident_alert", "first")
