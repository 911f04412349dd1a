"""Failed logins, and other things that one person may do so often only. Bounded memory, whoever asks."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque

from fengsui.clock import MINUTE, Clock

KEYS_KEPT = 10_000


class Limiter:
    """At most `failures` within `window` ns for a key; the key that failed longest ago is forgotten."""

    def __init__(self, clock: Clock, failures: int = 5, window: int = 5 * MINUTE) -> None:
        self._clock = clock
        self._failures = failures
        self._window = window
        self._seen: OrderedDict[str, deque[int]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_seconds(self, key: str) -> int:
        """Seconds until the key may try again; 0 when it may now."""
        with self._lock:
            times = self._seen.get(key)
            if times is None or len(times) < self._failures:
                return 0
            left = times[0] + self._window - self._clock.now()
            return max(0, -(-left // 1_000_000_000))

    def failed(self, key: str) -> None:
        """Count a failure."""
        with self._lock:
            times = self._seen.setdefault(key, deque(maxlen=self._failures))
            times.append(self._clock.now())
            self._seen.move_to_end(key)
            while len(self._seen) > KEYS_KEPT:
                self._seen.popitem(last=False)

    def succeeded(self, key: str) -> None:
        """Forget the failures of a key."""
        with self._lock:
            self._seen.pop(key, None)
