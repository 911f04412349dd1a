"""A network of the test's own: a namespace with a pair of interfaces, gone when the test ends."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sensors.keeping import passes
from sensors.packet.native import warm_up

CLONE_NEWNET = 0x40000000
NEAR, FAR = "fsa", "fsb"


class Wire:
    """Frames that are sent on `near` arrive on `far`."""

    near, far = NEAR, FAR

    def __init__(self) -> None:
        self._sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._sender.bind((NEAR, 0))

    def send(self, *frames: bytes) -> None:
        for frame in frames:
            self._sender.send(frame)

    def close(self) -> None:
        self._sender.close()


def ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)


@pytest.fixture(scope="session")
def compiled() -> None:
    """What workers run is compiled before any of them has to start in time."""
    warm_up()
    passes.warm_up()


@pytest.fixture
def wire(compiled: None) -> Iterator[Wire]:
    """A pair of interfaces, up, in a namespace that only this thread and its children are in."""
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as home:
        if shutil.which("ip") is None:
            pytest.skip("iproute2 is not installed")
        if libc.unshare(CLONE_NEWNET) != 0:
            pytest.skip("a network namespace needs root (CAP_SYS_ADMIN)")
        try:
            try:
                Path("/proc/sys/net/ipv6/conf/default/disable_ipv6").write_text("1")
            except OSError:
                pytest.skip("the settings of a network namespace may not be changed")
            ip(f"link add {NEAR} type veth peer name {FAR}")
            ip(f"link set {NEAR} up")
            ip(f"link set {FAR} up")
            made = Wire()
            yield made
            made.close()
        finally:
            assert libc.setns(home.fileno(), CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())


def until(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something, and fail where it does not come."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
