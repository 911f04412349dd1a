"""What may be fetched: a system's collections, checked before anything is sent.

A target is a registered address of its asset, whatever the kind: who writes a row of the register sends
no password to a host of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from detections.compliance.assets.database.address import address_of
from detections.compliance.assets.database.reader import is_database
from detections.compliance.assets.probe.authority import allowed_address, authority_of
from detections.compliance.assets.probe.pace import RATE, in_hours, pace_of
from detections.compliance.assets.probe.ports import USUAL, ports_of
from detections.compliance.assets.probe.record import Leave, ProbeOrder, spoken_of
from detections.compliance.assets.remote.device import VENDORS
from detections.compliance.assets.remote.target import SSH_PORT, Target, target_of
from detections.compliance.assets.remote.winrm import AUTHS, WINRM_PORT
from fengsui.asset import Asset
from fengsui.errors import InputError, NotFoundError, UsageError
from fengsui.system import Collection

_OPTIONS: Final[Mapping[str, frozenset[str]]] = {
    "ssh": frozenset({"host_key", "known_hosts", "key", "sudo"}),
    "winrm": frozenset({"ca", "auth"}),
    "device": frozenset({"vendor", "known_hosts", "key"}),
    "database": frozenset(),
    "probe": frozenset({"ports", "allow", "speak", "rate"}),
}


def check_collection(collection: Collection, assets: Mapping[str, Asset]) -> None:
    """Refuse what could not be fetched; nothing is sent, and no name resolved.

    Raises:
        NotFoundError: the asset is not registered.
        UsageError, InputError: a target, hours or options that are none.
    """
    if collection.asset not in assets:
        raise NotFoundError(
            f"{collection.asset[:40]} is no asset of this system", where="collections"
        )
    unknown = sorted(collection.options.keys() - _OPTIONS[collection.kind])
    if unknown:
        raise UsageError(
            f"{', '.join(unknown)[:60]} is no option of {collection.kind}",
            where="collections",
            next=f"Known: {', '.join(sorted(_OPTIONS[collection.kind])) or 'none'}",
        )
    in_hours(collection.hours, 0)
    match collection.kind:
        case "database":
            _check_database(collection.target)
        case "probe":
            probe_order(collection, assets[collection.asset])
        case _:
            login_of(collection)


def probe_order(collection: Collection, asset: Asset) -> ProbeOrder:
    """A probe as its collection says, within the addresses of its asset.

    Raises:
        InputError: nobody approved it, or the asset has no address.
        UsageError: ports or a rate that are none.
    """
    if not collection.approved_by.strip():
        raise InputError(
            "A probe needs leave",
            where=collection.asset,
            next="Say who approved it",
            code="no_authority",
        )
    _check_registered(collection, asset, "probed")
    options = collection.options
    rate = _rate(options.get("rate", ""))
    return ProbeOrder(
        name=asset.name or asset.id,
        host=collection.target,
        leave=Leave(collection.approved_by.strip(), asset.addresses, rate, collection.hours),
        ports=ports_of(options["ports"]) if options.get("ports") else USUAL,
        allowed=ports_of(options["allow"]) if "allow" in options else None,
        speak=spoken_of(options.get("speak", "")),
    )


def login_of(collection: Collection, secret: str = "") -> Target:
    """Where and as whom to log in.

    Raises:
        UsageError: a target, vendor or way to log in that is none.
    """
    options = collection.options
    if collection.kind == "device" and options.get("vendor") not in VENDORS:
        raise UsageError(
            "A device has a vendor", where="vendor", next=f"Known: {', '.join(VENDORS)}"
        )
    if collection.kind == "winrm" and options.get("auth", AUTHS[0]) not in AUTHS:
        raise UsageError(
            "This is no way to log in", where="auth", next=f"Choose {', '.join(AUTHS)}"
        )
    port = WINRM_PORT if collection.kind == "winrm" else SSH_PORT
    key = Path(options["key"]) if options.get("key") else None
    found = target_of(collection.target, key, port=port)
    return Target(found.user, found.host, found.port, found.key, secret)


def _check_database(url: str) -> None:
    if not is_database(url):
        raise UsageError("This is no URL of a database", next="postgresql://user@host/postgres")
    # A file would be read by this process, and its first line sent to that server.
    if "password_file" in url or address_of(url).password:
        raise InputError(
            "A password is no part of what is kept",
            where="collections",
            next="fengsui secrets set NAME, and name the secret",
            code="secret_in_clear",
        )


def _rate(text: str) -> float:
    try:
        rate = float(text) if text else RATE
    except ValueError as error:
        raise UsageError(
            f"{text[:20]} is no rate", next="Connections a second, such as 10"
        ) from error
    pace_of(rate)
    return rate


def check_address(collection: Collection, asset: Asset) -> None:
    """Every address that the target's name leads to must be registered of its asset.

    Raises:
        ForbiddenError: one is not.
        InputError: the asset has no address, or the name leads nowhere.
    """
    _check_registered(collection, asset, "asked")
    allowed_address(_host(collection), 0, authority_of("register", asset.addresses))


def _check_registered(collection: Collection, asset: Asset, deed: str) -> None:
    if not asset.addresses:
        raise InputError(
            "The register knows no address of this asset",
            where=collection.asset,
            next=f"Register its addresses; nothing else is {deed}",
            code="no_address",
        )


def _host(collection: Collection) -> str:
    if collection.kind == "database":
        return urlsplit(collection.target).hostname or "127.0.0.1"
    return collection.target if collection.kind == "probe" else login_of(collection).host
