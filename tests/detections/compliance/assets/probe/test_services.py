"""Real sshd and TLS servers with one weakness each, probed with leave; sound ones are not blamed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from detections.compliance.assets.judging import judge_asset
from detections.compliance.assets.probe import hello
from detections.compliance.assets.probe.authority import Authority, authority_of
from detections.compliance.assets.probe.reader import read_service
from detections.compliance.assets.probe.ssh import parse_kexinit
from fengsui.clock import WallClock
from fengsui.errors import ForbiddenError, InputError, UsageError

LEAVE = authority_of("Li Si", ["127.0.0.1/32"])
STRONG = "ECDHE+AESGCM"
ALL = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"
Serve = Callable[..., int]


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def failing(url: str) -> set[str]:
    return {
        f"{finding.check.unit.removeprefix('L3-')} {fact.name}={fact.value}"
        for finding in judge_asset(read_service(url, LEAVE, WallClock()))
        for step in finding.steps
        if step.state is False
        for fact in step.facts
    }


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tls")
    lines = [
        "req -x509 -newkey rsa:2048 -nodes -keyout ca.k -out ca.c -subj /CN=ca -days 30",
        "req -newkey rsa:2048 -nodes -keyout good.k -out good.r -subj /CN=localhost",
        "x509 -req -in good.r -CA ca.c -CAkey ca.k -out good.c -days 20 -CAcreateserial -extfile ext",
        "x509 -req -in good.r -CA ca.c -CAkey ca.k -out sha1.c -days 20 -sha1 -CAcreateserial -extfile ext",
        "req -x509 -newkey rsa:1024 -nodes -keyout small.k -out small.c -subj /CN=x -days 9",
    ]
    (folder / "ext").write_text("subjectAltName=DNS:localhost,DNS:*.example.org\n")
    for line in lines:
        subprocess.run(["openssl", *line.split()], cwd=folder, capture_output=True, check=True)
    _ended(folder)
    return folder


def _ended(folder: Path) -> None:
    """A certificate of the same key that ended long ago."""
    key = serialization.load_pem_private_key((folder / "good.k").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    issuer = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ca")])
    day = datetime(2020, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder(issuer, name, key.public_key(), 5, day, day + timedelta(days=9))
    held = made.sign(key, hashes.SHA256())
    (folder / "old.c").write_bytes(held.public_bytes(serialization.Encoding.PEM))


@pytest.fixture
def tls(certificates: Path) -> Iterator[Serve]:
    running: list[subprocess.Popen[bytes]] = []

    def serve(name: str = "good", cipher: str = STRONG, *words: str) -> int:
        key = "small" if name == "small" else "good"
        port = free_port()
        command = ["openssl", "s_server", "-accept", str(port), "-key", f"{key}.k", "-cert", f"{name}.c",
                   "-cipher", cipher, "-www", "-quiet", *words]  # fmt: skip
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": certificates}
        running.append(subprocess.Popen(command, **quiet))  # type: ignore[call-overload]
        _wait(port)
        return port

    yield serve
    for one in running:
        one.terminate()
        one.wait(10)


def _wait(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError


TLS_FAULTS = {
    "old version": (("good", ALL, "-min_protocol", "TLSv1"), "CNS1-07 version=TLSv1.0"),
    "old version alone": (("good", ALL, "-tls1_1"), "CES1-27 version=TLSv1.1"),
    "no encryption": (("good", "eNULL:@SECLEVEL=0"), "CNS1-07 suites=NULL"),
    "anonymous": (("good", "aNULL:@SECLEVEL=0", "-no_tls1_3"), "CNS1-06 suites=anonymous"),
    "small key": (("small", "ALL:@SECLEVEL=0"), "CNS1-06 certificate_key=RSA 1024"),
    "self-signed": (("small", "ALL:@SECLEVEL=0"), "CNS1-06 certificate_issuer=itself"),
    "SHA-1": (("sha1", "ALL:@SECLEVEL=0"), "CNS1-06 certificate_hash=sha1"),
}


@pytest.mark.parametrize("name", TLS_FAULTS)
def test_tls_fault_is_named(tls: Serve, name: str) -> None:
    words, expected = TLS_FAULTS[name]
    port = tls(*words)
    assert expected in failing(f"tls://127.0.0.1:{port}")


def test_sound_tls_is_not(tls: Serve) -> None:
    assert failing(f"https://localhost:{tls()}") == set()
    assert failing(f"tls://127.0.0.1:{tls('good', STRONG, '-tls1_2')}") == set()
    assert failing(f"tls://127.0.0.1:{tls('good', STRONG, '-tls1_3')}") == set()


def test_ended_certificate(tls: Serve) -> None:
    port = tls("old")
    assert any("certificate_valid" in one for one in failing(f"tls://127.0.0.1:{port}"))


def test_another_name(tls: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    port = tls()
    rows = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]
    monkeypatch.setattr(
        "detections.compliance.assets.probe.authority.socket.getaddrinfo", lambda *_a, **_k: rows
    )
    assert any("certificate_name" in one for one in failing(f"https://other.example.com:{port}"))
    assert failing(f"https://a.example.org:{port}") == set()


@pytest.fixture
def sshd(tmp_path: Path) -> Iterator[Serve]:
    program = shutil.which("sshd") or "/usr/sbin/sshd"
    if not Path(program).exists():
        pytest.skip("openssh-server is not installed")
    Path("/run/sshd").mkdir(exist_ok=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "k")], check=True
    )
    running: list[subprocess.Popen[bytes]] = []

    def serve(*options: str) -> int:
        port = free_port()
        words = [word for one in options for word in ("-o", one)]
        command = [program, "-D", "-f", "/dev/null", "-h", str(tmp_path / "k"), "-p", str(port),
                   "-o", "ListenAddress=127.0.0.1", "-o", "PidFile=none", *words]  # fmt: skip
        running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL))
        _wait(port)
        return port

    yield serve
    for one in running:
        one.terminate()
        one.wait(10)


SSH_FAULTS = {
    "CBC": ("Ciphers=aes256-ctr,aes128-cbc", "CES1-03 ciphers=aes128-cbc"),
    "cipher": ("Ciphers=+3des-cbc", "CES1-03 ciphers=3des-cbc"),
    "mac": ("MACs=+hmac-md5", "CNS1-06 macs=hmac-md5"),
    "key exchange": (
        "KexAlgorithms=+diffie-hellman-group1-sha1",
        "CNS1-07 kexalgorithms=diffie-hellman-group1-sha1",
    ),
}


@pytest.mark.parametrize("name", SSH_FAULTS)
def test_ssh_fault_is_named(sshd: Serve, name: str) -> None:
    option, expected = SSH_FAULTS[name]
    assert expected in failing(f"ssh://127.0.0.1:{sshd(option)}")


def test_sound_ssh_is_not(sshd: Serve) -> None:
    port = sshd("PasswordAuthentication=no", "Ciphers=aes128-cbc,aes256-gcm@openssh.com",
                "MACs=hmac-sha2-256-etm@openssh.com")  # fmt: skip
    assert failing(f"ssh://127.0.0.1:{port}") == set()
    found = judge_asset(read_service(f"ssh://127.0.0.1:{port}", LEAVE, WallClock()))
    facts = [fact for one in found for step in one.steps for fact in step.facts]
    methods = [fact.value for fact in facts if fact.name == "login_methods"]
    assert "publickey" in str(methods)


def _answering(text: bytes) -> int:
    server = socket.socket()
    server.bind(("127.0.0.1", 0))
    server.listen()

    def run() -> None:
        with server:
            link, _ = server.accept()
            with link:
                link.sendall(text)

    threading.Thread(target=run, daemon=True).start()
    return int(server.getsockname()[1])


def test_version_one_is_named() -> None:
    assert failing(f"ssh://127.0.0.1:{_answering(b'SSH-1.5-old' + bytes([13, 10]))}") == {
        f"{unit} version=SSH-1.5-old" for unit in ("CES1-03", "CNS1-06", "CNS1-07")
    }


@pytest.mark.parametrize("text", [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"SSH-2.0-x\r\n" + b"\xff" * 40])
def test_what_is_no_ssh_is_refused(text: bytes) -> None:
    with pytest.raises(InputError):
        read_service(f"ssh://127.0.0.1:{_answering(text)}", LEAVE, WallClock())


LEAVES = [
    None,
    Authority("", ()),
    authority_of("Li Si", []),
    authority_of("", ["127.0.0.1"]),
    authority_of("Li Si", ["192.0.2.0/24"]),
]


@pytest.mark.parametrize("leave", LEAVES)
def test_without_leave_nothing_is_sent(leave: Authority | None) -> None:
    with pytest.raises(ForbiddenError):
        read_service("ssh://127.0.0.1:9", leave, WallClock())


def test_a_scope_is_no_sweep() -> None:
    for text in ("0.0.0.0/0", "10.0.0.0/8", "nonsense"):
        with pytest.raises(UsageError):
            authority_of("Li Si", [text])


def test_tlcp_is_recognised() -> None:
    made = hello.client_hello(hello.TLCP, hello.SM_SUITES)
    assert made[:3] == b"\x16\x01\x01"
    body = b"\x02" + (38 + 0).to_bytes(3, "big") + b"\x01\x01" + bytes(32) + b"\x00\xe0\x13\x00"
    assert hello.server_hello(22, body) == hello.Hello(hello.TLCP, 0xE013)


def test_cut_offers_are_refused() -> None:
    with pytest.raises(ValueError, match="cut"):
        parse_kexinit(b"\x14" + bytes(16) + b"\x00\x00\x00\xffabc")
