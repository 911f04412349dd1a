"""Log lines made for these tests, in the form that Zeek and Suricata write."""

from __future__ import annotations

from hypothesis import strategies as st

COLUMNS = {
    "ts": "time",
    "uid": "string",
    "id.orig_h": "addr",
    "id.orig_p": "port",
    "id.resp_h": "addr",
    "id.resp_p": "port",
    "proto": "enum",
    "service": "string",
    "duration": "interval",
    "orig_bytes": "count",
    "resp_bytes": "count",
    "conn_state": "string",
    "local_orig": "bool",
    "local_resp": "bool",
    "missed_bytes": "count",
    "history": "string",
    "orig_pkts": "count",
    "orig_ip_bytes": "count",
    "resp_pkts": "count",
    "resp_ip_bytes": "count",
    "tunnel_parents": "set[string]",
}
CONN_FIELDS = list(COLUMNS)
CONN_TYPES = list(COLUMNS.values())


def header(path: str, fields: list[str], types: list[str]) -> bytes:
    lines = [
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        f"#path\t{path}",
        "\t".join(["#fields", *fields]),
        "\t".join(["#types", *types]),
    ]
    return "\n".join(lines).encode() + b"\n"


CONN_HEADER = header("conn", CONN_FIELDS, CONN_TYPES)
CONN_ROW = (
    b"1750000000.123456\tCabc\t10.1.2.3\t50000\t192.0.2.9\t443\ttcp\tssl\t2.500000\t517\t4096\tSF"
    b"\tT\tF\t0\tShADadFf\t12\t1200\t10\t5000\t(empty)"
)

EVE_FLOW = (
    b'{"timestamp":"2026-01-05T10:00:05.000000+0800","flow_id":1374195536821504,'
    b'"event_type":"flow","src_ip":"10.1.2.3","src_port":50000,"dest_ip":"192.0.2.9",'
    b'"dest_port":443,"proto":"TCP","app_proto":"tls","flow":{"pkts_toserver":12,'
    b'"pkts_toclient":10,"bytes_toserver":1200,"bytes_toclient":5000,'
    b'"start":"2026-01-05T10:00:00.000000+0800","end":"2026-01-05T10:00:02.500000+0800",'
    b'"reason":"timeout"},"tcp":{"tcp_flags_ts":"1b","tcp_flags_tc":"1b"}}'
)

# Any JSON, as deep as a hostile writer likes.
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
