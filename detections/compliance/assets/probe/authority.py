"""Who allowed a probe, and of which addresses: without both nothing is sent."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from fengsui.errors import ForbiddenError, InputError, UsageError

CONNECT_SECONDS: Final = 5
BETWEEN_SECONDS: Final = 0.1  # a rest between two connections to the same service
MOST_ADDRESSES: Final = 65_536  # of one network in a scope: a probe is of named services, no sweep

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Authority:
    """The person who gave leave, and the networks it is for."""

    by: str
    scope: tuple[Network, ...]

    def as_json(self) -> dict[str, object]:
        """As recorded in the document."""
        return {"by": self.by, "scope": [str(one) for one in self.scope]}


def authority_of(by: str, scope: Sequence[str]) -> Authority:
    """Leave as it was given on the command line.

    Raises:
        UsageError: a scope that is no network, or too wide.
    """
    found: list[Network] = []
    for text in scope:
        try:
            network = ipaddress.ip_network(text, strict=False)
        except ValueError as error:
            raise UsageError(f"The scope {text[:60]} is no address or network") from error
        if network.num_addresses > MOST_ADDRESSES:
            raise UsageError(f"The scope {text[:60]} is wider than {MOST_ADDRESSES} addresses")
        found.append(network)
    return Authority(by.strip(), tuple(found))


def allowed_address(host: str, port: int, authority: Authority | None) -> str:
    """The address to connect to: every one that the name leads to must be in the scope.

    Raises:
        ForbiddenError: no leave was given, or not for this address.
        InputError: the name leads nowhere.
    """
    if authority is None or not authority.by or not authority.scope:
        raise ForbiddenError(
            "A probe needs leave",
            where=f"{host}:{port}",
            next="Say who gave it and for which addresses: --authorised-by NAME --scope NETWORK",
            code="no_authority",
        )
    try:
        rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise InputError("The name leads nowhere", where=host, code="unreachable") from error
    found = list(dict.fromkeys(str(row[4][0]) for row in rows))
    outside = [one for one in found if not _inside(one, authority.scope)]
    if outside or not found:
        raise ForbiddenError(
            f"The address is outside of the scope: {', '.join(outside)[:100]}",
            where=f"{host}:{port}",
            next="Probe only what the register and the leave name",
            code="outside_scope",
        )
    return found[0]


def _inside(text: str, scope: Sequence[Network]) -> bool:
    address = ipaddress.ip_address(text.split("%", maxsplit=1)[0])
    return any(address in network for network in scope if network.version == address.version)


def unreachable(where: str, error: OSError) -> InputError:
    """A service that does not answer."""
    late = isinstance(error, TimeoutError)
    what = "does not answer in time" if late else "cannot be reached"
    return InputError(
        f"The service {what}: {error.strerror or type(error).__name__}",
        where=where,
        next="Check the address, and that this machine may reach it",
        code="timeout" if late else "unreachable",
    )
