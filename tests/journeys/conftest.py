"""Journeys drive the installed program from outside, as a user does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

PROGRAM = str(Path(sys.executable).parent / "fengsui")


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
