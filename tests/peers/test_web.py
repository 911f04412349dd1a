"""nginx and Caddy with curl and Chromium: HTTP/1, HTTP/2, TLS 1.2 and 1.3, QUIC."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.keys import Keys
from tests.peers.lan import SERVER, SERVER6, Lan, program

pytestmark = pytest.mark.peers

PAGE = b"<!DOCTYPE html><html><body>" + b"beacon fire " * 4000 + b"</body></html>"
SETTINGS = """
daemon off; pid nginx.pid; error_log stderr; user root;
events {{}}
http {{
  types {{ text/html html; application/octet-stream bin; }}
  access_log off;
  client_body_temp_path body; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u;
  scgi_temp_path s;
  root {root};
  gzip on; gzip_min_length 100; gzip_types application/octet-stream;
  server {{ listen 80; listen [::]:80; server_name portal.test;
    location /put/ {{ dav_methods PUT; client_max_body_size 10m; }}
    location /old {{ return 302 http://portal.test/page.html; }} }}
  server {{ listen 81 http2; server_name portal.test; gzip off; }}
  server {{ listen 443 ssl http2; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets on;
    ssl_certificate {chain}; ssl_certificate_key {key}; }}
}}
"""


@pytest.fixture(scope="module")
def files(lan: Lan) -> dict[str, bytes]:
    root = lan.folder / "www"
    (root / "put").mkdir(parents=True)
    blob = random.Random(4).randbytes(300_000)
    held = {"page.html": PAGE, "tool.bin": blob}
    for name, data in held.items():
        (root / name).write_bytes(data)
    return held


@pytest.fixture(scope="module")
def nginx(lan: Lan, keys: Keys, files: dict[str, bytes]) -> Iterator[None]:
    settings = lan.folder / "nginx.conf"
    settings.write_text(SETTINGS.format(root=lan.folder / "www", chain=keys.chain, key=keys.key))
    where = str(lan.folder)
    with lan.serve(program("nginx", "nginx-light"), "-p", where, "-c", str(settings), tcp=80):
        yield


def curl(lan: Lan, *words: str) -> str:
    return lan.run(
        program("curl", "curl"),
        "-sS",
        "--connect-to",
        f"portal.test::{SERVER}:",
        "-o",
        "/dev/null",
        *words,
    )


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_plain_download(lan: Lan, nginx: None, files: dict[str, bytes]) -> None:
    with lan.watched() as seen:
        curl(lan, "-A", "peer/1", "-e", "http://portal.test/", "http://portal.test/tool.bin?v=1")
    event = seen.one("http")
    assert event["http.request.method"] == "GET"
    assert event["url.domain"] == "portal.test"
    assert event["url.path"] == "/tool.bin"
    assert event["user_agent.original"] == "peer/1"
    assert event["http.response.status_code"] == 200
    file = seen.one("files")
    assert file["file.hash.sha256"] == sha256(files["tool.bin"])
    assert file["file.size"] == 300_000
    assert seen.losses == {}


def test_a_gzipped_chunked_page_has_the_hash_of_what_the_user_sees(lan: Lan, nginx: None) -> None:
    with lan.watched() as seen:
        curl(lan, "--compressed", "http://portal.test/page.html")
    file = seen.one("files")
    assert file["file.hash.sha256"] == sha256(PAGE)
    assert file["file.mime_type"] == "text/html"


def test_requests_of_one_connection_over_ipv6(lan: Lan, nginx: None) -> None:
    page = f"http://[{SERVER6}]/page.html"
    with lan.watched() as seen:
        curl(lan, "-I", page, "--next", "-sS", "-o", "/dev/null", f"http://[{SERVER6}]/none")
        curl(lan, "http://portal.test/old")
    said = [(e["http.request.method"], e["http.response.status_code"]) for e in seen.of("http")]
    assert sorted(said) == [("GET", 302), ("GET", 404), ("HEAD", 200)]
    assert {e["network.type"] for e in seen.of("http")} == {"ipv4", "ipv6"}
    assert len(seen.of("flow", network__protocol="http")) == 2


def test_an_upload(lan: Lan, nginx: None, files: dict[str, bytes]) -> None:
    path = lan.folder / "up.bin"
    path.write_bytes(files["tool.bin"][::-1])
    with lan.watched() as seen:
        curl(lan, "-T", str(path), "http://portal.test/put/up.bin")
    assert seen.one("http")["http.request.method"] == "PUT"
    hashes = [event["file.hash.sha256"] for event in seen.of("files")]
    assert sha256(files["tool.bin"][::-1]) in hashes


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_tls(lan: Lan, nginx: None, keys: Keys, version: str) -> None:
    with lan.watched() as seen:
        page = "https://portal.test/page.html"
        curl(lan, "--cacert", str(keys.authority), f"--tlsv{version}", "--tls-max", version, page)
    event = seen.one("tls")
    assert event["tls.client.server_name"] == "portal.test"
    assert event["tls.version"] == version
    assert event["tls.established"] is True
    assert event["tls.client.ja4"].startswith(f"t{version.replace('.', '')}d")
    if version == "1.2":  # in 1.3 these are encrypted
        assert event["tls.next_protocol"] == "h2"
        fingerprint = keys.fingerprint()
        assert event["tls.server.hash.sha256"].lower() == fingerprint
        names = event["tls.server.x509.alternative_names"]
        assert set(names) == {"portal.test", "*.gov.test", SERVER}
        assert event["tls.server.x509.serial_number"].lstrip("0") == keys.serial().lstrip("0")
        assert event["tls.server.chain_length"] == 2


def test_clear_http2(lan: Lan, nginx: None, files: dict[str, bytes]) -> None:
    with lan.watched() as seen:
        curl(lan, "--http2-prior-knowledge", "-A", "peer/2", "http://portal.test:81/tool.bin")
    assert seen.flow_protocols() == ["http2"]
    event = seen.one("http")
    assert event["url.path"] == "/tool.bin"
    assert event["user_agent.original"] == "peer/2"
    assert event["http.response.status_code"] == 200
    assert seen.one("files")["file.hash.sha256"] == sha256(files["tool.bin"])


@pytest.fixture(scope="module")
def caddy(lan: Lan, keys: Keys, files: dict[str, bytes]) -> Iterator[None]:
    settings = lan.folder / "Caddyfile"
    settings.write_text(
        "{\n  admin off\n  auto_https off\n}\n"
        f"https://portal.test:8443 {{\n  tls {keys.chain} {keys.key}\n"
        f"  root * {lan.folder / 'www'}\n  file_server\n}}\n"
    )
    command = (program("caddy", "caddy"), "run", "--adapter", "caddyfile", "--config")
    with lan.serve("env", f"HOME={lan.folder}", *command, str(settings), udp=8443):
        yield


def test_a_browser_over_quic(lan: Lan, caddy: None, keys: Keys, tmp_path: Path) -> None:
    chromium = program("chromium", "chromium")
    with lan.watched() as seen:
        said = lan.run(
            chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}",
            f"--host-resolver-rules=MAP portal.test {SERVER}",
            "--origin-to-force-quic-on=portal.test:8443",
            f"--ignore-certificate-errors-spki-list={keys.pin()}",
            "--disable-background-networking", "--log-level=3",
            "--dump-dom", "https://portal.test:8443/page.html",
        )  # fmt: skip
    event = seen.of("quic")[0]
    assert event["quic.server_name"] == "portal.test"
    assert event["quic.client_protocol"] == "h3"
    hello = seen.of("tls", network__transport="udp")[0]
    assert hello["tls.client.ja4"].startswith("q13d")
    assert "beacon fire" in said
