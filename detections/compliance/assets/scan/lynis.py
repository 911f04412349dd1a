"""Reports of Lynis (`lynis-report.dat`): `key=value` lines, lists as `key[]=`.

A warning is a failure, a suggestion a word of advice; a test that ran without either has passed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from detections.compliance.assets.scan.results import MOST_RESULTS, Result, Scan, plain
from detections.compliance.assets.sealed import text_of
from fengsui.clock import SECOND

_HEADS: Final = (b"# Lynis Report", b"report_version_major=", b"lynis_version=")


def is_lynis(head: bytes) -> bool:
    """Whether a file begins as a report does."""
    return any(word in head[:600] for word in _HEADS)


def read_lynis(data: bytes) -> Scan:
    """A report; a run that did not end says so among its problems."""
    values: dict[str, str] = {}
    told: dict[str, Result] = {}
    for line in text_of(data).split("\n"):
        key, _, value = line.partition("=")
        if key in {"warning[]", "suggestion[]"} and len(told) < MOST_RESULTS:
            test, _, text = value.partition("|")
            warning = key == "warning[]"
            if warning or test not in told:
                told[test] = Result(
                    plain(test), "fail" if warning else "other", plain(text.partition("|")[0])
                )
        elif key and not key.startswith("#"):
            values[key] = value
    ran = [plain(test) for test in values.get("tests_executed", "").split("|") if test]
    passed = [Result(test, "pass", "") for test in ran[:MOST_RESULTS] if test not in told]
    problems = [] if values.get("finish") == "true" else ["the run of Lynis did not end"]
    return Scan(
        "lynis",
        plain(values.get("hostname", "")),
        _time(values.get("report_datetime_end") or values.get("report_datetime_start") or ""),
        f"Lynis {plain(values.get('lynis_version', ''))}",
        tuple(sorted([*told.values(), *passed], key=lambda result: result.rule)),
        tuple(problems),
    )


def _time(text: str) -> int:
    """Local time of the host without a zone: taken as that of this machine."""
    try:
        return int(datetime.fromisoformat(text).astimezone().timestamp()) * SECOND
    except ValueError:
        return 0
