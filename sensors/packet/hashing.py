"""Hashes in compiled code: MurmurHash3 x64 128 for ids, SHA-1 for Community ID, MD5 for JA3,
SHA-256 for JA4.

The message lies in the arena with 72 free bytes behind it: the padding is written there.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from sensors.packet.containers import read32
from sensors.packet.jit import compiled
from sensors.packet.layout import Bytes, Words

_MASK: Final = 0xFFFFFFFF
_SINES: Final = np.array([int(abs(math.sin(i + 1)) * 2**32) for i in range(64)], np.int64)
_MD5_SHIFTS: Final = np.array(
    [(7, 12, 17, 22), (5, 9, 14, 20), (4, 11, 16, 23), (6, 10, 15, 21)], np.int64
)


def _root_fractions(count: int, power: int) -> list[int]:
    """First 32 bits of the fractions of the square or cube roots of the first primes (FIPS 180-4)."""
    primes: list[int] = []
    number = 2
    while len(primes) < count:
        if all(number % prime for prime in primes):
            primes.append(number)
        number += 1
    found: list[int] = []
    for prime in primes:
        low, high = 0, prime << 32
        while low < high:
            middle = (low + high + 1) // 2
            if middle**power <= prime << (32 * power):
                low = middle
            else:
                high = middle - 1
        found.append(low & _MASK)
    return found


_SHA256_START: Final = np.array(_root_fractions(8, 2), np.int64)
_SHA256_ROUNDS: Final = np.array(_root_fractions(64, 3), np.int64)


@compiled
def _rotate(value: int, bits: int) -> int:
    return ((value << bits) | (value >> (32 - bits))) & _MASK


@compiled
def _pad(mem: Bytes, at: int, size: int, big: int) -> int:
    """Padding of Merkle-Damgård with 64-byte blocks; the padded size."""
    padded = (size + 8) // 64 * 64 + 64
    mem[at + size] = 0x80
    for i in range(at + size + 1, at + padded):
        mem[i] = 0
    bits = size * 8
    for i in range(8):
        place = at + padded - 1 - i if big else at + padded - 8 + i
        mem[place] = (bits >> (8 * i)) & 255
    return padded


@compiled
def md5(mem: Bytes, w: Words, at: int, size: int, out: int) -> None:
    """16 bytes at `out` (RFC 1321)."""
    end = at + _pad(mem, at, size, 0)
    a0 = 0x67452301
    b0 = 0xEFCDAB89
    c0 = 0x98BADCFE
    d0 = 0x10325476
    for block in range(at, end, 64):
        for i in range(16):
            w[i] = read32(mem, block + 4 * i, 0)
        a = a0
        b = b0
        c = c0
        d = d0
        for i in range(64):
            step = i >> 4
            if step == 0:
                f = (b & c) | (~b & d)
                g = i
            elif step == 1:
                f = (d & b) | (~d & c)
                g = (5 * i + 1) & 15
            elif step == 2:
                f = b ^ c ^ d
                g = (3 * i + 5) & 15
            else:
                f = c ^ (b | (~d & _MASK))
                g = (7 * i) & 15
            f = (f + a + _SINES[i] + w[g]) & _MASK
            a = d
            d = c
            c = b
            b = (b + _rotate(f, _MD5_SHIFTS[step, i & 3])) & _MASK
        a0 = (a0 + a) & _MASK
        b0 = (b0 + b) & _MASK
        c0 = (c0 + c) & _MASK
        d0 = (d0 + d) & _MASK
    for i in range(4):
        mem[out + i] = (a0 >> (8 * i)) & 255
        mem[out + 4 + i] = (b0 >> (8 * i)) & 255
        mem[out + 8 + i] = (c0 >> (8 * i)) & 255
        mem[out + 12 + i] = (d0 >> (8 * i)) & 255


@compiled
def sha1(mem: Bytes, w: Words, at: int, size: int) -> None:
    """Five words in w[96:101] (FIPS 180-4)."""
    end = at + _pad(mem, at, size, 1)
    w[96] = 0x67452301
    w[97] = 0xEFCDAB89
    w[98] = 0x98BADCFE
    w[99] = 0x10325476
    w[100] = 0xC3D2E1F0
    for block in range(at, end, 64):
        for i in range(16):
            w[i] = read32(mem, block + 4 * i, 1)
        for i in range(16, 80):
            w[i] = _rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1)
        a = w[96]
        b = w[97]
        c = w[98]
        d = w[99]
        e = w[100]
        for i in range(80):
            if i < 20:
                f = (b & c) | (~b & d)
                k = 0x5A827999
            elif i < 40:
                f = b ^ c ^ d
                k = 0x6ED9EBA1
            elif i < 60:
                f = (b & c) | (b & d) | (c & d)
                k = 0x8F1BBCDC
            else:
                f = b ^ c ^ d
                k = 0xCA62C1D6
            step = (_rotate(a, 5) + f + e + k + w[i]) & _MASK
            e = d
            d = c
            c = _rotate(b, 30)
            b = a
            a = step
        w[96] = (w[96] + a) & _MASK
        w[97] = (w[97] + b) & _MASK
        w[98] = (w[98] + c) & _MASK
        w[99] = (w[99] + d) & _MASK
        w[100] = (w[100] + e) & _MASK


@compiled
def sha256(mem: Bytes, w: Words, at: int, size: int, out: int) -> None:
    """32 bytes at `out` (FIPS 180-4)."""
    end = at + _pad(mem, at, size, 1)
    for i in range(8):
        w[64 + i] = _SHA256_START[i]
    for block in range(at, end, 64):
        for i in range(16):
            w[i] = read32(mem, block + 4 * i, 1)
        for i in range(16, 64):
            x = w[i - 15]
            y = w[i - 2]
            first = _rotate(x, 25) ^ _rotate(x, 14) ^ (x >> 3)
            second = _rotate(y, 15) ^ _rotate(y, 13) ^ (y >> 10)
            w[i] = (w[i - 16] + first + w[i - 7] + second) & _MASK
        a = w[64]
        b = w[65]
        c = w[66]
        d = w[67]
        e = w[68]
        f = w[69]
        g = w[70]
        h = w[71]
        for i in range(64):
            sum1 = _rotate(e, 26) ^ _rotate(e, 21) ^ _rotate(e, 7)
            one = h + sum1 + ((e & f) ^ (~e & g)) + _SHA256_ROUNDS[i] + w[i]
            sum0 = _rotate(a, 30) ^ _rotate(a, 19) ^ _rotate(a, 10)
            two = sum0 + ((a & b) ^ (a & c) ^ (b & c))
            h = g
            g = f
            f = e
            e = (d + one) & _MASK
            d = c
            c = b
            b = a
            a = (one + two) & _MASK
        w[64] = (w[64] + a) & _MASK
        w[65] = (w[65] + b) & _MASK
        w[66] = (w[66] + c) & _MASK
        w[67] = (w[67] + d) & _MASK
        w[68] = (w[68] + e) & _MASK
        w[69] = (w[69] + f) & _MASK
        w[70] = (w[70] + g) & _MASK
        w[71] = (w[71] + h) & _MASK
    for i in range(8):
        for j in range(4):
            mem[out + 4 * i + j] = (w[64 + i] >> (24 - 8 * j)) & 255


_C1: Final = np.uint64(0x87C37B91114253D5)
_C2: Final = np.uint64(0x4CF5AD432745937F)
_F1: Final = np.uint64(0xFF51AFD7ED558CCD)
_F2: Final = np.uint64(0xC4CEB9FE1A85EC53)
_N1: Final = np.uint64(0x52DCE729)
_N2: Final = np.uint64(0x38495AB5)
_FIVE: Final = np.uint64(5)


@compiled
def _rotate64(value: np.uint64, bits: int) -> np.uint64:
    return (value << np.uint64(bits)) | (value >> np.uint64(64 - bits))


@compiled
def _mix(value: np.uint64) -> np.uint64:
    value ^= value >> np.uint64(33)
    value *= _F1
    value ^= value >> np.uint64(33)
    value *= _F2
    value ^= value >> np.uint64(33)
    return value


@compiled
def murmur(w: Words, count: int) -> tuple[np.uint64, np.uint64]:
    """MurmurHash3 x64 128, seed 0, over the first `count` words (even), little endian."""
    h1 = np.uint64(0)
    h2 = np.uint64(0)
    for i in range(0, count, 2):
        k1 = np.uint64(w[i]) * _C1
        k1 = _rotate64(k1, 31) * _C2
        h1 ^= k1
        h1 = (_rotate64(h1, 27) + h2) * _FIVE + _N1
        k2 = np.uint64(w[i + 1]) * _C2
        k2 = _rotate64(k2, 33) * _C1
        h2 ^= k2
        h2 = (_rotate64(h2, 31) + h1) * _FIVE + _N2
    size = np.uint64(8 * count)
    h1 ^= size
    h2 ^= size
    h1 += h2
    h2 += h1
    h1 = _mix(h1)
    h2 = _mix(h2)
    h1 += h2
    h2 += h1
    return h1, h2
