"""Sentences for people, kept as a key and its values until the reader's language is known.

The catalogue is one file a topic in `fengsui/catalogue/*.toml`; each key holds both languages, so
that a sentence is never built from pieces:

    [dns_tunnel.reason]
    zh = "{domain} 在 {seconds} 秒内收到 {count} 个不同子域名"
    en = "{count} different subdomains of {domain} in {seconds} s"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from fengsui.errors import RuleError

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
CATALOGUE = Path(__file__).parent / "catalogue"


@dataclass(frozen=True, slots=True)
class Text:
    """A catalogue key with its values; or, with an empty key, sentences given by a rule's author.

    A value may hold keys of single words in ⟨⟩, which are said in the same language.
    """

    key: str
    values: Mapping[str, str | int | float] = field(default_factory=dict[str, str | int | float])

    def render(self, language: Language = "zh") -> str:
        """The sentence. A key that is not in the catalogue is shown as it is: visible, not fatal."""
        if not self.key:
            return str(self.values.get(language) or self.values.get("en", ""))
        entry = catalogue().get(self.key)
        if entry is None:
            return self.key
        return entry[language].format_map(_Shown(self.values, language))

    def as_json(self) -> dict[str, object]:
        """`{key, values, zh, en}`: programs read the first two, people the others."""
        return {
            "key": self.key,
            "values": dict(self.values),
            "zh": self.render("zh"),
            "en": self.render("en"),
        }


def literal(zh: str, en: str) -> Text:
    """A sentence that is not ours to catalogue: a rule's title, a unit's name."""
    return Text("", {"zh": zh, "en": en})


_WORD = re.compile(r"⟨([\w.]+)⟩")


class _Shown(dict[str, str | int | float]):
    """Values for `str.format_map`: floats without noise, a missing one visible, ⟨key⟩ as its word."""

    def __init__(self, values: Mapping[str, str | int | float], language: Language) -> None:
        super().__init__(values)
        self._language: Language = language

    def __getitem__(self, name: str) -> str | int | float:
        if name not in self:
            return "{" + name + "}"
        value = super().__getitem__(name)
        if isinstance(value, str) and "⟨" in value:
            return _WORD.sub(self._word, value)
        return f"{value:.4g}" if isinstance(value, float) else value

    def _word(self, found: re.Match[str]) -> str:
        entry = catalogue().get(found[1])
        return entry[self._language] if entry else found[0]


@cache
def catalogue() -> dict[str, dict[Language, str]]:
    """All sentences by dotted key, `topic.name` or deeper; read once.

    Raises:
        RuleError: a file is not TOML, or an entry lacks a language.
    """
    found: dict[str, dict[Language, str]] = {}
    for path in sorted(CATALOGUE.glob("*.toml")):
        try:
            document = tomllib.loads(path.read_text("utf-8"))
        except tomllib.TOMLDecodeError as error:
            raise RuleError(
                "A catalogue file is not TOML", where=f"{path}: {error}", next="Mend the line named"
            ) from error
        for key, entry in _leaves(document, ""):
            if set(entry) != set(LANGUAGES):
                raise RuleError(
                    f"Catalogue entry {key} needs exactly zh and en",
                    where=str(path),
                    next="Add the sentence in the missing language",
                )
            found[key] = {"zh": entry["zh"], "en": entry["en"]}
    return found


def _leaves(node: Mapping[str, object], prefix: str) -> list[tuple[str, dict[str, str]]]:
    if node and all(isinstance(value, str) for value in node.values()):
        return [(prefix, {name: str(value) for name, value in node.items()})]
    leaves: list[tuple[str, dict[str, str]]] = []
    for name, value in node.items():
        if isinstance(value, dict):
            leaves += _leaves(value, f"{prefix}.{name}" if prefix else name)  # pyright: ignore
    return leaves
