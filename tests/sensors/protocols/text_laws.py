"""Laws that every parser of a conversation must keep; used by the tests of the text protocols."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from fengsui.loss import Losses
from sensors.protocol import Flow, Protocol
from sensors.sessions import Sessions
from tests.sensors.protocols.playing import START, checked, common_of, play

Said = Sequence[tuple[int, bytes]]
_OF_TIME = {"@timestamp", "event.id", "event.duration"}


def told(events: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events without what depends on when a piece came."""
    return [{k: v for k, v in event.items() if k not in _OF_TIME} for event in events]


def same_in_pieces(protocols: Protocol | Sequence[Protocol], said: Said, flow: Flow) -> None:
    """However the bytes are cut, the events are the same."""
    whole = told(play(protocols, said, flow).events)
    for piece in (1, 7, 64):
        assert told(play(protocols, said, flow, piece=piece).events) == whole


def survives(protocol: Protocol, said: Said, flow: Flow, rounds: int = 60) -> None:
    """Spoilt conversations and single sides: nothing of ours goes wrong, events stay well formed."""
    for side in (0, 1):
        played = play(protocol, [one for one in said if one[0] == side], flow)
        assert f"{protocol.name}.parser_error" not in played.losses
    chance = random.Random(7)
    for _ in range(rounds):
        spoilt = [(side, _spoil(chance, data)) for side, data in said]
        if chance.random() < 0.3:
            chance.shuffle(spoilt)
        played = play(protocol, spoilt, flow, piece=chance.choice((0, 0, 5)))
        assert f"{protocol.name}.parser_error" not in played.losses, spoilt
        assert f"{protocol.name}.recognition_error" not in played.losses


def survives_gaps(protocol: Protocol, said: Said, flow: Flow, rounds: int = 40) -> None:
    """Pieces that are lost anywhere: nothing of ours goes wrong."""
    chance = random.Random(11)
    for _ in range(rounds):
        losses = Losses()
        sessions = Sessions({protocol.name: protocol}, losses)
        sessions.begin(1, flow, common_of(flow), "C1", protocol.name)
        for number, (side, data) in enumerate(said):
            cut = chance.randrange(len(data) + 1) if chance.random() < 0.3 else len(data)
            sessions.data(1, side, data[:cut], START + number)
            if cut < len(data):
                gone = chance.randint(1, len(data) - cut)
                sessions.gap(1, side, gone, START + number)
                sessions.data(1, side, data[cut + gone :], START + number)
        sessions.end(1, START)
        checked(sessions, [protocol])
        assert f"{protocol.name}.parser_error" not in losses.as_json()


def _spoil(chance: random.Random, data: bytes) -> bytes:
    found = bytearray(data)
    for _ in range(chance.choice((0, 1, 1, 3, 20))):
        if found:
            found[chance.randrange(len(found))] = chance.choice(
                (0, 10, 13, 32, 46, 255, chance.randrange(256))
            )
    if chance.random() < 0.2:
        del found[chance.randrange(len(found) + 1) :]
    if chance.random() < 0.1:
        found += bytes(chance.randrange(256) for _ in range(40))
    return bytes(found)


def survives_garbage(protocol: Protocol, garbage: bytes, flow: Flow) -> None:
    """Any bytes, as the first of either side, to the parser and to the recognition."""
    for side in (0, 1):
        protocol.recognises(garbage, side, flow)
        played = play(protocol, [(side, garbage), (1 - side, garbage)], flow)
        assert f"{protocol.name}.parser_error" not in played.losses
