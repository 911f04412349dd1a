"""Writes the sentences of the catalogue where the web console reads them.

`python -m console.web.catalogue` makes `app/src/i18n/catalogue.json`: `messages` by key with both
languages, `tactics` in the order of an intrusion and the `techniques` of ATT&CK. The file is
generated before each build and not kept: the catalogue in `fengsui/catalogue` stays the only place
where sentences are written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

from fengsui.attack import TACTICS, techniques
from fengsui.text import catalogue

TARGET = Path(__file__).parent / "app" / "src" / "i18n" / "catalogue.json"


class Document(TypedDict):
    """The file: messages by sorted keys, tactics and techniques in the order of ATT&CK."""

    messages: dict[str, dict[str, str]]
    tactics: list[dict[str, str]]
    techniques: list[dict[str, object]]


def document() -> Document:
    """`{messages: {key: {zh, en}}, tactics: [{key, id, zh, en}], techniques: [{id, zh, en, tactics}]}`.

    Raises:
        RuleError: a catalogue file does not load.
    """
    messages: dict[str, dict[str, str]] = {
        key: {"zh": entry["zh"], "en": entry["en"]} for key, entry in sorted(catalogue().items())
    }
    tactics = [
        {"key": key, "id": code, "zh": zh, "en": en} for key, (code, en, zh) in TACTICS.items()
    ]
    known: list[dict[str, object]] = [
        {"id": one.id, "zh": one.zh, "en": one.en, "tactics": list(one.tactics)}
        for one in techniques().values()
    ]
    return {"messages": messages, "tactics": tactics, "techniques": known}


def write(target: Path = TARGET) -> int:
    """Write the document; unchanged content leaves the file alone. Returns the number of messages."""
    made = document()
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    if not target.exists() or target.read_text("utf-8") != text:
        target.write_text(text, "utf-8")
    return len(made["messages"])


if __name__ == "__main__":
    write()
