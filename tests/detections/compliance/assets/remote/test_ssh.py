"""The host script over a real sshd: its bundle comes back; another key, user or answer is refused."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.collect import app
from detections.compliance.assets.host.bundle import read_bundle
from detections.compliance.assets.judging import judge_asset
from detections.compliance.assets.reading import read_evidence
from detections.compliance.assets.remote import ssh
from detections.compliance.assets.remote.ssh import Trust, fetch_bundle
from detections.compliance.assets.remote.target import secret_in, target_of
from fengsui.errors import FengsuiError, InputError, UsageError

pytest.importorskip("asyncssh")


def keygen(path: Path) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Callable[..., int]]:
    """A server on this machine that takes the key `user`; `server(command)` forces what it runs."""
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    if not Path(program).exists() or os.geteuid() != 0:
        pytest.skip("openssh-server as root")
    Path("/run/sshd").mkdir(exist_ok=True)
    keygen(tmp_path / "host")
    keygen(tmp_path / "user")
    (tmp_path / "authorized").write_bytes((tmp_path / "user.pub").read_bytes())
    running: list[subprocess.Popen[bytes]] = []

    def serve(*options: str) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        words = [w for one in options for w in ("-o", one)]
        command = [
            program, "-D", "-f", "/dev/null", "-h", str(tmp_path / "host"), "-p", str(port),
            "-o", "ListenAddress=127.0.0.1", "-o", "PidFile=none", "-o", "StrictModes=no",
            "-o", "PermitRootLogin=yes", "-o", f"AuthorizedKeysFile={tmp_path / 'authorized'}", *words,
        ]  # fmt: skip
        running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        for _ in range(200):
            with socket.socket() as trial:
                if trial.connect_ex(("127.0.0.1", port)) == 0:
                    return port
            time.sleep(0.05)
        raise AssertionError("sshd does not answer")

    yield serve
    for one in running:
        one.terminate()
        one.wait(10)


def fingerprint(path: Path) -> str:
    done = subprocess.run(
        ["ssh-keygen", "-lf", str(path)], check=True, capture_output=True, text=True
    )
    return done.stdout.split()[1]


def known(tmp_path: Path, port: int, key: str = "host.pub") -> Path:
    path = tmp_path / "known_hosts"
    path.write_text(f"[127.0.0.1]:{port} {(tmp_path / key).read_text()}")
    return path


def refused(target, trust: Trust) -> str:
    with pytest.raises(InputError) as caught:
        fetch_bundle(target, trust)
    return caught.value.code


def test_the_bundle_of_a_live_host_is_judged(server, tmp_path):
    port = server()
    out = tmp_path / "host.tar.gz"
    words = [
        "ssh",
        f"root@127.0.0.1:{port}",
        "--key",
        str(tmp_path / "user"),
        "-o",
        str(out),
    ]
    done = CliRunner().invoke(app, [*words, "--known-hosts", str(known(tmp_path, port))])
    assert done.exit_code == 0, done.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    tree, _ = read_bundle(out)
    assert tree.live
    assert judge_asset(read_evidence(out))
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.endswith(".part")) == []


def test_a_fingerprint_is_enough_and_must_be_right(server, tmp_path):
    port = server("ForceCommand=printf no")
    target = replace(target_of(f"root@127.0.0.1:{port}"), key=tmp_path / "user")
    right = Trust(fingerprint=fingerprint(tmp_path / "host.pub"))
    assert refused(target, right) == "no_bundle"  # it got that far
    wrong = Trust(fingerprint=fingerprint(tmp_path / "user.pub"))
    assert refused(target, wrong) == "host_key"


def test_another_host_key_is_refused(server, tmp_path):
    port = server()
    target = replace(target_of(f"root@127.0.0.1:{port}"), key=tmp_path / "user")
    assert refused(target, Trust(known(tmp_path, port, "user.pub"))) == "host_key"
    (tmp_path / "empty").touch()
    assert refused(target, Trust(tmp_path / "empty")) == "host_key"
    assert refused(target, Trust(tmp_path / "absent")) in {"host_key", "unreachable"}


def test_a_login_that_is_refused_tells_no_secret(server, tmp_path):
    port = server("PasswordAuthentication=yes")
    trust = Trust(known(tmp_path, port))
    secret = tmp_path / "password"
    secret.write_text("hunter2-secret\n")
    secret.chmod(0o600)
    target = target_of(f"nobody@127.0.0.1:{port}", None, secret)
    with pytest.raises(InputError) as caught:
        fetch_bundle(target, trust)
    assert caught.value.code == "login_refused"
    assert "hunter2" not in repr(target) + repr(caught.value) + str(caught.value.as_json())


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("printf hello", "no_bundle"),
        ("head -c 9000000 /dev/zero | tr '\\\\0' '\\\\37'", "no_bundle"),
        ("printf '\\\\037\\\\213'; head -c 9000000 /dev/zero", "too_large"),
        ("exit 1", "no_bundle"),
    ],
)
def test_answers_that_are_no_bundle(server, tmp_path, command, code):
    script = tmp_path / "answer.sh"
    script.write_text(f"#!/bin/sh\n{command}\n".replace("\\\\", "\\"))
    script.chmod(0o755)
    port = server(f"ForceCommand={script}")
    target = replace(target_of(f"root@127.0.0.1:{port}"), key=tmp_path / "user")
    assert refused(target, Trust(known(tmp_path, port))) in {code, "too_large"}


def test_a_host_that_hangs_is_left(server, tmp_path, monkeypatch):
    port = server("ForceCommand=sleep 60")
    monkeypatch.setattr(ssh, "WHOLE_SECONDS", 1)
    target = replace(target_of(f"root@127.0.0.1:{port}"), key=tmp_path / "user")
    assert refused(target, Trust(known(tmp_path, port))) == "timeout"


def test_a_closed_port_is_unreachable(tmp_path):
    (tmp_path / "k").touch()
    assert refused(target_of("root@127.0.0.1:1"), Trust(tmp_path / "k")) == "unreachable"


@pytest.mark.parametrize(
    "text", ["host", "user:pw@host", "user@host;id", "-oProxyCommand=x@h", "u@h:99999"]
)
def test_targets_that_are_not_understood(text):
    with pytest.raises(UsageError) as caught:
        target_of(text)
    assert "pw" not in str(caught.value.as_json())


def test_a_secret_is_its_owners(tmp_path):
    path = tmp_path / "s"
    path.write_text("x\n")
    path.chmod(0o644)
    with pytest.raises(FengsuiError) as caught:
        secret_in(path)
    assert caught.value.code == "secret_open"
    path.chmod(0o600)
    assert secret_in(path) == "x"
