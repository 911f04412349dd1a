"""Tables of the state. What is filtered or sorted is a column, the rest stands in `document` (JSON).

Changed only together with a migration in `fengsui/store/migrations`; a test compares the two.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)


def _key(name: str) -> Column[str]:
    return Column(name, String, primary_key=True)


def _text(name: str) -> Column[str]:
    return Column(name, String, nullable=False)


def _time(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _count(name: str) -> Column[int]:
    return Column(name, BigInteger, nullable=False)


def _document(name: str = "document") -> Column[str]:
    return Column(name, Text, nullable=False)


# Alerts and cases

alert: Final = Table(
    "alert",
    metadata,
    _key("id"),
    _text("run"),
    _text("rule"),
    Column("severity", Integer, nullable=False),
    _count("count"),
    _time("first"),
    _time("last"),
    _document(),
    Index(None, "run", "last"),
    Index(None, "last"),
    Index(None, "rule"),
)

alert_event: Final = Table(
    "alert_event",
    metadata,
    _key("event"),
    Column("alert", String, ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "alert"),
)

alert_entity: Final = Table(
    "alert_entity",
    metadata,
    _key("kind"),
    _key("value"),
    Column("alert", String, ForeignKey("alert.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "alert"),
)

incident: Final = Table(
    "incident",
    metadata,
    _key("id"),
    _text("run"),
    Column("score", Float, nullable=False),
    Column("severity", Integer, nullable=False),
    _time("first"),
    _time("last"),
    _document("search"),  # lower-case text that the filter looks in
    _document(),
    Column("origin", String, nullable=False, server_default="own"),
    # What people made of it: the fold of its acts, kept here for filters (fengsui.store.sql.history)
    _text("status"),
    _text("owner"),
    Column("verdict", String, nullable=True),
    Column("verdict_reason", Text, nullable=False),
    Column("escalated", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index(None, "run", "score"),
    Index(None, "status", "score"),
    Index(None, "last"),
    Index(None, "owner"),
)

incident_alert: Final = Table(
    "incident_alert",
    metadata,
    _key("alert"),
    Column("incident", String, ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True),
    # As in `alert`, where neither ever changes: pages of an incident's alerts walk these indexes.
    Column("first", BigInteger, nullable=False, server_default="0"),
    Column("rule", String, nullable=False, server_default=""),
    Index(None, "incident"),
    Index(None, "incident", "first", "alert"),
    Index(None, "incident", "rule", "first", "alert"),
)

incident_story: Final = Table(
    "incident_story",
    metadata,
    Column("incident", String, ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True),
    Column("stale", Boolean, nullable=False),
    _time("at"),
    _count("size"),
    _document(),
    _document("web"),
    Column("graph", Text, nullable=False, server_default=""),
)

incident_mark: Final = Table(
    "incident_mark",
    metadata,
    _key("kind"),
    _key("value"),
    Column("incident", String, ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True),
    _time("last"),
    Index(None, "kind", "value", "last"),
    Index(None, "incident"),
)

incident_entity: Final = Table(
    "incident_entity",
    metadata,
    _key("kind"),
    _key("value"),
    Column("incident", String, ForeignKey("incident.id", ondelete="CASCADE"), primary_key=True),
    Index(None, "incident"),
)

absorbed: Final = Table(
    "absorbed", metadata, _key("id"), _text("into"), _text("run"), Index(None, "into")
)

act: Final = Table(
    "act",
    metadata,
    _key("incident"),  # no foreign key: the history outlives an incident that was absorbed
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    _text("by"),
    _time("at"),
    _document("details"),
)

decision: Final = Table(
    "decision",
    metadata,
    _key("id"),
    _text("run"),
    _time("at"),
    _document(),
    Index(None, "run", "at"),
)

folded_alert: Final = Table("folded_alert", metadata, _key("id"), _text("into"))

# Runs of the pipeline, playbooks, findings, scorecards

replay: Final = Table(
    "replay",
    metadata,
    _key("id"),
    _text("kind"),
    _time("started"),
    _document(),
    Index(None, "started"),
)

playbook_run: Final = Table(
    "playbook_run",
    metadata,
    _key("id"),
    _text("incident"),
    _time("started"),
    _document(),
    Index(None, "incident", "started"),
)

finding: Final = Table(
    "finding",
    metadata,
    _key("id"),
    _text("check"),
    _text("unit"),
    _time("time"),
    _document(),
    Index(None, "check", "time"),
    Index(None, "unit", "time"),
)

scorecard: Final = Table(
    "scorecard",
    metadata,
    _key("drill"),
    _count("number"),  # order of arrival: a scorecard itself bears no time
    _document(),
)

# Assets, sources, health

plan_item: Final = Table(
    "plan_item",
    metadata,
    _key("kind"),  # unit, system, network, asset
    Column("number", Integer, primary_key=True, autoincrement=False),
    _document(),
)

asset_seen: Final = Table("asset_seen", metadata, _key("asset"), _time("first"), _time("last"))

source: Final = Table(
    "source",
    metadata,
    _key("sensor"),
    _key("dataset"),
    _count("events"),
    _time("first"),
    _time("last"),
)

health: Final = Table("health", metadata, _key("role"), _time("at"), _document())

# Jobs, people, audit, hunts

job: Final = Table(
    "job",
    metadata,
    _key("id"),
    _text("kind"),
    _text("status"),
    _time("created"),
    _document(),
    Index(None, "status", "created"),
    Index(None, "created"),
)

person: Final = Table(
    "person",
    metadata,
    _key("name"),
    _document("roles"),
    _text("password_hash"),
    Column("must_change", Boolean, nullable=False),
    _text("language"),
    Column("disabled", Boolean, nullable=False),
)

login: Final = Table(
    "login",
    metadata,
    _key("token_hash"),
    _text("person"),
    _time("expires"),
    Index(None, "person"),
    Index(None, "expires"),
)

audit: Final = Table(
    "audit",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    _time("at"),
    _text("by"),
    _text("what"),
    _text("target"),
    _document("detail"),
    _text("sm3"),
    _text("sha256"),
)

audit_head: Final = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),
    _text("sm3"),
    _text("sha256"),
)

hunt: Final = Table("hunt", metadata, _key("id"), _text("name"), _document(), Index(None, "name"))

# Rules: a version belongs to a file (named by its first rule), a life to each rule

rule_text: Final = Table("rule_text", metadata, _key("hash"), _document("text"))

rule_version: Final = Table(
    "rule_version",
    metadata,
    _key("rule"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("hash", String, ForeignKey("rule_text.hash"), nullable=False),
    _text("origin"),
    _text("pack"),
    _text("path"),
    _text("base"),
    _text("by"),
    _time("at"),
    _document("reason"),
    Index(None, "pack"),
)

rule_life: Final = Table(
    "rule_life",
    metadata,
    _key("rule"),
    Column("state", String, nullable=True),
    Column("parked", Boolean, nullable=False),
    _text("parked_by"),
    _document("parked_reason"),
    _time("parked_at"),
    Column("engine", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    _time("changed"),
)

rule_step: Final = Table(
    "rule_step",
    metadata,
    _key("rule"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    _document("before"),
    _document("after"),
    _text("by"),
    _time("at"),
    _document("reason"),
)

rule_sample: Final = Table(
    "rule_sample",
    metadata,
    _key("rule"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("kind"),
    _document("event"),
    _text("by"),
    _time("at"),
    _document("reason"),
)

rule_pack: Final = Table("rule_pack", metadata, _key("name"), _text("digest"), _document())

rule_day: Final = Table(
    "rule_day",
    metadata,
    _key("rule"),
    Column("day", Integer, primary_key=True, autoincrement=False),
    _count("hits"),
    _count("events"),
    Column("seconds", Float, nullable=False),
    Index(None, "day"),
)

# Situation: how the gauges stand, how they were each day, traffic by hour, warnings

gauge: Final = Table(
    "gauge",
    metadata,
    _key("kind"),  # whole, unit, zone, plane, system
    _key("scope"),
    _key("gauge"),
    Column("value", Float, nullable=True),
    Column("level", String, nullable=True),
    _time("since"),
    _time("at"),
)

gauge_day: Final = Table(
    "gauge_day",
    metadata,
    _key("kind"),
    _key("scope"),
    _key("gauge"),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("value", Float, nullable=True),
    Column("low", Float, nullable=True),
    Column("high", Float, nullable=True),
    Column("level", String, nullable=True),
    Column("changes", Integer, nullable=False),
    Index(None, "day"),
)

traffic_hour: Final = Table(
    "traffic_hour",
    metadata,
    _key("run"),
    _key("kind"),  # whole, unit, plane
    _key("name"),
    Column("hour", BigInteger, primary_key=True, autoincrement=False),
    _count("bytes"),
    _count("flows"),
    Index(None, "hour"),
)

warning: Final = Table(
    "warning",
    metadata,
    _key("id"),
    _text("run"),
    _text("incident"),
    _text("status"),
    _time("proposed"),
    Column("version", Integer, nullable=False),
    _document(),
    Index(None, "run", "status"),
    Index(None, "incident"),
)

# Counters for live views

counter: Final = Table("counter", metadata, _key("name"), _count("value"))

change: Final = Table(
    "change",
    metadata,
    _key("topic"),
    _key("id"),
    _count("number"),
    Index(None, "number"),
)
