from __future__ import annotations

import hashlib
import struct
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sensors.protocols import dce_rpc, nbss, smb
from tests.sensors.protocols import smb_words as words
from tests.sensors.protocols.playing import a_flow, play, play_capture
from tests.sensors.protocols.smb_words import session

SHELF = [smb.PROTOCOL, dce_rpc.PROTOCOL]
DATA = bytes(range(256)) * 20  # longer than what is gathered whole
FLOW = a_flow(445)


def logon() -> list[tuple[int, bytes]]:
    return [
        (0, session(words.negotiate())),
        (1, session(words.negotiated())),
        (0, session(words.session_setup(words.spnego_init(words.ntlm_negotiate()), 1))),
        (1, session(words.session_set_up(words.spnego_answer(words.ntlm_challenge(), 1), 1, words.MORE))),
        (0, session(words.session_setup(words.spnego_answer(words.ntlm_authenticate()), 2, 0x400))),
        (1, session(words.session_set_up(words.spnego_answer(state=0), 2, 0))),
    ]  # fmt: skip


def share(path: str = "\\\\SRV\\data", kind: int = 1) -> list[tuple[int, bytes]]:
    return [
        (0, session(words.tree_connect(path, 3))),
        (1, session(words.tree_connected(kind, 3))),
    ]


def a_file() -> list[tuple[int, bytes]]:
    half = len(DATA) // 2
    return [
        *logon(),
        *share(),
        (0, session(words.create("dir\\报告.bin", 4))),
        (1, session(words.created(4, len(DATA)))),
        (0, session(words.write(DATA[:half], 0, 5))),
        (1, session(words.written(half, 5))),
        (0, session(words.write(DATA[half:], half, 6))),
        (1, session(words.written(half, 6))),
        (0, session(words.read(0, len(DATA), 7))),
        (1, session(words.was_read(DATA, 7))),
        (0, session(words.close(8))),
        (1, session(words.closed(8))),
    ]


def without(event: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in event.items() if k not in {"@timestamp", "event.id", "event.duration"}}


def test_a_file_written_and_read() -> None:
    played = play(SHELF, a_file(), FLOW)
    assert played.losses == {}
    (mapping,) = played.of("smb_mapping")
    assert mapping["smb.path"] == "\\\\SRV\\data"
    assert mapping["smb.share.type"] == "DISK"
    assert mapping["user.name"] == "alice"
    (opened,) = played.of("smb_files")
    assert opened["event.action"] == "SMB::FILE_OPEN"
    assert opened["file.path"] == "\\\\SRV\\data\\dir\\报告.bin"
    assert opened["file.size"] == len(DATA)
    assert opened["file.mtime"].startswith("2019-04-1")
    files = played.of("files")
    assert {one["file.hash.sha256"] for one in files} == {hashlib.sha256(DATA).hexdigest()}
    assert len(files) == 2
    (ntlm,) = played.of("ntlm")
    assert ntlm["user.name"] == "alice"
    assert ntlm["user.domain"] == "DOM"
    assert ntlm["ntlm.host"] == "PC1"
    assert ntlm["ntlm.server_dns_computer_name"] == "srv.dom.test"
    assert ntlm["ntlm.server_tree_name"] == "forest.test"
    assert ntlm["ntlm.success"] is True
    commands = [one["smb.command"].removeprefix("SMB2_COMMAND_") for one in played.of("smb")]
    told = "NEGOTIATE_PROTOCOL SESSION_SETUP SESSION_SETUP TREE_CONNECT CREATE READ WRITE CLOSE"
    assert sorted(commands) == sorted(told.split())
    first = played.of("smb")[0]
    assert first["smb.version"] == "3.11"
    assert first["smb.client_dialects"] == ["2.02", "3.11"]


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_pieces_give_the_same(piece: int) -> None:
    def found(size: int) -> list[str]:
        events = play(SHELF, a_file(), FLOW, piece=size).events
        return sorted(str(sorted(without(one).items())) for one in events)

    assert found(piece) == found(0)


def test_calls_through_a_pipe() -> None:
    said = [
        *logon(),
        *share("\\\\SRV\\IPC$", 2),
        (0, session(words.create("svcctl", 4))),
        (1, session(words.created(4, times=0))),
        (0, session(words.write(words.bind(words.SVCCTL), 0, 5))),
        (1, session(words.written(1, 5))),
        (0, session(words.read(0, 1024, 6))),
        (1, session(words.was_read(words.bind_ack(), 6))),
        (0, session(words.ioctl(words.request(15, b"x" * 40, 2), 7))),
        (1, session(words.ioctl_done(words.response(b"y" * 24, 2), 7))),
        (0, session(words.write(words.request(12, b"z", 3), 0, 8))),
        (1, session(words.written(1, 8))),
        (0, session(words.read(0, 1024, 9))),
        (1, session(words.was_read(words.fault(5, 3), 9))),
        (0, session(words.close(10))),
        (1, session(words.closed(10))),
    ]
    played = play(SHELF, said, FLOW)
    first, second = played.of("dce_rpc")
    assert first["dce_rpc.endpoint"] == "svcctl"
    assert first["dce_rpc.operation"] == "OpenSCManagerW"
    assert first["dce_rpc.named_pipe"] == "\\pipe\\ntsvcs"
    assert first["dce_rpc.opnum"] == 15
    assert first["network.protocol"] == "dce_rpc"
    assert first["event.duration"] > 0
    assert second["dce_rpc.operation"] == "CreateServiceW"
    assert second["event.outcome"] == "failure"
    assert second["dce_rpc.fault_status"] == "0x00000005"
    assert played.of("smb_files") == []  # a pipe is no file
    assert played.of("files") == []
    assert not [one for one in played.of("smb") if "IOCTL" in one["smb.command"]]


def test_rename_delete_and_refusal() -> None:
    said = [
        *share(),
        (0, session(words.create("old.txt", 4))),
        (1, session(words.created(4, 3))),
        (0, session(words.set_info(10, words.rename_to("new.txt"), 5))),
        (1, session(words.was_set(5))),
        (0, session(words.set_info(13, b"\1", 6))),
        (1, session(words.was_set(6))),
        (0, session(words.create("secret", 7))),
        (1, session(words.smb2(5, bytes(9), 7, answer=True, status=words.DENIED))),
    ]
    played = play(SHELF, said, FLOW)
    deeds = [(one["event.action"], one["smb.file.name"]) for one in played.of("smb_files")]
    assert deeds == [
        ("SMB::FILE_OPEN", "old.txt"),
        ("SMB::FILE_RENAME", "new.txt"),
        ("SMB::FILE_DELETE", "new.txt"),
    ]
    assert played.of("smb_files")[1]["smb.file.prev_name"] == "old.txt"
    refused = played.of("smb")[-1]
    assert refused["smb.status"] == "STATUS_ACCESS_DENIED"
    assert refused["event.outcome"] == "failure"


def test_a_compound_that_deletes() -> None:
    same = b"\xff" * 16
    parts = [
        words.create("gone.txt", 4, options=0x1000),
        words.set_info(13, b"\1", 5, same, flags=4),
        words.close(6, same, flags=4),
    ]
    asked = b""
    for number, one in enumerate(parts):
        part = one + bytes(-len(one) % 8)
        last = number == len(parts) - 1
        asked += part[:20] + struct.pack("<I", 0 if last else len(part)) + part[24:]
    said = [*share(), (0, session(asked))]
    said += [(1, session(one)) for one in (words.created(4, 1), words.was_set(5), words.closed(6))]
    played = play(SHELF, said, FLOW)
    assert [one["event.action"] for one in played.of("smb_files")] == [
        "SMB::FILE_DELETE",
        "SMB::FILE_OPEN",
    ]
    told = next(one for one in played.of("smb") if one["smb.command"].endswith("SET_INFO"))
    assert told["smb.access"] == "delete on close"
    assert told["smb.file.name"] == "gone.txt"


def test_a_hole_leaves_out_the_hashes() -> None:
    said = a_file()
    said[10] = (0, session(words.write(DATA[-100:], len(DATA) - 100, 6)))
    written = play(SHELF, said, FLOW).of("files")
    assert sum("file.hash.sha256" in one for one in written) == 1  # of the reading


def test_lost_bytes_are_stepped_over() -> None:
    from fengsui.loss import Losses
    from sensors.sessions import Sessions
    from tests.sensors.protocols.playing import START, checked, common_of

    sessions = Sessions({one.name: one for one in SHELF}, Losses())
    sessions.begin(1, FLOW, common_of(FLOW), "C1", "smb")
    time = START
    for number, (side, data) in enumerate(a_file()):
        time += 1000
        if number == 10:  # in the middle of a write
            sessions.data(1, side, data[:400], time)
            sessions.gap(1, side, 1000, time)
            sessions.data(1, side, data[1400:], time)
        elif number == 2:  # a whole message and the begin of the next
            sessions.gap(1, side, len(data) + 3, time)
        else:
            sessions.data(1, side, data, time)
    sessions.end(1, time)
    events = checked(sessions, SHELF)
    assert [one for one in events if one["event.dataset"] == "smb_files"]
    assert len([one for one in events if "file.hash.md5" in one]) == 1


def test_one_sided() -> None:
    asked = play(SHELF, [one for one in a_file() if one[0] == 0], FLOW)
    names = [one.get("smb.file.name") for one in asked.of("smb")]
    assert "dir\\报告.bin" in names
    assert asked.of("ntlm")[0]["user.name"] == "alice"
    answered = play(SHELF, [one for one in a_file() if one[0] == 1], FLOW)
    assert answered.of("smb") == []
    turned = play(SHELF, [(1 - side, data) for side, data in a_file()], FLOW)
    assert {one["source.port"] for one in turned.of("smb")} == {445}


def test_encrypted() -> None:
    said = [
        (0, session(b"\xfdSMB" + bytes(40) + (77).to_bytes(8, "little") + b"x" * 200)),
        (1, session(b"\xfdSMB" + bytes(300))),
    ]
    (one,) = play(SHELF, said, FLOW).of("smb")
    assert one["smb.encrypted"] is True
    assert one["smb.session_id"] == "77"


def smb1_file() -> list[tuple[int, bytes]]:
    text = words.wide("\\eicar\0")
    create = struct.pack("<BBHBHIIIQIIIIIB", 0xFF, 0, 0, 0, len(text), 0, 0, 0, 0, 0, 7, 5, 0, 2, 0)
    times = [words.FILETIME] * 4
    created = struct.pack("<BBHBHI4QIQQHHB", 0xFF, 0, 0, 0, 0x4004, 1, *times, 0x20, 0, 0, 0, 0, 0)
    path = bytes(1) + words.wide("\\\\SRV\\PUBLIC\0") + b"?????\0"
    data = b"X5O!P" * 1000
    write = struct.pack("<BBHHIIHHHHHI", 0xFF, 0, 0, 0x4004, 0, 0, 0, 0, 0, len(data), 63, 0)
    return [
        (0, session(words.smb1(0x72, b"", b"\2PC NETWORK PROGRAM 1.0\0\2NT LM 0.12\0"))),
        (1, session(words.smb1(0x72, struct.pack("<H", 1) + bytes(32), b"", answer=True))),
        (0, session(words.smb1(0x75, struct.pack("<BBHHH", 0xFF, 0, 0, 0, 1), path, 2, tree=0))),
        (1, session(words.smb1(0x75, b"\xff" + bytes(5), b"A:\0" + words.wide("NTFS\0"), 2, answer=True))),
        (0, session(words.smb1(0xA2, create, b"\0" + text, 3))),
        (1, session(words.smb1(0xA2, created + bytes(1), b"", 3, answer=True))),
        (0, session(words.smb1(0x2F, write, data, 4)[:59] + bytes(2) + b"\0\0" + data)),
        (1, session(words.smb1(0x2F, bytes(12), b"", 4, answer=True))),
        (0, session(words.smb1(0x04, struct.pack("<HI", 0x4004, 0), b"", 5))),
        (1, session(words.smb1(0x04, b"", b"", 5, answer=True))),
        (0, session(words.smb1(0x06, bytes(2), b"\4" + words.wide("\\old\0"), 6))),
    ]  # fmt: skip


def test_smb1() -> None:
    played = play(SHELF, smb1_file(), FLOW)
    assert played.losses == {}
    (mapping,) = played.of("smb_mapping")
    assert mapping["smb.path"] == "\\\\SRV\\PUBLIC"
    assert mapping["smb.service"] == "A:"
    assert mapping["smb.native_file_system"] == "NTFS"
    deeds = [(one["event.action"], one["smb.file.name"]) for one in played.of("smb_files")]
    assert deeds == [("SMB::FILE_OPEN", "\\eicar"), ("SMB::FILE_DELETE", "\\old")]
    assert {one["smb.version"] for one in played.of("smb")} >= {"NT LM 0.12"}
    (file,) = played.of("files")
    assert file["file.size"] == 5000
    assert file["file.hash.md5"] == hashlib.md5(b"X5O!P" * 1000).hexdigest()


def transact(data: bytes, mid: int, fid: int = 0x4004) -> bytes:
    name = b"\0" + words.wide("\\PIPE\\\0")
    start = 32 + 1 + 32 + 2 + len(name)
    size = len(data)
    head = struct.pack("<HHHHBBHIH", 0, size, 0, 1024, 0, 0, 0, 0, 0)
    head += struct.pack("<HHHHBBHH", 0, start, size, start, 2, 0, 0x26, fid)
    return words.smb1(0x25, head, name + data, mid)


def transacted(data: bytes, mid: int) -> bytes:
    head = struct.pack("<HHHHHHHHHBB", 0, len(data), 0, 0, 55, 0, len(data), 55, 0, 0, 0)
    return words.smb1(0x25, head, data, mid, answer=True)


def test_calls_through_a_pipe_of_smb1() -> None:
    said = smb1_file()[:6]
    said += [
        (0, session(transact(words.bind(words.SVCCTL), 4))),
        (1, session(transacted(words.bind_ack(), 4))),
        (0, session(transact(words.request(12), 5))),
        (1, session(transacted(words.response(), 5))),
    ]
    (call,) = play(SHELF, said, FLOW).of("dce_rpc")
    assert call["dce_rpc.operation"] == "CreateServiceW"
    assert call["event.outcome"] == "success"


def test_first_version_reads_and_writes() -> None:
    said = smb1_file()[:6]
    ask = struct.pack("<HHIH", 0x4004, 5, 0, 0)
    said += [
        (0, session(words.smb1(0x0B, ask, b"\1\5\0hello", 4))),
        (1, session(words.smb1(0x0B, bytes(2), b"", 4, answer=True))),
        (0, session(words.smb1(0x0A, ask, b"", 5))),
        (1, session(words.smb1(0x0A, bytes(10), b"\1\5\0hello", 5, answer=True))),
    ]
    files = play(SHELF, said, FLOW).of("files")
    assert {one["file.hash.md5"] for one in files} == {hashlib.md5(b"hello").hexdigest()}
    assert len(files) == 2


def test_recognition() -> None:
    for _, data in a_file() + smb1_file():
        assert smb.recognises(data, 0, FLOW)
    assert not smb.recognises(b"GET / HTTP/1.1\r\n\r\n", 0, FLOW)
    assert not smb.recognises(b"\0\0\0\x20" + bytes(40), 0, FLOW)


def test_netbios_session_first() -> None:
    name = b"\x20" + b"CACACACACACACACACACACACACACACACA" + b"\0"
    said = [(0, b"\x81\0\0\x44" + name + name), (1, b"\x82\0\0\0"), *a_file()]
    assert nbss.recognises(said[0][1], 0, a_flow(139))
    for piece in (0, 1):
        played = play([nbss.PROTOCOL, *SHELF], said, a_flow(139), piece=piece)
        assert played.losses == {}
        assert played.of("smb_files")[0]["network.protocol"] == "smb"
        assert len(played.of("files")) == 2


SAID = a_file() + smb1_file()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_mutants_never_raise(data: st.DataObject) -> None:
    said = list(SAID if data.draw(st.booleans()) else smb1_file())
    for _ in range(data.draw(st.integers(1, 4))):
        number = data.draw(st.integers(0, len(said) - 1))
        side, raw = said[number]
        at = data.draw(st.integers(0, min(len(raw), 300) - 1)) if raw else 0
        change = data.draw(st.binary(min_size=0, max_size=4))
        said[number] = (side, raw[:at] + change + raw[at + data.draw(st.integers(0, 4)) :])
    played = play(SHELF, said, FLOW, piece=data.draw(st.sampled_from([0, 50, 1400])))
    assert "smb.parser_error" not in played.losses, played.losses


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1), st.binary(max_size=400)), max_size=6), st.booleans())
def test_noise_never_raises(said: list[tuple[int, bytes]], framed: bool) -> None:
    if framed:
        magic = [b"\xfeSMB\x40\0", b"\xffSMB"]
        said = [(side, session(magic[len(raw) & 1] + raw)) for side, raw in said]
    played = play(SHELF, said, FLOW)
    assert "smb.parser_error" not in played.losses


@pytest.mark.parametrize(
    "name",
    [
        "lateral_movement__empire_shell_dcerpc_smb_service_dll_hijack",
        "discovery__empire_shell_rpc_samr_smb_group_domain_admins_standard_user",
    ],
)
def test_names_as_tshark_sees_them(bench: Callable[[str], Path], tmp_path: Path, name: str) -> None:
    path = bench(f"attacks/lateral/{name}.pcap.zst")
    plain = tmp_path / "one.pcap"
    try:
        subprocess.run(["zstd", "-qdf", str(path), "-o", str(plain)], check=True)
        wanted = "smb2.cmd==5 && smb2.flags.response==0 || smb2.cmd==3"
        command = ["tshark", "-r", str(plain), "-Y", wanted, "-T", "fields"]
        command += ["-e", "smb2.filename", "-e", "smb2.tree"]
        seen = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError:
        pytest.skip("zstd or tshark is missing")
    names = {word for line in seen.splitlines() for word in line.split("\t") if word}
    played = play_capture(path, SHELF)
    ours = {one.get("smb.file.name") for one in played.of("smb")}
    ours |= {one.get("smb.path") for one in played.of("smb")}
    assert names
    assert names <= ours
