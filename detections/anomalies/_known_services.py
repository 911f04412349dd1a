"""Names that detectors know, from `known_services.toml` beside this file."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Final

_LISTS: Final = tomllib.loads(Path(__file__).with_name("known_services.toml").read_text("utf-8"))

ROUTINE_DOMAINS: Final[frozenset[str]] = frozenset(_LISTS["routine"])
LOOKUP_DOMAINS: Final[frozenset[str]] = frozenset(_LISTS["lookup"])
ADDRESS_LOOKUPS: Final[frozenset[str]] = frozenset(_LISTS["address"])
MINING_POOLS: Final[frozenset[str]] = frozenset(_LISTS["pool"])
HOME_PORTS: Final[dict[str, frozenset[int]]] = {
    protocol: frozenset(ports) for protocol, ports in _LISTS["home"].items() if protocol != "crowd"
}
CROWD_PORTS: Final[frozenset[int]] = frozenset(_LISTS["home"]["crowd"])
