from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from fengsui.errors import InputError
from sensors.foreign.files import ForeignFile

EVENT = {"EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "Image": "x"}
LINE = json.dumps(EVENT).encode()


def read(
    path: Path, data: bytes, name: str = "x.log"
) -> tuple[ForeignFile, list[tuple[int, object]]]:
    file = path / name
    file.write_bytes(data)
    foreign = ForeignFile(str(file))
    return foreign, [(number, origin) for number, origin, _, _ in foreign]


def problems(foreign: ForeignFile) -> dict[str, tuple[int, int]]:
    return {one.kind: (one.count, one.number) for one in foreign.problems}


@pytest.mark.parametrize("packed", [bytes, gzip.compress, zstandard.ZstdCompressor().compress])
def test_json_lines_are_numbered_among_those_that_are_not_empty(
    tmp_path: Path, packed: Callable[[bytes], bytes]
) -> None:
    data = b"\n".join([LINE, b"", b"   ", b"12", b"{broken", LINE + b"\r", b"null", LINE])
    foreign, found = read(tmp_path, packed(data))
    assert foreign.kind == "json lines"
    assert found == [(0, "windows"), (3, "windows"), (5, "windows")]
    assert problems(foreign) == {"not an object": (2, 1), "not JSON": (1, 2)}


ZEEK = b'{"_path":"dns","ts":1741560310.5,"uid":"C","id.orig_h":"10.0.0.1","query":"a.b"}'
EVE = (
    b'{"timestamp":"2025-03-09T22:45:10.1+0000","event_type":"dns","flow_id":1,'
    b'"src_ip":"10.0.0.1","dns":{"type":"query","rrname":"a.b","rrtype":"A"}}'
)


@pytest.mark.parametrize("first", [LINE, ZEEK, EVE])
def test_lines_of_several_shapes_stand_in_one_file(tmp_path: Path, first: bytes) -> None:
    _, found = read(tmp_path, b"\n".join([first, LINE, ZEEK, EVE, b'{"ts":"no time","uid":"C"}']))
    assert [origin for _, origin in found[1:4]] == ["windows", "dns", "dns"]
    assert [number for number, _ in found[:4]] == [0, 1, 2, 3]


def test_event_type_alone_is_no_eve_where_the_caller_names_the_log_source(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(b'{"event_type":"process","timestamp":1,"Image":"x"}\n')
    assert [one[:2] for one in ForeignFile(str(file), named=True)] == [(0, "")]


def test_what_looks_like_an_alert_is_judged_as_it_stands(tmp_path: Path) -> None:
    line = b'{"timestamp":"2026-01-02T03:04:05Z","signature":"x","ip":"10.0.0.1","Image":"y"}'
    foreign, found = read(tmp_path, line)
    assert (foreign.kind, len(found)) == ("json lines", 1)


def test_an_archive_of_which_nothing_unpacks_is_not_called_empty(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unpacked"):
        read(tmp_path, gzip.compress(LINE)[:12], "x.gz")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_in_any_layout(tmp_path: Path, encoding: str, indent: int | None) -> None:
    text = json.dumps([EVENT, 7, "a,]", None, EVENT], indent=indent)
    mark = "\ufeff" if encoding == "utf-16-be" else ""
    foreign, found = read(tmp_path, (mark + text).encode(encoding))
    assert (foreign.kind, found) == ("json", [(0, "windows"), (4, "windows")])
    assert problems(foreign) == {"not an object": (3, 1)}


def test_pretty_documents_one_after_the_other(tmp_path: Path) -> None:
    nested = {"Event": {"System": {"EventID": 1, "Channel": EVENT["Channel"]}}}
    text = "\n".join(json.dumps(one, indent=2) for one in (nested, EVENT, nested))
    foreign, found = read(tmp_path, text.encode())
    assert (foreign.kind, found) == ("json", [(0, "windows"), (1, "windows"), (2, "windows")])


def test_hostile_lines_are_counted_and_the_others_read(tmp_path: Path) -> None:
    deep = b'{"a":' * 1000 + b"1" + b"}" * 1000
    deeper = b'{"a":' * 5000 + b"1" + b"}" * 5000
    long = json.dumps({**EVENT, "X": "y" * 10_000_000}).encode()
    nan, bad = LINE[:-1] + b',"n":NaN}', LINE[:-1] + b',"u":"\xff"}'
    foreign, found = read(tmp_path, b"\n".join([LINE, deep, deeper, long, nan, bad, b"\x00", LINE]))
    assert [number for number, _ in found] == [0, 4, 5, 7]
    assert problems(foreign) == {
        "nested too deep": (1, 1),
        "not JSON": (2, 2),
        "value too long": (1, 3),
        "read all the same: values that JSON does not have": (1, 4),
        "read all the same: bytes that are not UTF-8": (1, 5),
    }


def test_zeek_and_eve_become_our_own_events(tmp_path: Path) -> None:
    zeek = {"_path": "conn", "ts": 1.5, "uid": "C1", "id.orig_h": "10.0.0.1", "id.orig_p": 1,
            "id.resp_h": "10.0.0.2", "id.resp_p": 2, "proto": "tcp", "conn_state": "SF"}  # fmt: skip
    other = {"_path": "weird", "ts": 1.5, "uid": "C1", "name": "odd"}
    foreign, found = read(tmp_path, b"\n".join(json.dumps(one).encode() for one in (zeek, other)))
    assert (foreign.kind, found) == ("zeek", [(0, "flow"), (1, ("zeek", "", "weird"))])
    names = b"ts uid id.orig_h id.orig_p id.resp_h id.resp_p proto query".replace(b" ", b"\t")
    table = b"#separator \\x09\n#path\tdns\n#fields\t" + names + b"\n"
    row = b"1.5\tC1\t10.0.0.1\t1\t10.0.0.2\t53\tudp\texample.com\n"
    foreign, found = read(tmp_path, table + row + b"broken\n" + row)
    assert found == [(0, "dns"), (2, "dns")]
    assert problems(foreign) == {"broken line": (1, 1)}


def test_text_is_told_line_by_line_unless_the_caller_knows(tmp_path: Path) -> None:
    text = b"Nov 21 07:49:45 host sshd[1]: x\n\nwhatever\n"
    assert read(tmp_path, text)[1] == [(0, ("linux", "", "sshd")), (1, "")]
    named = ForeignFile(str(tmp_path / "x.log"), named=True)
    assert [origin for _, origin, _, _ in named] == ["", ""]


def test_a_stream_is_read_like_a_file() -> None:
    foreign = ForeignFile("-", io.BytesIO(LINE + b"\n" + LINE))
    assert [number for number, _, _, _ in foreign] == [0, 1]


@pytest.mark.parametrize(
    "data", [b"", b"ElfFile\x00" + b"\x00" * 100, bytes(range(256)) * 20, b"7z\xbc\xaf'\x1c\1\2"]
)
def test_what_cannot_be_read_at_all_is_an_error(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError):
        read(tmp_path, data)
    with pytest.raises(InputError):
        list(ForeignFile(str(tmp_path / "missing")))


def test_a_cut_compressed_file_gives_what_it_holds(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"n":%d}\n' % n for n in range(200_000)))
    foreign, found = read(tmp_path, whole[: len(whole) // 2])
    assert found
    assert "cut or damaged compression" in problems(foreign)


def test_a_damaged_event_log_gives_what_it_holds(
    tmp_path: Path, bench: Callable[[str], Path]
) -> None:
    packed = bench("sigma/regression_half.tar.zst").read_bytes()
    plain = zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed)).read()
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        names = sorted(name for name in archive.getnames() if name.endswith(".evtx"))
        data = archive.extractfile(names[0])
        assert data is not None
        log = data.read()
    foreign, found = read(tmp_path, log)
    assert (foreign.kind, found) == ("evtx", [(0, "windows")])
    foreign, found = read(tmp_path, gzip.compress(log))
    assert (foreign.kind, found) == ("evtx", [(0, "windows")])
    broken = bytearray(log)
    broken[4096 + 512 :: 97] = b"\xff" * len(broken[4096 + 512 :: 97])
    foreign, found = read(tmp_path, bytes(broken))
    assert len(found) + sum(one.count for one in foreign.problems) <= 2
    for cut, left in ((4096, 0), (5000, 0), (40_000, 1)):
        foreign, found = read(tmp_path, log[:cut])
        assert len(found) == left  # of a chunk that is cut, what stands in its beginning
        assert ("the file is cut" in problems(foreign)) == (cut > 4096)


def test_a_log_of_zeek_that_we_do_not_read_keeps_its_columns(tmp_path: Path) -> None:
    table = b"#separator \\x09\n#path\tx509\n#fields\tts\tid\tcertificate.subject\n1.5\tF1\tCN=a\n"
    (tmp_path / "x.log").write_bytes(table)
    ((number, origin, fields, _),) = ForeignFile(str(tmp_path / "x.log"))
    assert (number, origin) == (0, ("zeek", "", "x509"))
    assert fields["certificate.subject"] == "CN=a"
