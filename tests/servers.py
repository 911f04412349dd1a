"""Real servers for the tests of the stores: Elasticsearch from Maven Central, PostgreSQL from Debian.

    python -m tests.servers up [--nodes 3 --tls]    start, wait for health, say where they are
    python -m tests.servers down                    stop them, by process id

On loopback, with free ports, bounded memory and never as root. What is downloaded is kept in
`~/.cache/fengsui-servers`; what runs is written to `running.json` there, which the tests read, unless
FENGSUI_TEST_ELASTIC or FENGSUI_TEST_POSTGRES name other servers. Without Java or PostgreSQL that server
is left out, which is said here and by each test that it skips.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

VERSION = "8.19.0"
HEAP = "512m"
CACHE = Path.home() / ".cache" / "fengsui-servers"
RUNNING = CACHE / "running.json"
_JAVA = {8: 17, 9: 21}
"""Least version of Java by major version of Elasticsearch."""
_ARTIFACT = "org.elasticsearch.distribution.integ-test-zip:elasticsearch:{version}:zip"
_PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get"
_WAIT = 120  # seconds until a server must be healthy


class MissingError(Exception):
    """A server cannot be had on this machine; the reason is the text."""


def running() -> dict[str, Any]:
    """What `up` started and what the environment names: `elastic` and `postgres`, where there are."""
    found: dict[str, Any] = {}
    if RUNNING.exists():
        document = json.loads(RUNNING.read_text())
        if all(_alive(pid) for pid in document["pids"]):
            found = document
    for name in ("elastic", "postgres"):
        if url := os.environ.get(f"FENGSUI_TEST_{name.upper()}"):
            found[name] = {"urls": url.split(",")}
    return found


def up(nodes: int, *, tls: bool, version: str = VERSION) -> None:
    """Start both; stopped again when one fails."""
    if RUNNING.exists():
        down()
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="fengsui-servers-", dir="/var/tmp"))
    folder.chmod(0o755)
    document: dict[str, Any] = {"folder": str(folder), "pids": []}
    starts: dict[str, Callable[[], dict[str, Any]]] = {
        "elastic": lambda: _elastic(folder, nodes, document["pids"], tls=tls, version=version),
        "postgres": lambda: _postgres(folder, document["pids"]),
    }
    for name, start in starts.items():
        try:
            document[name] = start()
            print(f"{name:10} {', '.join(document[name]['urls'])}")
        except MissingError as error:
            print(f"{name:10} left out: {error}")
        except BaseException:
            RUNNING.write_text(json.dumps(document))
            down()
            raise
    RUNNING.write_text(json.dumps(document))


def down() -> None:
    """Stop what `up` started."""
    if not RUNNING.exists():
        return
    document = json.loads(RUNNING.read_text())
    for pid in document["pids"]:
        if _alive(pid):
            os.kill(pid, signal.SIGTERM)
    ends = time.monotonic() + 30
    while any(_alive(pid) for pid in document["pids"]) and time.monotonic() < ends:
        time.sleep(0.1)
    for pid in document["pids"]:
        if _alive(pid):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(document["folder"], ignore_errors=True)
    RUNNING.unlink()


def _alive(pid: int) -> bool:
    """Whether it runs, and is no corpse that nobody asked for."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def family(pid: int) -> list[int]:
    """A process and all that it started; Elasticsearch's server is a child of its launcher's."""
    found = [pid]
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in listed.read_text().split():
            found += family(int(child))
    return found


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _owner(*names: str) -> str | None:
    """A user for a server that refuses root; None where we are not root."""
    if os.getuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in (*names, "nobody") if name in known)


def _hand_over(folder: Path, user: str | None) -> None:
    if user:
        subprocess.run(["chown", "-R", user, str(folder)], check=True)


# Elasticsearch


def _java(least: int) -> str:
    """Home of the oldest Java here that is new enough."""
    known = [Path(path) for path in (os.environ.get("JAVA_HOME"), shutil.which("java")) if path]
    homes = {path.resolve().parent.parent if path.is_file() else path for path in known}
    homes |= {path.resolve() for path in Path("/usr/lib/jvm").glob("*") if path.is_dir()}
    found: list[tuple[int, str]] = []
    for home in homes:
        release = home / "release"
        text = release.read_text() if release.exists() else ""
        version = re.search(r'JAVA_VERSION="(\d+)', text)
        if version and int(version[1]) >= least and (home / "bin" / "java").exists():
            found.append((int(version[1]), str(home)))
    if not found:
        raise MissingError(f"no Java {least} here (apt-get install openjdk-{least}-jre-headless)")
    return min(found)[1]


def _elastic(
    folder: Path, nodes: int, pids: list[int], *, tls: bool, version: str
) -> dict[str, Any]:
    java = _java(_JAVA.get(int(version.partition(".")[0]), max(_JAVA.values())))
    home = folder / f"elasticsearch-{version}"
    with zipfile.ZipFile(_distribution(version)) as archive:
        archive.extractall(folder)
    for program in (home / "bin").iterdir():
        program.chmod(0o755)
    user = _owner("elasticsearch")
    password = secrets.token_urlsafe(12) if tls else ""
    http, transport = [free_port() for _ in range(nodes)], [free_port() for _ in range(nodes)]
    certificate = _certificates(folder) if tls else None
    environments: list[dict[str, str]] = []
    for number in range(nodes):
        settings = folder / f"node-{number}"
        shutil.copytree(home / "config", settings)
        lines = [
            "cluster.name: fengsui-test",
            f"node.name: node-{number}",
            "network.host: 127.0.0.1",
            f"http.port: {http[number]}",
            f"transport.port: {transport[number]}",
            f"path.data: {folder}/data-{number}",
            f"path.logs: {folder}/logs-{number}",
            f'path.repo: ["{folder}/snapshots"]',
            "cluster.routing.allocation.disk.threshold_enabled: true",
            f"xpack.security.enabled: {str(tls).lower()}",
        ]
        if nodes == 1:
            lines.append("discovery.type: single-node")
        else:
            seeds = ", ".join(f'"127.0.0.1:{port}"' for port in transport)
            masters = ", ".join(f'"node-{each}"' for each in range(nodes))
            lines += [
                f"discovery.seed_hosts: [{seeds}]",
                f"cluster.initial_master_nodes: [{masters}]",
            ]
        if certificate:
            shutil.copy(certificate, settings / "node.pem")
            shutil.copy(certificate.with_suffix(".key"), settings / "node.key")
            for layer in ("http", "transport"):
                lines += [
                    f"xpack.security.{layer}.ssl.enabled: true",
                    f"xpack.security.{layer}.ssl.certificate: node.pem",
                    f"xpack.security.{layer}.ssl.key: node.key",
                    f'xpack.security.{layer}.ssl.certificate_authorities: ["node.pem"]',
                ]
            lines.append("xpack.security.transport.ssl.verification_mode: certificate")
        (settings / "elasticsearch.yml").write_text("\n".join(lines) + "\n")
        (settings / "jvm.options.d").mkdir(exist_ok=True)
        (settings / "jvm.options.d" / "heap.options").write_text(f"-Xms{HEAP}\n-Xmx{HEAP}\n")
        environments.append(
            {
                "PATH": os.environ["PATH"],
                "ES_JAVA_HOME": java,
                "ES_PATH_CONF": str(settings),
                "ES_TMPDIR": str(folder / f"tmp-{number}"),
                "HOME": str(folder),
            }
        )
        (folder / f"tmp-{number}").mkdir()
    _hand_over(folder, user)
    for number, environment in enumerate(environments):
        if tls:
            _keystore(home, environment, password, user)
        with (folder / f"node-{number}.out").open("wb") as output:
            process = subprocess.Popen(
                [str(home / "bin" / "elasticsearch")],
                env=environment,
                user=user,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=folder,
                start_new_session=True,
            )
        pids.append(process.pid)
    scheme = "https" if tls else "http"
    urls = [f"{scheme}://127.0.0.1:{port}" for port in http]
    found = {"urls": urls, "certificate": str(certificate or ""), "password": password}
    _healthy(found, nodes, folder)
    return found


def _keystore(home: Path, environment: dict[str, str], password: str, user: str | None) -> None:
    program = str(home / "bin" / "elasticsearch-keystore")
    for words, given in (
        (["create"], b""),
        (["add", "-x", "bootstrap.password"], password.encode()),
    ):
        subprocess.run(
            [program, *words],
            input=given,
            env=environment,
            user=user,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _certificates(folder: Path) -> Path:
    """One certificate of its own for 127.0.0.1, which is also its authority."""
    path = folder / "node.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=fengsui-test", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
            *("-keyout", str(path.with_suffix(".key")), "-out", str(path)),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return path


def _distribution(version: str) -> Path:
    artifact = _ARTIFACT.format(version=version)
    path = (
        CACHE / "maven/org/elasticsearch/distribution/integ-test-zip/elasticsearch"
        f"/{version}/elasticsearch-{version}.zip"
    )
    if not path.exists():
        if shutil.which("mvn") is None:
            raise MissingError("Elasticsearch is not downloaded yet (apt-get install maven)")
        print(f"elastic    fetching {artifact} (97 MB, once)", flush=True)
        words = ["mvn", "-q", "-B", f"-Dmaven.repo.local={CACHE / 'maven'}", _PLUGIN]
        done = subprocess.run(
            [*words, f"-Dartifact={artifact}", "-Dtransitive=false"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode or not path.exists():
            raise MissingError(f"Maven Central did not give it: {done.stdout.strip()[-300:]}")
    return path


def _healthy(server: dict[str, Any], nodes: int, folder: Path) -> None:
    ends = time.monotonic() + _WAIT
    path = f"/_cluster/health?wait_for_status=green&wait_for_nodes={nodes}&timeout=1s"
    while True:
        try:
            if _ask(server, path):
                return
        except OSError:
            pass
        if time.monotonic() > ends:
            out = (folder / "node-0.out").read_text()[-2000:]
            raise RuntimeError(f"Elasticsearch did not come up in {_WAIT} s:\n{out}")
        time.sleep(0.3)


def _ask(server: dict[str, Any], path: str) -> bool:
    request = urllib.request.Request(server["urls"][0] + path)
    context = None
    if server["password"]:
        token = base64.b64encode(f"elastic:{server['password']}".encode()).decode()
        request.add_header("Authorization", f"Basic {token}")
        context = ssl.create_default_context(cafile=server["certificate"])
    with urllib.request.urlopen(request, timeout=5, context=context) as answer:
        return not json.load(answer)["timed_out"]


# PostgreSQL


def _postgres(folder: Path, pids: list[int]) -> dict[str, Any]:
    program = _postgres_program("initdb")
    user = _owner("postgres")
    data = folder / "postgres"
    data.mkdir()
    _hand_over(data, user)
    words = ["-D", str(data), "-U", "fengsui", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(
        [program, *words, "--locale=C.UTF-8"], user=user, check=True, stdout=subprocess.DEVNULL
    )
    port = free_port()
    with (folder / "postgres.out").open("wb") as output:
        process = subprocess.Popen(
            [
                _postgres_program("postgres"),
                *("-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(data)),
                *("-c", "fsync=off", "-c", "shared_buffers=64MB", "-c", "max_connections=60"),
            ],
            user=user,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=data,
            start_new_session=True,
        )
    pids.append(process.pid)
    ends = time.monotonic() + 30
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                break
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.1)
    return {"urls": [f"postgresql+psycopg://fengsui@127.0.0.1:{port}/postgres"]}


def _postgres_program(name: str) -> str:
    found = [*sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}")), shutil.which(name)]
    for one in reversed([str(path) for path in found if path]):
        return one
    raise MissingError("no PostgreSQL here (apt-get install postgresql)")


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=["up", "down"])
    parser.add_argument("--nodes", type=int, default=1)
    parser.add_argument("--tls", action="store_true", help="TLS and a password on Elasticsearch")
    parser.add_argument("--version", default=VERSION, help="of Elasticsearch; 9 needs Java 21")
    chosen = parser.parse_args()
    if chosen.what == "up":
        up(chosen.nodes, tls=chosen.tls, version=chosen.version)
    else:
        down()
    return 0


if __name__ == "__main__":
    sys.exit(main())
