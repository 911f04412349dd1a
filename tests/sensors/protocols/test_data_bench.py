"""Databases and STUN of the bench's office capture against what tshark sees in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import zstandard

from sensors.protocols import mysql, postgresql, stun
from tests.sensors.protocols.playing import Played, play_capture

pytestmark = pytest.mark.bench
ENVIRONMENT = {**os.environ, "HOME": "/nonexistent"}


def tshark(*arguments: str) -> bytes:
    done = subprocess.run(["tshark", *arguments], check=True, capture_output=True, env=ENVIRONMENT)
    return done.stdout


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    office = Path(os.environ.get("FENGSUI_BENCH", "../shared/bench")) / "captures/office.pcap.zst"
    if not office.exists() or shutil.which("tshark") is None:
        pytest.skip("no bench, or no tshark")
    folder = tmp_path_factory.mktemp("bench")
    whole, cut = folder / "office.pcap", folder / "part.pcap"
    with office.open("rb") as packed, whole.open("wb") as plain:
        zstandard.ZstdDecompressor().copy_stream(packed, plain)
    wanted = "tcp.port==3306 or tcp.port==5432 or stun or classicstun"
    tshark("-r", str(whole), "-Y", wanted, "-w", str(cut))
    return cut


@pytest.fixture(scope="module")
def played(part: Path) -> Played:
    return play_capture(part, [mysql.PROTOCOL, postgresql.PROTOCOL, stun.PROTOCOL])


def asked(part: Path, wanted: str, *fields: str) -> list[dict[str, Any]]:
    shown = [word for field in fields for word in ("-e", field)]
    found = json.loads(tshark("-r", str(part), "-Y", wanted, "-T", "json", *shown))
    return [one["_source"]["layers"] for one in found]


def test_mysql_queries(part: Path, played: Played) -> None:
    seen = [one for p in asked(part, "mysql.query", "mysql.query") for one in p["mysql.query"]]
    told = [e["mysql.arg"] for e in played.of("mysql") if e["mysql.cmd"] == "query"]
    assert set(seen) == set(told)
    assert len(told) >= len(seen)
    users = {one for p in asked(part, "mysql.user", "mysql.user") for one in p["mysql.user"]}
    assert users == {e["user.name"] for e in played.of("mysql") if e["mysql.cmd"] == "login"} | {
        "root2"
    }


def test_postgresql_sessions(played: Played) -> None:
    told = [
        (e["postgresql.frontend"], e.get("postgresql.backend")) for e in played.of("postgresql")
    ]
    assert told.count(("ssl_request", "ssl_reply")) == 2
    assert told.count(("startup", "auth_ok")) == 2


def test_stun_messages(part: Path, played: Played) -> None:
    seen = sorted(
        one.replace(":", "").removeprefix("0x")
        for p in asked(part, "stun.id and udp", "stun.id")
        for one in p["stun.id"]
    )
    told = sorted(
        e["stun.trans_id"].encode().hex() if len(e["stun.trans_id"]) == 12 else e["stun.trans_id"]
        for e in played.of("stun")
    )
    assert [one for one in seen if one not in told] == []
    assert len(told) >= 40
