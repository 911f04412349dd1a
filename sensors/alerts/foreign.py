"""ForeignAlert: what another tool's alert says, whatever its form."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import NamedTuple

from fengsui.clock import SECOND, from_iso
from fengsui.severity import Severity
from fengsui.store.state import Plan
from sensors.enrich.address_plan import AddressPlan

LONGEST_TEXT = 300  # characters of a title or name
_LATEST = 1 << 62
_MILLISECONDS, _MICROSECONDS, _NANOSECONDS = 1e11, 1e14, 1e17  # a larger number is in them
_NO_PLAN = AddressPlan(Plan())  # without a register: what is never routed on the Internet is ours


class ForeignAlert(NamedTuple):
    """One alert.

    Attributes:
        time: ns since the epoch; None where it says none that can be read.
        tool: who raised it: `suricata`, `wazuh`, `aminer`, a CEF product, or "".
        kind: what makes two alerts the same sort: a signature's id, else its title.
        title: as the tool words it.
        host: name of the host of ours that it is about, or "".
        address: address of that host, or "".
        far: the other address, where it is not one of ours, or "".
        severity: as the tool weighs it; None where it does not.
    """

    time: int | None
    tool: str
    kind: str
    title: str
    host: str
    address: str
    far: str
    severity: Severity | None


class NotAnAlert(Exception):  # noqa: N818 - a log holds other records as well
    """A record of another kind, such as a flow in EVE."""


def short(value: object) -> str:
    """A text of bounded length without line breaks; "" for what is none."""
    if isinstance(value, str):
        return " ".join(value[: 2 * LONGEST_TEXT].split())[:LONGEST_TEXT]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def time_of(value: object) -> int | None:
    """Nanoseconds of a number (s, ms, µs or ns, told by its size) or of an ISO text; None for neither."""
    if isinstance(value, str):
        text = value.strip()
        try:
            value = float(text)
        except ValueError:
            try:
                return from_iso(text)
            except ValueError:
                return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 < value < _LATEST:
        return None
    for bound, scale in ((_NANOSECONDS, 1), (_MICROSECONDS, 1_000), (_MILLISECONDS, 1_000_000)):
        if value >= bound:
            return int(value * scale)
    return int(value * SECOND)


def address_of(value: object) -> str:
    """An address in its usual spelling; "" for what is none."""
    return _address(value) if isinstance(value, str) and value else ""


@lru_cache(maxsize=65_536)
def _address(value: str) -> str:
    try:
        return str(ipaddress.ip_address(value.strip("[] ").partition("%")[0]))
    except ValueError:
        return ""


def ends(source: str, destination: str) -> tuple[str, str]:
    """(ours, far) of an alert with two ends: the private one is ours, the source where both are."""
    if not source or not destination:
        return source or destination, ""
    if _NO_PLAN.is_internal(source):
        return source, "" if _NO_PLAN.is_internal(destination) else destination
    return destination, source
