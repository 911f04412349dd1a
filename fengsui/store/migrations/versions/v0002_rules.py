"""Rules: texts and versions, lives, samples, packs, counts by day (issue 5)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0002"
down_revision = "v0001"


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "rule_text",
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_rule_text"),
    )
    op.create_table(
        "rule_version",
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("origin", sa.String, nullable=False),
        sa.Column("pack", sa.String, nullable=False),
        sa.Column("path", sa.String, nullable=False),
        sa.Column("base", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["hash"], ["rule_text.hash"], name="fk_rule_version_hash"),
        sa.PrimaryKeyConstraint("rule", "number", name="pk_rule_version"),
    )
    op.create_index("ix_rule_version_pack", "rule_version", ["pack"])
    _create_lives()
    op.create_table(
        "rule_pack",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_rule_pack"),
    )
    op.create_table(
        "rule_day",
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("hits", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("rule", "day", name="pk_rule_day"),
    )
    op.create_index("ix_rule_day_day", "rule_day", ["day"])
    op.execute("INSERT INTO counter (name, value) VALUES ('rules', 0), ('rule_texts', 0)")


def downgrade() -> None:
    """Back: what people wrote about rules goes with it."""
    for table in ("rule_day", "rule_pack", "rule_sample", "rule_step", "rule_life"):
        op.drop_table(table)
    op.drop_table("rule_version")
    op.drop_table("rule_text")
    op.execute("DELETE FROM counter WHERE name IN ('rules', 'rule_texts')")
    op.execute("DELETE FROM change WHERE topic = 'rules'")


def _create_lives() -> None:
    op.create_table(
        "rule_life",
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=True),
        sa.Column("parked", sa.Boolean, nullable=False),
        sa.Column("parked_by", sa.String, nullable=False),
        sa.Column("parked_reason", sa.Text, nullable=False),
        sa.Column("parked_at", sa.BigInteger, nullable=False),
        sa.Column("engine", sa.Boolean, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("rule", name="pk_rule_life"),
    )
    op.create_table(
        "rule_step",
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("rule", "number", name="pk_rule_step"),
    )
    op.create_table(
        "rule_sample",
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("event", sa.Text, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("rule", "number", name="pk_rule_sample"),
    )
