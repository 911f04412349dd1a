"""PostgreSQL, MariaDB and Redis with their clients: who asks for what, and what comes of it."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.peers.keys import Keys
from tests.peers.lan import SERVER, Lan, program

pytestmark = pytest.mark.peers


def owned_by(folder: Path, user: str) -> Path:
    folder.mkdir()
    shutil.chown(folder, user, user)
    return folder


@pytest.fixture(scope="module")
def postgres(lan: Lan, keys: Keys) -> Iterator[None]:
    command, initdb = program("postgres", "postgresql-15"), program("initdb", "postgresql-15")
    psql = program("psql", "postgresql-client-15")
    del psql
    folder = owned_by(lan.folder / "pg", "postgres")
    (lan.folder / "pg.pw").write_text("secret2\n")
    as_user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
    subprocess.run(
        [*as_user, initdb, "-D", f"{folder}/data", "-N", "-A", "scram-sha-256", "-U", "clerk",
         f"--pwfile={lan.folder}/pg.pw", "--locale=C.UTF-8", "-E", "UTF8"],
        check=True, capture_output=True,
    )  # fmt: skip
    with (folder / "data/pg_hba.conf").open("a") as out:
        out.write("host all all 10.77.0.0/24 scram-sha-256\n")
    for name, source in (("server.key", keys.key), ("server.crt", keys.certificate)):
        made = folder / "data" / name
        made.write_bytes(source.read_bytes())
        made.chmod(0o600)
        shutil.chown(made, "postgres", "postgres")
    words = ("-c", "fsync=off", "-c", "ssl=on", "-h", "0.0.0.0", "-k", str(folder))
    with lan.serve(*as_user, command, "-D", f"{folder}/data", *words, tcp=5432):
        yield


def psql(lan: Lan, order: str, *, password: str = "secret2", tls: str = "disable") -> str:
    about = f"host={SERVER} user=clerk dbname=postgres sslmode={tls} password={password}"
    return lan.run("psql", "-X", "-A", "-t", about, "-c", order, fails=True)


def test_postgres_queries(lan: Lan, postgres: None) -> None:
    with lan.watched() as seen:
        assert "42" in psql(lan, "select 42 as 答案")
        assert "does not exist" in psql(lan, "select * from no_such_table")
    assert set(seen.flow_protocols()) == {"postgresql"}
    assert {event.get("user.name") for event in seen.of("postgresql")} == {"clerk"}
    text = seen.tell("postgresql")
    assert "select 42 as 答案" in text
    assert "no_such_table" in text
    assert "42P01" in text  # undefined_table
    assert "secret2" not in seen.tell()
    assert seen.losses == {}


def test_a_refused_postgres_user(lan: Lan, postgres: None) -> None:
    with lan.watched() as seen:
        assert "authentication failed" in psql(lan, "select 1", password="wrong")
    assert any(event.get("event.outcome") == "failure" for event in seen.of("postgresql"))
    assert seen.losses == {}


def test_postgres_goes_on_as_tls(lan: Lan, postgres: None, keys: Keys) -> None:
    with lan.watched() as seen:
        psql(lan, "select 43", tls="require")
    event = seen.one("tls")
    assert event["tls.version"] == "1.3"
    assert event["tls.established"] is True
    assert "select 43" not in seen.tell()
    assert seen.losses == {}


@pytest.fixture(scope="module")
def mariadb(lan: Lan) -> Iterator[None]:
    command = program("mariadbd", "mariadb-server")
    program("mariadb", "mariadb-client")
    folder = owned_by(lan.folder / "maria", "mysql")
    setup = folder / "setup.sql"
    setup.write_text(
        "create database if not exists office;\n"
        "create user clerk@'%' identified by 'secret3';\ngrant all on office.* to clerk@'%';\n"
    )
    subprocess.run(
        [program("mariadb-install-db", "mariadb-server"), "--no-defaults", "--user=mysql",
         f"--datadir={folder}/data", "--skip-test-db", "--auth-root-authentication-method=normal"],
        check=True, capture_output=True,
    )  # fmt: skip
    words = (
        f"--datadir={folder}/data", "--user=mysql", f"--socket={folder}/sock",
        "--bind-address=0.0.0.0", f"--init-file={setup}", f"--pid-file={folder}/pid",
        "--innodb-flush-log-at-trx-commit=0",
    )  # fmt: skip
    with lan.serve(command, "--no-defaults", *words, tcp=3306):
        yield


def test_mariadb(lan: Lan, mariadb: None) -> None:
    def ask(password: str, order: str) -> str:
        at = ("--no-defaults", "-h", SERVER, "-u", "clerk", f"-p{password}", "--skip-ssl")
        return lan.run("mariadb", *at, "office", "-e", order, fails=True)

    with lan.watched() as seen:
        ask("secret3", "create table t (n int); insert into t values (1),(2); select * from none")
        assert "Access denied" in ask("wrong", "select 1")
    orders = [
        (e.get("mysql.cmd"), e.get("mysql.arg"), e.get("mysql.success")) for e in seen.of("mysql")
    ]
    assert ("query", "create table t (n int)", True) in orders, seen.tell("mysql")
    assert ("query", "insert into t values (1),(2)", True) in orders
    assert ("query", "select * from none", False) in orders
    assert ("login", "clerk", False) in orders
    assert seen.losses == {}


def test_redis(lan: Lan) -> None:
    server = program("redis-server", "redis-server")
    client = program("redis-cli", "redis-tools")
    words = ("--port", "6379", "--save", "", "--protected-mode", "no", "--requirepass", "secret4")
    with lan.serve(server, *words, tcp=6379), lan.watched() as seen:
        orders = "AUTH secret4\nSET case:1 open\nGET case:1\nLPUSH case:1 x\nKEYS *\n"
        said = lan.run(client, "-h", SERVER, data=orders)
    assert "WRONGTYPE" in said
    said_of = {event["redis.cmd.name"]: event for event in seen.of("redis")}
    assert {"AUTH", "SET", "GET", "LPUSH", "KEYS"} <= set(said_of)
    assert said_of["GET"]["redis.cmd.key"] == "case:1"
    assert said_of["GET"]["user.name"] == "default"
    assert said_of["LPUSH"]["redis.success"] is False
    assert "secret4" not in seen.tell()
    assert seen.losses == {}
