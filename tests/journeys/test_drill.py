"""The first drill through the whole product: seen, scored, repeatable, within its memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from console.published import document
from tests.journeys.conftest import Run

pytestmark = pytest.mark.journey


def test_the_document_is_as_published(drill: Any) -> None:
    document("drill").model_validate(drill)


def test_nearly_every_step_is_detected_and_little_is_false(drill: Any) -> None:
    assert len(drill["steps"]) == 8
    status = {step["name"]: step["status"] for step in drill["steps"]}
    assert drill["detected"] >= 7, status
    assert drill["false_incidents"] <= 2
    for step in drill["steps"]:
        assert (step["seconds"] is None) == (step["status"] == "missed")
        assert step["techniques"]


def test_it_is_a_drill_of_the_size_that_was_asked_for(drill: Any) -> None:
    assert drill["capture_seconds"] >= 30 * 60
    assert drill["packets"] == sum(drill["kinds"].values())
    assert any(kind.startswith("ipv6") for kind in drill["kinds"])
    assert {"flow", "dns", "tls", "http"} <= set(drill["events"])


def test_every_score_is_the_sum_of_its_parts(drill: Any) -> None:
    assert drill["incidents"]
    for incident in drill["incidents"]:
        assert sum(part["points"] for part in incident["parts"]) == pytest.approx(
            incident["score"], abs=0.05
        )


def test_memory_stays_within_a_laptop(drill: Any) -> None:
    assert drill["peak_memory_bytes"] <= 1_000_000_000


def test_the_same_seed_gives_the_same_bytes_and_the_same_result(fengsui: Run, drill: Any) -> None:
    again = fengsui("drill", "run", "first-intrusion", "--seed", "1", "--json").json
    assert again["capture_sha256"] == drill["capture_sha256"]
    assert again["kinds"] == drill["kinds"]
    assert again["events"] == drill["events"]

    def result(one: Any) -> list[tuple[str, str, float | None]]:
        return [(step["name"], step["status"], step["seconds"]) for step in one["steps"]]

    assert result(again) == result(drill)
    assert [again["false_alerts"], again["false_incidents"]] == [
        drill["false_alerts"],
        drill["false_incidents"],
    ]


def test_its_telemetry_is_kept_apart_and_can_be_asked(fengsui: Run, kept: Path, drill: Any) -> None:
    found = fengsui(
        "hunt", f"fengsui.run:{drill['drill']}", "--limit", "1", "--json", home=kept
    ).json
    document("hunt").model_validate(found)
    assert found["total"] == drill["added"]
    checked = fengsui("check", "--run", drill["drill"], "--json", home=kept).json
    document("check").model_validate(checked)
    assert len(checked["findings"]) >= 3
    assert all(len(finding["hash"]) == 64 and finding["query"] for finding in checked["findings"])
    live = fengsui("check", "--json", home=kept).json
    assert not any(finding["verdict"] == "conforms" for finding in live["findings"])


@pytest.mark.parametrize(
    ("name", "words"),
    [("rules", ("rules",)), ("settings", ("settings", "show")), ("health", ("health",))],
)
def test_other_documents_are_as_published(
    fengsui: Run, kept: Path, name: str, words: tuple[str, ...]
) -> None:
    done = fengsui(*words, "--json", home=kept)
    assert done.status == 0, done.err
    document(name).model_validate(done.json)


def test_every_document_has_a_schema(fengsui: Run) -> None:
    listed = fengsui("schema").out.split()
    assert {"replay", "drill", "check", "event"} <= set(listed)
    for name in listed:
        schema = fengsui("schema", name).json
        for shape in schema.get("anyOf", [schema]):  # a command may have two documents
            whole = schema["$defs"][shape["$ref"].split("/")[-1]] if "$ref" in shape else shape
            assert whole["type"] == "object"
