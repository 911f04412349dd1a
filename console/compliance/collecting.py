"""Evidence that the installation fetches by itself: what a system's row names, each in its hours.

A target is asked once, read-only, one after another; what fails is a problem of the run and not its
end. A probe is of a registered address of the asset only, with its approver.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from console.compliance.desk import Desk
from console.compliance.targets import check_address, check_collection, login_of, probe_order
from console.security.vault import open_vault
from detections.compliance.assets.database.recorded import record_database
from detections.compliance.assets.probe.pace import in_hours, within_hours
from detections.compliance.assets.probe.record import probe_asset
from detections.compliance.assets.remote.device import fetch_configuration
from detections.compliance.assets.remote.ssh import Trust, fetch_bundle
from detections.compliance.assets.remote.winrm import AUTHS, Windows, fetch_windows
from fengsui.asset import Asset
from fengsui.clock import Clock
from fengsui.errors import FengsuiError
from fengsui.settings import Settings
from fengsui.store.state import State
from fengsui.system import Collection, FiledSystem

_ENDINGS: Final = {
    "ssh": "tar.gz", "winrm": "zip", "device": "cfg", "database": "database.json", "probe": "probe.json",
}  # fmt: skip
Tell = Callable[[int, int, str], None]
_BY: Final = "fengsui"


@dataclass(frozen=True, slots=True)
class Fetching:
    """What fetching needs: the installation, its registered assets, the clock."""

    settings: Settings
    assets: Mapping[str, Asset]
    clock: Clock

    @staticmethod
    def of(settings: Settings, state: State, clock: Clock) -> Fetching:
        """Of an installation."""
        return Fetching(settings, {each.id: each for each in state.plan().assets}, clock)

    def fetch(self, collection: Collection, by: str) -> bytes:
        """The evidence of one collection, as it came.

        Raises:
            ForbiddenError: outside of its hours, or of the register's addresses.
            FengsuiError: whatever the collector says.
        """
        check_collection(collection, self.assets)
        check_address(collection, self.assets[collection.asset])
        within_hours(collection.hours, self.clock.now(), collection.target)
        secret = open_vault(self.settings).get(collection.secret) if collection.secret else ""
        match collection.kind:
            case "database":
                return record_database(collection.target, secret, self._name(collection.asset))
            case "probe":
                order = probe_order(collection, self.assets[collection.asset])
                return probe_asset(order, self.clock, by)
            case _:
                return _logged_in(collection, secret)

    def _name(self, asset: str) -> str:
        return self.assets[asset].name or asset


def collect_all(
    settings: Settings, state: State, system: FiledSystem, clock: Clock, tell: Tell
) -> list[str]:
    """Fetch and bring all that a system names; the problems, one sentence each.

    Raises:
        StoppedError: `tell` said so.
    """
    problems: list[str] = []
    fetching, desk = Fetching.of(settings, state, clock), Desk(settings, state, clock)
    for number, collection in enumerate(system.collections):
        tell(number, len(system.collections), f"collect {collection.target}")
        place = {"asset": collection.asset, "kind": collection.kind}
        try:
            data = fetching.fetch(collection, _BY)
            kept = bring_fetched(desk, system.id, collection, data, _BY)
        except FengsuiError as error:
            problems.append(f"{collection.kind} {collection.asset}: {error.what}")
            state.audit(_BY, "evidence.fetch", system.id, {**place, "problem": error.code})
        else:
            state.audit(_BY, "evidence.fetch", system.id, {**place, "sha256": kept})
    return problems


def bring_fetched(desk: Desk, system: str, collection: Collection, data: bytes, by: str) -> str:
    """Keep what was fetched as evidence of its asset; its SHA-256. It starts no run by itself.

    Raises:
        InputError: no evidence.
    """
    with tempfile.TemporaryDirectory() as folder:
        name = f"{collection.asset}.{_ENDINGS[collection.kind]}"
        path = Path(folder) / name
        path.write_bytes(data)
        return desk.bring(path, name, system, by, collection.asset, run=False).sha256


def due_now(system: FiledSystem, now: int) -> bool:
    """Whether a run that fetches may start: all targets have no hours, or some are in theirs."""
    hours = [each.hours for each in system.collections if each.hours]
    return not hours or any(in_hours(each, now) for each in hours)


def _logged_in(collection: Collection, secret: str) -> bytes:
    target, options = login_of(collection, secret), collection.options
    if collection.kind == "winrm":
        ca = options.get("ca", "")
        return fetch_windows(
            target, Windows(Path(ca) if ca else None, options.get("auth", "") or AUTHS[0])
        )
    known = Path(options["known_hosts"]) if options.get("known_hosts") else None
    if collection.kind == "device":
        return fetch_configuration(target, options["vendor"], known)
    sudo = options.get("sudo", "") in {"1", "true", "yes"}
    return fetch_bundle(target, Trust(known, options.get("host_key", "")), sudo=sudo)
