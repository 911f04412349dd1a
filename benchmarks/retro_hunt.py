"""Retro-hunts over an embedded store: one rule as a query, and all rules by replay.

    PYTHONPATH=.:benchmarks python benchmarks/retro_hunt.py [--events 200000]

The office mix of `store_speed.py`. CPU of this process; the store's own queries are in it. A rule counts as
right when it hits what a look at every event by the engine hits.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from store_speed import events

from console.retro.asked import Asked, engine_of
from console.retro.engines import Engine
from console.retro.hunting import Found, estimate, hunt
from console.wiring import make_desk, open_stores
from fengsui.query.tree import Everything
from fengsui.settings import load_settings
from fengsui.store.event_store import ALWAYS

RULE = """title: whoami in a request
id: 7a0f3b6e-0000-4000-8000-000000000001
level: high
logsource: {category: proxy}
detection:
  s: {c-uri|contains: 'cmd=whoami'}
  f: {cs-method: POST}
  condition: s and not f
"""


def timed(work: Callable[[], Found]) -> tuple[Found, float]:
    begun = time.process_time()
    return work(), time.process_time() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    count = parser.parse_args().events
    with tempfile.TemporaryDirectory() as folder:
        settings = load_settings({}, home=Path(folder)).settings
        with open_stores(settings, writable=True) as stores:
            for batch in events(count):
                stores.events.append(batch)
            desk = make_desk(settings, stores)

            def hunted(engine: Engine) -> Found:
                return hunt(engine, stores.events, ALWAYS, Found(), 100)

            one = Asked(source=RULE)
            cost = estimate(engine_of(one, desk), stores.events, ALWAYS)
            found, seconds = timed(lambda: hunted(engine_of(one, desk)))
            print(f"one rule as a query: {found.events:,} of {count:,} events confirmed,")
            print(f"  {found.hits:,} hits, {seconds:.2f} CPU-s, estimated {cost.seconds:.2f} s")
            whole = engine_of(one, desk)
            whole.query = Everything()
            every, slow = timed(lambda: hunted(whole))
            print(f"the same by looking at every event: {every.hits:,} hits, {slow:.2f} CPU-s")
            assert found.hits == every.hits
            many = Asked(rules=("own",))
            found, seconds = timed(lambda: hunted(engine_of(many, desk)))
            rate = found.events / seconds
            print(f"all our rules by replay: {found.events:,} events, {rate:,.0f} a CPU-second")


if __name__ == "__main__":
    main()
