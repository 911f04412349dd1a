"""BPF programs: a filter in libpcap's words becomes instructions for the kernel (SO_ATTACH_FILTER).

libpcap compiles, called through ctypes; opened on the interface itself it also knows that the kernel
has taken the 802.1Q tag out of the frame, so that `vlan 200` means what it says. Where the library
is not installed, the tcpdump program does the same.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import shutil
import struct
import subprocess
from functools import cache
from typing import Any, Final

from fengsui.errors import MissingToolError, SettingsError

_RETURN: Final = 0x06  # BPF_RET | BPF_K
_UNKNOWN_NETMASK: Final = 0xFFFFFFFF
_ERROR_SIZE: Final = 256  # PCAP_ERRBUF_SIZE


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_ushort),
        ("jt", ctypes.c_ubyte),
        ("jf", ctypes.c_ubyte),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("size", ctypes.c_uint), ("instructions", ctypes.POINTER(_Instruction)))


def keep(length: int) -> bytes:
    """The program that takes the first `length` bytes of every packet; 0 takes no packet."""
    return struct.pack("=HBBI", _RETURN, 0, 0, length)


def compiled(text: str, *, interface: str, link_type: int, snap_length: int) -> bytes:
    """`struct sock_filter`s for a filter; of packets that pass, `snap_length` bytes are kept.

    Raises:
        SettingsError: the filter does not compile (`bad_filter`).
        MissingToolError: neither libpcap nor tcpdump is installed.
    """
    if not text.strip():
        return keep(snap_length)
    library = _library()
    if library is not None:
        return _by_library(library, text, interface, link_type, snap_length)
    program = shutil.which("tcpdump")
    if program is None:
        raise MissingToolError(
            "A BPF filter needs libpcap, which is not installed",
            where=f"sensor.interfaces: {interface}: filter = {text!r}",
            next="Run: apt install libpcap0.8, or leave the filter away",
        )
    return _by_program(program, text, interface, snap_length)


@cache
def _library() -> Any:
    """libpcap, or None."""
    name = ctypes.util.find_library("pcap")
    if name is None:
        return None
    library = ctypes.CDLL(name)
    for function in (library.pcap_create, library.pcap_open_dead):
        function.restype = ctypes.c_void_p
    library.pcap_geterr.restype = ctypes.c_char_p
    return library


def _by_library(library: Any, text: str, interface: str, link_type: int, snap_length: int) -> bytes:
    handle = _handle(library, interface, link_type, snap_length)
    try:
        program = _Program()
        status = library.pcap_compile(
            handle,
            ctypes.byref(program),
            text.encode(),
            1,
            ctypes.c_uint32(_UNKNOWN_NETMASK),
        )
        if status != 0:
            reason = library.pcap_geterr(handle).decode("utf-8", "replace")
            raise _wrong(interface, text, reason)
        try:
            return ctypes.string_at(program.instructions, 8 * program.size)
        finally:
            library.pcap_freecode(ctypes.byref(program))
    finally:
        library.pcap_close(handle)


def _handle(library: Any, interface: str, link_type: int, snap_length: int) -> ctypes.c_void_p:
    """The live interface where it can be opened, else a dead handle of its link type."""
    error = ctypes.create_string_buffer(_ERROR_SIZE)
    live = library.pcap_create(interface.encode(), error)
    if live:
        handle = ctypes.c_void_p(live)
        library.pcap_set_snaplen(handle, snap_length)
        library.pcap_set_buffer_size(handle, 1 << 16)
        if library.pcap_activate(handle) >= 0:
            return handle
        library.pcap_close(handle)
    dead = 12 if link_type == 101 else link_type  # DLT_RAW and LINKTYPE_RAW differ
    return ctypes.c_void_p(library.pcap_open_dead(dead, snap_length))


def _by_program(program: str, text: str, interface: str, snap_length: int) -> bytes:
    """`tcpdump -ddd`: a line with the count, then `code jt jf k` a line."""
    done = subprocess.run(  # noqa: S603 - no shell; the filter is one argument behind --
        [program, "-i", interface, "-s", str(snap_length), "-ddd", "--", text],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    if done.returncode != 0:
        reason = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise _wrong(interface, text, reason[0].removeprefix("tcpdump: "))
    rows = [line.split() for line in done.stdout.splitlines()[1:]]
    return b"".join(struct.pack("=HBBI", *(int(part) for part in row)) for row in rows)


def _wrong(interface: str, text: str, reason: str) -> SettingsError:
    return SettingsError(
        f"The filter of {interface} does not compile: {reason}",
        where=f"sensor.interfaces: {interface}: filter = {text!r}",
        next="Correct it; the words are those of tcpdump (man 7 pcap-filter)",
        code="bad_filter",
    )
