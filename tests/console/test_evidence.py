"""Evidence on the command line: secrets of URLs stay out, demands on assets and age, leave to probe."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.evidence import Demands, run_evidence, shown_source
from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.database.address import address_of
from detections.compliance.assets.device.facts import DeviceFacts
from detections.compliance.assets.probe.authority import authority_of
from fengsui.clock import DAY
from fengsui.errors import InputError

SCHEMES = st.sampled_from(["postgresql", "mysql", "mariadb", "ssh", "https", "gopher"])
MARK = "Zq9xWv"  # stands in each password, and nowhere else


@given(SCHEMES, st.text(max_size=12), st.text(max_size=12))
def test_a_password_is_never_shown(scheme: str, before: str, after: str) -> None:
    url = f"{scheme}://user:{before}{MARK}{after}@127.0.0.1:1/base"
    assert MARK not in shown_source(url)
    done = run_evidence([url])
    assert MARK not in str(done.as_json()) + repr(done)


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{MARK}@127.0.0.1:1/x",
        f"mysql://u:a/b?c#{MARK}@127.0.0.1:1/x",
        f"mysql://u:{MARK}@127.0.0.1:1/x?nothing={MARK}",
        f"gopher://u:{MARK}@127.0.0.1:1/x",
        f"ssh://u:{MARK}@127.0.0.1:1",
    ],
)
def test_what_is_refused_shows_no_password(url: str) -> None:
    done = run_evidence([url])
    assert len(done.refused) == 1
    assert MARK not in str(done.as_json())


def test_a_password_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("from the file\nnot this\n")
    (tmp_path / "pw").chmod(0o600)
    url = f"postgresql://u:other@h:5/b?password_file={tmp_path}/pw"
    assert address_of(url).password == "from the file"
    assert address_of("mysql://u:a%40b@h/").password == "a@b"


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_password_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    (tmp_path / "pw").write_text("from the file\n")
    (tmp_path / "pw").chmod(mode)
    done = run_evidence([f"postgresql://u@127.0.0.1:1/b?password_file={tmp_path}/pw"])
    assert [one.error.code for one in done.refused] == ["secret_open"]
    assert "from the file" not in str(done.as_json())


def test_a_server_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "detections.compliance.assets.database.connection"
    monkeypatch.setattr(f"{module}.ANSWER_SECONDS", 0.2)
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        where = f"127.0.0.1:{server.getsockname()[1]}"
        done = run_evidence([f"mysql://u:p@{where}/", f"postgresql://u:p@{where}/"])
    assert [one.error.code for one in done.refused] == ["timeout", "timeout"]


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad\r\n\r\n", bytes(64), b"\xff" * 64, b"E"])
def test_what_is_no_database_is_refused(answer: bytes) -> None:
    servers = [socket.socket(), socket.socket()]

    def run(server: socket.socket) -> None:
        for _ in range(2):
            link, _ = server.accept()
            with link:
                link.sendall(answer)

    for server in servers:
        server.bind(("127.0.0.1", 0))
        server.listen()
        threading.Thread(target=run, args=(server,), daemon=True).start()
    urls = [f"{scheme}://u:{MARK}@127.0.0.1:{server.getsockname()[1]}/"
            for scheme, server in zip(("mysql", "postgresql"), servers, strict=True)]  # fmt: skip
    done = run_evidence(urls)
    for server in servers:
        server.close()
    assert len(done.refused) == 2
    assert MARK not in str(done.as_json())


def test_nothing_listens() -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    done = run_evidence([f"postgresql://u:p@127.0.0.1:{port}/"])
    assert [one.error.code for one in done.refused] == ["unreachable"]


def asset(name: str, day: int) -> AssetEvidence:
    return AssetEvidence(name, "network", "f", "0", day * DAY, "E0", DeviceFacts("cisco", name))


DAYS = [(969, "too_old"), (970, ""), (1000, ""), (1001, ""), (1003, "from_the_future")]


@pytest.mark.parametrize(("day", "code"), DAYS)
def test_age_is_counted_to_the_day_of_judgement(day: int, code: str) -> None:
    demands = Demands(as_of=1000 * DAY)
    if not code:
        demands.check(asset("a", day))
        return
    with pytest.raises(InputError) as refused:
        demands.check(asset("a", day))
    assert refused.value.code == code


def test_evidence_of_another_asset_is_refused() -> None:
    demands = Demands(names=frozenset({"a"}))
    demands.check(asset("a", 1))
    with pytest.raises(InputError) as refused:
        demands.check(asset("b", 1))
    assert refused.value.code == "another_asset"


def test_probes_need_leave_and_say_whose() -> None:
    done = run_evidence(["ssh://127.0.0.1:1"])
    assert [one.error.code for one in done.refused] == ["no_authority"]
    leave = authority_of("Li Si", ["192.0.2.0/30"])
    done = run_evidence(["tls://127.0.0.1:1"], demands=Demands(authority=leave))
    assert [one.error.code for one in done.refused] == ["outside_scope"]
    assert done.as_json()["authority"] == {"by": "Li Si", "scope": ["192.0.2.0/30"]}
