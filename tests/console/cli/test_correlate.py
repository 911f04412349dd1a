"""`fengsui correlate`: files of alerts in, one document or a table out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.cli.main import make_app
from console.published import document as published
from fengsui.errors import InputError
from tests.correlation.surprise.streams import ATTACK, Raw, attack, noise

RUNNER = CliRunner()
NET = "10.1.0"


def written(path: Path, alerts: list[Raw]) -> Path:
    rows = [f"{raw.time},{raw.kind},{raw.address}\n" for raw in alerts]
    path.write_text("time,name,ip\n" + "".join(rows))
    return path


def run(*words: object) -> Any:
    return RUNNER.invoke(
        make_app(["correlate"]), ["correlate", *map(str, words)], catch_exceptions=False
    )


@pytest.fixture
def network(tmp_path: Path) -> Path:
    return written(tmp_path / "net.csv", noise(NET) + attack(NET))


def test_the_document_names_each_alert_by_file_and_number(network: Path) -> None:
    result = run(network, "--json")
    document = json.loads(result.stdout)
    published("correlate").model_validate(document)
    rows = network.read_text().splitlines()[1:]
    worst = document["incidents"][0]
    assert worst["severity"] in {"high", "critical"}
    kinds = {rows[place["number"]].split(",")[1].split()[0] for place in worst["alerts"]}
    assert kinds <= {"scan", "new"}
    assert {place["file"] for place in worst["alerts"]} == {str(network)}
    assert document["learning_until"]
    assert document["alerts_read"] == len(rows)


def test_a_baseline_is_learned_from_and_not_judged(tmp_path: Path) -> None:
    past = written(tmp_path / "past.csv", [raw for raw in noise(NET) if raw.time < ATTACK])
    now = written(tmp_path / "now.csv", attack(NET))
    document = json.loads(run(now, "--baseline", past, "--json").stdout)
    assert document["learning_until"] is None
    assert document["incidents"][0]["severity"] in {"high", "critical"}


def test_the_table_says_what_and_how_much(network: Path) -> None:
    said = run(network)
    assert "10.1.0.2" in said.stdout
    assert "in no incident" in said.stdout
    assert "--baseline" in said.stderr


def test_what_cannot_be_correlated_is_counted(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(
        "time,name,ip\nnever,a,10.0.0.1\n1700000000,b,\n99999999999,c,10.0.0.1\n1700000000,d,10.0.0.1\n"
    )
    document = json.loads(run(path, "--json").stdout)
    assert document["alerts_read"] == 1
    aside = {name: count for name, count in document["set_aside"].items() if count}
    assert aside == {"without_time": 1, "without_host": 1, "alerts.from_the_future": 1}


def test_files_without_alerts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "flows.json"
    path.write_text('{"event_type": "flow"}\n')
    with pytest.raises(InputError, match="no alert"):
        run(path)


def test_a_real_network_has_one_attack(bench: Any) -> None:
    document = json.loads(run(bench("alerts/ait_russellmitchell.csv.zst"), "--json").stdout)
    grave = [one for one in document["incidents"] if one["severity"] in {"high", "critical"}]
    assert len(grave) == 1
    assert "192." in json.dumps(grave[0]["entities"]) or "172." in json.dumps(grave[0]["entities"])
