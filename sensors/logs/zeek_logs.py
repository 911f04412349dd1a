"""Which of Zeek's logs becomes which dataset, and how a line without a name is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sensors.logs import zeek_records
from sensors.logs.zeek_records import Fields, Row

Mapper = Callable[[Row], Fields]

# Zeek's log: our dataset, and how its columns become fields.
LOGS: Final[dict[str, tuple[str, Mapper]]] = {
    "conn": ("flow", zeek_records.conn),
    "dns": ("dns", zeek_records.dns),
    "http": ("http", zeek_records.http),
    "ssl": ("tls", zeek_records.ssl),
    "ssh": ("ssh", zeek_records.ssh),
    "smb_files": ("smb_files", zeek_records.smb_files),
    "smb_mapping": ("smb_mapping", zeek_records.smb_mapping),
    "dce_rpc": ("dce_rpc", zeek_records.dce_rpc),
    "kerberos": ("kerberos", zeek_records.kerberos),
    "ntlm": ("ntlm", zeek_records.ntlm),
    "files": ("files", zeek_records.files),
    "notice": ("notice", zeek_records.notice),
}

# Columns that only one log has: how a JSON line without a name is told.
TELLING: Final[tuple[tuple[frozenset[str], str], ...]] = (
    (frozenset({"conn_state"}), "conn"),
    (frozenset({"query", "trans_id"}), "dns"),
    (frozenset({"trans_depth", "method"}), "http"),
    (frozenset({"trans_depth", "request_body_len"}), "http"),
    (frozenset({"established", "resumed"}), "ssl"),
    (frozenset({"share_type"}), "smb_mapping"),
    (frozenset({"action", "name", "path"}), "smb_files"),
    (frozenset({"endpoint", "operation"}), "dce_rpc"),
    (frozenset({"request_type", "service"}), "kerberos"),
    (frozenset({"domainname"}), "ntlm"),
    (frozenset({"fuid", "seen_bytes"}), "files"),
    (frozenset({"note", "suppress_for"}), "notice"),
    (frozenset({"kex_alg"}), "ssh"),
    (frozenset({"auth_attempts"}), "ssh"),
)
