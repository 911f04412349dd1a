"""What tshark says of a capture of the bench: a second opinion for the parsers' tests."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import zstandard


def dissected(path: Path, folder: Path, chosen: str, *fields: str) -> list[list[str]]:
    """Rows of `fields` (several values joined by a comma) of the packets that `chosen` selects."""
    program = shutil.which("tshark")
    if program is None:
        pytest.skip("tshark is not installed")
    plain = folder / "capture.pcap"
    with path.open("rb") as packed, plain.open("wb") as file:
        zstandard.ZstdDecompressor().copy_stream(packed, file)
    wanted = [word for field in fields for word in ("-e", field)]
    command = [program, "-n", "-r", str(plain), "-Y", chosen, "-T", "fields", *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]
