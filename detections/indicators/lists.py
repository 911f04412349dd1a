"""Indicator lists: files of what is known to be bad, one a line or as CSV.

Text: one value a line; `#` starts a comment; the kind is told by its form. CSV: a header line with
at least `value`; also `kind`, `added`, `expires` (ISO 8601), `description`, `severity`, `source`.
Kinds: ip, cidr, domain (with its subdomains), url (prefix), sha256, sha1, md5, ja3, ja4. A bare
digest of 32 digits is taken for md5; say `ja3` in a CSV.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Literal, cast

from fengsui.clock import from_iso
from fengsui.errors import RuleError
from fengsui.severity import Severity

Kind = Literal["ip", "cidr", "domain", "url", "sha256", "sha1", "md5", "ja3", "ja4"]
LARGEST_FILE = 256 << 20  # bytes
MOST = 5_000_000  # indicators of all lists

_HASHES: dict[int, Kind] = {64: "sha256", 40: "sha1", 32: "md5"}
_KINDS = frozenset({"ip", "cidr", "domain", "url", "sha256", "sha1", "md5", "ja3", "ja4"})
_HEX = re.compile(r"[0-9a-f]+")
_JA4 = re.compile(r"[tqd][0-9s][0-9][di][0-9]{4}[0-9a-z]{2}_[0-9a-f]{12}_[0-9a-f]{12}")
_LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
_COLUMNS = frozenset({"value", "kind", "added", "expires", "description", "severity", "source"})


@dataclass(frozen=True, slots=True)
class Indicator:
    """One value of a list.

    `added` and `expires` are ns of UTC; 0 where the list does not say. `place` is file and line.
    """

    kind: Kind
    value: str
    list: str
    place: str
    added: int = 0
    expires: int = 0
    severity: Severity = Severity.HIGH
    description: str = ""


def read_lists(paths: Iterable[Path]) -> tuple[Indicator, ...]:
    """Indicators of all files, in order; a value that stands in several is kept once a list.

    Raises:
        RuleError: a file cannot be read, or a line is not an indicator; says file and line.
    """
    found: dict[tuple[str, str, str], Indicator] = {}
    for path in paths:
        for one in _read(path):
            found[one.list, one.kind, one.value] = one
            if len(found) > MOST:
                raise _bad(path, 0, f"more than {MOST} indicators")
    return tuple(found.values())


def _read(path: Path) -> Iterator[Indicator]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise _bad(path, 0, f"the file is larger than {LARGEST_FILE} bytes")
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad(path, 0, f"the file is not UTF-8 text ({error.reason})") from error
    except OSError as error:
        raise RuleError(
            f"An indicator list cannot be read: {error.strerror or error}",
            where=str(path),
            next="Check the path and its permissions (setting detection.indicators)",
        ) from error
    yield from read_text(text, path)


def read_text(text: str, path: Path) -> Iterator[Indicator]:
    """Indicators of a list's text; `path` gives the list its name.

    Raises:
        RuleError: a line is not an indicator.
    """
    first = next((line for line in text.splitlines() if line.strip() and line[0] != "#"), "")
    columns = [column.strip().lower() for column in first.split(",")]
    if "value" in columns and _COLUMNS.issuperset(columns):
        yield from _read_csv(text, path)
        return
    for number, line in enumerate(text.splitlines(), start=1):
        value = line.partition("#")[0].strip() if not _is_url(line) else line.strip()
        if value:
            kind, value = _recognised(value, "", path, number)
            yield Indicator(kind, value, path.stem, f"{path}:{number}")


def _is_url(line: str) -> bool:
    return "://" in line and not line.lstrip().startswith("#")


def _read_csv(text: str, path: Path) -> Iterator[Indicator]:
    rows = csv.reader(StringIO(text))
    header: list[str] = []
    try:
        for cells in rows:
            if not cells or not "".join(cells).strip() or cells[0].startswith("#"):
                continue
            if not header:
                header = [cell.strip().lower() for cell in cells]
                continue
            row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
            yield _of_row(row, path, rows.line_num)
    except csv.Error as error:
        raise _bad(path, rows.line_num, f"not CSV: {error}") from error


def _of_row(row: dict[str, str], path: Path, line: int) -> Indicator:
    kind, value = _recognised(row.get("value", ""), row.get("kind", "").lower(), path, line)
    try:
        severity = Severity.parse(row.get("severity") or "high")
        added = from_iso(row["added"]) if row.get("added") else 0
        expires = from_iso(row["expires"]) if row.get("expires") else 0
    except ValueError as error:
        raise _bad(path, line, str(error)) from error
    return Indicator(
        kind=kind,
        value=value,
        list=row.get("source") or path.stem,
        place=f"{path}:{line}",
        added=added,
        expires=expires,
        severity=severity,
        description=row.get("description", "")[:500],
    )


def _recognised(value: str, kind: str, path: Path, line: int) -> tuple[Kind, str]:
    """Kind and normal form of a value; `kind` as the list states it, or empty."""
    if kind and kind not in _KINDS:
        raise _bad(path, line, f"{kind!r} is no kind of indicator; use {', '.join(sorted(_KINDS))}")
    told = cast("Kind | None", kind or _kind_of(value))
    normal = _normal(told, value) if told else None
    if told is None or not normal:
        what = f"no {kind}" if kind else "no address, network, domain, address of a page or hash"
        raise _bad(path, line, f"{value[:100]!r} is {what}")
    return told, normal


def _kind_of(value: str) -> Kind | None:
    lower = value.lower()
    if "://" in lower:
        return "url"
    if _JA4.fullmatch(lower):
        return "ja4"
    if _HEX.fullmatch(lower) and len(lower) in _HASHES:
        return _HASHES[len(lower)]
    if _network(value) is not None:
        return "cidr" if "/" in value else "ip"
    if "/" in value:
        return "url"
    return "domain"


def _normal(kind: Kind, value: str) -> str | None:
    """The form in which values are compared; None where the value is not of the kind."""
    lower = value.lower()
    if kind in ("ip", "cidr"):
        network = _network(value)
        if network is None:
            return None
        return str(network) if kind == "cidr" else str(network.network_address)
    if kind == "domain":
        return _domain(lower)
    if kind == "url":
        return normal_url(value) or None
    if kind == "ja4":
        return lower if _JA4.fullmatch(lower) else None
    wanted = 32 if kind == "ja3" else next(n for n, name in _HASHES.items() if name == kind)
    return lower if len(lower) == wanted and _HEX.fullmatch(lower) else None


def _network(value: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(value, strict=False)
    except ValueError:
        return None


def _domain(value: str) -> str | None:
    name = value.removeprefix("*").strip(".")
    try:
        name = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    labels = name.split(".")
    if len(name) > 253 or len(labels) < 2 or not all(map(_LABEL.fullmatch, labels)):
        return None
    return name


def normal_url(value: str) -> str:
    """An address without scheme, its host in lower case: `host/path?query`."""
    rest = value.partition("://")[2] or value
    host, slash, path = rest.partition("/")
    return f"{host.lower()}{slash}{path}" if "." in host or ":" in host else ""


def _bad(path: Path, line: int, reason: str) -> RuleError:
    return RuleError(
        f"An indicator list does not load: {reason}",
        where=f"{path}:{line}" if line else str(path),
        next="Mend the line named, or take it out",
        code="bad_indicator",
    )
