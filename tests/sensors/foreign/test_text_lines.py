from __future__ import annotations

import pytest

from sensors.foreign.text_lines import told_line


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        (
            "172.16.5.10 6705: Feb 17 13:40:03.673: %PARSER-5-CFGLOG_LOGGEDCMD: User:admin",
            ("cisco", "", "aaa"),
        ),
        ("Feb 17 13:40:03.673: %BGP-5-ADJCHANGE: neighbor 10.0.0.1 Down", ("cisco", "", "bgp")),
        ("Nov 21 07:49:45 host sshd[123]: Failed password for root", ("linux", "", "sshd")),
        ("<38>Nov  1 07:49:45 host sudo: a : TTY=pts/0 ; COMMAND=/bin/sh", ("linux", "", "sudo")),
        ("2026-11-21T07:49:45.1+08:00 host CRON[7]: (root) CMD (x)", ("linux", "", "cron")),
        ("Nov 21 07:49:45 host kernel: [1.2] x", ("linux", "", "syslog")),
        ("just a sentence", ""),
    ],
)
def test_lines_are_told_by_their_form(line: str, origin: object) -> None:
    found, fields = told_line(line)
    assert found == origin
    assert fields["message"] == line


def test_an_audit_record_has_its_fields_decoded() -> None:
    line = 'type=EXECVE msg=audit(1364481363.243:24287): argc=3 a0="sh" a1="-c" a2=6C73202D6C61'
    origin, fields = told_line(line)
    assert origin == "auditd"
    assert fields["type"] == "EXECVE"
    assert (fields["a2"], fields["cmdline"]) == ("ls -la", "sh -c ls -la")
    line = "type=PROCTITLE msg=audit(1.000:2): proctitle=6C73002D6C"
    assert told_line(line)[1]["proctitle"] == "ls -l"
    line = 'type=USER_CMD msg=audit(1.000:2): pid=1 msg=\'cwd="/root" cmd="id" res=success\''
    assert told_line(line)[1]["cmd"] == "id"
