"""The Windows script over WinRM, against a small WS-Man server of ours: never against a real Windows."""

from __future__ import annotations

import base64
import datetime as dt
import ipaddress
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

pytest.importorskip("pypsrp")

from typer.testing import CliRunner

from console.cli.collect import app
from detections.compliance.assets.reading import read_evidence
from detections.compliance.assets.remote import winrm
from detections.compliance.assets.remote.target import Target
from detections.compliance.assets.remote.winrm import BOOTSTRAP, fetch_windows
from detections.compliance.assets.windows.script import windows_script
from fengsui.errors import FengsuiError, InputError, UsageError
from tests.detections.compliance.assets.remote.wsman import Windows, serving
from tests.detections.compliance.assets.windows.conftest import bundle, members

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A self-signed authority for 127.0.0.1, and its key."""
    folder = tmp_path_factory.mktemp("ca")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "WIN1")])
    now = dt.datetime.now(dt.UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


Serve = Callable[[Windows], Target]


@pytest.fixture
def serve(certificate: tuple[Path, Path]) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(windows: Windows) -> Target:
            port = stack.enter_context(serving(windows, *certificate))
            return Target("auditor", "127.0.0.1", port, None, "P@ss w0rd")

        yield start


@pytest.fixture
def bundled(tmp_path: Path) -> bytes:
    return bundle(tmp_path / "made.zip", members("zh")).read_bytes()


def told(data: bytes) -> bytes:
    """Output of PowerShell: what the script says, then the bundle between its marks."""
    return (
        b"collect.ps1: wrote C:\\Temp\\x.zip\r\n-----BEGIN FENGSUI BUNDLE-----\r\n"
        + base64.b64encode(data)
        + b"\r\n-----END FENGSUI BUNDLE-----\r\n"
    )


@pytest.mark.parametrize("auth", ["basic", "negotiate"])
def test_the_bundle_comes_back(
    serve: Serve,
    certificate: tuple[Path, Path],
    bundled: bytes,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    auth: str,
) -> None:
    users = tmp_path / "users"
    users.write_text(":auditor:P@ss w0rd\n")
    monkeypatch.setenv("NTLM_USER_FILE", str(users))
    windows = Windows(out=told(bundled))
    target = serve(windows)
    assert fetch_windows(target, winrm.Windows(certificate[0], auth)) == bundled
    assert windows.told["stdin"].decode() == windows_script()
    assert windows.acts[-2:] == ["Signal", "Delete"]  # nothing is left running
    given = base64.b64decode(windows.arguments[-1]).decode("utf-16-le")
    assert given == BOOTSTRAP
    assert not any("P@ss" in word for word in windows.arguments)


def test_the_command_keeps_a_bundle_that_is_judged(
    serve: Serve, certificate: tuple[Path, Path], bundled: bytes, tmp_path: Path
) -> None:
    target = serve(Windows(out=told(bundled)))
    secret = tmp_path / "pw"
    secret.write_text("P@ss w0rd\n")
    secret.chmod(0o600)
    out = tmp_path / "host.zip"
    words = ["winrm", f"auditor@127.0.0.1:{target.port}", "--password-file", str(secret)]
    words += ["--ca", str(certificate[0]), "--auth", "basic", "-o", str(out)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    assert "P@ss" not in done.output
    assert out.stat().st_mode & 0o077 == 0
    assert read_evidence(out).kind == "windows"


@pytest.mark.parametrize(
    ("windows", "change", "code"),
    [
        (Windows(), {"password": "wrong"}, "login_refused"),
        (Windows(status=404), {}, "no_winrm"),
        (Windows(fault=5), {}, "denied"),
        (Windows(fault=1234), {}, "fault"),
        (Windows(out=b"nothing", err="拒绝访问".encode("gbk")), {}, "no_bundle"),
        (Windows(out=told(b"")), {}, "no_bundle"),
        (Windows(out=told(b"x" * 90_000)), {}, "too_large"),
        (Windows(hang=3), {}, "timeout"),
    ],
)
def test_what_goes_wrong_is_told(
    serve: Serve,
    certificate: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    windows: Windows,
    change: dict[str, str],
    code: str,
) -> None:
    monkeypatch.setattr(winrm, "ANSWER_SECONDS", 0.5)
    monkeypatch.setattr(winrm, "MOST_PACKED", 50_000)
    with pytest.raises(InputError) as caught:
        fetch_windows(replace(serve(windows), **change), winrm.Windows(certificate[0], "basic"))
    assert caught.value.code == code
    assert "P@ss" not in str(caught.value)
    assert "wrong" not in caught.value.what


def test_a_certificate_that_nobody_vouches_for_is_refused(serve: Serve, bundled: bytes) -> None:
    windows = Windows(out=told(bundled))
    with pytest.raises(InputError) as caught:
        fetch_windows(serve(windows), winrm.Windows(None, "basic"))
    assert caught.value.code == "certificate"
    assert windows.acts == []


def test_a_certificate_of_another_name_is_refused(
    serve: Serve, certificate: tuple[Path, Path]
) -> None:
    target = replace(serve(Windows()), host="localhost")
    with pytest.raises(InputError) as caught:
        fetch_windows(target, winrm.Windows(certificate[0], "basic"))
    assert caught.value.code == "certificate"


def test_nobody_listens(certificate: tuple[Path, Path]) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(InputError) as caught:
        fetch_windows(Target("a", "127.0.0.1", port, None, "x"), winrm.Windows(certificate[0]))
    assert caught.value.code == "unreachable"


def test_a_server_that_never_ends_is_left(
    serve: Serve, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(winrm, "WHOLE_SECONDS", 0)
    with pytest.raises(InputError) as caught:
        fetch_windows(serve(Windows(quiet=1_000_000)), winrm.Windows(certificate[0], "basic"))
    assert caught.value.code == "timeout"


@pytest.mark.parametrize("windows", [winrm.Windows(auth="none"), winrm.Windows(Path("/no/such"))])
def test_what_is_not_known_is_refused_before_anything_is_sent(windows: winrm.Windows) -> None:
    with pytest.raises(UsageError):
        fetch_windows(Target("a", "127.0.0.1", 9, None, "x"), windows)


def test_the_piece_on_the_command_line_is_short_and_plain() -> None:
    assert BOOTSTRAP.isascii()
    assert windows_script().isascii()  # the code page of the input does not matter
    assert sum(map(len, winrm.ARGUMENTS)) < 4000  # cmd.exe takes 8191
    assert issubclass(InputError, FengsuiError)
