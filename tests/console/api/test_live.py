"""What changed reaches every open console, and nothing keeps the server from going down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from console.api import live
from console.api.live import Live
from console.api.problems import TooManyError
from fengsui.errors import StoreError


@pytest.fixture(autouse=True)
def _fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_POLL", 0.01)
    monkeypatch.setattr(live, "_HEARTBEAT", 0.05)


def _changes(*answers: dict[str, list[str]]) -> Callable[[int], tuple[int, dict[str, list[str]]]]:
    left = list(answers)

    def changes(after: int) -> tuple[int, dict[str, list[str]]]:
        return (after + 1, left.pop(0)) if left else (after, {})

    return changes


async def _read(stream: Live, count: int) -> list[bytes]:
    found: list[bytes] = []
    async for message in stream.stream():
        found.append(message)
        if len(found) == count:
            break
    return found


def test_changes_and_heartbeats() -> None:
    told = asyncio.run(_read(Live(_changes({}, {"incidents": ["i1"]})), 3))
    assert told[0] == b"retry: 3000\n\n"
    assert told[1] == b'event: incidents\ndata: {"changed":["i1"]}\n\n'
    assert told[2].startswith(b":")


def test_all_clients_hear_the_same() -> None:
    async def both() -> list[list[bytes]]:
        stream = Live(_changes({}, {}, {"jobs": ["j1"]}))
        return await asyncio.gather(_read(stream, 2), _read(stream, 2))

    one, other = asyncio.run(both())
    assert one == other


def test_a_state_that_is_down_does_not_end_the_stream() -> None:
    answers = iter([StoreError("down"), (1, {"health": ["work"]})])

    def changes(_after: int) -> tuple[int, dict[str, list[str]]]:
        answer = next(answers, (1, {}))
        if isinstance(answer, StoreError):
            raise answer
        return answer

    told = asyncio.run(_read(Live(changes), 2))
    assert b"health" in told[1]


def test_stop_ends_all_streams() -> None:
    async def stopped() -> int:
        stream = Live(_changes())
        reading = [asyncio.create_task(_read(stream, 100)) for _ in range(3)]
        await asyncio.sleep(0.03)
        stream.stop()
        return len(await asyncio.wait_for(asyncio.gather(*reading), 1))

    assert asyncio.run(stopped()) == 3


def test_clients_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "CLIENTS", 1)

    async def two() -> None:
        stream = Live(_changes())
        first = asyncio.create_task(_read(stream, 100))
        await asyncio.sleep(0.01)
        with pytest.raises(TooManyError):
            stream.check_room()
        stream.stop()
        await first
        stream.check_room()

    asyncio.run(two())


def test_a_client_that_does_not_read_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "_UNREAD", 2)

    async def slow() -> list[bytes]:
        stream = Live(_changes(*({"jobs": [str(n)]} for n in range(9))))
        messages = stream.stream()
        found = [await anext(messages)]
        await asyncio.sleep(0.2)
        found += [message async for message in messages]
        return found

    assert asyncio.run(slow()) == [b"retry: 3000\n\n"]
