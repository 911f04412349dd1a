"""Reading OSCAL: which of our units a catalogue or profile names, and the texts that it brings.

The texts of the standards are licensed: a user who has them brings them in as an OSCAL catalogue
whose controls are the units (the misprinted L4-ORS1-06…08 are understood).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson

from detections.compliance.profile.items import canonical_unit, item_of
from fengsui.errors import InputError, NotFoundError

MOST_BYTES: Final = 20_000_000
_DEEPEST: Final = 12
_MOST_PROSE: Final = 4000


@dataclass(frozen=True, slots=True)
class OscalRead:
    """What was found: text by unit ("" where none is given), and ids that are no units of ours."""

    kind: str
    texts: Mapping[str, str]
    unknown: tuple[str, ...]


def read_oscal(data: bytes) -> OscalRead:
    """A catalogue or a profile.

    Raises:
        InputError: not JSON, too large, or neither of both.
    """
    if len(data) > MOST_BYTES:
        raise _bad("The document is too large")
    try:
        document = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _bad(f"The document is not JSON: {error}") from error
    if isinstance(document, dict) and isinstance(document.get("catalog"), dict):
        found = list(_controls(document["catalog"], 0))
        return _read("catalogue", found)
    if isinstance(document, dict) and isinstance(document.get("profile"), dict):
        return _read("profile", [(each, "") for each in _selected(document["profile"])])
    raise _bad("The document is neither an OSCAL catalogue nor a profile")


def _read(kind: str, found: Sequence[tuple[str, str]]) -> OscalRead:
    texts: dict[str, str] = {}
    unknown: list[str] = []
    units = {id_.strip().upper() for id_, _ in found}
    # The misprint stands for the level-3 unit only where that one is not named itself.
    level = 4 if "L3-ORS1-06" in units or "L4-ORS1-05" in units else 3
    for id_, text in found:
        unit = canonical_unit(id_, level)
        try:
            item_of(unit)
        except NotFoundError:
            unknown.append(id_[:60])
            continue
        texts[unit] = text
    return OscalRead(kind, texts, tuple(unknown))


def _controls(node: Mapping[str, Any], depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        raise _bad("The document is nested too deep")
    for control in _list(node, "controls"):
        yield str(control.get("id", "")), _prose(control)
        yield from _controls(control, depth + 1)
    for group in _list(node, "groups"):
        yield from _controls(group, depth + 1)


def _prose(control: Mapping[str, Any]) -> str:
    found = [str(part.get("prose", "")) for part in _list(control, "parts")]
    return "\n".join(each for each in found if each)[:_MOST_PROSE]


def _selected(profile: Mapping[str, Any]) -> Iterator[str]:
    for each in _list(profile, "imports"):
        for chosen in _list(each, "include-controls"):
            ids = chosen.get("with-ids", [])
            if isinstance(ids, list):
                yield from map(str, ids)


def _list(node: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = node.get(name, [])
    if not isinstance(found, list):
        raise _bad(f"{name} is no list")
    return [each for each in found if isinstance(each, dict)]


def _bad(what: str) -> InputError:
    return InputError(
        what, where="OSCAL", next="Give an OSCAL 1.x catalogue or profile as JSON", code="bad_oscal"
    )
