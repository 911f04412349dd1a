"""Mutated conversations through `Sessions`, and what must hold of them.

`python -m tests.sensors.protocols.talk_mutants --minutes 5 --seed 7 --failures FOLDER [--bench FOLDER]` goes
on for that long over the conversations of the parsers' tests and those of the bench's captures; what
breaks a law is written to FOLDER as JSON, with its traceback.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import time
import traceback
import types
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from fengsui.loss import Losses
from sensors.protocol import Flow, Protocol
from sensors.sessions import Sessions
from sensors.shelf import all_protocols
from tests.sensors.protocols.playing import MS, START, checked, common_of
from tests.sensors.protocols.talks import GAP, Said, Talk, overheard, spoken

_TELLING: Final = bytes.fromhex(
    "00010203040506070a0d102022282f3a3b3c3d407f80818284a0feff"
)  # zeros, small numbers, ends of lines, delimiters, tags, signs
_SLOW: Final = 0.25  # seconds, and as much for each 100 KB
_HEAVY: Final = 500_000  # bytes that a parser may keep without question
_MOST: Final = 200_000  # bytes of a mutant


def spoilt(chance: random.Random, talk: Talk, others: Sequence[Talk]) -> Talk:
    """A mutant of a conversation."""
    said = [(side, bytearray(data)) for side, data in talk.said]
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        _change(chance, said, others)
    kept = tuple((side, bytes(data)) for side, data in said)
    protocol = talk.protocol if chance.random() < 0.9 else ""
    return replace(talk, said=kept, protocol=protocol)


def _change(
    chance: random.Random, said: list[tuple[int, bytearray]], others: Sequence[Talk]
) -> None:
    if not said:
        return
    number = chance.randrange(len(said))
    side, data = said[number]
    what = chance.randrange(12)
    at = min(int(chance.expovariate(1 / 30)), len(data) - 1) if chance.random() < 0.7 else -1
    if at < 0 and data:
        at = chance.randrange(len(data))
    if what <= 4 and data:
        for _ in range(chance.choice((1, 1, 3))):
            data[at] = chance.choice(_TELLING)
            at = min(len(data) - 1, at + chance.randrange(4))
    elif what == 5 and data:
        word = chance.choice((b"\xff\xff", b"\x7f\xff\xff\xff", b"\0\0\0\0", b"\xff" * 8, b"\0\1"))
        data[at : at + len(word)] = word
    elif what == 6:
        del data[at : at + chance.choice((1, 2, 4, 20, 10_000))]
    elif what == 7:
        data[at:at] = chance.choice(
            (
                chance.randbytes(5),
                bytes(data[:40]),
                b"A" * 3000,
                bytes([data[at]]) * 600 if data else b"",
            )
        )
    elif what == 8:
        said.insert(chance.randrange(len(said) + 1), (side, bytearray(data)))
    elif what == 9:
        said.pop(number)
    elif what == 10:
        said[number] = (chance.choice((0, 1, GAP)), data)
    elif others:
        other = chance.choice(chance.choice(others).said)
        said.insert(number, (other[0], bytearray(other[1])))


def play(talk: Talk, chance: random.Random, shelf: dict[str, Protocol]) -> tuple[Sessions, float]:
    """Let a conversation be heard; the sessions with what they wrote, and the seconds it took."""
    losses = Losses()
    sessions = Sessions(shelf, losses)
    sessions.begin(1, talk.flow, common_of(talk.flow), "C1", talk.protocol)
    begun = time.process_time()
    hear(sessions, talk, chance.choice((0, 0, 0, 1, 7, 300)))
    sessions.end(1, START + 10**12)
    return sessions, time.process_time() - begun


def hear(sessions: Sessions, talk: Talk, piece: int) -> None:
    """Give a session what is said, in pieces where it is a stream; at most so much."""
    now, given = START, 0
    for side, data in talk.said:
        now += MS
        if side == GAP:
            sessions.gap(1, data[0] & 1 if data else 0, max(1, len(data)), now)
            continue
        size = piece if piece and talk.flow.transport == "tcp" else len(data) or 1
        given += len(data)
        if given > _MOST:
            return
        for at in range(0, len(data), size if len(data) < 4000 else len(data)):
            sessions.data(1, side, data[at : at + size] if size < len(data) < 4000 else data, now)


def faults(talk: Talk, chance: random.Random, shelf: dict[str, Protocol]) -> list[str]:
    """What a conversation breaks."""
    try:
        sessions, seconds = play(talk, chance, shelf)
        checked(sessions, shelf.values())
    except Exception:
        return [traceback.format_exc()[-3000:]]
    size = sum(len(data) for _, data in talk.said)
    found = [
        name
        for name in sessions.losses.as_json()
        if name.endswith((".parser_error", ".recognition_error"))
    ]
    if seconds > _SLOW * (1 + size / 100_000):
        found.append(f"slow: {seconds:.2f} s for {size} bytes")
    return found


def weight(thing: object) -> int:
    """Bytes that an object keeps alive, without what all share: classes, functions, modules."""
    seen: set[int] = set()
    waiting: list[Any] = [thing]
    total = 0
    shared = (
        type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType,
        Sessions, Protocol, Flow, Losses,
    )  # fmt: skip
    while waiting:
        one = waiting.pop()
        if id(one) in seen or isinstance(one, shared):
            continue
        seen.add(id(one))
        total += sys.getsizeof(one)
        waiting += gc.get_referents(one)
    return total


def grows(talk: Talk, shelf: dict[str, Protocol], times: int = 300) -> list[str]:
    """Whether a parser keeps more and more while a conversation, or one of its messages, is said again."""
    found: list[str] = []
    for said in (talk.said, *((one,) * 2 for one in talk.said[:12])):
        sessions = Sessions(shelf, Losses())
        sessions.begin(1, talk.flow, common_of(talk.flow), "C1", talk.protocol)
        weights: list[int] = []
        for number in range(times):
            hear(sessions, replace(talk, said=_numbered(said, number)), 0)
            sessions.take()
            if number in {times // 2, times - 1}:
                context = sessions.context(1)
                weights.append(weight(context.parser) if context is not None else 0)
        sessions.end(1, START + 10**12)
        if weights[-1] > max(weights[0], _HEAVY) * 1.2:
            found.append(f"{talk.protocol} grows: {weights} with {said[0][1][:40]!r}")
    return found


def _numbered(said: Said, number: int) -> Said:
    """The same with each message a little different, so that tables by number or name fill."""
    mark = number.to_bytes(2, "big")
    made: list[tuple[int, bytes]] = []
    for side, data in said:
        at = (number * 7 + 4) % max(1, len(data) - 2) if number % 3 else 4
        made.append((side, data[:at] + mark + data[at + 2 :] if number % 2 else data))
    return tuple(made)


class Fuzz:
    """Mutants of conversations, one after the other.

    Args:
        talks: what mutants are made of.
        seed: of the chances.
        failures: folder for what breaks a law.
    """

    def __init__(self, talks: Sequence[Talk], seed: int, failures: Path) -> None:
        self.broken: list[str] = []
        self.mutants = 0
        self._chance = random.Random(seed)
        self._failures = failures
        self._shelf = all_protocols()
        self._by_name: dict[str, list[Talk]] = {}
        for talk in talks:
            self._by_name.setdefault(talk.protocol, []).append(talk)

    def step(self) -> None:
        """One mutant of each protocol."""
        for talks in self._by_name.values():
            talk = spoilt(self._chance, self._chance.choice(talks), talks)
            self._judge(talk, faults(talk, self._chance, self._shelf))

    def _judge(self, talk: Talk, wrong: list[str]) -> None:
        self.mutants += 1
        if not wrong:
            return
        where = self._failures / f"{talk.protocol}-{len(self.broken)}.json"
        said = [(side, data.hex()) for side, data in talk.said]
        where.write_text(json.dumps({"flow": str(talk.flow), "said": said, "wrong": wrong}))
        self.broken.append(f"{where.name}: {wrong[0]}")


def main() -> int:
    """Run as the arguments say; one line of result, and one for each thing that broke."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--bench", type=Path)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--failures", type=Path, required=True)
    given = parser.parse_args()
    given.failures.mkdir(parents=True, exist_ok=True)
    talks = list(spoken())
    if given.bench and given.bench.is_dir():
        talks += overheard(given.bench)
    fuzz = Fuzz(talks, given.seed, given.failures)
    until = time.monotonic() + given.minutes * 60
    while time.monotonic() < until and len(fuzz.broken) < 100:
        fuzz.step()
    print(f"{fuzz.mutants} conversations of {len(talks)} kinds, {len(fuzz.broken)} broke a law")
    for line in fuzz.broken[:20]:
        print("  " + line)
    return 1 if fuzz.broken else 0


if __name__ == "__main__":
    sys.exit(main())
