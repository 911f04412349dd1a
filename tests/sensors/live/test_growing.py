"""Files that are still being written."""

from __future__ import annotations

import io
import time
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO, cast

from hypothesis import given
from hypothesis import strategies as st

from sensors.live.growing import GrowingFile, LogPiece


def read_all(stream: io.RawIOBase) -> bytes:
    return b"".join(iter(lambda: stream.read(7) or b"", b""))


def growing(path: Path, quiet: float = 30.0) -> tuple[GrowingFile, list[bytes], Thread, Event]:
    stop, found = Event(), list[bytes]()
    file = GrowingFile(path, quiet=quiet, stop=stop)
    thread = Thread(target=lambda: found.append(read_all(file)))
    thread.start()
    return file, found, thread, stop


def test_is_read_on_until_it_is_rotated(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(b"first ")
    file, found, thread, _ = growing(path)
    with path.open("ab") as writer:
        writer.write(b"second ")
        writer.flush()
        path.rename(tmp_path / "a.pcap.1")
        path.write_bytes(b"another file")
        time.sleep(0.5)  # longer than between two looks: the rename has been seen
        writer.write(b"third")
    thread.join(10)
    assert found == [b"first second third"]
    assert (file.end, file.taken) == ("rotated", 18)
    file.close()


def test_ends_when_quiet_truncated_or_stopped(tmp_path: Path) -> None:
    path = tmp_path / "a.pcap"
    path.write_bytes(b"all of it")
    file, found, thread, _ = growing(path, quiet=0.3)
    thread.join(10)
    assert (found, file.end) == ([b"all of it"], "quiet")
    file.close()
    file, _, thread, stop = growing(path)
    stop.set()
    thread.join(10)
    assert file.end == "stopped"
    file.close()
    file, _, thread, _ = growing(path)
    while file.taken < 9:
        pass
    path.write_bytes(b"new")
    thread.join(10)
    assert file.end == "truncated"
    file.close()


def test_a_piece_of_a_log_has_its_head_and_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "conn.log"
    head, one, two = b"#separator \\x09\n#fields\tts\n", b"1\n", b"2\n"
    path.write_bytes(head + one + two + b"half a li")
    with LogPiece(path, len(head + one)) as piece:
        assert read_all(piece) == head + two
        assert piece.end == len(head + one + two)
    with LogPiece(path, 0) as piece:
        assert read_all(piece) == head + one + two


@given(
    st.lists(st.binary(max_size=20).map(lambda b: b.replace(b"\n", b"")), max_size=12), st.data()
)
def test_pieces_together_are_the_whole(lines: list[bytes], data: st.DataObject) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.log")
        whole = b"".join(b"x" + line + b"\n" for line in lines)
        at, found = 0, b""
        for size in sorted({*data.draw(st.lists(st.integers(0, len(whole)))), len(whole)}):
            path.write_bytes(whole[:size])
            with LogPiece(path, at) as piece:
                found += read_all(cast("io.RawIOBase", piece))
                at = piece.end
        assert found == whole


def test_is_a_stream_for_readers(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"a\nb\n")
    with LogPiece(path, 0) as piece:
        assert cast("BinaryIO", piece).read(100) == b"a\nb\n"
