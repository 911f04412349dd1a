"""`fengsui rules pack|state|park|save|history|backtest` over a home of its own."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from typer.testing import CliRunner

from console.cli import rule_packs
from console.cli.main import make_app
from console.rules.desk import RuleDesk
from console.wiring import Stores, open_stores
from detections.detector import Context
from fengsui.errors import FengsuiError
from fengsui.settings import Settings, load_settings
from tests.console.api.conftest import make_records
from tests.console.rules.conftest import ONE, THREE, TWO, rule_text

RUNNER = CliRunner()
Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `fengsui rules …`; the JSON document, or the error that is raised."""
    builtin = tmp_path / "builtin"
    builtin.mkdir()
    (builtin / "one.yml").write_text(rule_text(), "utf-8")

    def desk(settings: Settings, stores: Stores) -> RuleDesk:
        context = Context(lambda _address: False)
        return RuleDesk(settings, stores.state, lambda: stores.events, context, builtin)

    monkeypatch.setattr(rule_packs, "make_desk", desk)
    app = make_app(["rules"])

    def call(*words: str | Path, error: str = "") -> Any:
        home = ["--home", str(tmp_path / "home")]
        result = RUNNER.invoke(app, [*home, "rules", *map(str, words)])
        if error:
            assert isinstance(result.exception, FengsuiError), result.output
            assert result.exception.code == error, result.exception
            return result.exception
        assert result.exit_code == 0, (result.output, result.exception)
        return json.loads(result.output) if "--json" in words else result.output

    return call


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / "a.yml").write_text(rule_text(TWO), "utf-8")
    (folder / "bad.yml").write_text("title: [", "utf-8")
    return folder


def test_a_pack_from_install_to_removal(run: Run, source: Path) -> None:
    run("pack", "install", source, error="unsigned")
    assert run("pack", "list", "--json") == {"packs": []}
    made = run("pack", "install", source, "--allow-unsigned", "--json")
    assert (made["name"], made["pack"]["rules"], made["counts"]["added"]) == ("source", 1, 1)
    assert [one["file"] for one in made["refused"]] == ["bad.yml"]
    (source / "a.yml").write_text(rule_text(TWO, level="low"), "utf-8")
    (source / "b.yml").write_text(rule_text(THREE), "utf-8")
    told = run("pack", "diff", source, "--json")
    assert (told["counts"]["changed"], told["counts"]["added"]) == (1, 1)
    assert "+level: low" in told["changed"][0]["diff"]
    assert "+level: low" in run("pack", "diff", source)
    assert run("pack", "list", "--json")["packs"][0]["rules"] == 1
    run("pack", "update", "none", source, "--allow-unsigned", error="not_found")
    run("pack", "update", "source", source / "bad.yml", "--allow-unsigned", error="bad_zip")
    assert run("pack", "list", "--json")["packs"][0]["rules"] == 1
    assert "2 rules" in run("pack", "update", "source", source, "--allow-unsigned")
    assert "source" in run("pack", "list")
    assert run("pack", "remove", "source", "--json") == {"removed": "source"}
    run("pack", "remove", "source", error="not_found")


def test_a_signed_bundle(
    run: Run, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = Ed25519PrivateKey.generate()
    secret, public = tmp_path / "key.pem", tmp_path / "public.pem"
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(
        key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    bundle = tmp_path / "ours.zip"
    made = run(
        "pack",
        "bundle",
        source,
        bundle,
        "--name",
        "ours",
        "--version",
        "3",
        "--key",
        secret,
        "--json",
    )
    assert made["files"] == 2
    run("pack", "install", bundle, error="untrusted_key")
    monkeypatch.setenv("FENGSUI_DETECTION_PACK_KEYS", str(public))
    pack = run("pack", "install", bundle, "--json")["pack"]
    assert (pack["name"], pack["version"], pack["signed"], pack["key"]) == (
        "ours", "3", True, made["key"],
    )  # fmt: skip
    with zipfile.ZipFile(bundle, "a") as archive:
        archive.writestr("more.yml", rule_text(THREE))
    run("pack", "install", bundle, "--allow-unsigned", error="bad_signature")
    run("pack", "install", bundle, "--name", "other", error="bad_signature")


def test_the_life_of_a_rule(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(rule_text(TWO), "utf-8")
    assert run("save", file, "--reason", "seen", "--json") == {
        "rule": TWO, "version": 1, "state": "draft",
    }  # fmt: skip
    run("state", TWO, "stable", "--reason", "x", error="bad_step")
    run("state", TWO, "loud", "--reason", "x", error="usage")
    assert run("state", TWO, "experimental", "--reason", "x", "--json")["state"] == "experimental"
    file.write_text(rule_text(TWO, level="low"), "utf-8")
    assert run("save", file, "--json")["version"] == 2
    assert "+level: low" in run("diff", TWO, "--older", "1")
    assert run("revert", TWO, "--to", "1", "--reason", "no", "--json")["version"] == 3
    assert run("park", TWO, "--reason", "dear", "--json")["parked"] is True
    assert "experimental" in run("unpark", TWO, "--reason", "ok")
    told = run("history", TWO, "--json")
    assert [one["number"] for one in told["versions"]] == [3, 2, 1]
    assert [one["kind"] for one in told["history"]] == [
        "unpark", "park", "revert", "save", "state", "save", "state",
    ]  # fmt: skip
    assert "revert" in run("history", TWO)
    run("history", "none", error="not_found")
    run("save", tmp_path / "none.yml", error="bad_input")


def test_upstream_and_ours(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(rule_text(level="low"), "utf-8")
    run("save", file, "--reason", "loud")
    run("merge", TWO, error="not_found")
    assert run("merge", ONE, "--json")["clean"] is True
    (tmp_path / "builtin" / "one.yml").write_text(rule_text(level="critical"), "utf-8")
    assert run("history", ONE, "--json")["upstream_changed"] is True
    assert "<<<<<<< local" in run("merge", ONE)
    run("merge", ONE, "--choose", "both", error="usage")
    run("merge", ONE, "--choose", "merged", error="bad_rule")
    run("merge", ONE, "--choose", "merged", "--file", file, "--reason", "ours")
    assert run("history", ONE, "--json")["upstream_changed"] is False


def test_back_tests(run: Run, tmp_path: Path) -> None:
    settings = load_settings({}, home=tmp_path / "home").settings
    with open_stores(settings, writable=True) as stores:
        stores.events.append(make_records())
    file = tmp_path / "mine.yml"
    file.write_text(rule_text(TWO, name="a.bad.example"), "utf-8")
    found = run("backtest", file, "--json")
    assert (found["hits"], found["events"], found["partial"]) == (1, 1, False)
    assert run("backtest", file, "--until", "2020-01-01", "--json")["events"] == 0
    assert run("backtest", ONE, "--json")["hits"] == 0
    assert "1 hits in 1 events" in run("backtest", file)
    run("backtest", file, "--since", "yesterday", error="usage")
    run("backtest", "none", error="not_found")
    run("backtest", "none.yml", error="bad_input")


def test_a_rule_is_named_by_the_beginning_of_its_id(run: Run, tmp_path: Path) -> None:
    other = "ab" + TWO[2:]
    file = tmp_path / "mine.yml"
    for rule in (TWO, other):
        file.write_text(rule_text(rule, name="a.bad.example"), "utf-8")
        run("save", file, "--reason", "new")
    for word in (other, "ab", "AB", other[:-1]):
        assert run("history", word, "--json")["rule"] == other
    for word in ("none", "", TWO[:-1]):
        run("history", word, error="not_found")


def test_show_and_coverage_know_the_rules_saved_here(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yml"
    file.write_text(rule_text(TWO, name="a.bad.example"), "utf-8")
    run("save", file, "--reason", "new")
    assert "a.bad.example" in run("show", TWO, "--json")["source"]
    assert TWO in [one["id"] for one in run("coverage", "--json")["rules"]]
