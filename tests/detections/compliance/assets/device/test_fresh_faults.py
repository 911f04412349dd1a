"""Faults of devices written down before a check was looked at and missed at first; sound ones beside them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fengsui.control import Conformity
from tests.detections.compliance.assets.device.configurations import CISCO, H3C, HUAWEI, RUIJIE, USG
from tests.detections.compliance.assets.device.test_more_dialects import HILLSTONE, TOPSEC

Judge = Callable[[str], dict[str, tuple[Conformity, tuple[str, ...]]]]
FAILS = {Conformity.PARTLY, Conformity.DOES_NOT}
ADMIN = "local-user admin class manage\n password hash $h$6$q\n service-type ssh\n#\n"
OUTSIDE = "  ip address 192.0.2.2 255.255.255.0\n"
AUX = "line aux 0\n exec-timeout 0 0\nline vty 0 4\n"
SENT = "log log set ipaddr 10.20.1.9 port 514 logtype syslog trans enable\n"
ACCOUNTED = "aaa accounting commands 15 default start-stop group tacacs+\n"
HOSTS = "admin host 10.20.0.0 255.255.255.0 ssh\nconsole timeout"
STRONG = "ssh server cipher aes256_ctr aes128_gcm\nssh server hmac sha2_256"
LENGTH = "password policy\n  admin min-length 4\nexit\nconsole timeout 10"
FAULTS = [
    (HUAWEI, "stelnet server enable", "ssh server cipher 3des_cbc aes256_ctr", "CES1-03", "ssh_weak"),
    (HUAWEI, "stelnet server enable", "ssh server hmac md5 sha2_256", "CES1-03", "ssh_weak"),
    (HUAWEI, "watch privacy", "watch noauthentication", "CES1-03", "snmp_noauth"),
    (HUAWEI, "watch privacy", "watch", "CES1-03", "snmp_noauth"),
    (HUAWEI, "block-time 15", "block-time 1", "CES1-02", "lock_short"),
    (HUAWEI, "  authentication-mode local", "  authentication-mode hwtacacs none", "CES1-01", "no_login"),
    (HUAWEI, "zhangsan", "admin", "CES1-05", "default_account"),
    (HUAWEI, "undo http", "super password level 15 simple Admin123\nundo http", "CES1-28", "plain_password"),
    (HUAWEI, "rule 20 deny ip", "rule 15 permit tcp source 10.1.0.0 0.0.255.255", "ABS1-07", "any_service"),
    (USG, "manager-user lisi", "manager-user admin", "CES1-05", "default_account"),
    (H3C, "ssh server enable", "ssh2 algorithm mac md5 sha2-256", "CES1-03", "ssh_weak"),
    (H3C, "lock-time 30", "lock-time 1", "CES1-02", "lock_short"),
    (H3C, "local-user wangwu", ADMIN + "local-user wangwu", "CES1-05", "default_account"),
    (CISCO, "no service pad", "snmp-server group G v3 noauth", "CES1-03", "snmp_noauth"),
    (CISCO, "no service pad", "ip ssh server algorithm encryption 3des-cbc", "CES1-03", "ssh_weak"),
    (CISCO, "login default local", "login default group tacacs+ none", "CES1-01", "no_login"),
    (CISCO, "block-for 600", "block-for 10", "CES1-02", "lock_short"),
    (CISCO, "  logging enable\n", "", "CES1-12", "commands_unrecorded"),
    (CISCO, " ip access-group EDGE in\n", "", "ABS1-06", "unused_list"),
    (CISCO, "line vty 0 4\n", AUX, "CES1-02", "idle_never"),
    (CISCO, "username zhaoliu", "username cisco", "CES1-05", "default_account"),
    (RUIJIE, "password policy life-cycle 90\n", "", "CES1-01", "aging_off"),
    (RUIJIE, "password policy min-size 10\n", "", "CES1-01", "policy_off"),
    (RUIJIE, "enable service ssh-server", "ip ssh cipher-mode others", "CES1-03", "ssh_weak"),
    (HILLSTONE, OUTSIDE, OUTSIDE + "  manage ssh\n", "CES1-19", "list_permits_all"),
    (HILLSTONE, "logging syslog 10.20.1.9 udp 514 type event\n", "", "SMC1-10", "no_loghost"),
    (HILLSTONE, "console timeout 10", LENGTH, "CES1-01", "length"),
    (TOPSEC, SENT, "", "CES1-14", "no_loghost"),
    (TOPSEC, "trans enable", "trans disable", "SMC1-10", "log_blocked"),
]  # fmt: skip
NAMED = ("acl number 2001\n", "acl name mgmt basic\n")
SOUND = [
    (HUAWEI, [NAMED, (" acl 2001 inbound", " acl name mgmt inbound")]),
    (HUAWEI, [("stelnet server enable", STRONG)]),
    (HUAWEI, [("watch privacy", "watch privacy read-view all")]),
    (HUAWEI, [("  authentication-mode local", "  authentication-mode hwtacacs local")]),
    (H3C, [("exceed lock-time 30", "exceed lock")]),
    (H3C, [("ssh server enable", "ssh server enable\n ssh2 algorithm cipher aes256-ctr aes256-gcm")]),
    (CISCO, [("  logging enable\n", ""), ("archive\n log config\n", ACCOUNTED)]),
    (CISCO, [("line vty 0 4\n", "line aux 0\n no exec\n exec-timeout 0 0\nline vty 0 4\n")]),
    (CISCO, [("line vty 0 4\n", "line aux 0\nline vty 0 4\n")]),
    (CISCO, [("no service pad", "snmp-server group G v3 priv\nip ssh server algorithm mac hmac-sha2-256")]),
    (RUIJIE, [("enable service ssh-server", "enable service ssh-server\nip ssh cipher-mode ctr")]),
    (HILLSTONE, [(OUTSIDE, OUTSIDE + "  manage ping\n")]),
    (HILLSTONE, [(OUTSIDE, OUTSIDE + "  manage ssh\n"), ("console timeout", HOSTS)]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "sound", "fault", "unit", "key"),
    FAULTS,
    ids=[f"{number}-{row[3]}-{row[4]}" for number, row in enumerate(FAULTS)],
)
def test_fault_is_named(
    judge: Judge, base: str, sound: str, fault: str, unit: str, key: str
) -> None:
    assert sound in base
    assert key not in judge(base)[f"L3-{unit}"][1]
    verdict, said = judge(base.replace(sound, fault))[f"L3-{unit}"]
    assert key in said
    assert verdict in FAILS


@pytest.mark.parametrize(("base", "changes"), SOUND)
def test_sound_is_not(judge: Judge, base: str, changes: list[tuple[str, str]]) -> None:
    text = base
    for written, instead in changes:
        assert written in text
        text = text.replace(written, instead)
    assert {unit: said for unit, said in judge(text).items() if said[0] in FAILS} == {}
