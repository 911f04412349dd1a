"""Samba, vsftpd and tftpd: files that go over the wire keep their names and hashes."""

from __future__ import annotations

import ftplib
import hashlib
import io
import random
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.peers.lan import SERVER, Lan, program

pytestmark = pytest.mark.peers

REPORT = random.Random(1).randbytes(200_000)
ARCHIVE = random.Random(2).randbytes(90_001)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(scope="module")
def samba(lan: Lan) -> Iterator[Any]:
    smbd = program("smbd", "samba")
    smbclient = program("smbclient", "smbclient")
    folder = lan.folder / "smb"
    for name in ("share", "private", "lock", "state", "cache", "run", "log", "ncalrpc"):
        (folder / name).mkdir(parents=True)
    (folder / "share").chmod(0o777)
    (folder / "share/kept.bin").write_bytes(ARCHIVE)
    (folder / "share/kept.bin").chmod(0o666)
    settings = folder / "smb.conf"
    settings.write_text(
        "[global]\nserver role = standalone\nserver min protocol = NT1\nload printers = no\n"
        "disable spoolss = yes\nsmb ports = 445\nmap to guest = never\nserver signing = auto\n"
        f"private dir = {folder}/private\nlock directory = {folder}/lock\n"
        f"state directory = {folder}/state\ncache directory = {folder}/cache\n"
        f"pid directory = {folder}/run\nlog file = {folder}/log/log\n"
        f"ncalrpc dir = {folder}/ncalrpc\nclient min protocol = NT1\n"
        f"[office]\npath = {folder}/share\nread only = no\n"
    )
    subprocess.run(
        ["smbpasswd", "-c", str(settings), "-s", "-a", "nobody"],
        input=b"secret1\nsecret1\n", check=True, capture_output=True,
    )  # fmt: skip

    def client(orders: str, version: str = "SMB3", password: str = "secret1") -> str:
        return lan.run(
            smbclient, "-s", str(settings), f"//{SERVER}/office", "-U", f"nobody%{password}",
            "-m", version, "-c", orders, "--option=client signing=auto",
            fails=password != "secret1",
        )  # fmt: skip

    with lan.serve(smbd, "-F", "--no-process-group", "-s", str(settings), tcp=445):
        yield client


@pytest.mark.parametrize("version", ["NT1", "SMB2", "SMB3"])
def test_files_of_a_share(lan: Lan, samba: Any, version: str) -> None:
    (lan.folder / "report.bin").write_bytes(REPORT)
    with lan.watched() as seen:
        samba(
            "put report.bin Bericht-报告.bin; get kept.bin out.bin; "
            "rename Bericht-报告.bin gone.bin; del gone.bin; mkdir drawer; rmdir drawer",
            version,
        )
    assert (lan.folder / "out.bin").read_bytes() == ARCHIVE
    hashes = {event.get("file.hash.sha256"): event for event in seen.of("files")}
    assert sha256(REPORT) in hashes, seen.tell("files")
    assert sha256(ARCHIVE) in hashes, seen.tell("files")
    acts = {
        (e["event.action"].rpartition("::")[2], e["file.name"].lstrip("\\"))
        for e in seen.of("smb_files")
    }
    assert {("FILE_OPEN", "Bericht-报告.bin"), ("FILE_OPEN", "kept.bin")} <= acts
    assert {("FILE_RENAME", "gone.bin"), ("FILE_DELETE", "drawer")} <= acts or version == "NT1"
    moved = seen.of("smb_files", event__action="SMB::FILE_RENAME")[0]
    assert moved["smb.file.prev_name"].endswith("Bericht-报告.bin")
    if version == "NT1":
        assert ("FILE_DELETE", "gone.bin") in acts
    else:  # deleted by opening: no line of its own in Zeek's log either
        seen.one("smb", smb__access="delete on close", smb__file__name="gone.bin")
    assert "office" in seen.of("smb_mapping")[-1]["smb.path"].lower()
    assert seen.of("ntlm")[0]["user.name"] == "nobody"
    assert seen.of("ntlm")[0]["event.outcome"] == "success"
    assert seen.losses == {}


def test_a_wrong_password(lan: Lan, samba: Any) -> None:
    with lan.watched() as seen:
        assert "LOGON_FAILURE" in samba("ls", password="wrong")
    event = seen.one("ntlm")
    assert event["event.outcome"] == "failure"
    assert seen.losses == {}


def test_the_list_of_shares_is_a_call_over_a_pipe(lan: Lan, samba: Any) -> None:
    with lan.watched() as seen:
        said = lan.run("smbclient", "-L", SERVER, "-U", "nobody%secret1", "-m", "SMB3")
    assert "office" in said
    operations = {event.get("dce_rpc.operation") for event in seen.of("dce_rpc")}
    assert "NetrShareEnum" in operations, seen.tell("dce_rpc")
    assert seen.losses == {}


@pytest.fixture(scope="module")
def vsftpd(lan: Lan) -> Iterator[None]:
    command = program("vsftpd", "vsftpd")
    root = lan.folder / "ftp"
    (root / "in").mkdir(parents=True)
    (root / "in").chmod(0o777)
    (root / "archive.bin").write_bytes(ARCHIVE)
    (root / "archive.bin").chmod(0o644)
    empty = lan.folder / "empty"
    empty.mkdir()
    settings = lan.folder / "vsftpd.conf"
    settings.write_text(
        "listen=YES\nbackground=NO\nanonymous_enable=YES\nlocal_enable=NO\nwrite_enable=YES\n"
        "anon_upload_enable=YES\nanon_mkdir_write_enable=YES\nanon_other_write_enable=YES\n"
        f"anon_root={root}\nftp_username=www-data\nsecure_chroot_dir={empty}\nseccomp_sandbox=NO\n"
        "run_as_launching_user=NO\nconnect_from_port_20=YES\nanon_umask=022\nsetproctitle_enable=NO\n"
    )
    with lan.serve(command, str(settings), tcp=21):
        yield


@pytest.mark.parametrize("passive", [True, False])
def test_ftp(lan: Lan, vsftpd: None, passive: bool) -> None:
    name = f"in/report-{passive}.bin"

    def talk() -> bytes:
        got = io.BytesIO()
        with ftplib.FTP(SERVER, timeout=10) as ftp:
            ftp.login("anonymous", "someone@example.test")
            ftp.set_pasv(passive)
            ftp.storbinary(f"STOR {name}", io.BytesIO(REPORT))
            ftp.retrbinary("RETR archive.bin", got.write)
            ftp.nlst()
            ftp.delete(name)
        return got.getvalue()

    with lan.watched() as seen:
        assert lan.inside(talk) == ARCHIVE
    hashes = {event["file.hash.sha256"]: event for event in seen.of("files")}
    assert {sha256(REPORT), sha256(ARCHIVE)} <= set(hashes)
    assert hashes[sha256(ARCHIVE)]["file.name"] == "archive.bin"
    said = {event["ftp.command"]: event for event in seen.of("ftp")}
    assert said["RETR"]["user.name"] == "anonymous", seen.tell("ftp")
    assert said["RETR"]["ftp.reply_code"] == 226
    assert {"STOR", "DELE"} <= set(said)
    assert set(seen.flow_protocols()) == {"ftp", "ftp_data"}
    assert seen.losses == {}


def test_a_refused_ftp_user(lan: Lan, vsftpd: None) -> None:
    def talk() -> str:
        with ftplib.FTP(SERVER, timeout=10) as ftp, pytest.raises(ftplib.error_perm) as caught:
            ftp.login("clerk", "wrong-password")
        return str(caught.value)

    with lan.watched() as seen:
        assert "530" in lan.inside(talk)
    assert "wrong-password" not in seen.tell()
    assert seen.losses == {}


def test_tftp(lan: Lan) -> None:
    server = program("in.tftpd", "tftpd-hpa")
    client = program("tftp", "tftp-hpa")
    root = lan.folder / "tftp"
    root.mkdir()
    root.chmod(0o777)
    (root / "boot.bin").write_bytes(ARCHIVE)
    (root / "boot.bin").chmod(0o644)
    (lan.folder / "config.txt").write_bytes(b"hostname core-1\n" * 100)
    orders = "mode binary\nget boot.bin\nput config.txt\nget none.bin\n"
    with (
        lan.serve(
            server, "-L", "-c", "-s", "-u", "nobody", "-a", f"{SERVER}:69", str(root), udp=69
        ),
        lan.watched() as seen,
    ):
        lan.run(client, SERVER, data=orders, fails=True)
    hashes = {event["file.hash.sha256"] for event in seen.of("files")}
    assert {sha256(ARCHIVE), sha256(b"hostname core-1\n" * 100)} <= hashes, seen.tell()
    names = [(e["tftp.packet"], e["tftp.file"]) for e in seen.of("tftp")]
    assert names == [("read", "boot.bin"), ("write", "config.txt"), ("read", "none.bin")]
    assert seen.losses == {}
