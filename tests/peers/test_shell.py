"""OpenSSH with its client: versions, keys, and whether the log-in worked."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.lan import SERVER, Lan, program

pytestmark = pytest.mark.peers


class Sshd:
    def __init__(self, lan: Lan, folder: Path) -> None:
        Path("/run/sshd").mkdir(exist_ok=True)
        self.lan = lan
        self.folder = folder
        keygen = program("ssh-keygen", "openssh-client")
        for name in ("host", "good", "bad"):
            command = [keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)]
            subprocess.run(command, check=True)
        (self.folder / "allowed").write_bytes((self.folder / "good.pub").read_bytes())
        self.settings = self.folder / "sshd_config"
        self.settings.write_text(
            f"HostKey {self.folder / 'host'}\nAuthorizedKeysFile {self.folder / 'allowed'}\n"
            "Port 22\nUsePAM no\nStrictModes no\nPermitRootLogin yes\nPidFile none\n"
            "PasswordAuthentication yes\n"
        )

    def ssh(self, *words: str, key: str = "", fails: bool = False) -> str:
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
        command = [program("ssh", "openssh-client"), "-F", "none", *(f"-o{o}" for o in options)]
        if key:
            command += ["-i", str(self.folder / key), "-oIdentitiesOnly=yes", "-oBatchMode=yes"]
        return self.lan.run(*command, *words, f"root@{SERVER}", "true", fails=fails)


@pytest.fixture(scope="module")
def sshd(lan: Lan) -> Iterator[Sshd]:
    command = program("sshd", "openssh-server")
    folder = lan.folder / "ssh"
    folder.mkdir()
    made = Sshd(lan, folder)
    with lan.serve(command, "-D", "-e", "-f", str(made.settings), tcp=22):
        yield made


def test_a_key_that_is_known(lan: Lan, sshd: Sshd) -> None:
    with lan.watched() as seen:
        sshd.ssh(key="good")
    event = seen.one("ssh")
    assert event["ssh.auth_success"] is True
    assert event["event.outcome"] == "success"
    assert event["ssh.client.software_version"].startswith("OpenSSH_")
    assert event["ssh.host_key_alg"] == "ssh-ed25519"
    blob = base64.b64decode((sshd.folder / "host.pub").read_text("ascii").split()[1])
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-E", "md5", "-f", str(sshd.folder / "host.pub")],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert len(blob) == 51
    assert f"MD5:{event['ssh.host_key']}" in shown
    assert seen.losses == {}


def test_a_key_that_is_not_known(lan: Lan, sshd: Sshd) -> None:
    with lan.watched() as seen:
        said = sshd.ssh("-oPasswordAuthentication=no", key="bad", fails=True)
    assert "denied" in said
    event = seen.one("ssh")
    assert event["ssh.auth_success"] is False
    assert event["ssh.auth_attempts"] == 1


def test_wrong_passwords(lan: Lan, sshd: Sshd) -> None:
    sshpass = program("sshpass", "sshpass")
    words = ["-p", "wrong", "ssh", "-F", "none", "-oStrictHostKeyChecking=no"]
    words += ["-oUserKnownHostsFile=/dev/null", "-oPubkeyAuthentication=no", f"nobody@{SERVER}"]
    with lan.watched() as seen:
        lan.run(sshpass, *words, "true", fails=True)
    event = seen.one("ssh")
    assert event["ssh.auth_success"] is False
    assert event["ssh.auth_attempts"] >= 1


@pytest.mark.parametrize("cipher", ["aes128-ctr", "aes256-gcm@openssh.com"])
def test_other_ciphers_and_a_bulk_of_data(lan: Lan, sshd: Sshd, cipher: str) -> None:
    with lan.watched() as seen:
        sshd.ssh("-c", cipher, "-oMACs=hmac-sha2-256", key="good")
    event = seen.one("ssh")
    assert event["ssh.cipher_alg"] == cipher
    assert event["ssh.auth_success"] is True
