"""ClientHellos are whole, and those of different stacks differ."""

from __future__ import annotations

from typing import get_args

import pytest

from playbooks.drills.traffic.chance import chance
from playbooks.drills.traffic.protocols.tls import Session, Stack, application, client_hello

STACKS: tuple[Stack, ...] = get_args(Stack)


def parts(hello: bytes) -> tuple[list[int], dict[int, bytes]]:
    """Cipher suites and extensions; fails where a length is wrong."""
    assert hello[:3] == b"\x16\x03\x01"
    assert len(hello) == 5 + int.from_bytes(hello[3:5], "big")
    assert len(hello) == 9 + int.from_bytes(hello[6:9], "big")
    at = 43
    at += 1 + hello[at]
    size = int.from_bytes(hello[at : at + 2], "big")
    ciphers = hello[at + 2 : at + 2 + size]
    at += 2 + size
    at += 1 + hello[at]
    assert at + 2 + int.from_bytes(hello[at : at + 2], "big") == len(hello)
    at += 2
    extensions: dict[int, bytes] = {}
    while at < len(hello):
        kind, size = (int.from_bytes(hello[at + n : at + n + 2], "big") for n in (0, 2))
        assert kind not in extensions
        extensions[kind] = hello[at + 4 : at + 4 + size]
        at += 4 + size
    assert at == len(hello)
    return [
        int.from_bytes(ciphers[n : n + 2], "big") for n in range(0, len(ciphers), 2)
    ], extensions


@pytest.mark.parametrize("stack", STACKS)
def test_a_hello_is_whole_and_names_its_server(stack: Stack) -> None:
    for seed in range(20):
        _, extensions = parts(client_hello(chance(seed), Session("www.example.com", stack, b"")))
        assert extensions[0].endswith(b"www.example.com")
        assert (43 in extensions) == (stack != "schannel")


def test_stacks_have_fingerprints_of_their_own() -> None:
    prints = set()
    for stack in STACKS:
        ciphers, extensions = parts(client_hello(chance(1), Session("a.example", stack, b"")))
        plain = tuple(c for c in ciphers if c & 0x0F0F != 0x0A0A)
        prints.add((plain, tuple(sorted(e for e in extensions if e & 0x0F0F != 0x0A0A))))
    assert len(prints) == len(STACKS)


def test_chrome_permutes_its_extensions_and_outgrows_a_packet() -> None:
    hellos = [client_hello(chance(n), Session("a.example", "chrome", b"")) for n in range(5)]
    assert len({tuple(parts(hello)[1]) for hello in hellos}) > 1
    assert min(len(hello) for hello in hellos) > 1460


def test_application_data_comes_in_records() -> None:
    data = application(chance(1), 40_000)
    assert len(data) == 40_000 + 3 * 5
    assert data[:5] == b"\x17\x03\x03\x40\x00"
