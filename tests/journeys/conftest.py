"""Journeys drive the installed program from outside, as a user does."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

PROGRAM = str(Path(sys.executable).parent / "fengsui")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""


@dataclass(frozen=True)
class Done:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


@pytest.fixture(scope="session")
def fengsui() -> Run:
    """`fengsui("replay", path, "--json", home=folder)`."""

    def run(
        *words: str, home: Path | None = None, timeout: float = 300, stdin: bytes = b""
    ) -> Done:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FENGSUI_")}
        if home is not None:
            environment["FENGSUI_HOME"] = str(home)
        done = subprocess.run(
            [PROGRAM, *words],
            capture_output=True,
            timeout=timeout,
            env=environment,
            input=stdin,
            check=False,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation that has run one drill (see `drill`)."""
    return tmp_path_factory.mktemp("drill") / "home"


@pytest.fixture(scope="session")
def drill(fengsui: Run, kept: Path) -> Any:
    """The document of the first drill, seed 1."""
    done = fengsui("drill", "run", "first-intrusion", "--seed", "1", "--store", str(kept), "--json")
    assert done.status == 0, done.err
    return done.json


@dataclass
class Up:
    """A running installation."""

    home: Path
    address: str
    process: subprocess.Popen[bytes]
    log: Path


def wait_for(what: Callable[[], object], seconds: float) -> float:
    """Seconds until `what` is true; fails when it never is."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        if what():
            return time.monotonic() - start
        time.sleep(0.02)
    pytest.fail(f"not within {seconds} s")


@contextmanager
def running(home: Path) -> Iterator[Up]:
    """`fengsui up` on a free port, ended by SIGTERM; it must end cleanly."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "FENGSUI_HOME": str(home), "FENGSUI_CONSOLE_PORT": str(port)}
    home.mkdir(exist_ok=True)
    log = home.parent / f"{home.name}.log"
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{address}/api/session", timeout=2).status_code in {200, 401}
        except httpx.TransportError:
            return False

    with log.open("wb") as output:
        process = subprocess.Popen([PROGRAM, "up"], env=environment, stdout=output, stderr=output)
        try:
            wait_for(answers, 90)
            yield Up(home, address, process, log)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0, log.read_text("utf-8")


def chromium_or_skip() -> None:
    if not CHROMIUM:
        pytest.skip("Chromium is not installed (apt-get install chromium)")


@pytest.fixture(scope="module")
def console(kept: Path, drill: Any) -> Iterator[Up]:
    """The installation of `drill`, up for one file of journeys."""
    chromium_or_skip()
    with running(kept) as up:
        yield up
