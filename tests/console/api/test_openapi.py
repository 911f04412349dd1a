"""The published document is what the routes say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from console.api import openapi
from tests.console.api.client import Browser

FILE = Path(openapi.__file__).with_name("openapi.json")


def test_published_document_is_up_to_date() -> None:
    advice = "run: python -m console.api.openapi > console/api/openapi.json"
    assert FILE.read_bytes() == openapi.document(), advice


def test_everything_is_typed_and_named_once() -> None:
    document = orjson.loads(FILE.read_bytes())
    names: list[str] = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names.append(operation["operationId"])
            content = operation["responses"]["200"]["content"]
            schema: dict[str, Any] = next(iter(content.values())).get("schema", {})
            assert schema, f"{method} {path} has no response model"
            assert "default" in operation["responses"]
    assert len(names) == len(set(names))


def test_served_to_who_is_logged_in(analyst: Browser) -> None:
    assert analyst.get("/api/openapi.json").json()["info"]["title"] == "Fengsui"
