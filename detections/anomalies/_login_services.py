"""Services that ask for a password, and how a refused session looks from outside."""

from __future__ import annotations

from typing import Final

# Service: guesses in ten minutes, and the answer bytes that a refused session stays below.
SERVICES: Final[dict[str, tuple[int, int]]] = {
    "ssh": (10, 6_000),
    "telnet": (10, 4_000),
    "ftp": (10, 3_000),
    "rdp": (12, 12_000),
    "vnc": (10, 3_000),
    "smb": (30, 6_000),
    "mysql": (15, 3_000),
    "mssql": (15, 4_000),
    "postgresql": (15, 3_000),
    "redis": (15, 2_000),
    "imap": (15, 6_000),
    "pop3": (15, 6_000),
    "winrm": (15, 6_000),
    "http": (20, 1 << 40),
    "ntlm": (10, 1 << 40),
    "kerberos": (10, 1 << 40),
}
PORTS: Final[dict[int, str]] = {
    21: "ftp",
    22: "ssh",
    23: "telnet",
    110: "pop3",
    143: "imap",
    445: "smb",
    1433: "mssql",
    3306: "mysql",
    3389: "rdp",
    5432: "postgresql",
    5900: "vnc",
    5985: "winrm",
    6379: "redis",
    993: "imap",
    995: "pop3",
}
