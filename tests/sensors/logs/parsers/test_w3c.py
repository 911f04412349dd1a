from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.ecs import faults
from fengsui.event import split_lines
from sensors.logs.parser import LineError
from sensors.logs.parsers.w3c import PARSER
from sensors.logs.reader import LogReader

IIS = b"""#Software: Microsoft Internet Information Services 10.0
#Version: 1.0
#Date: 2026-11-21 00:00:01
#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-bytes time-taken
2026-11-21 00:00:02 10.0.0.5 GET /ecp/default.aspx x=%27 443 DOM\\joe 10.1.2.3 Mozilla/5.0+(X11) - 200 512 15\r
2026-11-21 00:00:03 10.0.0.5 POST / - 443 - 10.1.2.3 - - 404 - -
too few columns
"""  # noqa: E501


def events(data: bytes) -> list[dict[str, object]]:
    reader = LogReader(None, BytesIO(data), name="u_ex.log", sensor="s")
    return [dict(event.fields) for batch in reader for event in split_lines(batch.lines)]


def test_a_log_of_iis_becomes_requests() -> None:
    first, second = events(IIS)
    assert {
        "@timestamp": "2026-11-21T00:00:02.000000Z", "event.dataset": "http", "source.ip": "10.1.2.3",
        "destination.ip": "10.0.0.5", "destination.port": 443, "http.request.method": "GET",
        "url.original": "/ecp/default.aspx?x=%27", "url.path": "/ecp/default.aspx", "url.query": "x=%27",
        "user.name": "DOM\\joe", "user_agent.original": "Mozilla/5.0 (X11)",
        "http.response.status_code": 200, "http.response.body.bytes": 512, "event.duration": 15_000_000,
    }.items() <= first.items()  # fmt: skip
    assert not second.keys() & {"user.name", "user_agent.original", "url.query", "event.duration"}
    for event in (first, second):
        assert faults(event) == []  # type: ignore[arg-type]


def test_columns_may_change_and_a_proxy_names_whole_addresses() -> None:
    data = (
        b"#Date: 2026-11-21 00:00:00\n#Fields: time c-ip cs-method c-uri sc-status\n"
        b"00:00:01 10.1.2.3 GET http://x.example/a 200\n"
        b"#Fields: time c-ip cs-host cs-uri-stem\n00:00:02 10.1.2.3 Y.example /b\n"
    )
    first, second = events(data)
    assert (first["url.domain"], first["url.path"]) == ("x.example", "/a")
    assert (second["url.domain"], second["url.original"]) == ("y.example", "/b")


@pytest.mark.parametrize("line", [b"", b"a b", b"2026-11-21 x 1 1 1 1 1 1 1 1 1 1 1 1"])
def test_a_line_without_columns_or_time_is_refused(line: bytes) -> None:
    parser = PARSER.start("x", "s")
    with pytest.raises(LineError):
        parser.parse(line)
    parser.parse(IIS.splitlines()[3])
    with pytest.raises(LineError):
        parser.parse(line)


def test_other_logs_with_fields_are_not_taken() -> None:
    assert PARSER.sniff([b"#Fields: a b c"]) == 0
    assert PARSER.sniff([b"#separator \\x09"]) == 0
    assert PARSER.sniff([]) == 0


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.integers(0, 150))
def test_broken_lines_are_lines_or_refused(noise: bytes, at: int) -> None:
    parser = PARSER.start("x", "s")
    parser.parse(IIS.splitlines()[3])
    line = IIS.splitlines()[4]
    try:
        parsed = parser.parse((line[:at] + noise + line[at:]).replace(b"\n", b""))
    except LineError:
        return
    assert parsed.event is None or faults(parsed.event.fields) == []
