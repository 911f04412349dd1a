"""git, rsync, logger, memcached, libcoap and OpenSSH's SOCKS, each with its server."""

from __future__ import annotations

import hashlib
import random
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.peers.lan import SERVER, Lan, program
from tests.peers.test_shell import Sshd

pytestmark = pytest.mark.peers


def test_git(lan: Lan, tmp_path: Path) -> None:
    git = program("git", "git")
    tree = lan.folder / "repositories/rules"
    tree.mkdir(parents=True)
    for words in (
        ("init", "-q", "-b", "main"),
        ("-c", "user.name=c", "-c", "user.email=c@gov.test", "commit", "-q", "--allow-empty", "-m", "x"),
    ):  # fmt: skip
        subprocess.run([git, "-C", str(tree), *words], check=True)
    words = (
        "daemon",
        "--export-all",
        f"--base-path={tree.parent}",
        f"--listen={SERVER}",
        "--reuseaddr",
    )
    safe = ("-c", "safe.directory=*")
    with lan.serve(git, *safe, *words, tcp=9418), lan.watched() as seen:
        lan.run(git, "clone", "-q", f"git://{SERVER}/rules", str(tmp_path / "rules"))
    assert seen.flow_protocols() == ["git"]
    event = seen.one("git")
    assert event["git.service"] == "git-upload-pack"
    assert event["git.path"] == "/rules"
    assert seen.losses == {}


def test_rsync(lan: Lan, tmp_path: Path) -> None:
    rsync = program("rsync", "rsync")
    folder = lan.folder / "module"
    folder.mkdir()
    (folder / "list.txt").write_text("one\n" * 50)
    settings = lan.folder / "rsyncd.conf"
    settings.write_text(f"[backup]\npath = {folder}\nuse chroot = no\nuid = root\ngid = root\n")
    words = ("--daemon", "--no-detach", f"--config={settings}", f"--address={SERVER}")
    with lan.serve(rsync, *words, tcp=873), lan.watched() as seen:
        lan.run(rsync, "-r", f"rsync://{SERVER}/backup/", str(tmp_path))
        lan.run(rsync, f"rsync://{SERVER}/none/", fails=True)
    assert seen.flow_protocols() == ["rsync", "rsync"]
    events = {event["rsync.module"]: event for event in seen.of("rsync")}
    assert events["backup"]["rsync.success"] is True
    assert events["none"]["rsync.success"] is False
    assert seen.losses == {}


def test_syslog(lan: Lan) -> None:
    logger = program("logger", "bsdutils")
    words = ("-n", SERVER, "-P", "514", "-t", "sshd", "-p", "auth.warning")
    with lan.watched() as seen:
        lan.run(logger, "-d", "--rfc3164", *words, "Failed password for clerk", fails=True)
        lan.run(logger, "-d", "--rfc5424", *words, "refused", fails=True)
        time.sleep(0.1)
    events = seen.of("syslog")
    assert len(events) == 2
    assert "Failed password for clerk" in events[0]["message"]
    assert {event["log.syslog.severity.name"].lower() for event in events} == {"warning"}
    assert seen.losses == {}


def test_memcached(lan: Lan) -> None:
    server = program("memcached", "memcached")

    def talk() -> bytes:
        with socket.create_connection((SERVER, 11211), 5) as peer:
            for order in (b"set case 0 0 4\r\nopen\r\n", b"get case\r\n", b"get none\r\n"):
                peer.sendall(order)
                time.sleep(0.05)
            peer.sendall(b"quit\r\n")
            return b"".join(iter(lambda: peer.recv(4096), b""))

    with lan.serve(server, "-u", "nobody", "-l", SERVER, tcp=11211), lan.watched() as seen:
        assert b"STORED" in lan.inside(talk)
    said = [(e["memcached.command"], e.get("memcached.key")) for e in seen.of("memcached")]
    assert said[:3] == [("set", "case"), ("get", "case"), ("get", "none")], seen.tell("memcached")
    assert seen.losses == {}


def test_coap(lan: Lan) -> None:
    server = program("coap-server-openssl", "libcoap3-bin")
    client = program("coap-client-openssl", "libcoap3-bin")
    with lan.serve(server, "-A", SERVER, udp=5683), lan.watched() as seen:
        lan.run(client, "-B", "2", "-m", "get", f"coap://{SERVER}/time")
        lan.run(client, "-B", "2", "-m", "get", f"coap://{SERVER}/none")
    said = [(e["coap.method"], e["url.path"], e["coap.response.code"]) for e in seen.of("coap")]
    assert [(method.upper(), path.lstrip("/"), code[:4]) for method, path, code in said] == [
        ("GET", "time", "2.05"), ("GET", "none", "4.04"),
    ], seen.tell("coap")  # fmt: skip
    assert seen.losses == {}


def test_http_inside_socks(lan: Lan) -> None:
    """What goes through the proxy is read as what it is."""
    nginx, sshd = program("nginx", "nginx-light"), program("sshd", "openssh-server")
    data = random.Random(5).randbytes(50_000)
    folder = lan.folder / "socks"
    (folder / "ssh").mkdir(parents=True)
    (folder / "blob.bin").write_bytes(data)
    settings = folder / "nginx.conf"
    settings.write_text(
        "daemon off; pid nginx.pid; error_log stderr; user root; events {}\n"
        "http { access_log off; client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f;\n"
        f" uwsgi_temp_path u; scgi_temp_path s; root {folder};\n"
        " server { listen 127.0.0.1:8080; } }\n"
    )
    shell = Sshd(lan, folder / "ssh")
    proxy = ["ssh", "-F", "none", "-oStrictHostKeyChecking=no", "-oUserKnownHostsFile=/dev/null"]
    proxy += ["-oBatchMode=yes", "-i", str(shell.folder / "good"), "-N", "-D", f"{SERVER}:1080"]
    with (
        lan.serve(nginx, "-p", str(folder), "-c", str(settings), tcp=8080),
        lan.serve(sshd, "-D", "-e", "-f", str(shell.settings), tcp=22),
        lan.serve(*proxy, f"root@{SERVER}", tcp=1080),
        lan.watched() as seen,
    ):
        at = ("-sS", "-o", "/dev/null", "-x", f"socks5h://{SERVER}:1080")
        lan.run(program("curl", "curl"), *at, "http://localhost:8080/blob.bin")
    event = seen.one("socks")
    assert event["socks.version"] == 5
    assert event["socks.request.name"] == "localhost"
    assert event["socks.request_p"] == 8080
    assert seen.one("http")["url.path"] == "/blob.bin"
    assert hashlib.sha256(data).hexdigest() in {e["file.hash.sha256"] for e in seen.of("files")}
    assert seen.losses == {}
