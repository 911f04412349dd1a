"""What a configuration says of a device, in one form for all vendors; None is "not known" throughout.

No secret is kept: of passwords and communities only the kind.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

Vendor = Literal["huawei", "h3c", "ruijie", "cisco", "hillstone", "topsec"]
Form = Literal["none", "plain", "reversible", "hash", "unknown"]
Login = Literal["none", "password", "local", "remote", "unknown"]
NEVER: Final = 0


@dataclass(frozen=True, slots=True)
class Way:
    """A line to log in over.

    Attributes:
        login: none, a shared password, local users, a remote authority, or unknown.
        protocols: what it accepts; None when the default counts.
        sources: name of the address list that limits it, "" for none.
        idle: seconds without input until it ends, 0 never, None when the default counts.
    """

    name: str
    kind: Literal["console", "remote"]
    login: Login
    protocols: frozenset[str] | None
    sources: str
    idle: int | None
    line: int


@dataclass(frozen=True, slots=True)
class Service:
    """A server on the device: said to be on or off, or not mentioned."""

    name: str
    on: bool | None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A local user: the form its password is kept in, and that it may log in for management."""

    name: str
    form: Form
    manages: bool
    line: int


@dataclass(frozen=True, slots=True)
class Community:
    """An SNMP community: whether it is a factory word (None: unreadable), and whether it may write."""

    default: bool | None
    writes: bool
    sources: str
    line: int


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of an address list or policy.

    `source`, `target`: ranges of IPv4 addresses, empty for any; `service`: ranges of (protocol,
    port), empty for any; `whole` false when it has conditions that are not read; `zoned`: it names
    source and target zones.
    """

    list: str
    name: str
    permit: bool
    source: tuple[tuple[int, int], ...]
    target: tuple[tuple[int, int], ...]
    service: tuple[tuple[int, int], ...]
    zones: tuple[tuple[str, ...], tuple[str, ...]]
    whole: bool
    enabled: bool
    line: int


@dataclass(frozen=True, slots=True)
class Interface:
    """A port: shut or not, with an address or not, whether it is a management port, what it is called."""

    name: str
    shut: bool
    addressed: bool
    management: bool
    spare: bool
    bare: bool
    line: int


@dataclass(frozen=True, slots=True)
class Fault:
    """Something the text shows against a requirement: key of its sentence, values, line."""

    key: str
    values: dict[str, str | int]
    line: int


@dataclass(slots=True)
class DeviceFacts:
    """All that was read. `whole`: nothing of the text is missing, so that absence counts.

    Attributes:
        policy: faults of the password policy; `policy_known`: whether the policy was read at all.
        lockout: tries until a user is locked; `locks` None when the default decides.
        log_hosts: addresses that logs are sent to, as (address, line).
        logging: logging on, off, or not mentioned.
        lists: address lists by name; `numbers`: names by number; `bound`: lists bound to traffic.
        placed: a clear server answers on one named interface only.
        clear: weak algorithms of SSH and users of SNMP version 3 without proof.
        unrecorded: commands of users are surely not recorded.
        logs_known: enough was read that a log host which is not said is not there.
        guarded: something else in the text may limit who reaches the device; `server_list`: a
            list on the server itself does.
        dangling_ways: login lines whose list is not there, is empty, or leaves out IPv6; `dangling`:
            the same of ports; `dangling_objects`: objects missing, unused, or whose time is over.
        published: management inside that address translation opens; `log_level`: levels too high
            for logins and commands to be sent; `clock_off`: line that switches the clock's source off.
    """

    vendor: Vendor
    name: str
    version: str = ""
    whole: bool = False
    firewall: bool = False
    ways: list[Way] = field(default_factory=list[Way])
    services: list[Service] = field(default_factory=list[Service])
    accounts: list[Account] = field(default_factory=list[Account])
    communities: list[Community] = field(default_factory=list[Community])
    plain_keys: list[int] = field(default_factory=list[int])
    policy: list[Fault] = field(default_factory=list[Fault])
    locks: bool | None = None
    lockout: list[Fault] = field(default_factory=list[Fault])
    idle: list[Fault] = field(default_factory=list[Fault])
    log_hosts: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    log_blocked: list[Fault] = field(default_factory=list[Fault])
    logging: bool | None = None
    logging_line: int = 0
    clocks: list[str] = field(default_factory=list[str])
    banner: bool | None = None
    rules: list[Rule] = field(default_factory=list[Rule])
    lists: dict[str, int] = field(default_factory=dict[str, int])
    numbers: dict[str, str] = field(default_factory=dict[str, str])
    bound: set[str] = field(default_factory=set[str])
    unused: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    permits_by_default: int = 0
    stateless: int = 0
    interfaces: list[Interface] = field(default_factory=list[Interface])
    guarded: bool = False
    server_list: bool = False
    placed: bool = False
    weak_ipsec: list[Fault] = field(default_factory=list[Fault])
    clear: list[Fault] = field(default_factory=list[Fault])
    unrecorded: bool = False
    logs_known: bool = False
    dangling_ways: list[Fault] = field(default_factory=list[Fault])
    dangling: list[Fault] = field(default_factory=list[Fault])
    dangling_objects: list[Fault] = field(default_factory=list[Fault])
    published: list[Fault] = field(default_factory=list[Fault])
    log_level: list[Fault] = field(default_factory=list[Fault])
    clock_off: int = 0

    def service(self, name: str) -> Service:
        """One server, as not mentioned when it is not."""
        found = [one for one in self.services if one.name == name]
        return found[-1] if found else Service(name, None)

    def remote_ways(self) -> list[Way]:
        """Lines reached over the network that accept anything at all."""
        return [way for way in self.ways if way.kind == "remote" and way.protocols != frozenset()]

    def in_band(self) -> list[Interface]:
        """Ports with an address that are neither shut nor for management alone."""
        return [
            port
            for port in self.interfaces
            if port.addressed and not port.shut and not port.management
        ]
