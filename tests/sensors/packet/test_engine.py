"""Nothing that arrives may break the decoder: mutated captures against its laws."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fengsui.errors import InputError
from sensors.packet import decoder, layout
from sensors.packet.native import is_cached, warm_up
from tests.sensors.packet.frames import (
    CLIENT,
    MS,
    START,
    Connection,
    answer,
    pcap,
    pcapng,
    question,
    sense,
    udp,
)
from tests.sensors.packet.test_tls import hello, record, server_hello

GUARDS = [
    layout.INPUT + layout.INPUT_SIZE,
    layout.OUT + layout.OUT_SIZE,
    layout.SCRATCH + layout.SCRATCH_SIZE,
    layout.OBSERVER + layout.OBSERVER_SIZE,
    layout.BLOCKS + layout.BLOCK_SIZE * layout.BLOCK_COUNT,
    layout.NOTES + layout.NOTE_SIZE * layout.NOTE_COUNT,
    layout.SLOTS + layout.SLOT_SIZE * layout.SLOT_COUNT,
    layout.DEFRAGMENTED + 64 * 1024,
    layout.WORDS + layout.WORDS_SIZE,
    layout.ARENA_SIZE - layout.GUARD,
]


def mixture() -> list[tuple[int, bytes]]:
    web = Connection().open()
    web.say(0, b"GET /a?b HTTP/1.1\r\nHost: h\r\nUser-Agent: u\r\n\r\n", 20)
    web.say(1, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nMZ\0\0\r\n0\r\n\r\n", 30)
    secure = Connection(443, 41_000).open()
    secure.say(0, record(22, hello()), 90)
    secure.say(1, record(22, server_hello()))
    secure.say(0, record(23, b"x"))
    reply = answer(1, "a.b", 16, [(16, b"\x03abc"), (5, b"\x01c\xc0\x0c"), (1, b"1234")])
    dns = [
        (START, udp(CLIENT, 9, "9.9.9.9", 53, question(1, "a.b", 16))),
        (START + MS, udp("9.9.9.9", 53, CLIENT, 9, reply)),
    ]
    return [*dns, *web.close().packets, *secure.close().packets]


CAPTURES = [pcap(mixture()), pcapng(mixture()), pcap(mixture(), order=">", nano=True)]
Edits = list[tuple[int, int]]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.sampled_from(CAPTURES),
    st.lists(st.tuples(st.integers(0, 8000), st.integers(0, 255)), max_size=40),
    st.integers(0, 8000),
    st.sampled_from([1, 2, 100]),
)
def test_mutated_captures_keep_the_laws(
    capture_bytes: bytes, edits: Edits, keep: int, flows: int
) -> None:
    data = bytearray(capture_bytes)
    for place, value in edits:
        data[24 + place % (len(data) - 24)] = value
    made: list[layout.Tables] = []
    original = layout.make_tables

    def remember(*sizes: int) -> layout.Tables:
        made.append(original(*sizes))
        return made[-1]

    decoder.make_tables = remember
    try:
        sense(bytes(data) + bytes(data[24 : 24 + keep]), max_flows=flows)
    except InputError:
        pass
    finally:
        decoder.make_tables = original
    for tables in made:
        for guard in GUARDS:
            assert not tables.arena[guard : guard + layout.GUARD].any()


def test_everything_taken_is_handed_back() -> None:
    made: list[layout.Tables] = []
    original = layout.make_tables

    def remember(*sizes: int) -> layout.Tables:
        made.append(original(*sizes))
        return made[-1]

    decoder.make_tables = remember
    try:
        sense(pcap(mixture()))
    finally:
        decoder.make_tables = original
    state = made[0].state[0]
    assert state["live"] == 0
    assert state["fragment_slots"] == 0
    for pool in ("note", "block", "query", "slot", "datagram"):
        free = int(state[f"free_{pool}"])
        links = {
            "note": made[0].notes["next"],
            "block": made[0].block_next,
            "query": made[0].queries["chain"],
            "slot": made[0].slots_held["next"],
            "datagram": made[0].datagrams["chain"],
        }[pool]
        count = 0
        while free:
            count += 1
            free = int(links[free - 1])
        assert count == state[f"fresh_{pool}"]


def test_compiled_code_is_kept() -> None:
    warm_up()
    assert is_cached()
