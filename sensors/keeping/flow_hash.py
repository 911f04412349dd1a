"""The hash of a flow, compiled for packets and plain for questions: the same for both directions.

Each end is mixed with the finalizer of SplitMix64 (Steele, Lea and Flood, Fast splittable
pseudorandom number generators, 2014); the sum of both, and the transport, once more.
"""

from __future__ import annotations

import struct
from typing import Final

import numpy as np

from sensors.keeping.headers import Words
from sensors.packet.jit import compiled

_M1: Final = np.uint64(0xBF58476D1CE4E5B9)
_M2: Final = np.uint64(0x94D049BB133111EB)
_M3: Final = np.uint64(0x9E3779B97F4A7C15)
_S27: Final = np.uint64(27)
_S30: Final = np.uint64(30)
_S31: Final = np.uint64(31)
_MASK: Final = (1 << 64) - 1


@compiled
def _mix(x: np.uint64) -> np.uint64:
    x = (x ^ (x >> _S30)) * _M1
    x = (x ^ (x >> _S27)) * _M2
    return x ^ (x >> _S31)


@compiled
def _end(high: int, low: int, port: int) -> np.uint64:
    inner = _mix(np.uint64(high) + _M3)
    return _mix(_mix(inner + np.uint64(low)) + np.uint64(port))


@compiled
def hash_of(out: Words, at: int) -> np.uint64:
    """Hash of the level that begins at `at` of `out`."""
    first = _end(out[at + 2], out[at + 3], out[at + 6])
    second = _end(out[at + 4], out[at + 5], out[at + 7])
    return _mix(first + second + np.uint64(out[at + 1]) * _M3)


def hash_of_ends(transport: int, first: tuple[bytes, int], second: tuple[bytes, int]) -> int:
    """The same of two (address of 16 bytes, port), for Python."""
    total = (_end_of(first) + _end_of(second)) & _MASK
    return _mixed((total + transport * int(_M3)) & _MASK)


def _end_of(end: tuple[bytes, int]) -> int:
    high, low = struct.unpack(">QQ", end[0])
    inner = _mixed((high + int(_M3)) & _MASK)
    return _mixed((_mixed((inner + low) & _MASK) + end[1]) & _MASK)


def _mixed(x: int) -> int:
    x = ((x ^ (x >> 30)) * int(_M1)) & _MASK
    x = ((x ^ (x >> 27)) * int(_M2)) & _MASK
    return x ^ (x >> 31)
