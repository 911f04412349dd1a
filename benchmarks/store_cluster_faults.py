"""Faults of a cluster on purpose: what was acknowledged must be there, once, and the doctor must see why.

    make servers; PYTHONPATH=. python benchmarks/store_cluster_faults.py [--seconds 600] [NAME ...]

Each fault is on while batches are sent, each of them again until it is acknowledged, as the spool does.
`stopped` stops the server's process (SIGSTOP) for so many seconds. `cut` and `slow` send from a network
namespace of their own, whose link goes down or is slowed by netem, else by tbf (root, iproute2 and socat).
`replay` sends everything that is stored once more.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from store_faults import BATCH, batch_of

from fengsui.errors import FengsuiError
from fengsui.query.tree import Everything
from fengsui.store.elastic import ElasticEventStore
from fengsui.store.elastic.connection import Address
from fengsui.store.elastic.doctor import examine
from tests import servers
from tests.contract.conftest import drop, elastic_address

BATCHES = 30
NAMESPACE = "fengsui-faults"
HERE, THERE = "10.99.87.1", "10.99.87.2"
GATE = 19200


class Sender:
    """Sends batches until each is acknowledged; counts what was refused on the way."""

    def __init__(self, store: ElasticEventStore) -> None:
        self.store = store
        self.acknowledged = 0
        self.refused: dict[str, int] = {}
        self.slowest = 0.0

    def send(self, numbers: range, patience: float = 1200) -> None:
        """Some batches; raises when one was not taken for so many seconds."""
        ends = time.monotonic() + patience
        for number in numbers:
            begun = time.monotonic()
            while True:
                try:
                    self.store.append(batch_of(number))
                    self.acknowledged += BATCH
                    break
                except FengsuiError as error:
                    code = error.as_json().get("code", "") or error.what[:40]
                    self.refused[code] = self.refused.get(code, 0) + 1
                    if time.monotonic() > ends:
                        raise
                    time.sleep(1)
            self.slowest = max(self.slowest, time.monotonic() - begun)


def report(name: str, sender: Sender, seen: list[str]) -> None:
    store = sender.store
    held = store.count(Everything())
    again = [store.append(batch_of(number)) for number in range(sender.acknowledged // BATCH)]
    print(
        f"{name}: acknowledged {sender.acknowledged:,}, stored {held:,}; refused and sent again"
        f" {sender.refused or 0}; slowest batch {sender.slowest:.1f} s; all sent again: added"
        f" {sum(one.added for one in again)}, duplicates told {sum(one.duplicates for one in again):,},"
        f" stored {store.count(Everything()):,}"
    )
    for line in seen:
        print(f"    doctor meanwhile: {line}")
    print(flush=True)


def doctor(address: Address) -> list[str]:
    try:
        found = [one for one in examine(address) if one.status == "bad"]
    except FengsuiError as error:
        return [f"{error.what}; {error.next}"]
    return [f"{one.what}: {one.found}; {one.next}" for one in found]


def later(seconds: float, act: Callable[[], object]) -> threading.Timer:
    timer = threading.Timer(seconds, act)
    timer.start()
    return timer


def stopped(sender: Sender, address: Address, seconds: float) -> list[str]:
    """The server's process stands still."""
    pids = servers.family(servers.running()["pids"][0])
    sender.send(range(BATCHES // 3))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    timer = later(seconds, lambda: [os.kill(pid, signal.SIGCONT) for pid in pids])
    try:
        sender.send(range(BATCHES // 3, BATCHES))
    finally:
        timer.join()
    return []


def blocked(setting: str) -> Callable[[Sender, Address, float], list[str]]:
    """Indices that take nothing: flood stage, or an operator's read-only."""

    def run(sender: Sender, address: Address, seconds: float) -> list[str]:
        client = sender.store._client  # noqa: SLF001
        sender.send(range(BATCHES // 3))
        indices = list(client.indices.get_alias(index=f"{address.prefix}-events"))
        client.indices.put_settings(index=indices, settings={setting: True})
        seen: list[str] = []

        def release() -> None:
            seen.extend(doctor(address))
            client.indices.put_settings(index=indices, settings={setting: None})

        timer = later(min(seconds, 10), release)
        sender.send(range(BATCHES // 3, BATCHES))
        timer.join()
        return seen

    return run


def conflict(sender: Sender, address: Address, _: float) -> list[str]:
    """An index whose mapping somebody made otherwise: refused documents are kept with the reason."""
    client = sender.store._client  # noqa: SLF001
    sender.send(range(1))
    [index] = list(client.indices.get_alias(index=f"{address.prefix}-events"))
    client.indices.delete(index=index)
    wrong = {"properties": {"source": {"properties": {"ip": {"type": "long"}}}}}
    client.indices.create(index=index, mappings=wrong)
    told = sender.store.append(batch_of(0))
    shown = [f"{one.what}: {one.found}" for one in examine(address) if one.what == "dead letters"]
    client.indices.delete(index=[index, f"{address.prefix}-dead"])
    sender.acknowledged = 0
    sender.send(range(BATCHES))
    return [f"told {told.quarantined_fields}", *shown, "then with the right mapping:"]


def replayed(sender: Sender, address: Address, _: float) -> list[str]:
    """Everything twice."""
    sender.send(range(BATCHES))
    return []


def linked(sender: Sender, address: Address, what: str) -> dict[str, object]:
    """The same from a process in a namespace, through a link that is cut or slow."""
    words = [sys.executable, __file__, "--inside", json.dumps([address.prefix, *_gate(address)])]
    with _namespace(address) as inside:
        process = subprocess.Popen(
            ["ip", "netns", "exec", NAMESPACE, *words], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        if what == "slow":
            _slow_down(inside)
        else:
            inside("ip", "link", "set", "fs-in", "down")
            time.sleep(30)
            inside("ip", "link", "set", "fs-in", "up")
        out, _ = process.communicate()
    found: dict[str, object] = json.loads(out)
    return found


def _slow_down(inside: Callable[..., None]) -> None:
    """Late and lossy; where the kernel has no netem, narrow."""
    shape = ("tc", "qdisc", "add", "dev", "fs-in", "root")
    try:
        inside(*shape, "netem", "delay", "150ms", "loss", "3%")
        print("slow: 150 ms later, 3 % lost")
    except subprocess.CalledProcessError:
        inside(*shape, "tbf", "rate", "400kbit", "burst", "8kb", "latency", "500ms")
        print("slow: no netem in this kernel; 400 kbit/s instead")


def through_a_link(what: str) -> Callable[[Sender, Address, float], list[str]]:
    def run(sender: Sender, address: Address, _: float) -> list[str]:
        sender.send(range(1))  # makes the index
        found = linked(sender, address, what)
        sender.acknowledged = int(str(found["acknowledged"]))
        sender.slowest = float(str(found["slowest"]))
        sender.refused = found["refused"]  # type: ignore[assignment]
        return []

    return run


def _gate(address: Address) -> list[str]:
    return [urlsplit(address.urls[0]).scheme, address.user, address.password, address.ca_file]


@contextmanager
def _namespace(address: Address) -> Iterator[Callable[..., None]]:
    """A namespace with a link to this one, and a gate from it to the server."""

    def run(*words: str) -> None:
        subprocess.run(words, check=True)

    def inside(*words: str) -> None:
        run("ip", "netns", "exec", NAMESPACE, *words)

    run("ip", "netns", "add", NAMESPACE)
    gate = None
    try:
        run("ip", "link", "add", "fs-out", "type", "veth", "peer", "name", "fs-in")
        run("ip", "link", "set", "fs-in", "netns", NAMESPACE)
        run("ip", "addr", "add", f"{HERE}/30", "dev", "fs-out")
        run("ip", "link", "set", "fs-out", "up")
        inside("ip", "addr", "add", f"{THERE}/30", "dev", "fs-in")
        inside("ip", "link", "set", "fs-in", "up")
        target = urlsplit(address.urls[0])
        gate = subprocess.Popen(
            [
                "socat",
                f"TCP-LISTEN:{GATE},bind={HERE},fork,reuseaddr",
                f"TCP:{target.hostname}:{target.port}",
            ]
        )
        time.sleep(0.5)
        yield inside
    finally:
        if gate:
            gate.terminate()
        run("ip", "netns", "del", NAMESPACE)


def inside(given: str) -> None:
    """The process in the namespace."""
    prefix, scheme, user, password, ca_file = json.loads(given)
    address = Address(
        (f"{scheme}://{HERE}:{GATE}",), user, password, ca_file=ca_file, prefix=prefix
    )
    sender = Sender(ElasticEventStore(address, writable=True, period="month"))
    sender.send(range(2))
    print("ready", flush=True)
    sender.send(range(2, BATCHES))
    document = {name: getattr(sender, name) for name in ("acknowledged", "refused", "slowest")}
    print(json.dumps(document))
    sender.store.close()


FAULTS: dict[str, Callable[[Sender, Address, float], list[str]]] = {
    "stopped": stopped,
    "cut": through_a_link("cut"),
    "slow": through_a_link("slow"),
    "flood": blocked("index.blocks.read_only_allow_delete"),
    "read-only": blocked("index.blocks.write"),
    "conflict": conflict,
    "replay": replayed,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(FAULTS))
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.inside:
        inside(chosen.inside)
        return
    for name in chosen.names or FAULTS:
        address = replace(elastic_address(Path(f"{name}-{time.time_ns()}")))
        store = ElasticEventStore(address, writable=True, period="month")
        sender = Sender(store)
        try:
            report(name, sender, FAULTS[name](sender, address, chosen.seconds))
        finally:
            store.close()
            drop(address)


if __name__ == "__main__":
    main()
