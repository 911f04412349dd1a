"""Where things lie: the byte arena, the tables of flows, notes and DNS queries, and their bounds.

All memory is allocated once, is touched only where used, and never grows with the input.
Indices in records are stored plus one, so that zeroed memory means "none".
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from sensors.packet.smb_layout import (
    ASK,
    ASK_COUNT,
    OPENED,
    OPENED_COUNT,
    SEEN_COUNT,
    SHARE,
    SHARE_COUNT,
    SHARE_SIZE,
    STATUS_COUNT,
    STATUSES_SIZE,
)

Bytes = npt.NDArray[np.uint8]
Words = npt.NDArray[np.int64]
Record = Any  # one element of a structured array

KIB: Final = 1024
MIB: Final = 1024 * KIB
SECOND: Final = 1_000_000_000

# The arena. A guard of zeros stands after each region; tests look whether they stayed zero.
GUARD: Final = 4 * KIB
INPUT: Final = 0
INPUT_SIZE: Final = 1 * MIB
MAX_PACKET: Final = 256 * KIB  # libpcap's MAXIMUM_SNAPLEN; what claims more is not a packet
OUT: Final = INPUT + INPUT_SIZE + GUARD
OUT_SIZE: Final = 4 * MIB
OUT_READY: Final = OUT + 1 * MIB
EVENT_ROOM: Final = 160 * KIB  # no event is longer; without this room it is dropped and counted
SCRATCH: Final = OUT + OUT_SIZE + GUARD
SCRATCH_SIZE: Final = 64 * KIB
OBSERVER: Final = SCRATCH + SCRATCH_SIZE + GUARD
OBSERVER_SIZE: Final = 4 * KIB
BLOCKS: Final = OBSERVER + OBSERVER_SIZE + GUARD  # reassembly of cut heads
BLOCK_SIZE: Final = 16 * KIB
BLOCK_COUNT: Final = 1024
NOTES: Final = BLOCKS + BLOCK_SIZE * BLOCK_COUNT + GUARD  # half-written HTTP and TLS events
NOTE_SIZE: Final = 16 * KIB
NOTE_REQUEST: Final = 11 * KIB  # of which a request may use this much
NOTE_COUNT: Final = 2048
NAMES: Final = NOTES + NOTE_SIZE * NOTE_COUNT + GUARD  # names of unanswered DNS queries
NAME_SIZE: Final = 256
QUERY_COUNT: Final = 16_384
SLOTS: Final = NAMES + NAME_SIZE * QUERY_COUNT + GUARD  # segments and fragments that came early
SLOT_SIZE: Final = 2 * KIB
SLOT_COUNT: Final = 8192
MAX_HELD: Final = 256 * KIB  # of one direction
DATAGRAM_COUNT: Final = 1024  # fragmented datagrams at once
DATAGRAM_BUCKETS: Final = 1024
DATAGRAM_SLOTS: Final = 4096  # at most, of all slots
DEFRAGMENTED: Final = SLOTS + SLOT_SIZE * SLOT_COUNT + GUARD  # one datagram put together
WORDS: Final = DEFRAGMENTED + 64 * KIB + GUARD  # names of protocols
WORDS_SIZE: Final = 8 * KIB
HANDOVER: Final = WORDS + WORDS_SIZE + GUARD  # records for the parsers of the second tier
HANDOVER_SIZE: Final = 4 * MIB
HANDOVER_READY: Final = HANDOVER + 768 * KIB
HANDOVER_HEAD: Final = 40
SHARES: Final = HANDOVER + HANDOVER_SIZE + GUARD  # texts of shares of SMB2
STATUSES: Final = SHARES + SHARE_SIZE * SHARE_COUNT + GUARD  # names of answers of SMB2
ARENA_SIZE: Final = STATUSES + STATUSES_SIZE + GUARD
MAX_PROTOCOLS: Final = 256

MAX_INTERFACES: Final = 256
HISTORY_SIZE: Final = 40
LISTS: Final = 4

# What the parser of one direction is doing.
NEW: Final = 0  # protocol not known yet
DONE: Final = 1  # nothing more is wanted of this direction
HTTP_HEAD: Final = 2
HTTP_BODY: Final = 3  # remaining bytes are known
HTTP_CHUNK: Final = 4  # chunked: remaining of this chunk, or between chunks
HTTP_TAIL: Final = 5  # body until the connection ends
TLS_HELLO: Final = 6
TLS_RECORDS: Final = 7
DNS_STREAM: Final = 8
HANDED: Final = 9  # a parser of the second tier has it
ASKED: Final = 10  # handed over to be recognised

# What a protocol's flows are to sessions: Tables.roles.
HANDLED: Final = 1  # they get all
WATCHED: Final = 2  # the answer to each payload is waited for
GLANCED: Final = 3  # they get the beginning

# What is wanted, as bits of state.wanted; those of datasets are 1 << dataset.
WANT_FLOW: Final = 1
WANT_DNS: Final = 2
WANT_HTTP: Final = 4
WANT_TLS: Final = 8
WANT_OPEN_FLOWS: Final = 16
WANT_BODIES: Final = 32
WANT_SESSIONS: Final = 64
WANT_UNKNOWN: Final = 128  # what compiled code does not recognise
WANT_SMB: Final = 256
WANT_SMB_FILES: Final = 512
WANT_LOGONS: Final = 1024  # NTLM and Kerberos in heads of HTTP

FLOW: Final = np.dtype(
    [
        ("address", "i8", (4,)),  # originator high, low; responder high, low (IPv4 in low)
        ("start", "i8"),
        ("last", "i8"),
        ("touched", "i8"),  # expiry clock when last seen
        ("packets", "i4", (2,)),  # 0 originator, 1 responder
        ("bytes", "i8", (2,)),  # IP layer
        ("payload", "i8", (2,)),  # of datagrams; TCP's is told by its sequence numbers
        ("missed", "i8"),
        ("remaining", "i8", (2,)),  # body, chunk or record bytes still to skip
        ("mac", "i8", (2,)),
        ("hash", "i4"),
        ("next_seq", "u4", (2,)),  # where the next byte for the parser is expected
        ("high_seq", "u4", (2,)),
        ("previous", "i4"),
        ("next", "i4"),
        ("block", "i4", (2,)),
        ("filled", "i2", (2,)),
        ("held", "i4", (2,)),  # first slot of segments that came early, by sequence number
        ("held_bytes", "i4", (2,)),
        ("serial", "i8"),  # number of the flow
        ("reported", "i8"),  # when it was last written, for flows that stay open
        ("outer", "i8", (4,)),  # addresses of the tunnel
        ("tunnel_id", "i8"),
        ("tunnel", "i1"),
        ("outer_family", "i1"),
        ("handed", "i1"),  # a session was begun for it
        ("body", "i4", (2,)),  # ordinal of the transaction whose body is handed over
        ("depth", "i4"),  # HTTP transactions so far
        ("misses", "i4"),  # segments where a head of HTTP was looked for and not found
        ("first_note", "i4"),
        ("last_note", "i4"),
        ("waiting_note", "i4"),  # response head seen, first bytes of its body not yet
        ("notes", "i2"),
        ("queries", "i4"),  # DNS queries without reply
        ("ordinal", "i4"),
        ("port", "i4", (2,)),
        ("vlan", "i2"),
        ("inner_vlan", "i2"),
        ("transport", "i2"),
        ("family", "i2"),
        ("list", "i1"),
        ("protocol", "i2"),
        ("tried", "i1"),  # payloads looked at to recognise the protocol
        ("one_way", "i1"),  # ICMP without a counterpart
        ("seq_known", "i1", (2,)),
        ("state", "i1", (2,)),
        ("before", "i1", (2,)),  # state before this one
        ("fins", "i1", (2,)),  # has sent FIN
        ("start_seq", "u4", (2,)),  # of the SYN; one before the first byte where none was seen
        ("last_seq", "u4", (2,)),  # behind the highest byte sent
        ("ack_seq", "u4", (2,)),  # up to here acknowledged by the other side
        ("sent", "i8", (2,)),  # last_seq from start_seq on, past 2^32
        ("acked", "i8", (2,)),  # ack_seq from start_seq on
        ("marked", "u4", (6,)),  # where the last SYN, FIN, RST of each side was
        ("counts", "i4", (6,)),  # retransmissions, zero windows, gaps of each side
        ("letters", "i2", (2,)),
        ("stage", "i1", (2,)),
        ("chunk", "i1", (2,)),
        ("resync", "i1", (2,)),
        ("tls_seen", "i1"),  # bits: 1 client hello, 2 server hello, 4 established
        ("history_size", "i1"),
        ("history", "u1", (HISTORY_SIZE,)),
        ("community", "u1", (20,)),
        ("named", "i1"),  # community is filled in
        ("quiet", "i8", (8,)),  # four file ids of SMB2 whose reads tell nothing; 0: none
        ("unanswered", "i8", (4,)),  # 1 + the numbers of such reads that were left out
        ("reads", "i8"),  # answers to reads that went to the parser since
        ("shares", "i4"),  # first of its shares of SMB2, of its requests, of its open files
        ("asks", "i4"),
        ("opened", "i4"),
        ("ask_count", "i4"),
        ("open_count", "i4"),
        ("ours", "i1", (2,)),  # the message whose bytes come is not the parser's
        ("to_header", "i8", (2,)),  # bytes before the next header in such a message
    ],
    align=True,
)

NOTE: Final = np.dtype(
    [
        ("time", "i8"),
        ("ordinal", "i4"),
        ("size", "i4"),
        ("mime", "i4"),  # size before http.response.mime_type was written
        ("next", "i4"),  # free list, or the flow's queue
        ("method", "i2"),
        ("client", "i2"),
        ("encoded", "i2"),
        ("bytes", "i8", (2,)),  # of the bodies of request and response
        ("depth", "i4"),
        ("logon", "i2"),  # the request has a token of NTLM or Kerberos
        ("chain", "i4"),  # bytes of the server's certificates, at the end of the note
        ("client_chain", "i4"),  # and of the client's, before them
        ("alert", "i2"),  # 1 + the last TLS alert, 0 where there was none
    ],
    align=True,
)

SLOT: Final = np.dtype([("start", "i8"), ("size", "i4"), ("next", "i4")], align=True)

DATAGRAM: Final = np.dtype(
    [
        ("address", "i8", (4,)),
        ("time", "i8"),
        ("id", "i8"),
        ("bytes", "i8"),
        ("size", "i8"),  # of the whole payload, -1 until its last fragment came
        ("header", "i8"),  # bytes before the payload
        ("first", "i4"),
        ("fragments", "i4"),
        ("bucket", "i4"),
        ("chain", "i4"),
        ("older", "i4"),
        ("newer", "i4"),
        ("transport", "i2"),
        ("family", "i2"),
    ],
    align=True,
)

QUERY: Final = np.dtype(
    [
        ("time", "i8"),
        ("touched", "i8"),
        ("flow", "i4"),
        ("bucket", "i4"),
        ("chain", "i4"),  # next of the same bucket, or of the free list
        ("older", "i4"),
        ("newer", "i4"),
        ("ordinal", "i4"),
        ("size", "i4"),
        ("id", "i4"),
        ("flags", "i4"),
        ("type", "i4"),
        ("qclass", "i4"),
        ("name", "i4"),  # bytes of the name
        ("name_at", "i8"),  # where it lies in the arena
        ("client", "i2"),
    ],
    align=True,
)
QUERY_BUCKETS: Final = 32_768

# The flow that is carved out of captures.
WANTED: Final = np.dtype(
    [
        ("family", "i8"),
        ("transport", "i8"),
        ("address", "i8", (4,)),
        ("port", "i8", (2,)),
        ("since", "i8"),
        ("until", "i8"),
    ],
    align=True,
)

STATE: Final = np.dtype(
    [
        # container
        ("position", "i8"),
        ("limit", "i8"),
        ("skip", "i8"),
        ("pcapng", "i8"),
        ("big_endian", "i8"),
        ("record_header", "i8"),
        ("nanoseconds", "i8"),
        ("interfaces", "i8"),
        ("if_link", "i8", (MAX_INTERFACES,)),
        ("if_snap", "i8", (MAX_INTERFACES,)),
        ("if_resolution", "i8", (MAX_INTERFACES,)),
        ("if_offset", "i8", (MAX_INTERFACES,)),
        # packet
        ("packet", "i8"),
        ("captured", "i8"),
        ("length", "i8"),
        ("link", "i8"),
        ("time", "i8"),
        ("kind", "i8"),
        ("family", "i8"),
        ("transport", "i8"),
        ("source_high", "i8"),
        ("source_low", "i8"),
        ("destination_high", "i8"),
        ("destination_low", "i8"),
        ("source_port", "i8"),
        ("destination_port", "i8"),
        ("source_mac", "i8"),
        ("destination_mac", "i8"),
        ("vlan", "i8"),
        ("inner_vlan", "i8"),
        ("ip_bytes", "i8"),
        ("payload", "i8"),
        ("payload_end", "i8"),
        ("payload_size", "i8"),
        ("wire_end", "i8"),
        ("flags", "i8"),
        ("sequence", "i8"),
        ("acknowledged", "i8"),
        ("window", "i8"),
        ("one_way", "i8"),
        ("fragment", "i8"),
        ("fragment_id", "i8"),
        ("fragment_at", "i8"),
        ("fragment_more", "i8"),
        ("bundle", "i8"),  # where the next frame of an aggregate (A-MSDU) begins, or 0
        # tunnel: the outermost one's kind, id and addresses
        ("depth", "i8"),
        ("tunnel", "i8"),
        ("tunnel_id", "i8"),
        ("outer_family", "i8"),
        ("outer", "i8", (4,)),
        ("inside", "i8"),
        ("tunnel_key", "i8"),
        ("saved", "i8", (18,)),
        # ring of a live interface
        ("ring", "i8"),
        ("ring_left", "i8"),
        ("ring_vlan", "i8"),
        ("tick", "i8"),  # the wall clock of an idle interface, ns; 0 where packets tell the time
        # clock
        ("records", "i8"),
        ("first", "i8"),
        ("newest", "i8"),
        ("clock", "i8"),
        ("expired_at", "i8"),
        ("batch_at", "i8"),
        # output
        ("out", "i8"),
        ("batch_events", "i8"),
        ("observer", "i8"),
        ("wanted", "i8"),
        ("handover", "i8"),
        ("last_body", "i8"),  # where the last record begins, if it is of a body; else 0
        ("body_serial", "i8"),
        ("body_size", "i8"),
        ("asking", "i8"),
        ("serial", "i8"),
        ("report_every", "i8"),
        # flow table
        ("seed", "i8"),
        ("mask", "i8"),
        ("free_flow", "i8"),
        ("fresh_flow", "i8"),
        ("max_flows", "i8"),
        ("live", "i8"),
        ("head", "i8", (LISTS,)),
        ("tail", "i8", (LISTS,)),
        # pools
        ("free_block", "i8"),
        ("fresh_block", "i8"),
        ("free_note", "i8"),
        ("fresh_note", "i8"),
        ("free_query", "i8"),
        ("fresh_query", "i8"),
        ("oldest_query", "i8"),
        ("newest_query", "i8"),
        ("free_slot", "i8"),
        ("fresh_slot", "i8"),
        ("fragment_slots", "i8"),
        ("free_datagram", "i8"),
        ("fresh_datagram", "i8"),
        ("oldest_datagram", "i8"),
        ("newest_datagram", "i8"),
        ("free_share", "i8"),
        ("fresh_share", "i8"),
        ("free_ask", "i8"),
        ("fresh_ask", "i8"),
        ("free_opened", "i8"),
        ("fresh_opened", "i8"),
        ("statuses", "i8"),  # named
        # results of a parser that has more than one
        ("name_end", "i8"),
        ("cut", "i8"),
    ],
    align=True,
)


class Tables(NamedTuple):
    """Everything that the compiled code works on."""

    arena: Bytes
    state: Any  # one STATE
    flows: Any  # of FLOW
    slots: Words  # open addressing: hash tag in the high half, index + 1 in the low half
    notes: Any  # of NOTE
    queries: Any  # of QUERY
    buckets: npt.NDArray[np.int32]
    block_next: npt.NDArray[np.int32]
    slots_held: Any  # of SLOT
    datagrams: Any  # of DATAGRAM
    datagram_buckets: npt.NDArray[np.int32]
    roles: npt.NDArray[np.int8]  # by protocol number: HANDLED, WATCHED, GLANCED, or 0
    homes: npt.NDArray[np.int16]  # protocol number by port, 0 where none is at home
    groups: npt.NDArray[np.int8]  # by protocol number: those of one group share their ports
    words: Words  # name of a protocol by number: offset in the arena << 12 | length
    counts: Words  # packets by kind, see sensors.packet.kinds
    losses: Words
    events: Words  # by dataset number
    work: Words  # registers of hashes, offsets found by parsers
    shares: Any  # of SHARE
    asks: Any  # of ASK
    opened: Any  # of OPENED
    seen: Words  # by hash: hash and time of an opening
    status_codes: Words  # in order
    status_names: Words  # of each: offset in the arena << 12 | length


def make_tables(max_flows: int, seed: int, kinds: int, losses: int) -> Tables:
    """Fresh tables for one input.

    Args:
        max_flows: flows tracked at once; one more evicts the one not seen for longest.
        seed: of the table's hash, so that nobody can aim at one slot; results do not depend on it.
        kinds: number of packet counters.
        losses: number of loss counters.
    """
    slots = 1 << max(4, (2 * max_flows - 1).bit_length())
    tables = Tables(
        np.zeros(ARENA_SIZE, np.uint8),
        np.zeros(1, STATE),
        np.zeros(max_flows, FLOW),
        np.zeros(slots, np.int64),
        np.zeros(NOTE_COUNT, NOTE),
        np.zeros(QUERY_COUNT + 1, QUERY),
        np.zeros(QUERY_BUCKETS, np.int32),
        np.zeros(BLOCK_COUNT, np.int32),
        np.zeros(SLOT_COUNT, SLOT),
        np.zeros(DATAGRAM_COUNT, DATAGRAM),
        np.zeros(DATAGRAM_BUCKETS, np.int32),
        np.zeros(MAX_PROTOCOLS, np.int8),
        np.zeros(65_536, np.int16),
        np.zeros(MAX_PROTOCOLS, np.int8),
        np.zeros(MAX_PROTOCOLS, np.int64),
        np.zeros(kinds, np.int64),
        np.zeros(losses, np.int64),
        np.zeros(16, np.int64),
        np.zeros(1024, np.int64),
        np.zeros(SHARE_COUNT, SHARE),
        np.zeros(ASK_COUNT, ASK),
        np.zeros(OPENED_COUNT + 1, OPENED),
        np.zeros(2 * SEEN_COUNT, np.int64),
        np.zeros(STATUS_COUNT, np.int64),
        np.zeros(STATUS_COUNT, np.int64),
    )
    state = tables.state[0]
    state["out"] = OUT
    state["seed"] = seed
    state["mask"] = slots - 1
    state["max_flows"] = max_flows
    state["ring_vlan"] = -1
    state["handover"] = HANDOVER
    state["wanted"] = WANT_FLOW | WANT_DNS | WANT_HTTP | WANT_TLS
    return tables
