"""The collector's text: `collect.ps1` beside this file, for Windows PowerShell 3.0 and later."""

from __future__ import annotations

from pathlib import Path
from typing import Final

SCRIPT: Final = Path(__file__).with_name("collect.ps1")


def windows_script() -> str:
    """The script, with the line ends of Windows."""
    return SCRIPT.read_text("utf-8").replace("\n", "\r\n")
