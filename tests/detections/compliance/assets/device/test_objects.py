"""Any is any, however it is written: groups of groups, ranges, masks, books of ports; used schemes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.assets.device.reader import evidence_of
from detections.compliance.assets.device.rules import ALL_ADDRESSES, plain
from detections.compliance.assets.judging import judge_asset
from fengsui.control import Conformity
from tests.detections.compliance.assets.device.configurations import CISCO, H3C, HUAWEI, USG
from tests.detections.compliance.assets.device.test_more_dialects import HILLSTONE, TOPSEC

FAILS = {Conformity.PARTLY, Conformity.DOES_NOT}
Edits = tuple[tuple[str, str], ...]
USG_ANY: Edits = (
    (
        " rule name portal\n",
        " rule name tmp\n  source-zone trust\n  source-zone untrust\n  source-address address-set every\n"
        "  destination-address address-set every\n  action permit\n rule name portal\n",
    ),
    (
        "security-policy\n",
        "ip address-set every type group\n address 0 address-set inner\n#\n"
        "ip address-set inner type object\n address 0 range 0.0.0.0 255.255.255.255\n#\nsecurity-policy\n",
    ),
)
ALL_PORTS = (
    "ip service-set all type object\n service 0 protocol tcp destination-port 0 to 65535\n"
    " service 1 protocol udp destination-port 0 to 65535\n#\nsecurity-policy\n"
)
PORTAL = " permit tcp any host 10.31.0.10 eq 443\n"
GROUPS = "object-group network N\n %s\nobject-group service S\n %s\n!\nip access-list standard MGMT"
BOOKS = (
    'address "every"\n  ip 0.0.0.0/0\nexit\nservice "ports"\n'
    "  tcp dst-port 1 65535\n  udp dst-port 1 65535\nexit\n"
)
TAKES = (
    'rule id 7\n  action permit\n  src-addr "every"\n  dst-addr "every"\n'
    '  service "ports"\nexit\nrule id 1\n'
)

FAULTS: dict[str, tuple[str, str, Edits]] = {
    "groups of groups": (USG, "ABS1-07", USG_ANY),
    "every port in a set": (
        USG,
        "ABS1-07",
        (("  service https\n", "  service all\n"), ("security-policy\n", ALL_PORTS)),
    ),
    "object groups": (
        CISCO,
        "ABS1-05",
        (
            (PORTAL, " permit object-group S object-group N object-group N\n" + PORTAL),
            ("ip access-list standard MGMT", GROUPS % ("0.0.0.0 0.0.0.0", "ip")),
        ),
    ),
    "books": (HILLSTONE, "ABS1-05", (("rule id 1\n", TAKES), ("admin user", BOOKS + "admin user"))),
    "a group of a net of all": (
        TOPSEC,
        "ABS1-07",
        (
            ("dst 'portal ' service 'HTTPS '", "src 'grp ' dst 'grp '"),
            (
                "pf service add name webui",
                "define subnet add name every ipaddr 0.0.0.0 mask 0.0.0.0\n"
                "define group_address add name grp member 'every '\npf service add name webui",
            ),
        ),
    ),
    "a list of permits alone": (HUAWEI, "ABS1-05", ((" rule 20 deny ip\n", ""),)),
    "a user's hour": (
        HUAWEI,
        "CES1-02",
        (
            (
                " local-user zhangsan privilege",
                " local-user zhangsan idle-timeout 60 0\n local-user zhangsan privilege",
            ),
        ),
    ),
    "a domain of none": (
        HUAWEI,
        "CES1-01",
        (
            (
                "  authentication-mode local\n",
                "  authentication-mode local\n authentication-scheme g\n  authentication-mode none\n"
                " domain default_admin\n  authentication-scheme g\n",
            ),
        ),
    ),
    "the group's age": (
        H3C,
        "CES1-01",
        (
            (
                "local-user wangwu",
                "user-group system\n password-control aging 365\n#\nlocal-user wangwu",
            ),
        ),
    ),
}
SOUND: dict[str, tuple[str, Edits]] = {
    "a scheme that no domain uses": (
        HUAWEI,
        (
            (
                "  authentication-mode local\n",
                "  authentication-mode local\n authentication-scheme g\n  authentication-mode none\n",
            ),
        ),
    ),
    "narrow object groups": (
        CISCO,
        (
            (PORTAL, " permit object-group S object-group N host 10.31.0.10\n" + PORTAL),
            ("ip access-list standard MGMT", GROUPS % ("10.9.0.0 255.255.255.0", "tcp eq 8443")),
        ),
    ),
    "the group's shorter age": (
        H3C,
        (
            (
                "local-user wangwu",
                "user-group system\n password-control aging 60\n#\nlocal-user wangwu",
            ),
        ),
    ),
}


def failing(base: str, edits: Edits) -> set[str]:
    text = base
    for written, instead in edits:
        assert written in text, written
        text = text.replace(written, instead)
    findings = judge_asset(evidence_of(text.encode(), "device.cfg"))
    assert Conformity.CONFORMS not in {one.verdict for one in findings}
    return {one.check.unit.removeprefix("L3-") for one in findings if one.verdict in FAILS}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named(name: str) -> None:
    base, unit, edits = FAULTS[name]
    assert unit in failing(base, edits) - failing(base, ())


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_not(name: str) -> None:
    base, edits = SOUND[name]
    assert failing(base, edits) <= failing(base, ())


@given(st.sets(st.integers(1, ALL_ADDRESSES[1]), max_size=6), st.booleans())
def test_parts_of_all_addresses_are_any(cuts: set[int], hole: bool) -> None:
    bounds = [0, *sorted(cuts), ALL_ADDRESSES[1] + 1]
    parts = [(low, high - 1) for low, high in pairwise(bounds)]
    kept = tuple(parts[1:] if hole else parts)
    assert plain(kept) == (kept if hole else ())
