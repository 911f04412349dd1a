"""Speed of the packet store: keeping, carving, what both cost.

    python benchmarks/packet_store.py [--gigabytes 2] [--folder DIR] [--sealed] [--carves 200] [--cold]

Packets are made in memory: a pool of 1 MiB blocks of TCP flows with sizes as on an office link (half of
them small, half full), addresses and ports renewed in place for every block, so that each block has
flows of its own. They go through `Keeper.block`, as a sensor hands them over. CPU is of this process,
all threads, without making the packets. Then flows of known addresses, anywhere in the ring, are
carved by a store that has just been opened (`--cold`: and that the kernel has forgotten).
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import shutil
import statistics
import struct
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from fengsui.clock import SECOND
from sensors.keeping.carving import PacketStore
from sensors.keeping.flow_key import FlowKey, make_key
from sensors.keeping.keeper import Keeper
from sensors.keeping.passes import warm_up
from sensors.keeping.ring import Limits
from sensors.keeping.sealing import Key, make_keyring

START = 1_780_000_000 * SECOND
BLOCK = 1 << 20
STEP = 8 * SECOND // 1000  # of packet time, for a block: 1 Gbit/s
PACKETS_A_FLOW = 24


@dataclass
class Blocks:
    """One block of records, and where in it what changes from block to block lies."""

    data: np.ndarray
    times: np.ndarray
    sources: np.ndarray  # 4 bytes each
    targets: np.ndarray
    flows: np.ndarray  # number of each packet's flow in the block
    back: np.ndarray
    packets: int
    per_flow: np.ndarray

    def fill(self, number: int) -> memoryview:
        """The block of that number: its time, and its own addresses."""
        now = START + number * STEP
        seconds, rest = divmod(now, SECOND)
        put(self.data, self.times, np.full(self.packets, seconds), "<u4")
        put(self.data, self.times + 4, np.full(self.packets, rest), "<u4")
        client = 0x0A000000 + (number * 4096 + self.flows) % (1 << 24)
        server = np.full(self.packets, 0xC0000200 + number % 250)
        put(self.data, self.sources, np.where(self.back, server, client), ">u4")
        put(self.data, self.targets, np.where(self.back, client, server), ">u4")
        return memoryview(self.data)

    def flow(self, number: int, flow: int) -> FlowKey:
        """The key of a flow of a block."""
        client = 0x0A000000 + (number * 4096 + flow) % (1 << 24)
        server = 0xC0000200 + number % 250
        dotted = [".".join(str(b) for b in struct.pack(">I", n)) for n in (client, server)]
        return make_key(dotted[0], 40_000, dotted[1], 443, "tcp")


def put(data: np.ndarray, at: np.ndarray, values: np.ndarray, kind: str) -> None:
    """Four bytes at each place."""
    data[at[:, None] + np.arange(4)] = values.astype(kind).view(np.uint8).reshape(-1, 4)


def make_block(seed: int) -> Blocks:
    """Records of flows whose packets are mixed."""
    r = random.Random(seed)
    parts: list[bytes] = []
    times, sources, targets, flows, back = [], [], [], [], []
    at = number = 0
    while at < BLOCK:
        size = r.choice([54, 54, 66, 120, 600, 1514, 1514, 1514])
        flow = number // (PACKETS_A_FLOW * 8) * 8 + r.randrange(8)
        is_back = r.random() < 0.5
        ports = (443, 40_000) if is_back else (40_000, 443)
        head = struct.pack("<IIII", 0, 0, size, size)
        ether = bytes.fromhex("0200000000020200000000010800")
        ip = struct.pack(">BBHHHBBHII", 0x45, 0, size - 14, 1, 0, 64, 6, 0, 0, 0)
        tcp = struct.pack(">HHIIBBHHH", *ports, number, 1, 0x50, 0x10, 8192, 0, 0)
        parts.append(head + ether + ip + tcp + r.randbytes(size - 54))
        times.append(at)
        sources.append(at + 16 + 26)
        targets.append(at + 16 + 30)
        flows.append(flow)
        back.append(is_back)
        at += 16 + size
        number += 1
    found = [np.array(column) for column in (times, sources, targets, flows)]
    per_flow = np.bincount(found[3])
    data = np.frombuffer(bytearray(b"".join(parts)), np.uint8)
    return Blocks(data, *found, np.array(back), number, per_flow)


def keep(folder: Path, blocks: Blocks, count: int, key: Key | None, limit: int) -> None:
    """Hand over `count` blocks and print what that cost."""
    keeper = Keeper(folder, Limits(limit, reserve=1 << 30), key=key, writer="bench")
    warm_up()
    made = 0.0
    cpu, wall = time.process_time(), time.perf_counter()
    for number in range(count):
        start = time.thread_time()
        view = blocks.fill(number)
        made += time.thread_time() - start
        keeper.block(view)
        if number % 32 == 31:
            keeper.flush(600)  # a link waits for nobody, but the benchmark is to lose nothing
    keeper.close()
    cpu, wall = time.process_time() - cpu - made, time.perf_counter() - wall - made
    lost = keeper.losses.as_json()
    packets, megabytes = count * blocks.packets, count * len(blocks.data) / 1e6
    print(
        f"kept      {megabytes:,.0f} MB, {packets:,} packets in {wall:.1f} s: "
        f"{megabytes / wall:,.0f} MB/s, {megabytes / cpu:,.0f} MB per CPU-second, "
        f"{cpu / packets * 1e9:.0f} ns a packet; lost {lost or 'nothing'}"
    )


def forget(folder: Path) -> None:
    """Drop the files from the kernel's cache."""
    for path in folder.iterdir():
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def carve(
    folder: Path, blocks: Blocks, count: int, key: Key | None, carves: int, cold: bool
) -> None:
    """Carve random flows, once with their times and once without, and print how long that took."""
    r = random.Random(2)
    keyring = make_keyring([key] if key else [])
    flows = np.flatnonzero(blocks.per_flow).tolist()
    overview = PacketStore(folder, keyring).overview()
    oldest = (overview.first - START) // STEP
    print(
        f"ring      {overview.bytes / 1e9:.2f} GB in {overview.segments} segments, "
        f"{overview.packets:,} packets"
    )
    for what in ("known time", "any time"):
        seconds: list[float] = []
        wrong = 0
        for _ in range(carves):
            number, flow = r.randrange(oldest, count), r.choice(flows)
            at = START + number * STEP
            span = (at - SECOND, at + SECOND) if what == "known time" else (0, 2**62)
            if cold:
                forget(folder)
            store = PacketStore(folder, keyring)
            start = time.perf_counter()
            found = store.carve(blocks.flow(number, flow), *span)
            seconds.append(time.perf_counter() - start)
            # Addresses come again after 4096 blocks; with their times they are one flow's.
            wrong += found.packets % int(blocks.per_flow[flow]) != 0 or not found.packets
        ordered = sorted(seconds)
        print(
            f"carved    {carves} flows, {what}: p50 {statistics.median(ordered) * 1000:.1f} ms, "
            f"p95 {ordered[int(0.95 * len(ordered))] * 1000:.1f} ms, most {ordered[-1] * 1000:.1f} ms, "
            f"{wrong} wrong"
        )


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=2)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--sealed", action="store_true")
    parser.add_argument("--carves", type=int, default=200)
    parser.add_argument("--cold", action="store_true")
    given = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="packets-", dir=given.folder))
    key = Key(bytes(range(32))) if given.sealed else None
    blocks = make_block(1)
    count = int(given.gigabytes * 1e9 / len(blocks.data))
    try:
        keep(folder, blocks, count, key, int(given.gigabytes * 1.2e9) + (256 << 20))
        carve(folder, blocks, count, key, given.carves, given.cold)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"memory    {peak:.0f} MiB at most, of this process")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
