from __future__ import annotations

from pathlib import Path

import orjson

from detections.sigma.hunter import Hunter
from detections.sigma.loaded import LoadedRule
from detections.sigma.loader import load_text
from detections.sigma.mapping import Logsource

RULES = """
title: creation
id: 00000000-0000-4000-8000-000000000001
logsource: {product: windows, category: process_creation}
detection: {s: {CommandLine|contains: whoami}, condition: s}
---
title: any product
id: 00000000-0000-4000-8000-000000000002
logsource: {category: process_creation}
detection: {s: {CommandLine|contains: whoami}, condition: s}
---
title: made up
id: 00000000-0000-4000-8000-000000000003
logsource: {category: telepathy}
detection: {s: {thought: bad}, condition: s}
---
title: own dns
id: 00000000-0000-4000-8000-000000000004
logsource: {category: dns}
detection: {s: {query|endswith: .example}, condition: s}
---
title: dns without such a field
id: 00000000-0000-4000-8000-000000000005
logsource: {category: dns}
detection: {s: {no_such_field: 1}, condition: s}
"""


def hunter(unknown: Logsource | None = None) -> Hunter:
    rules = [one for one in load_text(RULES, Path("r.yml")) if isinstance(one, LoadedRule)]
    return Hunter(rules, unknown)


def match(made: Hunter, origin: object, event: dict[str, object]) -> list[int]:
    return made.match(origin, event, orjson.dumps(event))  # type: ignore[arg-type]


def test_events_meet_the_rules_of_their_log_source() -> None:
    made = hunter()
    sysmon: dict[str, object] = {
        "EventID": 1, "Channel": "Microsoft-Windows-Sysmon/Operational", "CommandLine": "whoami",
    }  # fmt: skip
    assert 0 in match(made, "windows", sysmon)
    assert match(made, "windows", sysmon | {"EventID": 3}) == []
    assert match(made, "", {"CommandLine": "whoami"}) == []
    assert match(made, ("windows", "process_creation", ""), {"CommandLine": "WHOAMI"}) == [0, 1]
    assert match(made, ("linux", "process_creation", ""), {"CommandLine": "whoami"}) == [1]
    assert match(made, ("", "telepathy", ""), {"thought": "bad"}) == [2]


def test_events_of_no_known_shape_take_the_log_source_that_is_given() -> None:
    made = hunter(Logsource("windows", "process_creation"))
    assert match(made, "", {"CommandLine": "whoami"}) == [0, 1]
    assert made.dataset("") == "raw:windows/process_creation/"


def test_inert_are_rules_that_nothing_can_feed() -> None:
    made = hunter()
    match(made, "dns", {"dns.question.name": "a.example"})
    inert = {one.rule.title.render("en"): one.reason for one in made.inert()}
    assert set(inert) == {"made up", "dns without such a field"}
    assert "telepathy" in inert["made up"]
    assert "no_such_field" in inert["dns without such a field"]


def test_a_line_of_syslog_is_in_the_services_of_its_program_of_logins_and_of_all() -> None:
    each = "\n---\n".join(
        f"title: {name}\nlogsource: {{product: linux, service: {name}}}\n"
        "detection: {k: [bad], condition: k}"
        for name in ("sshd", "auth", "syslog", "cron")
    )
    rules = [one for one in load_text(each, Path("r.yml")) if isinstance(one, LoadedRule)]
    made = Hunter(rules)
    assert match(made, ("linux", "", "sshd"), {"message": "so bad"}) == [0, 1, 2]
    assert match(made, ("linux", "", "cron"), {"message": "so bad"}) == [2, 3]
    assert match(made, ("linux", "", "syslog"), {"message": "so bad"}) == [2]
