"""Writes the sentences of the catalogue where the web console reads them.

`python -m console.web.catalogue` makes `app/src/i18n/catalogue.json`: `messages` by key with both
languages, and `tactics` in the order of an intrusion. The file is generated before each build and
not kept: the catalogue in `fengsui/catalogue` stays the only place where sentences are written.
"""

from __future__ import annotations

import json
from pathlib import Path

from fengsui.attack import TACTICS
from fengsui.text import catalogue

TARGET = Path(__file__).parent / "app" / "src" / "i18n" / "catalogue.json"


def document() -> dict[str, dict[str, dict[str, str]] | list[dict[str, str]]]:
    """`{messages: {key: {zh, en}}, tactics: [{key, id, zh, en}]}`, keys sorted.

    Raises:
        RuleError: a catalogue file does not load.
    """
    messages: dict[str, dict[str, str]] = {
        key: {"zh": entry["zh"], "en": entry["en"]} for key, entry in sorted(catalogue().items())
    }
    tactics = [
        {"key": key, "id": code, "zh": zh, "en": en} for key, (code, en, zh) in TACTICS.items()
    ]
    return {"messages": messages, "tactics": tactics}


def write(target: Path = TARGET) -> int:
    """Write the document; unchanged content leaves the file alone. Returns the number of messages."""
    made = document()
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    if not target.exists() or target.read_text("utf-8") != text:
        target.write_text(text, "utf-8")
    return len(made["messages"])


if __name__ == "__main__":
    write()
