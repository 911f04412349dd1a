"""Parsers of the second tier under fuzzing that follows coverage (atheris, the extra `fuzz`).

`python -m tests.fuzz_guided CORPUS -max_total_time=600 -artifact_prefix=FOLDER/`: arguments are
libFuzzer's. An input is the number of a protocol, then messages: side (one byte), size (two), bytes.
The conversations of the tests are put into CORPUS first, where it is empty.
"""

from __future__ import annotations

import importlib
import random
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

atheris: Any = importlib.import_module("atheris")
with atheris.instrument_imports(include=["sensors.protocols", "sensors.wire", "sensors.files"]):
    from sensors.shelf import all_protocols

    SHELF = all_protocols()

from tests.sensors.protocols.talk_mutants import faults  # noqa: E402
from tests.sensors.protocols.talks import Talk, flow_for, spoken  # noqa: E402

NAMES = sorted(SHELF)


def encoded(protocol: str, said: Iterable[tuple[int, bytes]]) -> bytes:
    """A conversation as an input."""
    parts = [bytes([NAMES.index(protocol)])]
    parts += [struct.pack(">BH", side, len(data[:65_535])) + data[:65_535] for side, data in said]
    return b"".join(parts)


def decoded(data: bytes) -> Talk:
    """An input as a conversation; whatever the bytes are."""
    protocol = SHELF[NAMES[data[0] % len(NAMES) if data else 0]]
    said: list[tuple[int, bytes]] = []
    at = 1
    while at + 3 <= len(data):
        side, size = struct.unpack_from(">BH", data, at)
        said.append((side % 3, data[at + 3 : at + 3 + size]))
        at += 3 + size
    transport = "tcp" if "tcp" in protocol.transports else "udp"
    return Talk("guided", protocol.name, tuple(said), flow_for(protocol, transport))


def once(data: bytes) -> None:
    """One input.

    Raises:
        AssertionError: it breaks a law.
    """
    talk = decoded(data)
    wrong = [one for one in faults(talk, random.Random(len(data)), SHELF) if "slow" not in one]
    assert not wrong, f"{talk.protocol}: {wrong[0]}"


def main() -> None:
    """Fill the corpus where it is empty; then libFuzzer goes on."""
    corpus = Path(sys.argv[1])
    corpus.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        for number, talk in enumerate(spoken()):
            (corpus / f"{number}").write_bytes(encoded(talk.protocol, talk.said))
    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
