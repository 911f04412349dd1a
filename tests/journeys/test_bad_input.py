"""What is wrong, cut, huge, empty or hostile gets three lines and an exit status; the good part is kept."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from tests.journeys.conftest import Run

MAGIC = 0xA1B2C3D4
HEADER = struct.pack("<IHHiIII", MAGIC, 2, 4, 0, 0, 65535, 1)
# One UDP datagram to port 53 asking for example.com, from 10.0.0.1 to 10.0.0.2.
FRAME = bytes.fromhex(
    "020000000002020000000001080045000039000100004011"
    "66b10a0000010a000002303900350025000012340100000100000000000007"
    "6578616d706c6503636f6d0000010001"
)


def record(time: int, frame: bytes = FRAME, captured: int | None = None) -> bytes:
    length = len(frame) if captured is None else captured
    return struct.pack("<IIII", time, 0, length, len(frame)) + frame


GOOD = HEADER + b"".join(record(1_700_000_000 + n) for n in range(3))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("text.pcap", b"this is not a capture\n" * 10, None),
        ("empty.pcap", b"", "empty"),
        ("header.pcap", HEADER[:11], None),
        ("link.pcap", HEADER[:20] + struct.pack("<I", 9999) + record(1), None),
        ("zeros.pcap", bytes(100_000_000), None),
        ("broken.gz", b"\x1f\x8b" + bytes(100), None),
        ("broken.zst", b"\x28\xb5\x2f\xfd" + b"\xff" * 100, None),
    ],
)
def test_what_cannot_be_used_says_what_where_and_next(
    fengsui: Run, tmp_path: Path, name: str, content: bytes, code: str | None
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = fengsui("replay", str(path), "--json")
    assert done.status == 10, done.err
    error = done.json["error"]
    assert error["what"]
    assert name in error["where"]
    assert error["next"]
    assert code in (None, error["code"])
    assert "Traceback" not in done.err
    shown = [line for line in done.err.splitlines() if line.strip()]
    assert any("where:" in line for line in shown)
    assert any("next:" in line for line in shown)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.pcap", GOOD[:-20]),
        ("beyond.pcap", GOOD + record(1_700_000_009, FRAME, captured=60_000)),
        ("absurd.pcap", GOOD + struct.pack("<IIII", 1, 0, 0xFFFF_FFF0, 0xFFFF_FFF0) + b"x" * 50),
    ],
)
def test_the_good_part_of_a_spoilt_capture_is_kept_and_the_rest_counted(
    fengsui: Run, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    done = fengsui("replay", str(path), "--json")
    assert done.status == 0, done.err
    document = done.json
    assert document["packets"] >= 2
    assert document["events"]["dns"] >= 1
    assert sum(document["losses"].values()) >= 1


def test_a_folder_is_not_a_capture(fengsui: Run, tmp_path: Path) -> None:
    done = fengsui("replay", str(tmp_path), "--json")
    assert (done.status, done.json["error"]["code"]) == (10, "is_a_directory")


def test_a_file_without_permission(fengsui: Run, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    path = tmp_path / "secret.pcap"
    path.write_bytes(GOOD)
    path.chmod(0)
    done = fengsui("replay", str(path), "--json")
    assert (done.status, done.json["error"]["code"]) == (15, "forbidden")


def test_a_missing_file(fengsui: Run) -> None:
    done = fengsui("replay", "/no/such/file.pcap", "--json")
    assert (done.status, done.json["error"]["code"]) == (10, "no_such_file")


def test_a_wrong_setting_names_its_origin(fengsui: Run, tmp_path: Path) -> None:
    (tmp_path / "fengsui.toml").write_text("[console]\nport = 'x'\n")
    done = fengsui("settings", "show", home=tmp_path)
    assert done.status == 11
    assert "console.port" in done.err
    assert "fengsui.toml" in done.err


def test_a_bad_query_points_at_the_character(fengsui: Run, tmp_path: Path) -> None:
    done = fengsui("hunt", "source.ip:(", "--json", home=tmp_path)
    assert (done.status, done.json["error"]["code"]) == (10, "bad_query")
    assert "character" in done.json["error"]["where"]


def test_a_broken_rule_stops_the_start_with_file_and_line(fengsui: Run, tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "broken.yml").write_text("title: x\ndetection: [\n")
    (tmp_path / "fengsui.toml").write_text(f"[detection]\nrules = ['{rules}']\n")
    done = fengsui("rules", home=tmp_path)
    assert done.status == 12
    assert "broken.yml" in done.err
