"""What is set up once: two component templates, the index template that joins them, our own indices.

`<prefix>-ecs` gives each field of the registry its ECS type: text compares in lower case (normalizer),
an address is also kept as written. `<prefix>-store` has the fields that the store adds. Unknown fields
never widen the mapping: they live in one `flattened` field.
"""

from __future__ import annotations

from typing import Any, Final

from fengsui.ecs import Field, registry
from fengsui.store.elastic.names import AT, KEPT, LOOSE, NAMES, ODD, REST, TEXT, TIMES

REVISION: Final = 1
"""Raised with each change below; `fengsui store doctor` compares it with the cluster's."""
_MOST_FIELDS: Final = 5_000
_TYPES: Final = {"long": "long", "float": "double", "boolean": "boolean", "date": "date"}
_EXCLUDED: Final = [TEXT, NAMES, LOOSE, ODD, AT, f"{TIMES}.*", TIMES]


def ecs_component() -> dict[str, Any]:
    """Types of the registry's fields."""
    properties = {name: _mapping(field) for name, field in registry().items()}
    limit = {"index": {"mapping.total_fields.limit": _MOST_FIELDS}}
    return {"settings": limit, "mappings": {"properties": properties}}


def store_component() -> dict[str, Any]:
    """Fields of the store, and settings of every index."""
    dates = {f.name: {"type": "long"} for f in registry().values() if f.type == "date"}
    return {
        "settings": {
            "index": {
                "number_of_shards": 1,
                "auto_expand_replicas": "0-1",
                "refresh_interval": "1s",
                "codec": "best_compression",
                "mapping.total_fields.limit": _MOST_FIELDS,
            }
        },
        "mappings": {
            "dynamic": False,
            "_meta": {"fengsui": REVISION},
            "_source": {"excludes": _EXCLUDED},
            "properties": {
                TEXT: {"type": "keyword", "doc_values": False},
                NAMES: {"type": "keyword", "doc_values": False},
                LOOSE: {"type": "keyword", "doc_values": False},
                ODD: {"type": "boolean"},
                AT: {"type": "date"},
                REST: {"type": "flattened", "ignore_above": 8191},
                KEPT: {"type": "keyword", "index": False, "doc_values": False},
                TIMES: {"properties": dates},
            },
        },
    }


def index_template(prefix: str) -> dict[str, Any]:
    """Joins them for every event index."""
    return {
        "index_patterns": [f"{prefix}-*-*-*"],
        "composed_of": [f"{prefix}-ecs", f"{prefix}-store"],
        "priority": 400,
        "version": REVISION,
        "template": {"aliases": {f"{prefix}-events": {}}},
        "_meta": {"fengsui": REVISION},
    }


def ledger_mappings() -> dict[str, Any]:
    """Of the index of seals, holds and notes; and of dead letters: kept, found by few fields."""
    return {
        "dynamic": False,
        "_meta": {"fengsui": REVISION},
        "properties": {
            "kind": {"type": "keyword"},
            "index": {"type": "keyword"},
            "number": {"type": "long"},
            "name": {"type": "keyword"},
            "at": {"type": "date"},
            "reason": {"type": "keyword", "ignore_above": 1024},
        },
    }


def _mapping(field: Field) -> dict[str, Any]:
    if field.type == "ip":
        text = {"type": "keyword", "normalizer": "lowercase", "index": False}
        return {"type": "ip", "fields": {"text": text}}
    kind = _TYPES.get(field.type)
    return {"type": kind} if kind else {"type": "keyword", "normalizer": "lowercase"}
