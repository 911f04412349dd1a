"""Settings of the stores, and the base of all sections."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator


class Section(BaseModel):
    """A section of the settings: nothing in it that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StoreSettings(Section):
    """The event store: files of this machine, or an Elasticsearch cluster."""

    kind: Literal["embedded", "elastic"] = Field(
        default="embedded", description="embedded (files under home) or elastic"
    )
    elastic_urls: list[str] = Field(
        default_factory=list[str], description="nodes of the cluster, as https://host:9200"
    )
    elastic_user: str = Field(default="", description="user of the cluster")
    elastic_password: SecretStr = Field(default=SecretStr(""), description="password of that user")
    elastic_api_key: SecretStr = Field(
        default=SecretStr(""), description="API key (base64) instead of user and password"
    )
    elastic_ca_file: str = Field(
        default="", description="PEM file of the authority that signed the cluster's certificate"
    )
    elastic_fingerprint: str = Field(
        default="", description="SHA-256 of the cluster's certificate, instead of its authority"
    )
    elastic_prefix: str = Field(
        default="fengsui",
        pattern=r"^[a-z][a-z0-9_]{0,30}$",
        description="first part of the names of all indices and templates",
    )
    elastic_period: Literal["auto", "day", "part", "month"] = Field(
        default="auto",
        description="event time of one index; auto decides by the size of each dataset's days",
    )
    elastic_foreign: list[str] = Field(
        default_factory=list[str],
        description="indices of other products on the cluster to search: filebeat-*, wazuh-alerts-*",
    )
    memory_megabytes: int = Field(default=512, ge=64, description="bound for each reader's memory")
    threads: int = Field(default=2, ge=1, le=64, description="threads of each reader")
    retention_days: int = Field(
        default=184, ge=1, description="days that ordinary audit records are kept (six months)"
    )
    retention_days_public: int = Field(
        default=366, ge=1, description="days for public Internet services (one year)"
    )
    retention_classes: dict[str, int] = Field(
        default_factory=dict[str, int],
        description="days of classes of your own, by the value of cn.retention",
    )

    @field_validator("retention_classes")
    @classmethod
    def _usable_classes(cls, value: dict[str, int]) -> dict[str, int]:
        for name, days in value.items():
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,20}", name) or name in {"ordinary", "public"}:
                raise ValueError(f"{name!r} cannot name a class: use a-z, 0-9 and _")
            if days < 1:
                raise ValueError(f"{name}: keep for a day at least")
        return value

    @property
    def retention(self) -> dict[str, int]:
        """Days by class."""
        ours = {"ordinary": self.retention_days, "public": self.retention_days_public}
        return {**self.retention_classes, **ours}


class StateSettings(Section):
    """Alerts, incidents, users, audit: SQLite under home, or a PostgreSQL server."""

    url: SecretStr = Field(
        default=SecretStr(""),
        description="postgresql+psycopg://user:password@host/database; empty is a file under home",
    )
