"""The first schema: everything of issue 3."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "v0001"
down_revision = None

_TABLES = (
    "incident_entity",
    "incident_alert",
    "alert_event",
    "alert_entity",
    "source",
    "scorecard",
    "replay",
    "playbook_run",
    "plan_item",
    "person",
    "login",
    "job",
    "incident",
    "hunt",
    "health",
    "finding",
    "counter",
    "change",
    "audit_head",
    "audit",
    "asset_seen",
    "alert",
    "act",
    "absorbed",
)

_SQLITE = """
CREATE TRIGGER audit_no_{deed} BEFORE {deed} ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END
"""
_POSTGRES = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
"""
_POSTGRES_TRIGGER = """
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()
"""


def upgrade() -> None:
    """Forward."""
    _create_tables()
    op.execute("INSERT INTO counter (name, value) VALUES ('changes', 0)")
    op.execute("INSERT INTO audit_head (id, number, sm3, sha256) VALUES (1, 0, '', '')")
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(_SQLITE.format(deed=deed))
    else:
        op.execute(_POSTGRES)
        op.execute(_POSTGRES_TRIGGER)


def downgrade() -> None:
    """Back to an empty database."""
    for table in _TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_append_only()")


def _create_tables() -> None:
    op.create_table(
        "absorbed",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("into", sa.String, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_absorbed"),
    )
    op.create_index("ix_absorbed_into", "absorbed", ["into"])
    op.create_table(
        "act",
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("details", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("incident", "number", name="pk_act"),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("severity", sa.Integer, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
    )
    op.create_index("ix_alert_last", "alert", ["last"])
    op.create_index("ix_alert_rule", "alert", ["rule"])
    op.create_index("ix_alert_run_last", "alert", ["run", "last"])
    op.create_table(
        "asset_seen",
        sa.Column("asset", sa.String, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("asset", name="pk_asset_seen"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("target", sa.String, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("sm3", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("sm3", sa.String, nullable=False),
        sa.Column("sha256", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.create_table(
        "change",
        sa.Column("topic", sa.String, nullable=False),
        sa.Column("id", sa.String, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("topic", "id", name="pk_change"),
    )
    op.create_index("ix_change_number", "change", ["number"])
    op.create_table(
        "counter",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("value", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counter"),
    )
    op.create_table(
        "finding",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("check", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_finding"),
    )
    op.create_index("ix_finding_check_time", "finding", ["check", "time"])
    op.create_index("ix_finding_unit_time", "finding", ["unit", "time"])
    op.create_table(
        "health",
        sa.Column("role", sa.String, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("role", name="pk_health"),
    )
    op.create_table(
        "hunt",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hunt"),
    )
    op.create_index("ix_hunt_name", "hunt", ["name"])
    op.create_table(
        "incident",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("run", sa.String, nullable=False),
        sa.Column("score", sa.Float, nullable=False),
        sa.Column("severity", sa.Integer, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("verdict", sa.String, nullable=True),
        sa.Column("verdict_reason", sa.Text, nullable=False),
        sa.Column("escalated", sa.Boolean, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_last", "incident", ["last"])
    op.create_index("ix_incident_owner", "incident", ["owner"])
    op.create_index("ix_incident_run_score", "incident", ["run", "score"])
    op.create_index("ix_incident_status_score", "incident", ["status", "score"])
    op.create_table(
        "job",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_job"),
    )
    op.create_index("ix_job_created", "job", ["created"])
    op.create_index("ix_job_status_created", "job", ["status", "created"])
    op.create_table(
        "login",
        sa.Column("token_hash", sa.String, nullable=False),
        sa.Column("person", sa.String, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name="pk_login"),
    )
    op.create_index("ix_login_expires", "login", ["expires"])
    op.create_index("ix_login_person", "login", ["person"])
    op.create_table(
        "person",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("roles", sa.Text, nullable=False),
        sa.Column("password_hash", sa.String, nullable=False),
        sa.Column("must_change", sa.Boolean, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_person"),
    )
    op.create_table(
        "plan_item",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("kind", "number", name="pk_plan_item"),
    )
    op.create_table(
        "playbook_run",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_playbook_run"),
    )
    op.create_index("ix_playbook_run_incident_started", "playbook_run", ["incident", "started"])
    op.create_table(
        "replay",
        sa.Column("id", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("started", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replay"),
    )
    op.create_index("ix_replay_started", "replay", ["started"])
    op.create_table(
        "scorecard",
        sa.Column("drill", sa.String, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("drill", name="pk_scorecard"),
    )
    op.create_table(
        "source",
        sa.Column("sensor", sa.String, nullable=False),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("sensor", "dataset", name="pk_source"),
    )
    op.create_table(
        "alert_entity",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("alert", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["alert"], ["alert.id"], name="fk_alert_entity_alert", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "value", "alert", name="pk_alert_entity"),
    )
    op.create_index("ix_alert_entity_alert", "alert_entity", ["alert"])
    op.create_table(
        "alert_event",
        sa.Column("event", sa.String, nullable=False),
        sa.Column("alert", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["alert"], ["alert.id"], name="fk_alert_event_alert", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("event", "alert", name="pk_alert_event"),
    )
    op.create_index("ix_alert_event_alert", "alert_event", ["alert"])
    op.create_table(
        "incident_alert",
        sa.Column("alert", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incident.id"], name="fk_incident_alert_incident", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert", "incident", name="pk_incident_alert"),
    )
    op.create_index("ix_incident_alert_incident", "incident_alert", ["incident"])
    op.create_table(
        "incident_entity",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.Column("incident", sa.String, nullable=False),
        sa.ForeignKeyConstraint(
            ["incident"], ["incident.id"], name="fk_incident_entity_incident", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("kind", "value", "incident", name="pk_incident_entity"),
    )
    op.create_index("ix_incident_entity_incident", "incident_entity", ["incident"])
