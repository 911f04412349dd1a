from __future__ import annotations

import pytest

from sensors.foreign.messages import data_of

LOGON = """An account was successfully logged on.

Subject:
\tSecurity ID:\t\tS-1-5-18
\tAccount Name:\t\tPC$

Logon Information:
\tLogon Type:\t\t3

New Logon:
\tAccount Name:\t\tbob
\tAccount Domain:\t\tCORP

Network Information:
\tSource Network Address:\t10.0.0.9
"""


def test_accounts_stand_under_their_headings() -> None:
    assert data_of(LOGON, "Microsoft-Windows-Security-Auditing") == {
        "SubjectUserSid": "S-1-5-18",
        "SubjectUserName": "PC$",
        "LogonType": "3",
        "TargetUserName": "bob",
        "TargetDomainName": "CORP",
        "IpAddress": "10.0.0.9",
    }


@pytest.mark.parametrize(
    ("name", "command"),
    [("New Process Name:", "Process Command Line:"), ("新进程名称：", "进程命令行:")],
)
def test_the_labels_of_two_languages(name: str, command: str) -> None:
    text = f"x.\n\n\t{name}\t\tC:\\a.exe\n\t{command}\ta: b\n"
    assert data_of(text, "Microsoft-Windows-Security-Auditing") == {
        "NewProcessName": "C:\\a.exe",
        "CommandLine": "a: b",
    }


def test_services_and_scripts() -> None:
    text = "A service was installed in the system.\n\nService Name:  x\nService File Name:  y.exe"
    assert data_of(text, "Service Control Manager")["ImagePath"] == "y.exe"
    script = "Creating Scriptblock text (1 of 1):\na: b\nc\n\nScriptBlock ID: 1\nPath: "
    assert data_of(script, "Microsoft-Windows-PowerShell") == {"ScriptBlockText": "a: b\nc"}
    assert data_of("x", "PowerShell") == {"Data": "x"}
