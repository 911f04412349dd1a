"""Lan: two hosts of the test's own, in two network namespaces, with a wire that is listened to.

Servers of Debian run on the one, their clients on the other; what tcpdump wrote goes through
CaptureSensor. Addresses live inside the namespaces only. Everything ends with the Lan.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any, TypeVar

import pytest

from tests.peers.seen import Seen, read

CLIENT, SERVER = "10.77.0.1", "10.77.0.2"
CLIENT6, SERVER6 = "fd77::1", "fd77::2"
_CLONE_NEWNET = 0x40000000
_PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/lib/postgresql/15/bin"
Result = TypeVar("Result")


def program(name: str, package: str) -> str:
    """Path of a program, or the test is skipped with the package that has it."""
    found = shutil.which(name, path=_PLACES)
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install {package}")
    return found


class Lan:
    """`run` works on the client's host, `serve` on the server's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        word = f"fs{os.getpid() % 100_000}"
        self.near, self.far = f"{word}c", f"{word}s"  # namespaces, and interfaces inside them
        self._servers: list[subprocess.Popen[bytes]] = []
        self._captures = 0

    def build(self) -> None:
        """Make the namespaces and their wire."""
        for name in (self.near, self.far):
            _ip(f"netns add {name}")
        _ip(f"-n {self.near} link add {self.near} type veth peer name {self.far}")
        _ip(f"-n {self.near} link set {self.far} netns {self.far}")
        for name, v4, v6 in ((self.near, CLIENT, CLIENT6), (self.far, SERVER, SERVER6)):
            _ip(f"-n {name} addr add {v4}/24 dev {name}")
            _ip(f"-n {name} addr add {v6}/64 dev {name} nodad")
            _ip(f"-n {name} link set lo up")
            _ip(f"-n {name} link set {name} up")

    def close(self) -> None:
        """Stop what still runs on the two hosts, and remove them."""
        for server in self._servers:
            stop(server)
        for name in (self.near, self.far):
            # Servers' children that left their group: nothing but ours was ever in there.
            left = subprocess.run(
                ["ip", "netns", "pids", name], capture_output=True, text=True, check=False
            )
            for pid in left.stdout.split():
                os.kill(int(pid), signal.SIGKILL)
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)

    def run(
        self, *command: str, data: str = "", fails: bool = False, on: str = "", seconds: float = 20
    ) -> str:
        """Run a command on the client's host (or `on` another); what it said on both outputs."""
        done = subprocess.run(
            ["ip", "netns", "exec", on or self.near, *command],
            input=data.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
            env=_environment(),
            cwd=self.folder,
        )
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert fails or done.returncode == 0, f"{command}: {done.returncode}: {said}"
        return said

    def inside(self, function: Callable[[], Result]) -> Result:
        """Call a function in a thread that is on the client's host."""
        results: list[Result] = []
        faults: list[BaseException] = []

        def work() -> None:
            try:
                with Path(f"/run/netns/{self.near}").open() as space:
                    libc = ctypes.CDLL(None, use_errno=True)
                    assert libc.setns(space.fileno(), _CLONE_NEWNET) == 0
                results.append(function())
            except BaseException as error:
                faults.append(error)

        thread = Thread(target=work)
        thread.start()
        thread.join(30)
        if faults:
            raise faults[0]
        return results[0]

    @contextmanager
    def serve(
        self, *command: str, tcp: int = 0, udp: int = 0, seconds: float = 15
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A server that stays in the foreground, from when its port listens."""
        log = self.folder / f"{Path(command[0]).name}.log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                ["ip", "netns", "exec", self.far, *command],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=_environment(),
                cwd=self.folder,
            )
        self._servers.append(server)
        try:
            self._wait_for(server, tcp, udp, log, seconds)
            yield server
        finally:
            stop(server)
            self._servers.remove(server)

    def _wait_for(
        self, server: subprocess.Popen[bytes], tcp: int, udp: int, log: Path, seconds: float
    ) -> None:
        ask = ["ip", "netns", "exec", self.far, "ss", "-Hln", "-t" if tcp else "-u"]
        ask += ["sport", "=", f":{tcp or udp}"]
        deadline = time.monotonic() + seconds
        while not subprocess.run(ask, capture_output=True, check=True).stdout.strip():
            text = log.read_text("utf-8", "replace")[-3000:]
            assert server.poll() is None, f"the server ended: {text}"
            assert time.monotonic() < deadline, f"the server does not listen: {text}"
            time.sleep(0.03)

    @contextmanager
    def watched(self) -> Iterator[Seen]:
        """Listen to the wire; behind the block, what it yields has the events."""
        self._captures += 1
        path = self.folder / f"{self._captures}.pcap"
        command = ["ip", "netns", "exec", self.near, program("tcpdump", "tcpdump"), "-i", self.near]
        command += ["-s0", "-B", "65536", "-U", "--immediate-mode", "-Z", "root", "-w", str(path)]
        tcpdump = subprocess.Popen(
            command,
            stderr=subprocess.PIPE,
        )
        assert tcpdump.stderr is not None
        said = b""
        while b"listening on" not in said:
            line = tcpdump.stderr.readline()
            assert line, f"tcpdump does not start: {said!r}"
            said += line
        seen = Seen(path)
        try:
            yield seen
        finally:
            time.sleep(0.15)  # what is still under way
            tcpdump.send_signal(signal.SIGINT)
            said = tcpdump.communicate(timeout=10)[1]
        assert b"0 packets dropped by kernel" in said, said
        read(path, seen)


def stop(server: subprocess.Popen[bytes]) -> None:
    """End a server and its children: its process group is its own."""
    for number, patience in ((signal.SIGTERM, 3), (signal.SIGKILL, 3)):
        if server.poll() is not None:
            break
        os.killpg(server.pid, number)
        try:
            server.wait(patience)
        except subprocess.TimeoutExpired:
            continue


def _ip(words: str) -> None:
    subprocess.run(["ip", *words.split()], check=True, capture_output=True)


def _environment() -> dict[str, Any]:
    return {**os.environ, "PATH": _PLACES, "LC_ALL": "C.UTF-8", "LANG": "C.UTF-8"}
