"""Connections to databases: a socket with a deadline, the driver of the engine, read-only from the start."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any, Final, NoReturn

from detections.compliance.assets.database.address import Address
from detections.compliance.assets.database.session import MOST_ROWS, Answer, Session, answer_of
from fengsui.errors import InputError, MissingToolError

CONNECT_SECONDS: Final = 5
ANSWER_SECONDS: Final = 10
WHOLE_SECONDS: Final = 60
_REFUSED: Final = {"28P01", "28000", "3D000", 1045, 1044, 1049, 1698, 1129, 1130, 1820, 1862, 3118}

_DENIED: Final = {"42501", 1044, 1142, 1143, 1227, 1370}


@contextmanager
def connected(address: Address) -> Generator[Session]:
    """A session that ends after WHOLE_SECONDS at the latest.

    Raises:
        InputError: not reachable, hanging, credentials refused; never names the password.
        MissingToolError: the driver is not installed.
    """
    opened = _PostgreSQL if address.engine == "postgresql" else _MySQL
    made = None
    modes = ("require", "disable") if address.mode == "prefer" else (address.mode,)
    for mode in modes:
        made = _tried(opened, address, mode, last=mode == modes[-1])
        if made is not None:
            break
    if made is None:
        raise AssertionError
    try:
        yield made
    finally:
        made.close()


def _tried(opened: type[_Open], address: Address, mode: str, *, last: bool) -> _Open | None:
    """A session with or without TLS; None where TLS is not spoken and plain may be tried."""
    try:
        return opened(address, _socket(address), mode == "require")
    except ImportError as error:
        raise MissingToolError(
            f"The driver for {address.engine} is not installed",
            next="Install the extra: pip install 'fengsui[databases]'",
        ) from error
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 -- drivers raise their own kinds, and plain ones on bad bytes
        if last or _number(error) in _REFUSED:
            _refuse(address, error)
        return None


def _socket(address: Address) -> socket.socket:
    try:
        if address.socket:
            path = address.socket
            if address.engine == "postgresql":
                path = f"{path.rstrip('/')}/.s.PGSQL.{address.port}"
            made = socket.socket(socket.AF_UNIX)
            made.settimeout(CONNECT_SECONDS)
            try:
                made.connect(path)
            except OSError:
                made.close()
                raise
        else:
            made = socket.create_connection((address.host, address.port), CONNECT_SECONDS)
    except OSError as error:
        raise InputError(
            f"The database cannot be reached: {error.strerror or type(error).__name__}",
            where=address.shown,
            next="Check the address, and that this machine may reach it",
            code="unreachable",
        ) from error
    made.settimeout(ANSWER_SECONDS)
    return made


def _context() -> ssl.SSLContext:
    """TLS without a check of the name: what is judged is the server's setting, not its certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _number(error: Exception) -> object:
    first = error.args[0] if error.args else None
    return first.get("C") if isinstance(first, dict) else first


def _refuse(address: Address, error: Exception) -> NoReturn:
    number = _number(error)
    if isinstance(error, TimeoutError) or "timed out" in str(error):
        what, code = "The database does not answer in time", "timeout"
    elif number in _REFUSED:
        what, code = f"The database refuses the login ({number})", "login_refused"
    else:
        what, code = f"The database does not answer as one ({type(error).__name__})", "no_database"
    raise InputError(
        what,
        where=address.shown,
        next="Check user, password and the rule that admits this machine",
        code=code,
    ) from None


class _Open:
    """A driver's connection. Subclasses set `_driver` and give `_rows`."""

    def __init__(self, address: Address, sock: socket.socket, tls: bool) -> None:
        self._address = address
        self._late = False
        self._sock = sock
        self._timer = Timer(WHOLE_SECONDS, self._end)
        self._timer.daemon = True
        self._timer.start()
        try:
            self._open(address, sock, tls)
        except BaseException:
            self.close()
            raise

    def _end(self) -> None:
        self._late = True
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def _open(self, address: Address, sock: socket.socket, tls: bool) -> None:
        raise NotImplementedError

    def _rows(self, sql: str) -> Answer:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError

    def ask(self, sql: str) -> Answer:
        """See Session."""
        try:
            return self._rows(sql)
        except Exception as error:  # noqa: BLE001 -- see _tried
            number = _number(error)
            if isinstance(error, OSError) or self._late or number in {2006, 2013, None}:
                _refuse(self._address, error)
            return Answer(None, why="permission denied" if number in _DENIED else str(number))

    def close(self) -> None:
        """End it."""
        self._timer.cancel()
        with suppress(Exception):
            self._close()
        with suppress(OSError):
            self._sock.close()


class _PostgreSQL(_Open):
    def _open(self, address: Address, sock: socket.socket, tls: bool) -> None:
        from pg8000.native import Connection  # noqa: PLC0415 -- an extra

        self._driver = Connection(
            address.user,
            database=address.database,
            password=address.password or None,
            sock=sock,
            ssl_context=_context() if tls else False,
            application_name="fengsui-check",
            startup_params={
                "options": "-c default_transaction_read_only=on -c statement_timeout=8000"
            },
        )

    def _rows(self, sql: str) -> Answer:
        rows = self._driver.run(sql)
        names = [column["name"] for column in self._driver.columns or ()]
        return answer_of(names, rows or ())

    def _close(self) -> None:
        self._driver.close()


class _MySQL(_Open):
    def _open(self, address: Address, sock: socket.socket, tls: bool) -> None:
        import pymysql  # noqa: PLC0415 -- an extra

        plain: dict[Any, Any] = {} if tls else {b"mysql_clear_password": _NeverClear}
        self._driver = pymysql.connect(
            host=address.host,
            user=address.user,
            password=address.password,
            database=address.database or None,
            charset="utf8mb4",
            read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS,
            ssl=_context() if tls else None,
            ssl_disabled=not tls,
            auth_plugin_map=plain,
            init_command="SET SESSION TRANSACTION READ ONLY",
            defer_connect=True,
        )
        self._driver.connect(sock)

    def _rows(self, sql: str) -> Answer:
        with self._driver.cursor() as cursor:
            cursor.execute(sql)
            names = [column[0] for column in cursor.description or ()]
            return answer_of(names, cursor.fetchmany(MOST_ROWS + 1))

    def _close(self) -> None:
        self._driver.close()


class _NeverClear:
    """A server that asks for the password in clear over a plain connection does not get it."""

    def __init__(self, _connection: object) -> None:
        raise InputError(
            "The server asks for the password in clear, without TLS",
            next="Switch TLS on at the server, or use the socket",
            code="clear_password",
        )
