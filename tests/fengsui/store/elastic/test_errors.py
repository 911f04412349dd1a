"""What can be wrong with an address, in three lines; nothing here needs a cluster."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from fengsui.errors import FengsuiError, SettingsError, StoreError
from fengsui.store.elastic import ElasticEventStore
from fengsui.store.elastic.connection import Address, connect
from fengsui.store.elastic.doctor import _versions


class Pretender:
    """An HTTP server with one answer."""

    def __init__(self, status: int, body: object, product: str = "Elasticsearch") -> None:
        asked: list[str] = []
        self.asked = asked

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                asked.append(self.headers.get("Authorization", ""))
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                text = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                kind = "text/html" if isinstance(body, bytes) else "application/json"
                self.send_header("Content-Type", kind)
                if product:
                    self.send_header("X-Elastic-Product", product)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_PUT = do_POST = do_HEAD = answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self._thread = threading.Thread(target=self.server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self._thread.join()
        self.server.server_close()


@pytest.fixture
def pretenders() -> Iterator[list[Pretender]]:
    made: list[Pretender] = []
    yield made
    for one in made:
        one.close()


def refused(url: str, **more: str) -> FengsuiError:
    with pytest.raises(FengsuiError) as caught:
        ElasticEventStore(Address((url,), **more), writable=True)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3, lines
    assert "secret" not in str(caught.value)
    return caught.value


def error_body(kind: str, reason: str) -> dict[str, object]:
    return {
        "error": {"type": kind, "reason": reason, "root_cause": [{"type": kind, "reason": reason}]}
    }


@pytest.mark.parametrize(
    ("status", "body", "product", "code"),
    [
        (200, {"nodes": {"a": {"version": "7.17.9"}}}, "Elasticsearch", "elastic_version"),
        (200, {"nodes": {"a": {"version": "10.0.0"}}}, "Elasticsearch", "elastic_version"),
        (200, {"nodes": {"a": {"version": "2.11.0"}}}, "", "not_elastic"),
        (200, {"hello": "world"}, "Elasticsearch", "not_elastic"),
        (200, b"<html>Kibana</html>", "", "not_elastic"),
        (200, b"<html>Kibana</html>", "Elasticsearch", "not_elastic"),
        (
            401,
            error_body("security_exception", "bad password"),
            "Elasticsearch",
            "elastic_credentials",
        ),
        (
            403,
            error_body("security_exception", "not allowed"),
            "Elasticsearch",
            "elastic_forbidden",
        ),
        (
            403,
            error_body("cluster_block_exception", "index read-only / read-only-allow-delete"),
            "Elasticsearch",
            "elastic_full",
        ),
    ],
)
def test_what_answers_there(
    pretenders: list[Pretender], status: int, body: object, product: str, code: str
) -> None:
    server = Pretender(status, body, product)
    pretenders.append(server)
    assert refused(server.url, user="ann", password="secret").code == code


def test_nothing_answers_there() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    assert refused(f"http://127.0.0.1:{port}").code == "elastic_unreachable"


def test_a_certificate_that_nobody_vouches_for(tmp_path: Path) -> None:
    path = tmp_path / "node.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=x", "-keyout", str(path), "-out", str(path.with_suffix(".crt"))),
        ],
        check=True,
        capture_output=True,
    )
    server = Pretender(200, {})
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path.with_suffix(".crt"), path)
    server.server.socket = context.wrap_socket(server.server.socket, server_side=True)
    try:
        url = server.url.replace("http:", "https:")
        assert refused(url).code == "elastic_certificate"
        assert refused(url, fingerprint="00" * 32).code == "elastic_certificate"
    finally:
        server.close()


@pytest.mark.parametrize("url", ["nonsense", "ftp://host:1", "http://host"])
def test_an_address_that_cannot_be_one(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        connect(Address((url,)))
    assert len(str(caught.value).splitlines()) == 3


def test_a_missing_authority() -> None:
    with pytest.raises(SettingsError):
        connect(Address(("https://127.0.0.1:9200",), ca_file="/no/such/file"))


def test_reading_stores_do_not_write(pretenders: list[Pretender]) -> None:
    server = Pretender(200, {"nodes": {"a": {"version": "8.19.0"}}})
    pretenders.append(server)
    store = ElasticEventStore(Address((server.url,)), writable=False)
    with pytest.raises(StoreError) as caught:
        store.append([])
    assert caught.value.code == "read_only"
    store.close()


def test_an_api_key_goes_before_a_password(pretenders: list[Pretender]) -> None:
    server = Pretender(200, {"nodes": {"a": {"version": "8.19.0"}}})
    pretenders.append(server)
    with_key = Address((server.url,), user="ann", password="secret", api_key="aWQ6a2V5")
    ElasticEventStore(with_key, writable=False).close()
    ElasticEventStore(replace(with_key, api_key=""), writable=False).close()
    assert set(server.asked) == {"ApiKey aWQ6a2V5", "Basic YW5uOnNlY3JldA=="}


def test_nodes_of_two_versions_work_and_are_told(pretenders: list[Pretender]) -> None:
    nodes = {"a": {"version": "8.19.0"}, "b": {"version": "9.2.0"}}
    server = Pretender(200, {"nodes": nodes})
    pretenders.append(server)
    ElasticEventStore(Address((server.url,)), writable=False).close()
    client = connect(Address((server.url,)))
    found = _versions(client)
    client.close()
    assert (found.status, found.found) == ("warning", "8.19.0, 9.2.0")
    assert found.next
