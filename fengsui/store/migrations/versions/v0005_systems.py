"""Systems: filing register, attestations, evidence, runs of checks, repair tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"

_TABLES = (
    "repair_task",
    "asset_verdict",
    "item_verdict",
    "assessment_run",
    "evidence_file",
    "attestation",
    "filed_system",
)


def _words(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String, nullable=False) for name in names]


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False)


def _document() -> sa.Column[str]:
    return sa.Column("document", sa.Text, nullable=False)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "filed_system",
        *_words("id", "name"),
        _number("version"),
        _document(),
        sa.PrimaryKeyConstraint("id", name="pk_filed_system"),
    )
    op.create_table(
        "attestation",
        *_words("id", "system"),
        _number("at"),
        _document(),
        sa.PrimaryKeyConstraint("id", name="pk_attestation"),
    )
    op.create_index("ix_attestation_system_at", "attestation", ["system", "at"])
    op.create_table(
        "evidence_file",
        *_words("system", "sha256"),
        _number("brought"),
        _document(),
        sa.PrimaryKeyConstraint("system", "sha256", name="pk_evidence_file"),
    )
    op.create_table(
        "assessment_run",
        *_words("id", "system"),
        _number("started"),
        _document(),
        sa.PrimaryKeyConstraint("id", name="pk_assessment_run"),
    )
    op.create_index("ix_assessment_run_system_started", "assessment_run", ["system", "started"])
    _create_verdicts()


def downgrade() -> None:
    """Back: the register and what was judged go with it."""
    for table in _TABLES:
        op.drop_table(table)
    op.execute("DELETE FROM change WHERE topic = 'systems'")


def _create_verdicts() -> None:
    op.create_table(
        "item_verdict",
        *_words("run", "unit", "system"),
        _number("time"),
        _document(),
        sa.PrimaryKeyConstraint("run", "unit", name="pk_item_verdict"),
    )
    op.create_index("ix_item_verdict_system_unit_time", "item_verdict", ["system", "unit", "time"])
    op.create_table(
        "asset_verdict",
        *_words("system", "unit", "asset", "check"),
        _document(),
        sa.PrimaryKeyConstraint("system", "unit", "asset", "check", name="pk_asset_verdict"),
    )
    op.create_table(
        "repair_task",
        *_words("id", "system", "due"),
        _number("version"),
        _document(),
        sa.PrimaryKeyConstraint("id", name="pk_repair_task"),
    )
    op.create_index("ix_repair_task_system_due", "repair_task", ["system", "due"])
