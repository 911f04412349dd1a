"""Sessions: what is loaded, recognised, switched and bounded, whatever a parser does."""

from __future__ import annotations

import json

from fengsui.loss import Losses
from sensors.protocol import Context, Flow, Protocol, Session, StreamSession, WireError
from sensors.sessions import MAX_SESSIONS, Sessions
from sensors.shelf import QUICK, all_protocols, needed_for

FLOW = Flow("tcp", "192.0.2.1", 1, "192.0.2.2", 2, 0)
COMMON = b'"source.ip":"192.0.2.1","destination.ip":"192.0.2.2","source.port":1'


def test_the_quick_datasets_load_what_the_whole_shelf_says() -> None:
    whole = all_protocols()
    for dataset, names in QUICK.items():
        assert sorted(names) == sorted(needed_for(frozenset({dataset}), whole))


class Talk(StreamSession):
    """Lines; `up` switches, `bad` is malformed, `bug` is a mistake of ours, `end` is enough."""

    def parse(self, side: int, data: bytes, time: int) -> int:
        at = data.find(b"\n") + 1
        line = data[: at - 1].decode()
        if not at:
            return 0
        if line.startswith("up "):
            self.context.switch(line[3:])
        elif line == "bad":
            raise WireError("bad")
        elif line == "bug":
            raise KeyError(line)
        elif line == "end":
            self.context.done()
        else:
            fields = {"message": line, "user.name": None, "related.ip": []}
            self.context.emit("other", time, fields, client=side)
        return at


def talk(name: str = "talk", session: type[Session] = Talk) -> Protocol:
    return Protocol(
        name=name,
        title=name,
        standard="none",
        transports=frozenset({"tcp"}),
        session=session,
        recognises=lambda data, side, flow: data.startswith(b"hello"),
        datasets={"other": ("message",)},
    )


def started(*protocols: Protocol, name: str = "talk") -> tuple[Sessions, Losses]:
    losses = Losses()
    sessions = Sessions({one.name: one for one in protocols or (talk(),)}, losses)
    sessions.begin(1, FLOW, COMMON, "C1", name)
    return sessions, losses


def messages(sessions: Sessions) -> list[str]:
    return [json.loads(line)["message"] for line in sessions.take()[0].splitlines()]


def test_events_have_the_common_fields_an_id_of_their_own_and_sides() -> None:
    sessions, _ = started()
    sessions.data(1, 0, b"one\n", 1)
    sessions.data(1, 1, b"two\n", 1)
    lines, count = sessions.take()
    first, second = (json.loads(line) for line in lines.splitlines())
    assert count == 2
    assert first["network.protocol"] == "talk"
    assert "user.name" not in first
    assert (first["source.ip"], second["source.ip"]) == ("192.0.2.1", "192.0.2.2")
    assert second["destination.port"] == 1
    assert first["event.id"] != second["event.id"]


def test_what_stands_behind_a_switch_goes_to_the_next_parser() -> None:
    sessions, _ = started(talk(), talk("other"))
    sessions.data(1, 0, b"one\nup other\ntwo\nthr", 1)
    sessions.data(1, 0, b"ee\n", 2)
    assert messages(sessions) == ["one", "two", "three"]
    assert sessions.verdict(1) == (False, "other", False)


def test_a_switch_to_the_unknown_asks_the_decoder_again() -> None:
    sessions, _ = started()
    sessions.data(1, 0, b"up \n", 1)
    assert sessions.verdict(1) == (False, "talk", True)
    sessions.data(1, 0, b"hello again\n", 2)
    assert messages(sessions) == ["hello again"]


def test_a_parser_that_fails_ends_counted_and_keeps_what_it_gave() -> None:
    for word, name in (("bad", "talk.bad"), ("bug", "talk.parser_error")):
        sessions, losses = started()
        sessions.data(1, 0, f"one\n{word}\ntwo\n".encode(), 1)
        assert messages(sessions) == ["one"]
        assert losses.as_json() == {name: 1}
        assert sessions.verdict(1)[0]


def test_unknown_bytes_wait_until_they_are_recognised_and_not_longer() -> None:
    sessions, _ = started(name="")
    sessions.data(1, 0, b"hel", 1)
    sessions.data(1, 0, b"lo\nx\n", 2)
    assert messages(sessions) == ["hello", "x"]
    sessions, _ = started(name="")
    for _ in range(4):
        sessions.data(1, 0, b"nothing", 1)
    assert sessions.verdict(1) == (True, "", False)


def test_what_another_flow_announced_is_taken_for_it() -> None:
    class Asks(Session):
        def __init__(self, context: Context) -> None:
            super().__init__(context)
            if context.note is None:
                context.expect("192.0.2.9", 99, "asks", "secret")

        def data(self, side: int, data: bytes, time: int) -> None:
            self.context.emit("other", time, {"message": str(self.context.note)})

    sessions, _ = started(talk("asks", Asks), name="asks")
    sessions.begin(2, Flow("tcp", "192.0.2.1", 5, "192.0.2.9", 99, 1), COMMON, "C2", "")
    sessions.data(2, 0, b"x", 2)
    assert messages(sessions) == ["secret"]


def test_sessions_are_bounded_and_the_oldest_ends_counted() -> None:
    sessions, losses = started()
    for number in range(2, MAX_SESSIONS + 12):
        sessions.begin(number, FLOW, COMMON, f"C{number}", "talk")
    assert losses.as_json() == {"session.evicted": 11}
    assert sessions.verdict(1) == (True, "", False)
