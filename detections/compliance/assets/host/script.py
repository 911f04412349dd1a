"""The collector's text: `collect.sh` beside this file, one POSIX shell script without dependencies."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SCRIPT: Final = Path(__file__).with_name("collect.sh")


def collect_script() -> str:
    """The script."""
    return SCRIPT.read_text("utf-8")
