"""Scales: the severities of other tools, in words and numbers, and the stages that they name, as ours.

| tool | its scale | info | low | medium | high | critical |
|---|---|---|---|---|---|---|
| Suricata, Snort | priority | 4 and above | 3 | 2 | 1 | 1 and `signature_severity` Critical |
| Wazuh | level 0–16 | 0–3 | 4–6 | 7–11 | 12–14 | 15, 16 |
| CEF, LEEF | 0–10 | | 0–3 | 4–6 | 7, 8 | 9, 10 |
| Elastic | risk score 0–100 | 0–20 | 21–46 | 47–72 | 73–98 | 99, 100 |
| 绿盟 `danger_degree` | 0–2 | | 0 | 1 | 2 | |
| 奇安信 `hazard_level` | 1–10 | | 0–3 | 4–6 | 7, 8 | 9, 10 |
| syslog | 7–0 | 7–5 | 4 | 3 | 2 | 1, 0 |
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from fengsui.attack import TACTICS, in_order, tactic_of, techniques
from fengsui.severity import Severity

Floors = Sequence[tuple[float, Severity]]

WAZUH: Floors = (
    (15, Severity.CRITICAL),
    (12, Severity.HIGH),
    (7, Severity.MEDIUM),
    (4, Severity.LOW),
    (0, Severity.INFO),
)
TEN: Floors = (
    (9, Severity.CRITICAL),
    (7, Severity.HIGH),
    (4, Severity.MEDIUM),
    (0, Severity.LOW),
)
HUNDRED: Floors = (
    (99, Severity.CRITICAL),
    (73, Severity.HIGH),
    (47, Severity.MEDIUM),
    (21, Severity.LOW),
    (0, Severity.INFO),
)
THREE: Floors = ((2, Severity.HIGH), (1, Severity.MEDIUM), (0, Severity.LOW))
_PRIORITY = {1: Severity.HIGH, 2: Severity.MEDIUM, 3: Severity.LOW}
_SYSLOG = {
    0: Severity.CRITICAL,
    1: Severity.CRITICAL,
    2: Severity.HIGH,
    3: Severity.MEDIUM,
    4: Severity.LOW,
}
_BY_KEY: dict[str, Floors] = {
    "danger_degree": THREE,
    "level": WAZUH,
    "rule.level": WAZUH,
    "risk_score": HUNDRED,
    "kibana.alert.risk_score": HUNDRED,
}
_WORDS = {
    **dict.fromkeys(("critical", "fatal", "emergency", "alert", "very-high", "very high"), 4),
    **dict.fromkeys(("严重", "危急", "紧急", "超危", "极高", "致命", "critical severity"), 4),
    **dict.fromkeys(
        ("high", "major", "severe", "error", "高", "高危", "高级", "高风险", "重要"), 3
    ),
    **dict.fromkeys(("medium", "moderate", "warning", "中", "中危", "中级", "中风险", "一般"), 2),
    **dict.fromkeys(("low", "minor", "notice", "低", "低危", "低级", "低风险", "轻微"), 1),
    **dict.fromkeys(("info", "informational", "debug", "提示", "信息", "信息级", "无"), 0),
}
# How surely a rule of Proofpoint's sets means harm (`signature_severity`): it caps the priority.
_SIGNATURE = {
    "critical": Severity.CRITICAL,
    "major": Severity.HIGH,
    "minor": Severity.MEDIUM,
    "informational": Severity.LOW,
}
# Classtypes of priority 1 or 2 that speak of habits, not of attacks (classification.config).
_HABITS = (
    "policy",
    "privacy",
    "potentially bad",
    "not suspicious",
    "unknown traffic",
    "misc activity",
)
# Classtypes by the stage that they mean.
_CATEGORIES = (
    ("command and control", "command-and-control"),
    ("c2", "command-and-control"),
    ("trojan", "command-and-control"),
    ("network scan", "reconnaissance"),
    ("information leak", "reconnaissance"),
    ("web application", "initial-access"),
    ("exploit kit", "initial-access"),
    ("social engineering", "initial-access"),
    ("privilege gain", "initial-access"),
    ("executable code", "execution"),
    ("credential theft", "credential-access"),
    ("suspicious username", "credential-access"),
    ("default username", "credential-access"),
    ("crypto currency", "impact"),
    ("denial of service", "impact"),
)
_IDS = {id_: name for name, (id_, _, _) in TACTICS.items()}
_TECHNIQUE = re.compile(r"[Tt]\d{4}(?:\.\d{3})?")
_TACTIC = re.compile(r"TA\d{4}")


def by_floors(value: object, floors: Floors) -> Severity | None:
    """Severity of a number, or of digits, on a scale; None where it is neither."""
    number = _number(value)
    if number is None:
        return None
    return next((severity for least, severity in floors if number >= least), None)


def by_word(value: object) -> Severity | None:
    """Severity of a word, English or Chinese; None where it is none."""
    if not isinstance(value, str):
        return None
    level = _WORDS.get(value.strip().lower().removesuffix("级别"))
    return None if level is None else Severity(level)


def by_key(key: str, value: object) -> Severity | None:
    """Severity of a field by its name: words mean what they say, numbers by the scale of that name."""
    word = by_word(value)
    if word is not None:
        return word
    number = _number(value)
    if number is None:
        return None
    if key == "priority":
        return _PRIORITY.get(int(number), Severity.INFO)
    if key == "pri":
        return _SYSLOG.get(int(number), Severity.INFO)
    return by_floors(number, _BY_KEY.get(key, HUNDRED if number > 10 else TEN))


def of_signature(priority: object, signature: Iterable[str], category: str) -> Severity | None:
    """Severity of a network signature: by priority, capped by what its author says of its weight."""
    number = _number(priority)
    if number is None:
        return None
    severity = _PRIORITY.get(int(number), Severity.INFO)
    said = [_SIGNATURE[word.lower()] for word in signature if word.lower() in _SIGNATURE]
    if said and severity == Severity.HIGH and max(said) == Severity.CRITICAL:
        return Severity.CRITICAL
    if said:
        severity = min(severity, max(said))
    if any(word in category.lower() for word in _HABITS):
        severity = min(severity, Severity.LOW)
    return severity


def tactics_of(*values: object, category: str = "") -> tuple[str, ...]:
    """ATT&CK tactics of ids and names of tactics or techniques, else of a classtype."""
    found: set[str] = set()
    for text in _texts(values):
        found |= {_IDS[tactic] for tactic in _TACTIC.findall(text) if tactic in _IDS}
        name = text.strip().lower().replace("_", "-").replace(" ", "-")
        if name in TACTICS:
            found.add(name)
    if not found:
        for text in _texts(values):
            found |= {t for one in _TECHNIQUE.findall(text) for t in _of_technique(one)}
    if not found and category:
        low = category.lower()
        found = {tactic for words, tactic in _CATEGORIES if words in low}
    return in_order(found)


def _of_technique(technique: str) -> tuple[str, ...]:
    usual = tactic_of(technique)
    if usual is not None:
        return (usual,)
    known = techniques().get(technique.upper()[:5])
    return known.tactics[:1] if known is not None else ()


def _texts(values: Iterable[Any]) -> list[str]:
    found: list[str] = []
    for value in values:
        if isinstance(value, str):
            found.append(value[:300])
        elif isinstance(value, list):
            found += [one[:300] for one in value[:20] if isinstance(one, str)]
    return found


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e6 else None
