"""The kernel's packet ring: TPACKET_V3 blocks in shared memory, opened by one process, read by another.

Layout and socket options: linux/if_packet.h and Documentation/networking/packet_mmap.rst. A block is
ours from the moment the kernel sets TP_STATUS_USER until we clear it; when all blocks are ours the
kernel drops packets ("freezes the queue") and counts them.
"""

from __future__ import annotations

import ctypes
import errno
import mmap
import socket
import struct
from dataclasses import dataclass
from typing import Final

from fengsui.clock import SECOND
from fengsui.errors import BusyError, FengsuiError, InputError
from sensors.live.filter import compiled, keep
from sensors.live.interface import Interface, Link, usable
from sensors.live.privilege import not_permitted

BLOCK_SIZE: Final = 1 << 20  # what the decoder's input buffer holds
_RETIRE: Final = 50  # ms after which a block that is not full is handed over
_FRAME: Final = 2048  # only has to divide the block: version 3 packs frames of any length

_SOL_PACKET: Final = 263
_ADD_MEMBERSHIP: Final = 1
_RX_RING: Final = 5
_STATISTICS: Final = 6
_VERSION: Final = 10
_FANOUT: Final = 18
_IGNORE_OUTGOING: Final = 23
_TPACKET_V3: Final = 2
_MR_PROMISC: Final = 1
_FANOUT_HASH: Final = 0
_FANOUT_UNIQUE_ID: Final = 0x2000
_FANOUT_DEFRAG: Final = 0x8000
_ETH_P_ALL: Final = 3
_SO_ATTACH_FILTER: Final = 26
_STATUS_USER: Final = 1
NO_GROUP: Final = -1


@dataclass(frozen=True, slots=True)
class Counts:
    """PACKET_STATISTICS since the last reading: `packets` includes those dropped."""

    packets: int
    drops: int
    freezes: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A packet socket with its ring set up, not mapped yet."""

    socket: socket.socket
    link_type: int
    blocks: int
    group: int  # of the fan-out, for the next socket that shares the interface


def open_socket(interface: Interface, group: int = NO_GROUP) -> Opened:
    """A packet socket on the interface that fills a ring; joins `group` where one is given.

    Raises:
        InputError: the interface is missing, down or of an unknown link type.
        ForbiddenError: CAP_NET_RAW is missing; the error names the setcap line.
        SettingsError: its filter does not compile.
        BusyError: the kernel has no memory for the ring.
    """
    link = usable(interface.name)
    try:
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    except PermissionError:
        raise not_permitted(interface.name) from None
    try:
        return _set_up(raw, interface, link, group)
    except OSError as error:
        raw.close()
        raise _refused(interface, error) from error
    except FengsuiError:
        raw.close()
        raise


def _set_up(raw: socket.socket, interface: Interface, link: Link, group: int) -> Opened:
    program = compiled(
        interface.filter,
        interface=interface.name,
        link_type=link.link_type,
        snap_length=interface.snap_length,
    )
    raw.setsockopt(_SOL_PACKET, _VERSION, struct.pack("=i", _TPACKET_V3))
    blocks = interface.ring_megabytes
    frames = BLOCK_SIZE // _FRAME * blocks
    ring = struct.pack("=7I", BLOCK_SIZE, blocks, _FRAME, frames, _RETIRE, 0, 0)
    raw.setsockopt(_SOL_PACKET, _RX_RING, ring)
    if link.loopback:  # there each packet would be seen going out and coming in
        raw.setsockopt(_SOL_PACKET, _IGNORE_OUTGOING, struct.pack("=i", 1))
    # Nothing may pass before the filter and the fan-out stand: another flow's packets would.
    _attach(raw, keep(0))
    raw.bind((interface.name, _ETH_P_ALL))
    if interface.promiscuous:
        request = struct.pack("=iHH8x", link.index, _MR_PROMISC, 0)
        raw.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, request)
    if interface.workers > 1:
        group = _join(raw, group)
    _attach(raw, program)
    _statistics(raw)
    return Opened(raw, link.link_type, blocks, group)


def _join(raw: socket.socket, group: int) -> int:
    """Share the interface by flow; fragments are put together first so that they stay with theirs."""
    kind = _FANOUT_HASH | _FANOUT_DEFRAG
    if group == NO_GROUP:
        raw.setsockopt(_SOL_PACKET, _FANOUT, struct.pack("=HH", 0, kind | _FANOUT_UNIQUE_ID))
    else:
        raw.setsockopt(_SOL_PACKET, _FANOUT, struct.pack("=HH", group, kind))
    return int(struct.unpack("=I", raw.getsockopt(_SOL_PACKET, _FANOUT, 4))[0]) & 0xFFFF


def _attach(raw: socket.socket, program: bytes) -> None:
    """SO_ATTACH_FILTER takes a `struct sock_fprog`: a count and a pointer."""
    held = ctypes.create_string_buffer(program, len(program))
    fprog = struct.pack("HL", len(program) // 8, ctypes.addressof(held))
    raw.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, fprog)


def _refused(interface: Interface, error: OSError) -> FengsuiError:
    where = f"sensor.interfaces: {interface.name}"
    if error.errno in (errno.EPERM, errno.EACCES):
        return not_permitted(interface.name)
    if error.errno in (errno.ENOMEM, errno.ENOBUFS):
        return BusyError(
            f"The kernel has no memory for a ring of {interface.ring_megabytes} MiB",
            where=where,
            next="Lower ring_megabytes or the number of workers, or free memory",
            code="no_ring_memory",
        )
    return InputError(
        f"The interface {interface.name} cannot be captured: {error.strerror}",
        where=where,
        next="Look at: ip -details link show " + interface.name,
        code="cannot_capture",
    )


def _statistics(raw: socket.socket) -> Counts:
    return Counts(*struct.unpack("=3I", raw.getsockopt(_SOL_PACKET, _STATISTICS, 12)))


@dataclass(frozen=True, slots=True)
class Block:
    """A block that the kernel has handed over: `view` is its used part until `Ring.release`."""

    view: memoryview
    first: int  # offset of the first frame
    packets: int
    newest: int  # ns, time of its last packet


class Ring:
    """The mapped ring of a socket that `open_socket` has made."""

    def __init__(self, raw: socket.socket, blocks: int) -> None:
        self._socket = raw
        self._map = mmap.mmap(raw.fileno(), blocks * BLOCK_SIZE, mmap.MAP_SHARED)
        self._bytes = memoryview(self._map)
        self._words = self._bytes.cast("I")
        self._next = 0
        self.blocks = blocks

    def fileno(self) -> int:
        """For poll."""
        return self._socket.fileno()

    def waiting(self) -> Block | None:
        """The next block where the kernel has handed it over."""
        at = self._next * BLOCK_SIZE
        words, word = self._words, at // 4
        if not words[word + 2] & _STATUS_USER:
            return None
        view = self._bytes[at : at + min(words[word + 5], BLOCK_SIZE)]
        newest = words[word + 10] * SECOND + words[word + 11]
        return Block(view, words[word + 4], words[word + 3], newest)

    def release(self) -> None:
        """Give the block back to the kernel."""
        self._words[self._next * BLOCK_SIZE // 4 + 2] = 0
        self._next = (self._next + 1) % self.blocks

    def used(self) -> int:
        """Blocks that wait for us."""
        step = BLOCK_SIZE // 4
        return sum(self._words[step * number + 2] & _STATUS_USER for number in range(self.blocks))

    def counts(self) -> Counts:
        """Packets and drops since the last call; the kernel resets them at each reading."""
        return _statistics(self._socket)

    def error(self) -> int:
        """The errno that the socket reports, 0 for none; ENETDOWN when the interface goes down."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def close(self) -> None:
        """Unmap, and leave the fan-out."""
        self._words.release()
        self._bytes.release()
        self._map.close()
        self._socket.close()
