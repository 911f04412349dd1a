"""Laws of `fengsui.store.embedded.seen`: it answers as a set of (id, time bucket) would."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fengsui.store.embedded.seen import BUCKET, SeenIds

# few high halves, so that ids that differ only in the low half are common
ids = st.tuples(st.integers(0, 3), st.integers(0, 5), st.integers(-2, 3))


def packed(high: int, low: int) -> bytes:
    return high.to_bytes(8, "big") + low.to_bytes(8, "big")


@given(st.lists(st.lists(ids, min_size=1, max_size=12), max_size=12), st.integers(1, 20))
def test_as_a_set_would(batches: list[list[tuple[int, int, int]]], capacity: int) -> None:
    kept: dict[int, dict[bytes, None]] = {}

    def load(bucket: int) -> np.ndarray:
        joined = b"".join(kept.get(bucket, {}))
        return np.frombuffer(joined, np.uint8).reshape(-1, 16)

    seen = SeenIds(load, capacity)
    for batch in batches:
        raw = np.frombuffer(b"".join(packed(h, low) for h, low, _ in batch), np.uint8)
        times = np.array([bucket * BUCKET + 5 for *_, bucket in batch], dtype=np.int64)
        found = seen.new(raw.reshape(-1, 16), times).tolist()
        inside: set[bytes] = set()
        for (high, low, bucket), new in zip(batch, found, strict=True):
            one = packed(high, low)
            assert new == (one not in inside and one not in kept.get(bucket, {}))
            inside.add(one)
        mask = np.array(found)
        for (high, low, bucket), new in zip(batch, found, strict=True):
            if new:
                kept.setdefault(bucket, {})[packed(high, low)] = None
        seen.add(raw.reshape(-1, 16)[mask], times[mask])
