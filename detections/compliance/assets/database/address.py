"""Where a database is, as a URL says it; what of it may be shown.

`postgresql://user:password@host:port/database`, `mysql://…`, `mariadb://…`. Parameters: `sslmode`
(disable, prefer, require), `password_file` (its first line, mode 600), `host` or `unix_socket` (a socket).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from detections.compliance.assets.remote.target import secret_in
from fengsui.errors import InputError

ENGINES: Final = {
    "postgresql": ("postgresql", 5432),
    "postgres": ("postgresql", 5432),
    "mysql": ("mysql", 3306),
    "mariadb": ("mysql", 3306),
}
MODES: Final = frozenset({"disable", "prefer", "require"})
_KNOWN: Final = frozenset({"sslmode", "password_file", "host", "unix_socket"})


@dataclass(frozen=True, slots=True)
class Address:
    """A database to ask. `socket`: a path instead of host and port; `mode`: sslmode."""

    engine: str
    host: str
    port: int
    user: str
    database: str
    socket: str
    mode: str
    password: str = field(repr=False)

    @property
    def name(self) -> str:
        """Host and port, by which the asset is called."""
        return self.socket or f"{self.host}:{self.port}"

    @property
    def shown(self) -> str:
        """The URL without what is secret."""
        return f"{self.engine}://{self.user}@{self.name}/{self.database}"


def address_of(url: str) -> Address:
    """A URL as an address.

    Raises:
        InputError: no database that is asked here, an open file of a password, or a part that is not
            understood. Names nothing of the URL but scheme and host.
    """
    scheme = url.partition(":")[0].lower()[:12]
    engine, port = ENGINES.get(scheme, ("", 0))
    try:
        parts = urlsplit(url)
        host, number = parts.hostname or "", parts.port or port
        given = parse_qs(parts.query, strict_parsing=bool(parts.query))
    except ValueError:
        raise _wrong(scheme, "The URL is not understood") from None
    if not engine or given.keys() - _KNOWN:
        raise _wrong(scheme, "A parameter is not known; known: sslmode, password_file, host")
    values = {name: found[-1] for name, found in given.items()}
    mode = values.get("sslmode", "prefer")
    socket = values.get("unix_socket") or values.get("host", "")
    if mode not in MODES or (socket and not socket.startswith("/")):
        raise _wrong(scheme, "sslmode, host or unix_socket is not understood")
    user = unquote(parts.username or "") or ("postgres" if engine == "postgresql" else "root")
    password = unquote(parts.password or "")
    if "password_file" in values:
        password = secret_in(Path(values["password_file"]))
    base = unquote(parts.path.lstrip("/")) or ("postgres" if engine == "postgresql" else "")
    return Address(engine, host or "127.0.0.1", number, user, base, socket, mode, password)


def _wrong(scheme: str, what: str) -> InputError:
    return InputError(
        what,
        where=f"{scheme}://…",
        next="postgresql://user@host:5432/postgres?password_file=FILE, or mysql://…",
        code="bad_address",
    )
