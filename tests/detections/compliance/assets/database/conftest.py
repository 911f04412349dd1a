"""A hardened PostgreSQL and MariaDB of one's own, started for these tests; skipped where not installed."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from pg8000.native import Connection

from detections.compliance.assets.database.address import address_of
from detections.compliance.assets.database.connection import connected
from detections.compliance.assets.database.reader import read_database
from detections.compliance.assets.judging import AssetFinding, judge_asset

PASSWORD = "T1ger-on-the-wall"
HBA = (
    "local all all peer map=own\n"
    "hostssl all all 127.0.0.1/32 scram-sha-256\n"
    "hostssl all all 10.0.0.0/24 scram-sha-256\n"
)
SETTINGS = {
    "ssl": "on",
    "log_connections": "on",
    "log_disconnections": "on",
    "log_statement": "ddl",
    "idle_session_timeout": "10min",
    "log_line_prefix": "%m [%p] %u@%d %h ",
    "shared_preload_libraries": "passwordcheck",
    "logging_collector": "on",
    "log_file_mode": "0600",
    "fsync": "off",
}


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def owner(name: str) -> list[str]:
    """Words before a command that must not run as root."""
    return (
        ["setpriv", f"--reuid={name}", f"--regid={name}", "--clear-groups"]
        if os.geteuid() == 0
        else []
    )


def certificate(folder: Path) -> None:
    command = (
        "openssl req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=db -days 2"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True)
    (folder / "k.pem").chmod(0o600)


def given_to(folder: Path, name: str) -> None:
    if os.geteuid() == 0:
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, name, name)
        for path in folder.parents:
            if path.stat().st_uid == 0 and path != Path("/") and not path.stat().st_mode & 0o001:
                path.chmod(path.stat().st_mode | 0o011)


@dataclass
class Server:
    """A server with a way to change it by SQL and to judge it."""

    url: str
    socket_url: str
    statements: Callable[[Sequence[str]], None]
    folder: Path
    restart: Callable[..., None]
    reload: Callable[[], None]

    def judged(self, url: str = "") -> list[AssetFinding]:
        return judge_asset(read_database(url or self.url))

    def failing(self, url: str = "") -> set[tuple[str, str]]:
        """Units without their level, and steps, that fail."""
        return {
            (finding.check.unit.removeprefix("L3-"), step.name)
            for finding in self.judged(url)
            for step in finding.steps
            if step.state is False
        }


def _binary(name: str) -> str:
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    if not found:
        pytest.skip("postgresql is not installed")
    return str(found[-1])


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    initdb, control = _binary("initdb"), _binary("pg_ctl")
    folder = tmp_path_factory.mktemp("pg")
    certificate(folder)
    (folder / "pw").write_text(PASSWORD)
    given_to(folder, "postgres")
    data, port = folder / "d", free_port()
    me = owner("postgres")
    made = [*me, initdb, "-D", str(data), "-U", "postgres", f"--pwfile={folder / 'pw'}",
            "-A", "scram-sha-256", "-N", "--locale=C"]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True, cwd="/")
    user = pwd.getpwuid(os.geteuid()).pw_name
    (data / "pg_ident.conf").write_text(f"own {user} postgres\nown postgres postgres\n")
    (data / "pg_hba.conf").write_text(HBA)
    settings = SETTINGS | {
        "port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": str(folder),
        "ssl_cert_file": str(folder / "c.pem"), "ssl_key_file": str(folder / "k.pem"),
    }  # fmt: skip
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in settings.items())

    def run(*words: str) -> None:
        command = [*me, control, "-D", str(data), "-w", "-l", str(folder / "log"), *words]
        subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=60)

    def asked(*lines: str) -> object:
        place = f"{folder}/.s.PGSQL.{port}"
        found: object = None
        with contextlib.closing(
            Connection("postgres", database="postgres", unix_sock=place)
        ) as one:
            for line in lines:
                found = one.run(line)
        return found

    def statements(lines: Sequence[str]) -> None:
        asked(*lines)

    def reload() -> None:
        """Until new sessions have what the server has read again."""
        before = asked("select pg_conf_load_time()")
        asked("select pg_reload_conf()")
        for _ in range(500):
            if asked("select pg_conf_load_time()") != before:
                return
            time.sleep(0.01)

    run("start")
    url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
    quiet = f"postgresql://postgres@:{port}/postgres?host={folder}"
    server = Server(url, quiet, statements, data, run, reload)
    soon = "now() + interval '60 days'"
    statements([
        f"do $$ begin execute format('alter role postgres valid until %L', {soon});"
        f" execute format('create role app login password %L valid until %L', '{PASSWORD}', {soon}); end $$",
        "create role readers", "create database second",
    ])  # fmt: skip
    yield server
    with contextlib.suppress(
        FileNotFoundError, ProcessLookupError
    ):  # the machine may clear folders
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


@pytest.fixture(scope="session")
def mariadb(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not shutil.which("mariadbd") or not shutil.which("mariadb-install-db"):
        pytest.skip("mariadb-server is not installed")
    folder = tmp_path_factory.mktemp("my")
    certificate(folder)
    given_to(folder, "mysql")
    data, port = folder / "d", free_port()
    made = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--skip-test-db",
            "--auth-root-authentication-method=normal"]  # fmt: skip
    if os.geteuid() == 0:
        made.append("--user=mysql")
    subprocess.run(made, check=True, capture_output=True)
    running: list[subprocess.Popen[bytes]] = []

    def end() -> None:
        for one in running:
            one.terminate()
            one.wait(30)
        running.clear()

    def start(*words: str) -> None:
        end()
        command = [*owner("mysql"), "mariadbd", "--no-defaults", f"--datadir={data}", f"--port={port}",
                   f"--socket={folder}/s", "--bind-address=127.0.0.1", f"--ssl-cert={folder}/c.pem",
                   f"--ssl-key={folder}/k.pem", "--require-secure-transport=1",
                   "--plugin-load-add=simple_password_check", "--plugin-load-add=server_audit",
                   "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=16M", *words]  # fmt: skip
        running.append(
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        )
        why = ""
        for _ in range(900):
            try:
                with connected(
                    address_of(f"mysql://root@/?unix_socket={folder}/s&sslmode=disable")
                ):
                    return
            except Exception as error:
                why = str(error)
                time.sleep(0.1)
        end()
        raise TimeoutError(why)

    def statements(lines: Sequence[str]) -> None:
        command = ["mariadb", "--no-defaults", f"--socket={folder}/s", "-u", "root"]
        text = ";\n".join(lines) + ";\n"
        done = subprocess.run(command, input=text.encode(), check=False, capture_output=True)
        assert done.returncode == 0, done.stderr.decode()

    start()
    try:
        statements(MARIA_BASE)
    except BaseException:
        end()
        raise
    url = f"mysql://auditor:{PASSWORD}@127.0.0.1:{port}/"
    socket_url = f"mysql://root@/?unix_socket={folder}/s&sslmode=disable"
    yield Server(url, socket_url, statements, data, start, lambda: None)
    end()


MARIA_VARIABLES = [
    "set global server_audit_logging=1", "set global server_audit_events=''",
    "set global server_audit_excl_users=''", "set global server_audit_incl_users=''",
    "set global server_audit_file_rotate_size=1000000",
    "set global max_password_errors=5", "set global wait_timeout=600",
    "set global interactive_timeout=600", "set global default_password_lifetime=90",
    "set global strict_password_validation=1", "set global simple_password_check_minimal_length=10",
    "set global simple_password_check_digits=1", "set global simple_password_check_letters_same_case=1",
    "set global simple_password_check_other_characters=1", "set global require_secure_transport=1",
]  # fmt: skip
MARIA_BASE = [
    "delete from mysql.global_priv where user='' or host not in ('localhost', '') ",
    "delete from mysql.db",
    "flush privileges",
    f"create user auditor@'127.0.0.1' identified by '{PASSWORD}'",
    "grant select on mysql.* to auditor@'127.0.0.1'",
    f"create user app@'10.0.0.5' identified by '{PASSWORD}' require ssl",
    "create database work",
    "grant select, insert on work.* to app@'10.0.0.5'",
    "create role readers",
    "alter user root@localhost identified via unix_socket",
    *MARIA_VARIABLES,
]
