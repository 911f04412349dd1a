"""Whatever a parser does, it ends with its own flow."""

from __future__ import annotations

import gc
import struct
import weakref
from collections.abc import Callable

import pytest

from fengsui.loss import Losses
from sensors.protocol import Context, Flow, Protocol, Session, StreamSession, WireError
from sensors.sessions import Sessions
from tests.sensors.protocols.playing import START, a_flow, common_of


class Failing(Session):
    """Raises what it is told at the call it is told."""

    error: Exception = ValueError("x")
    place = "data"

    def data(self, side: int, data: bytes, time: int) -> None:
        self._fail("data")

    def gap(self, side: int, size: int, time: int) -> None:
        self._fail("gap")

    def end(self, time: int) -> None:
        self._fail("end")

    def _fail(self, place: str) -> None:
        if place == self.place:
            raise self.error


class Leaving(StreamSession):
    """Hands its flow over to what takes it for its own again, without using a byte."""

    def parse(self, side: int, data: bytes, time: int) -> int:
        self.context.switch("" if len(data) % 2 else "leaving")
        return 0


def a_protocol(name: str, session: Callable[[Context], Session]) -> Protocol:
    def recognises(data: bytes, side: int, flow: Flow) -> bool:
        return True

    return Protocol(
        name=name,
        title=name,
        standard="none",
        transports=frozenset({"tcp"}),
        session=session,
        recognises=recognises,
    )


@pytest.mark.parametrize("place", ["data", "gap", "end"])
@pytest.mark.parametrize(
    ("error", "word"),
    [
        (WireError("no_header"), "no_header"),
        (WireError("what they said: \udcff"), "malformed"),
        (RecursionError(), "too_deep"),
        (struct.error("short"), "parser_error"),
        (ZeroDivisionError(), "parser_error"),
        (AssertionError(), "parser_error"),
    ],
)
def test_whatever_a_parser_raises_is_counted_and_ends_it(
    monkeypatch: pytest.MonkeyPatch, place: str, error: Exception, word: str
) -> None:
    monkeypatch.setattr(Failing, "place", place)
    monkeypatch.setattr(Failing, "error", error)
    losses = Losses()
    sessions = Sessions({"failing": a_protocol("failing", Failing)}, losses)
    flow = a_flow()
    sessions.begin(1, flow, common_of(flow), "C1", "failing")
    sessions.data(1, 0, b"x", START)
    sessions.gap(1, 0, 1, START)
    sessions.data(1, 0, b"x", START)
    sessions.end(1, START)
    assert losses.as_json() == {f"failing.{word}": 1}


def test_a_recognition_that_raises_is_counted_and_the_next_is_asked() -> None:
    def recognises(data: bytes, side: int, flow: Flow) -> bool:
        raise struct.error

    losses = Losses()
    first = Protocol("a", "a", "none", frozenset({"tcp"}), Failing, recognises)
    sessions = Sessions({"a": first, "b": a_protocol("b", Failing)}, losses)
    assert sessions.recognise(a_flow(), 0, b"x") == "b"
    assert losses.as_json() == {"a.recognition_error": 1}


@pytest.mark.parametrize("data", [b"odd", b"even"])
def test_a_flow_handed_round_comes_to_an_end(data: bytes) -> None:
    losses = Losses()
    sessions = Sessions({"leaving": a_protocol("leaving", Leaving)}, losses)
    flow = a_flow()
    sessions.begin(1, flow, common_of(flow), "C1", "leaving")
    sessions.data(1, 0, data, START)
    assert losses.as_json() == {"leaving.too_many_switches": 1}
    assert sessions.verdict(1)[0]


def test_an_ended_flow_is_freed_without_the_collector() -> None:
    sessions = Sessions({"failing": a_protocol("failing", Failing)}, Losses())
    flow = a_flow()
    gc.disable()
    try:
        sessions.begin(1, flow, common_of(flow), "C1", "failing")
        context = sessions.context(1)
        assert context is not None
        assert context.parser is not None
        parser = weakref.ref(context.parser)
        context.file(START, sender=0).write(b"x")
        del context
        sessions.end(1, START)
        assert parser() is None
    finally:
        gc.enable()
