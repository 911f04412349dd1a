"""BPF programs, run here by a small interpreter of our own (RFC 9669's classic ancestor)."""

from __future__ import annotations

import ctypes.util
import struct

import pytest

from fengsui.errors import MissingToolError, SettingsError
from sensors.live import filter as bpf
from tests.sensors.live.frames import udp

if ctypes.util.find_library("pcap") is None:
    pytest.skip("libpcap is not installed", allow_module_level=True)


def run(program: bytes, frame: bytes) -> int:
    """Bytes of the frame that the program keeps; the instructions that simple filters use."""
    rows = list(struct.iter_unpack("=HBBI", program))
    a = x = at = 0
    sizes = {0x00: 4, 0x08: 2, 0x10: 1}
    while True:
        code, true, false, k = rows[at]
        at += 1
        if code & 7 == 6:
            return k
        if code & 7 == 0:
            where = k + (x if code & 0xE0 == 0x40 else 0)
            size = sizes[code & 0x18]
            if where + size > len(frame):
                return 0
            a = int.from_bytes(frame[where : where + size], "big")
        elif code == 0xB1:
            x = 4 * (frame[k] & 15)
        elif code & 7 == 5:
            holds = {0x10: a == k, 0x20: a > k, 0x30: a >= k, 0x40: bool(a & k)}[code & 0xF0]
            at += true if holds else false
        else:
            raise AssertionError(f"instruction {code:#x} is not known here")


def test_a_filter_keeps_what_it_names() -> None:
    program = bpf.compiled("udp port 53", interface="none0", link_type=1, snap_length=96)
    assert run(program, udp("192.0.2.1", "192.0.2.2", (4000, 53), b"x")) == 96
    assert run(program, udp("192.0.2.1", "192.0.2.2", (4000, 54), b"x")) == 0


def test_no_filter_keeps_the_snap_length() -> None:
    assert run(bpf.compiled(" ", interface="x", link_type=1, snap_length=128), b"") == 128
    assert run(bpf.keep(0), b"anything") == 0


@pytest.mark.parametrize("text", ["tcp portt 80", "host", "port 70000", "é", "ip host 1.2.3.4.5"])
def test_a_wrong_filter_is_told_in_three_lines(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        bpf.compiled(text, interface="eth9", link_type=1, snap_length=96)
    assert caught.value.code == "bad_filter"
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert "eth9" in lines[0]
    assert repr(text) in lines[1]


def test_without_libpcap_and_tcpdump_the_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bpf, "_library", lambda: None)
    monkeypatch.setattr(bpf.shutil, "which", lambda _name: None)
    with pytest.raises(MissingToolError, match="libpcap"):
        bpf.compiled("tcp", interface="eth9", link_type=1, snap_length=96)
    assert bpf.compiled("", interface="eth9", link_type=1, snap_length=96) == bpf.keep(96)
