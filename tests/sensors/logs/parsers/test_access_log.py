from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fengsui.ecs import faults
from fengsui.event import split_lines
from sensors.logs.parser import LineError
from sensors.logs.parsers.access_log import PARSER
from sensors.logs.reader import LogReader

COMBINED = (
    b'10.1.2.3 - joe [10/Oct/2026:13:55:36 +0800] "GET /a.php?x=1%27 HTTP/1.1" 200 2326'
    b' "https://r.example/" "Mozilla/5.0 \\"x\\""'
)
COMMON = b'2001:db8::1 - - [10/Oct/2026:05:55:36 +0000] "POST /b HTTP/1.0" 404 -'


def fields(line: bytes) -> dict[str, object]:
    event = PARSER.start("access.log", "s").parse(line).event
    assert event is not None
    assert faults(event.fields) == []
    return dict(event.fields)


def test_a_combined_line_is_a_request() -> None:
    found = fields(COMBINED)
    assert {
        "@timestamp": "2026-10-10T05:55:36.000000Z", "source.ip": "10.1.2.3", "user.name": "joe",
        "http.request.method": "GET", "http.version": "1.1", "http.response.status_code": 200,
        "http.response.body.bytes": 2326, "http.request.referrer": "https://r.example/",
        "user_agent.original": 'Mozilla/5.0 "x"', "url.original": "/a.php?x=1%27",
        "url.path": "/a.php", "url.query": "x=1%27", "url.extension": "php",
    }.items() <= found.items()  # fmt: skip


def test_a_common_line_lacks_what_it_does_not_say() -> None:
    found = fields(COMMON)
    assert found["source.ip"] == "2001:db8::1"
    assert found["@timestamp"] == "2026-10-10T05:55:36.000000Z"
    assert not found.keys() & {"user.name", "user_agent.original", "http.response.body.bytes"}


def test_hosts_in_front_columns_behind_and_broken_requests() -> None:
    vhost = fields(b"www.x.example:443 " + COMBINED + b' 0.123 "-"')
    assert vhost["url.domain"] == "www.x.example"
    assert vhost["source.ip"] == "10.1.2.3"
    probe = fields(COMMON.replace(b"POST /b HTTP/1.0", rb"\x16\x03\x01"))
    assert probe["url.original"] == "\x16\x03\x01"
    assert "http.request.method" not in probe
    assert (
        fields(COMMON.replace(b"2001:db8::1", b"pc7.x.example"))["source.domain"] == "pc7.x.example"
    )


def test_a_file_is_recognised_and_bad_lines_are_counted() -> None:
    reader = LogReader(
        None, BytesIO(b"\n".join([COMBINED, b"nonsense", COMMON])), name="x", sensor="s"
    )
    events = [event for batch in reader for event in split_lines(batch.lines)]
    assert [event.dataset for event in events] == ["http", "http"]
    assert reader.summary.kinds == {"access_log.request": 2, "access_log.bad": 1}


@pytest.mark.parametrize("line", [
    b"", b"nonsense", COMMON.replace(b"Oct", b"Foo"), COMMON.replace(b"10/Oct", b"40/Oct"),
    COMMON.replace(b"2026", b"1900"), b'{"ts": 1}', b"#separator \\x09",
])  # fmt: skip
def test_what_is_no_such_line_is_refused(line: bytes) -> None:
    assert PARSER.sniff([line]) == 0 or b"/20" in line or b"1900" in line or b"Foo" in line
    with pytest.raises(LineError):
        PARSER.start("x", "s").parse(line)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.integers(0, len(COMBINED)))
def test_broken_lines_are_lines_or_refused(noise: bytes, at: int) -> None:
    line = (COMBINED[:at] + noise + COMBINED[at:]).replace(b"\n", b"")
    try:
        parsed = PARSER.start("x", "s").parse(line)
    except LineError:
        return
    assert parsed.event is not None
    assert faults(parsed.event.fields) == []
