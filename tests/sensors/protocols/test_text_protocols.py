"""The laws of `text_laws` over the conversations of mail, remote login, discovery and video protocols."""

from __future__ import annotations

import importlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocol import Protocol
from tests.sensors.protocols import conversations
from tests.sensors.protocols.playing import a_flow, play
from tests.sensors.protocols.text_laws import (
    same_in_pieces,
    survives,
    survives_gaps,
    survives_garbage,
)

NAMES = (
    "ssh", "smtp", "ftp", "ftp_data", "imap", "pop3", "tftp", "telnet", "irc", "irc_data", "sip", "rtsp",
    "ws_discovery", "ssdp", "mqtt",
)  # fmt: skip


def protocol_of(name: str) -> Protocol:
    return importlib.import_module(f"sensors.protocols.{name}").PROTOCOL


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_on_the_shelf_under_its_name(name: str) -> None:
    assert protocol_of(name).name == name


@pytest.mark.parametrize("name", sorted(conversations.STREAMS))
def test_pieces_make_no_difference(name: str) -> None:
    said, port = conversations.STREAMS[name]
    same_in_pieces(protocol_of(name), said, a_flow(port))


@pytest.mark.parametrize("name", sorted(conversations.ALL))
def test_spoilt_conversations_do_no_harm(name: str) -> None:
    said, port, transport = conversations.ALL[name]
    survives(protocol_of(name), said, a_flow(port, transport))


@pytest.mark.parametrize("name", sorted(conversations.STREAMS))
def test_lost_pieces_do_no_harm(name: str) -> None:
    said, port = conversations.STREAMS[name]
    survives_gaps(protocol_of(name), said, a_flow(port))


@pytest.mark.parametrize("name", sorted(conversations.ALL))
def test_the_first_bytes_are_recognised(name: str) -> None:
    said, port, transport = conversations.ALL[name]
    side, data = said[0]
    assert protocol_of(name).recognises(data, side, a_flow(port, transport))


@pytest.mark.parametrize("name", NAMES)
def test_others_are_not_recognised(name: str) -> None:
    for other, (said, port, transport) in conversations.ALL.items():
        if other != name and transport in protocol_of(name).transports:
            side, data = said[0]
            assert not protocol_of(name).recognises(data, side, a_flow(port, transport)), other


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(garbage=st.binary(max_size=300))
def test_garbage_does_no_harm(name: str, garbage: bytes) -> None:
    protocol = protocol_of(name)
    survives_garbage(protocol, garbage, a_flow(transport=max(protocol.transports)))


@pytest.mark.parametrize("name", sorted(conversations.STREAMS))
def test_a_line_without_end_costs_no_memory(name: str) -> None:
    said, port = conversations.STREAMS[name]
    played = play(
        protocol_of(name), [said[0], *[(side, b"A" * 60_000) for side in (0, 1) * 20]], a_flow(port)
    )
    assert f"{name}.parser_error" not in played.losses
