from __future__ import annotations

import gzip
import struct
from pathlib import Path

import pytest
import zstandard

from fengsui.errors import FengsuiError, InputError
from sensors.intake.alerts_in_order import AlertsInOrder
from sensors.intake.opening import kind_of, open_input, sniff
from sensors.packet.capture import CaptureSensor

PCAP = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
ZEEK = b'{"_path":"dns","ts":1700000000.0,"uid":"C1","id.orig_h":"10.0.0.1","query":"a.example"}\n'


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_content_decides_and_not_the_name(tmp_path: Path, pack: object) -> None:
    path = tmp_path / "misnamed.log"
    path.write_bytes(pack(PCAP))  # type: ignore[operator]
    assert kind_of(path) == "capture"
    assert isinstance(open_input(str(path), sensor="s", max_flows=1024), CaptureSensor)
    path.write_bytes(pack(ZEEK))  # type: ignore[operator]
    assert sniff(path) == "log"
    assert isinstance(open_input(str(path), sensor="s", max_flows=1024), AlertsInOrder)


@pytest.mark.parametrize(
    "content", [b"", b"hello\n", b"\x1f\x8b\x00", bytes(1000), b"\x28\xb5\x2f\xfd!"]
)
def test_what_is_neither_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        sniff(path)
    assert caught.value.next


def test_folders_and_missing_files_say_so(tmp_path: Path) -> None:
    for path, code in ((tmp_path, "is_a_directory"), (tmp_path / "none", "no_such_file")):
        with pytest.raises(FengsuiError) as caught:
            open_input(str(path), sensor="s", max_flows=1024)
        assert caught.value.code == code
