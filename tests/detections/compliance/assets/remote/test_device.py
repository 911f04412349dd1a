"""A device's configuration over SSH, from a server that answers as a device's command line does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from detections.compliance.assets.device.reader import evidence_of
from detections.compliance.assets.remote import device
from detections.compliance.assets.remote.device import fetch_configuration
from detections.compliance.assets.remote.target import Target
from fengsui.errors import InputError, UsageError
from tests.detections.compliance.assets.device.configurations import CISCO, H3C, HUAWEI

asyncssh = pytest.importorskip("asyncssh")
pytest.importorskip("netmiko")

ANSWERS = {
    "huawei": ("<QW-HX-01>", "display current-configuration", HUAWEI),
    "h3c": ("<H3C-01>", "display current-configuration", H3C),
    "cisco": ("core-01#", "show running-config", CISCO),
}


@dataclass
class Served:
    port: int
    known_hosts: Path
    asked: list[str]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """`serve(vendor, hang=False, text=None)`: a device that takes audit/right-password."""
    ends: list[Callable[[], None]] = []

    def start(vendor: str, *, hang: bool = False, text: str | None = None) -> Served:
        prompt, command, configuration = ANSWERS[vendor]
        key = asyncssh.generate_private_key("ssh-ed25519")
        served = Served(0, tmp_path / f"known-{vendor}", [])
        ready = threading.Event()

        open_now: list[Any] = []

        class Server(asyncssh.SSHServer):
            def connection_made(self, conn: Any) -> None:
                open_now.append(conn)

            def password_auth_supported(self) -> bool:
                return True

            def validate_password(self, username: str, password: str) -> bool:
                return (username, password) == ("audit", "right-password")

        async def talk(process: Any) -> None:
            process.stdout.write(f"\r\n{prompt}")
            while line := await process.stdin.readline():
                said = line.strip()
                if said:
                    served.asked.append(said)
                if said in {"quit", "exit"}:
                    break
                process.stdout.write(f"{said}\r\n")
                if said == command:
                    if hang:
                        await asyncio.sleep(1)
                        break
                    shown = configuration if text is None else text
                    process.stdout.write(shown.replace("\n", "\r\n"))
                process.stdout.write(f"\r\n{prompt}")
            process.exit(0)

        async def run() -> None:
            server = await asyncssh.create_server(
                Server,
                "127.0.0.1",
                0,
                server_host_keys=[key],
                process_factory=talk,
                line_editor=False,
            )
            served.port = server.sockets[0].getsockname()[1]
            halt = asyncio.Event()
            loop = asyncio.get_running_loop()
            ends.append(lambda: (loop.call_soon_threadsafe(halt.set), thread.join(10))[1])
            ready.set()
            await halt.wait()
            server.close()
            for each in open_now:
                each.abort()
            await asyncio.gather(*(each.wait_closed() for each in open_now))
            await server.wait_closed()

        thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
        thread.start()
        assert ready.wait(10)
        public = key.export_public_key().decode()
        served.known_hosts.write_text(f"[127.0.0.1]:{served.port} {public}")
        return served

    yield start
    for end in ends:
        end()


def target(served: Served, password: str = "right-password") -> Target:
    return Target("audit", "127.0.0.1", served.port, None, password)


@pytest.mark.parametrize("vendor", sorted(ANSWERS))
def test_the_configuration_comes_back_and_is_judged(serve, vendor):
    served = serve(vendor)
    data = fetch_configuration(target(served), vendor, served.known_hosts)
    assert evidence_of(data, "x").name == evidence_of(ANSWERS[vendor][2].encode(), "x").name
    # Nothing is sent that changes a device: paging for the session, and the command.
    words = (
        "screen-length",
        "terminal",
        "display",
        "show",
        "quit",
        "exit",
        "enable",
        "undo terminal",
    )
    assert all(line.startswith(words) for line in served.asked), served.asked


def refused(served: Served, **more: Any) -> str:
    with pytest.raises(InputError) as caught:
        fetch_configuration(
            more.get("target", target(served)),
            "huawei",
            more.get("known_hosts", served.known_hosts),
        )
    assert "password" not in str(caught.value.as_json()).replace("--password-file", "")
    return caught.value.code


def test_a_wrong_password_and_another_key_are_refused(serve, tmp_path):
    served = serve("huawei")
    assert refused(served, target=target(served, "wrong-password")) == "login_refused"
    other = tmp_path / "other"
    public = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode()
    other.write_text(f"[127.0.0.1]:{served.port} {public}")
    assert refused(served, known_hosts=other) == "host_key"
    (tmp_path / "none").touch()
    assert refused(served, known_hosts=tmp_path / "none") == "host_key"
    assert served.asked == []


def test_an_answer_that_is_no_configuration(serve):
    assert (
        refused(serve("huawei", text="Error: No permission to run the command.\n"))
        == "no_configuration"
    )


def test_a_device_that_hangs_is_left(serve, monkeypatch):
    monkeypatch.setattr(device, "ANSWER_SECONDS", 0.5)
    assert refused(serve("huawei", hang=True)) == "timeout"


def test_a_vendor_that_is_not_known():
    with pytest.raises(UsageError):
        fetch_configuration(Target("a", "b", 22), "abacus")
