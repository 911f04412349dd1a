"""`fengsui packets`: from a store to a capture, recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.main import make_app
from console.packets import make_keeper
from console.published import document
from console.wiring import make_state, open_stores
from fengsui.clock import to_iso
from fengsui.errors import FengsuiError
from fengsui.event import make_event
from fengsui.settings import Settings, load_settings
from tests.sensors.packet.frames import CLIENT, SERVER, START, Connection, pcap

RUNNER = CliRunner()
WEB = Connection(443, 40_000).open().close().packets
ENDS = f"tcp {CLIENT}:40000 {SERVER}:443"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation with one flow, in events and in packets."""
    home = tmp_path / "home"
    given = {"FENGSUI_PACKETS_KEEP": "true", "FENGSUI_PACKETS_RESERVE_GIGABYTES": "0"}
    settings = load_settings(given, home=home).settings
    keeper = make_keeper(settings, "sensor-1")
    assert keeper is not None
    keeper.block(pcap(WEB, nano=True)[24:])
    keeper.close()
    fields = {
        "zeek.session_id": "Cabc",
        "source.ip": CLIENT,
        "source.port": 40_000,
        "destination.ip": SERVER,
        "destination.port": 443,
        "network.transport": "tcp",
        "event.start": to_iso(START),
        "event.end": to_iso(WEB[-1][0]),
    }
    with open_stores(settings, writable=True) as stores:
        stores.events.append([make_event(id="e" * 32, time=START, dataset="flow", fields=fields)])
    return settings


def run(settings: Settings, *words: str) -> str:
    result = RUNNER.invoke(
        make_app(["packets"]), ["packets", *words], env={"FENGSUI_HOME": str(settings.home)}
    )
    if result.exception and isinstance(result.exception, FengsuiError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("flow", ["Cabc", ENDS, ENDS.replace(" ", ",")])
def test_a_flow_as_a_capture(settings: Settings, tmp_path: Path, flow: str) -> None:
    output = tmp_path / "out.pcap"
    told = json.loads(run(settings, "--flow", flow, "-o", str(output), "--json"))
    assert output.read_bytes() == pcap(WEB, nano=True)
    assert output.stat().st_mode & 0o077 == 0
    assert document("carve").model_validate(told).model_dump()["packets"] == len(WEB)
    state = make_state(settings)
    record = state.audit_records(1)[0]
    state.close()
    assert (record.by, record.what, record.target) == ("command line", "flow.carve", flow)
    assert record.detail["packets"] == len(WEB)


def test_times(settings: Settings, tmp_path: Path) -> None:
    output = tmp_path / "out.pcap"
    since = to_iso(WEB[2][0])
    run(settings, "--flow", ENDS, "-o", str(output), "--since", since)
    assert output.read_bytes() == pcap(WEB[2:], nano=True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--flow", "Cnone", "-o", "x"], "not_found"),
        (["--flow", "tcp 192.0.2.77:1 192.0.2.78:2", "-o", "x"], "no_packets"),
        (["--flow", "what is this", "-o", "x"], "bad_flow"),
        (["--flow", "???", "-o", "x"], "usage"),
        (["--flow", "Cabc"], "usage"),
        (["--flow", "Cabc", "-o", "x", "--since", "yesterday"], "usage"),
        (["--flow", "Cabc", "-o", "/nowhere/x"], "bad_input"),
    ],
)
def test_bad_words(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], code: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FengsuiError) as caught:
        run(settings, *words)
    assert caught.value.code == code
    assert not (tmp_path / "x").exists()


def test_status(settings: Settings) -> None:
    told = json.loads(run(settings, "status", "--json"))
    document("packets").model_validate(told)
    assert (told["packets"], told["segments"], told["first"]) == (len(WEB), 1, to_iso(WEB[0][0]))
    state = make_state(settings)
    state.put_health("sense", START, {"packets": [{"state": "paused", "why": "full"}]})
    state.close()
    shown = run(settings, "status")
    assert "paused" in shown
    assert "50 GB" in shown
