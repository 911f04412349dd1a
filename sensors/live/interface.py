"""A network interface that is to be captured: what was asked for, and what the kernel says of it."""

from __future__ import annotations

import fcntl
import socket
import struct
from dataclasses import dataclass
from typing import Final

from fengsui.errors import InputError

FULL_LENGTH: Final = 262_144  # libpcap's MAXIMUM_SNAPLEN
_SIOCGIFFLAGS: Final = 0x8913  # linux/sockios.h
_SIOCGIFHWADDR: Final = 0x8927
_IFF_UP: Final = 0x1
_IFF_LOOPBACK: Final = 0x8
# ARPHRD_* of linux/if_arp.h → LINKTYPE_* of the capture formats.
_LINK_TYPES: Final = {
    1: 1,  # Ethernet
    772: 1,  # loopback, which has an Ethernet header of zeros
    801: 105,  # 802.11
    803: 127,  # 802.11 with radiotap
    65534: 101,  # none: tun, WireGuard: raw IP
    768: 101,  # IP in IP
    769: 101,  # IPv6 in IP
    776: 101,  # 6in4
}


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface of the settings.

    Attributes:
        filter: BPF in libpcap's words; empty takes all.
        plane: written into every event as `cn.plane`; empty leaves it to address and tag.
        workers: processes that share the interface by flow (PACKET_FANOUT_HASH).
        ring_megabytes: of each worker's ring.
        snap_length: bytes kept of a packet.
        protocols: datasets to write; none names all of them.
        cores: processor of the first, second, … worker; empty leaves it to the kernel.
    """

    name: str
    filter: str = ""
    plane: str = ""
    workers: int = 1
    ring_megabytes: int = 128
    snap_length: int = FULL_LENGTH
    promiscuous: bool = True
    protocols: tuple[str, ...] = ()
    cores: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """What the kernel says of an interface."""

    index: int
    up: bool
    loopback: bool
    link_type: int  # LINKTYPE_*, -1 where we know none


def look(name: str) -> Link | None:
    """The interface as it is now; None where there is none of that name."""
    try:
        index = socket.if_nametoindex(name)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            request = struct.pack("16s24x", name.encode())
            flags = struct.unpack_from("16xH", fcntl.ioctl(asking, _SIOCGIFFLAGS, request))[0]
            kind = struct.unpack_from("16xH", fcntl.ioctl(asking, _SIOCGIFHWADDR, request))[0]
    except OSError:
        return None
    return Link(
        index, bool(flags & _IFF_UP), bool(flags & _IFF_LOOPBACK), _LINK_TYPES.get(kind, -1)
    )


def usable(name: str) -> Link:
    """The interface, up and of a kind that we can decode.

    Raises:
        InputError: it is missing (`no_such_interface`), down (`interface_down`) or of a link type
            that is not supported (`link_type`).
    """
    link = look(name)
    where = f"sensor.interfaces: {name}"
    if link is None:
        there = ", ".join(sorted(known for _, known in socket.if_nameindex()))
        raise InputError(
            f"There is no interface {name}",
            where=where,
            next=f"Plug it in or correct the name; interfaces here: {there}",
            code="no_such_interface",
        )
    if not link.up:
        raise InputError(
            f"The interface {name} is down",
            where=where,
            next=f"Run: ip link set {name} up",
            code="interface_down",
        )
    if link.link_type < 0:
        raise InputError(
            f"The interface {name} is of a link type that is not supported",
            where=where,
            next="Capture on an Ethernet, loopback, tunnel or monitoring 802.11 interface",
            code="link_type",
        )
    return link
