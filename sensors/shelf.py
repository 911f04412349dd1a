"""The shelf of plain parsers: all of them by name, and which are needed for what is wanted."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Final, cast

from fengsui.registry import parts
from sensors import protocols as shelf
from sensors.protocol import Protocol

# What the datasets of compiled code need of the shelf: for them alone not all of it is loaded. A test
# holds it against `needed_for`.
QUICK: Final[Mapping[str, tuple[str, ...]]] = {
    "flow": (),
    "flow_open": (),
    "dns": (),
    "http": ("http2",),
    "tls": (
        "dtls", "ftp", "imap", "irc", "ldap", "mysql", "pop3", "postgresql", "rdp", "smtp", "tls",
    ),
}  # fmt: skip


@cache
def all_protocols() -> dict[str, Protocol]:
    """Protocols of the shelf by name.

    Raises:
        RuleError: a module of the shelf does not load.
    """
    found: dict[str, Protocol] = {}
    for part in parts(shelf):
        one = cast("Protocol", part.PROTOCOL)
        found[one.name] = one
    return found


def protocols_for(datasets: frozenset[str] | None) -> dict[str, Protocol]:
    """Protocols that are needed for these datasets, None for all.

    For `tls` those are needed that may go on as TLS. QUIC is read where `quic` is asked for: then it
    gives events of `tls` besides.
    """
    if datasets is not None and datasets <= set(QUICK):
        named = dict.fromkeys(name for one in sorted(datasets) for name in QUICK[one])
        return {name: _protocol(name) for name in named}
    whole = all_protocols()
    return {name: whole[name] for name in needed_for(datasets, whole)}


def _protocol(name: str) -> Protocol:
    return cast("Protocol", import_module(f"{shelf.__name__}.{name}").PROTOCOL)


def needed_for(datasets: frozenset[str] | None, whole: Mapping[str, Protocol]) -> list[str]:
    """Names of the protocols out of the whole shelf that are needed for these datasets."""
    if datasets is None:
        return list(whole)
    needed = [
        name
        for name, one in whole.items()
        if (not datasets.isdisjoint(one.datasets) and (name != "quic" or "quic" in datasets))
        or (one.upgrades and "tls" in datasets)
        or (one.files and "files" in datasets)
    ]
    return needed + [name for name, one in whole.items() if one.leads_to in needed]
