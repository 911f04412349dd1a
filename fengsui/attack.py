"""MITRE ATT&CK: the tactics in order, the techniques, and which tactic a technique of ours stands for.

Enterprise ATT&CK names and ids (attack.mitre.org). A technique may serve several tactics; a rule
names the one it means by its tag, and this table gives the usual one where it does not.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

TACTICS: Final[dict[str, tuple[str, str, str]]] = {
    # Sigma tag: (id, English, 中文)
    "reconnaissance": ("TA0043", "Reconnaissance", "侦察"),
    "resource-development": ("TA0042", "Resource Development", "资源开发"),
    "initial-access": ("TA0001", "Initial Access", "初始访问"),
    "execution": ("TA0002", "Execution", "执行"),
    "persistence": ("TA0003", "Persistence", "持久化"),
    "privilege-escalation": ("TA0004", "Privilege Escalation", "权限提升"),
    "defense-evasion": ("TA0005", "Defense Evasion", "防御规避"),
    "credential-access": ("TA0006", "Credential Access", "凭据获取"),
    "discovery": ("TA0007", "Discovery", "发现"),
    "lateral-movement": ("TA0008", "Lateral Movement", "横向移动"),
    "collection": ("TA0009", "Collection", "收集"),
    "command-and-control": ("TA0011", "Command and Control", "命令与控制"),
    "exfiltration": ("TA0010", "Exfiltration", "数据外传"),
    "impact": ("TA0040", "Impact", "影响"),
}

TACTIC_ORDER: Final[tuple[str, ...]] = tuple(TACTICS)

_USUAL: Final[dict[str, str]] = {
    "T1595": "reconnaissance",
    "T1566": "initial-access",
    "T1189": "initial-access",
    "T1190": "initial-access",
    "T1133": "initial-access",
    "T1078": "initial-access",
    "T1204": "execution",
    "T1059": "execution",
    "T1569": "execution",
    "T1047": "execution",
    "T1053": "execution",
    "T1105": "command-and-control",
    "T1110": "credential-access",
    "T1003": "credential-access",
    "T1558": "credential-access",
    "T1040": "credential-access",
    "T1557": "credential-access",
    "T1046": "discovery",
    "T1018": "discovery",
    "T1016": "discovery",
    "T1087": "discovery",
    "T1135": "discovery",
    "T1021": "lateral-movement",
    "T1570": "lateral-movement",
    "T1210": "lateral-movement",
    "T1071": "command-and-control",
    "T1090": "command-and-control",
    "T1095": "command-and-control",
    "T1102": "command-and-control",
    "T1132": "command-and-control",
    "T1219": "command-and-control",
    "T1568": "command-and-control",
    "T1571": "command-and-control",
    "T1572": "command-and-control",
    "T1573": "command-and-control",
    "T1041": "exfiltration",
    "T1048": "exfiltration",
    "T1567": "exfiltration",
    "T1030": "exfiltration",
    "T1486": "impact",
    "T1496": "impact",
    "T1498": "impact",
    "T1499": "impact",
    "T1036": "defense-evasion",
    "T1027": "defense-evasion",
    "T1207": "defense-evasion",
    "T1562": "defense-evasion",
    "T1553": "defense-evasion",
}


@dataclass(frozen=True, slots=True)
class Technique:
    """A technique of ATT&CK without its sub-techniques.

    Attributes:
        tactics: Sigma tags of the tactics that it serves, e.g. `initial-access`.
    """

    id: str
    zh: str
    en: str
    tactics: tuple[str, ...]


@cache
def techniques() -> dict[str, Technique]:
    """Every technique by id (`T1071`), in the order of the tactics' columns; read once."""
    document = tomllib.loads((Path(__file__).parent / "techniques.toml").read_text("utf-8"))
    return {
        name: Technique(name, row["zh"], row["en"], tuple(row["tactics"]))
        for name, row in document.items()
    }


def tactic_of(technique: str) -> str | None:
    """Usual tactic (Sigma tag form) of a technique such as `T1071.004`; None when not in the table."""
    return _USUAL.get(technique.upper().split(".")[0])


def in_order(tactics: set[str]) -> tuple[str, ...]:
    """Tactics in the order of an intrusion; unknown words are left out."""
    return tuple(tactic for tactic in TACTIC_ORDER if tactic in tactics)
