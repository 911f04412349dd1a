"""Magic: how a capture begins, how standard input is named, and what else people send; without readers."""

from __future__ import annotations

STANDARD_INPUT = "-"
ZIP = b"PK\x03\x04"
CAPTURES = (
    b"\xa1\xb2\xc3\xd4",
    b"\xd4\xc3\xb2\xa1",
    b"\xa1\xb2\x3c\x4d",
    b"\x4d\x3c\xb2\xa1",
    b"\xa1\xb2\xcd\x34",
    b"\x34\xcd\xb2\xa1",
    b"\x0a\x0d\x0d\x0a",  # pcapng section header
)
# What is neither a capture that we read nor a log, by how it begins.
FOREIGN = (
    (b"\x00" * 16, "only zeros"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (ZIP, "a ZIP archive: unpack it"),
    (b"Rar!", "a RAR archive: unpack it"),
    (b"7z\xbc\xaf", "a 7-Zip archive: unpack it"),
    (b"\x04\x22\x4d\x18", "an lz4 file: unpack it"),
    (b"snoop\x00\x00\x00", "a snoop capture: convert it with editcap -F pcap"),
    (b"GMBU", "a Network Monitor capture: convert it with editcap -F pcap"),
    (b"XCP\x00", "a NetXRay capture: convert it with editcap -F pcap"),
    (b"TRSNIFF data", "a Sniffer capture: convert it with editcap -F pcap"),
    (b"\x13\x00\x00\x00Microsoft", "an event trace (ETL): convert it with etl2pcapng"),
    (b"SQLite format 3", "a SQLite database"),
    (b"%PDF", "a PDF document"),
)
LONGEST_MAGIC = 262


def foreign(head: bytes) -> str:
    """What a file is that begins so and that nobody here reads; "" where that is not known."""
    found = next((what for start, what in FOREIGN if head.startswith(start)), "")
    return found or ("a tar archive: unpack it" if is_tar(head) else "")


def is_tar(head: bytes) -> bool:
    """Whether a file begins so as tar files of POSIX and GNU do; `head`: at least `LONGEST_MAGIC` bytes."""
    return head[257:262] == b"ustar"
