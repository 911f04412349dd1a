"""Identities: which machine had an address at a time, by what the site's own telemetry has said.

In this order: the register of assets; the hardware address that an IPv6 interface identifier was made
of (RFC 4291, appendix A: EUI-64), which is the same for all networks; the DHCP lease that covers the
time. Names that DNS gave for an address outside, and hosts where people logged on, are remembered
too. Memory is bounded: what was not seen for longest is let go, and counted.
"""

from __future__ import annotations

import ipaddress
from bisect import bisect_right, insort
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from correlation.entities import Basis
from fengsui.clock import DAY, HOUR, SECOND
from fengsui.event import Event
from fengsui.loss import Losses

KEPT: Final = 50_000  # addresses, names and people, each
LEASES_KEPT: Final = 64  # of one address
NAMES_SHARED: Final = 3  # an address with more names serves many: a content network
DATASETS: Final = frozenset({"dhcp", "dns", "kerberos", "ntlm", "ssh"})
_SLACK: Final = 5 * SECOND  # events of one moment come in any order
_LEASE: Final = DAY  # where the server told none
_LOGON: Final = 8 * HOUR
_NAMED: Final = DAY

_Lease = tuple[int, int, str]  # start and end, ns; hardware address


class Identities:
    """Learns from events, answers for a time.

    Args:
        registered: id of the asset with an address, or the address itself.
        is_internal: whether an address is ours.
    """

    def __init__(
        self, registered: Callable[[str], str], is_internal: Callable[[str], bool], kept: int = KEPT
    ) -> None:
        self._registered = registered
        self._is_internal = is_internal
        self._kept = kept
        self._leases: dict[str, list[_Lease]] = {}
        self._names: dict[str, dict[str, int]] = {}  # address outside → name → newest answer
        self._logons: dict[str, dict[str, int]] = {}  # person → address → newest log-on
        self.losses = Losses()

    def see(self, event: Event) -> None:
        """Learn from an event of one of `DATASETS`; others teach nothing."""
        dataset = event.dataset
        if dataset == "dhcp":
            self._leased(event)
        elif dataset == "dns":
            self._named(event)
        elif dataset in DATASETS:
            self._logged_on(event)

    def resolve(self, address: str, time: int = 0, /) -> str:
        """Canonical id of the machine that had an address at a time (ns)."""
        return self._machine(address, time)[1]

    def basis(self, address: str, time: int) -> Basis:
        """By what `resolve` knows an address; "" where the address stands for itself."""
        return self._machine(address, time)[0]

    def names(self, address: str, time: int) -> tuple[str, ...]:
        """Domains that DNS gave this address for within a day before; none where they are many."""
        named = self._names.get(address, {})
        if len(named) > NAMES_SHARED:
            return ()
        return tuple(
            sorted(name for name, seen in named.items() if -_NAMED <= seen - time <= _SLACK)
        )

    def logons(self, user: str, time: int) -> tuple[str, ...]:
        """Addresses of ours from which a person had logged on within eight hours before."""
        found = self._logons.get(user.lower(), {})
        return tuple(sorted(a for a, seen in found.items() if -_LOGON <= seen - time <= _SLACK))

    def _machine(self, address: str, time: int) -> tuple[Basis, str]:
        known = self._registered(address)
        if known != address:
            return "register", known
        if mac := hardware_of(address):
            return "hardware", f"mac:{mac}"
        if mac := self._lease_at(address, time):
            return "lease", f"mac:{mac}"
        return "", address

    def _leased(self, event: Event) -> None:
        mac, address = event.text("dhcp.mac").lower(), event.text("dhcp.assigned_addr")
        types = event.get("dhcp.msg_types") or []
        if not mac or not address or (types and not {"ACK", "REPLY"} & set(types)):
            return
        lasts = int(event.number("dhcp.lease_time") * SECOND) or _LEASE
        leases = self._leases.pop(address, [])
        insort(leases, (event.time, event.time + lasts, mac))
        self._leases[address] = leases[-LEASES_KEPT:]
        self._bound(self._leases, "leases")

    def _lease_at(self, address: str, time: int) -> str:
        leases = self._leases.get(address)
        if not leases:
            return ""
        place = bisect_right(leases, time + _SLACK, key=lambda lease: lease[0]) - 1
        if place < 0 or leases[place][1] < time:
            return ""
        return leases[place][2]

    def _named(self, event: Event) -> None:
        name = event.text("dns.question.name").rstrip(".").lower()
        found = event.get("dns.resolved_ip")
        if not name or not isinstance(found, list):
            return
        for address in map(str, found):
            if not self._is_internal(address):
                self._note(self._names, address, name, event.time, "names")

    def _logged_on(self, event: Event) -> None:
        user = event.text("kerberos.client").partition("/")[0] or event.text("user.name")
        source = event.text("source.ip")
        failed = event.get("kerberos.success") is False or event.get("event.outcome") == "failure"
        if not user or user.endswith("$") or failed or not self._is_internal(source):
            return
        self._note(self._logons, user.lower(), source, event.time, "logons")

    def _note(
        self, table: dict[str, dict[str, int]], key: str, value: str, time: int, what: str
    ) -> None:
        known = table.pop(key, {})
        if value in known or len(known) <= NAMES_SHARED:  # one more than may be told is enough
            known[value] = max(time, known.get(value, 0))
        table[key] = known  # the newest seen stands last
        self._bound(table, what)

    def _bound(self, table: dict[str, list[_Lease]] | dict[str, dict[str, int]], what: str) -> None:
        if len(table) > self._kept:
            del table[next(iter(table))]
            self.losses.add(f"correlation.identities.{what}_let_go")


@lru_cache(maxsize=65_536)
def hardware_of(address: str) -> str:
    """The hardware address in an EUI-64 interface identifier, as `00:11:22:33:44:55`; "" where none is."""
    if ":" not in address:
        return ""
    try:
        parsed = ipaddress.IPv6Address(address.partition("%")[0])
    except ValueError:
        return ""
    octets = parsed.packed[8:]
    if octets[3:5] != b"\xff\xfe":
        return ""
    mac = bytes([octets[0] ^ 2]) + octets[1:3] + octets[5:]
    return mac.hex(":")
