"""One fault at a time: named under its unit, and nothing conforms that should not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fengsui.control import Conformity
from tests.detections.compliance.assets.device.configurations import CISCO, H3C, HUAWEI, RUIJIE, USG

BASES = {HUAWEI, USG, H3C, CISCO, RUIJIE}
Judge = Callable[[str], dict[str, tuple[Conformity, tuple[str, ...]]]]
NOT, PART = Conformity.DOES_NOT, Conformity.PARTLY

FAULTS = [
    # base, what is written, what stands there instead, unit, fault, verdict
    (HUAWEI, "undo telnet server enable", "telnet server enable", "CES1-03", "telnet_on", NOT),
    (HUAWEI, "undo telnet server enable", "telnet server enable", "CES1-18", "telnet_on", PART),
    (HUAWEI, "undo telnet server enable", "telnet server enable", "SMC1-08", "telnet_on", NOT),
    (HUAWEI, "undo http server enable", "http server enable", "CES1-03", "http_on", NOT),
    (
        HUAWEI.replace("undo telnet server enable\n", ""),
        "protocol inbound ssh",
        "protocol inbound telnet",
        "CES1-03",
        "telnet_on",
        NOT,
    ),
    (HUAWEI, "stelnet server enable", "ftp server enable", "CES1-03", "ftp_on", NOT),
    (
        HUAWEI,
        "stelnet server enable",
        "ssh server compatible-ssh1x enable",
        "CES1-03",
        "ssh1_on",
        NOT,
    ),
    (
        HUAWEI,
        "snmp-agent sys-info version v3",
        "snmp-agent sys-info version v2c v3\nsnmp-agent community read public",
        "CES1-06",
        "snmp_default",
        NOT,
    ),
    (
        HUAWEI,
        "snmp-agent sys-info version v3",
        "snmp-agent sys-info version all\nsnmp-agent community write cipher %^%#x%^%#",
        "SMC1-08",
        "snmp_write",
        NOT,
    ),
    (
        HUAWEI,
        " authentication-mode aaa\n idle-timeout 10 0\nuser-interface vty",
        " authentication-mode none\n idle-timeout 10 0\nuser-interface vty",
        "CES1-01",
        "no_login",
        PART,
    ),
    (
        HUAWEI,
        " authentication-mode aaa\n protocol",
        " authentication-mode password\n protocol",
        "CES1-01",
        "shared_password",
        PART,
    ),
    (HUAWEI, "  password expire 90", "  password expire 0", "CES1-01", "aging", PART),
    (HUAWEI, "  password expire 90", "  password expire 365", "CES1-01", "aging", PART),
    (
        HUAWEI,
        " local-aaa-user password policy administrator",
        " undo local-aaa-user password policy administrator",
        "CES1-01",
        "policy_off",
        PART,
    ),
    (HUAWEI, " local-aaa-user wrong", " undo local-aaa-user wrong", "CES1-02", "lock_off", PART),
    (HUAWEI, "retry-time 5", "retry-time 20", "CES1-02", "lock_tries", PART),
    (HUAWEI, " idle-timeout 10 0\n#", " idle-timeout 0 0\n#", "CES1-02", "idle_never", PART),
    (HUAWEI, " idle-timeout 10 0\n#", " idle-timeout 60\n#", "CES1-02", "idle_long", PART),
    (HUAWEI, "info-center loghost 10.20.1.9", "", "SMC1-10", "no_loghost", PART),
    (HUAWEI, "info-center loghost 10.20.1.9", "", "CES1-14", "no_loghost", PART),
    (
        HUAWEI,
        "ntp-service",
        "info-center source default channel 2 log state off\nntp-service",
        "SMC1-10",
        "log_blocked",
        PART,
    ),
    (HUAWEI, "ntp-service", "undo info-center enable\nntp-service", "CES1-12", "logging_off", NOT),
    (HUAWEI, "irreversible-cipher $1a$", "simple $1a$", "CES1-28", "plain_password", PART),
    (HUAWEI, " description unused\n shutdown", " description unused", "ABS1-02", "spare_port", PART),
    (HUAWEI, " rule 20 deny ip", " rule 20 permit ip", "ABS1-05", "any_any", PART),
    (
        HUAWEI,
        " rule 20 deny ip",
        " rule 7 permit ip\n rule 20 deny ip",
        "ABS1-06",
        "shadowed_against",
        PART,
    ),
    (
        HUAWEI,
        " rule 20 deny ip",
        " rule 15 permit tcp source 10.1.5.0 0.0.0.255 destination 10.2.0.10 0 destination-port eq 443"
        "\n rule 20 deny ip",
        "ABS1-06",
        "shadowed",
        PART,
    ),
    (HUAWEI, "acl number 3010", "acl number 3011", "ABS1-06", "unused_list", PART),
    (
        HUAWEI,
        " rule 20 deny ip",
        " rule 15 permit ip source 10.1.0.0 0.0.255.255\n rule 20 deny ip",
        "ABS1-07",
        "any_service",
        PART,
    ),
    (
        HUAWEI,
        " rule 5 permit source 10.20.0.0 0.0.0.31",
        " rule 5 permit",
        "CES1-19",
        "list_permits_all",
        NOT,
    ),
    (USG, " default action deny", " default action permit", "ABS1-05", "default_permit", PART),
    (
        USG,
        "security-policy\n",
        "security-policy\n rule name test\n  action permit\n",
        "ABS1-05",
        "any_any",
        PART,
    ),
    (
        USG,
        "security-policy\n",
        "security-policy\n rule name wide\n  source-zone untrust\n  destination-zone trust\n"
        "  action permit\n",
        "ABS1-07",
        "any_service",
        PART,
    ),
    (
        USG,
        " rule name office",
        " rule name block\n  source-zone untrust\n  destination-zone trust\n"
        "  destination-address 10.2.0.0 mask 255.255.255.128\n  service https\n  action deny\n"
        " rule name office",
        "ABS1-06",
        "shadowed_against",
        PART,
    ),
    (
        USG,
        "undo telnet server enable",
        "undo telnet server enable\nundo firewall session link-state check",
        "ABS1-08",
        "stateless",
        PART,
    ),
    (USG, "web-manager security enable", "web-manager enable", "CES1-03", "http_on", NOT),
    (USG, "info-center loghost 10.20.1.9", "", "ABS1-18", "no_loghost", PART),
    (H3C, " undo telnet server enable", " telnet server enable", "CES1-03", "telnet_on", NOT),
    (
        H3C,
        " password-control enable",
        " undo password-control enable",
        "CES1-01",
        "policy_off",
        PART,
    ),
    (H3C, " password-control enable\n", "", "CES1-02", "lock_off", PART),
    (H3C, "password-control length 10", "password-control length 6", "CES1-01", "length", PART),
    (H3C, "type-number 3", "type-number 1", "CES1-01", "classes", PART),
    (H3C, "exceed lock-time 30", "exceed unlock", "CES1-02", "lock_unlock", PART),
    (H3C, "login-attempt 5", "login-attempt 10", "CES1-02", "lock_tries", PART),
    (
        H3C,
        " authentication-mode scheme\n idle",
        " authentication-mode none\n idle",
        "CES1-01",
        "no_login",
        PART,
    ),
    (H3C, " password hash $h$6$", " password simple ", "CES1-28", "plain_password", PART),
    (H3C, " acl 2001 inbound\n", "", "CES1-19", "no_list", NOT),
    (
        H3C,
        " ssh server enable",
        " ssh server enable\n ip http enable",
        "CES1-03",
        "http_on",
        NOT,
    ),
    (CISCO, " transport input ssh\n!", " transport input telnet ssh\n!", "CES1-03", "telnet_on", NOT),
    (CISCO, "no ip http server", "ip http server", "CES1-03", "http_on", NOT),
    (
        CISCO,
        "logging host",
        "snmp-server community private RW\nlogging host",
        "CES1-06",
        "snmp_default",
        NOT,
    ),
    (CISCO, "login block-for 600 attempts 5 within 120", "", "CES1-02", "lock_off", PART),
    (CISCO, " exec-timeout 10 0\n transport input ssh\n!", " exec-timeout 0 0\n transport input ssh\n!",
     "CES1-02", "idle_never", PART),
    (CISCO, "line con 0\n exec-timeout 10 0", "line con 0\n no exec-timeout", "CES1-02", "idle_never", PART),
    (CISCO, "secret 9 $9$notreal\n!\nvrf", "password 7 0822455D0A16\n!\nvrf", "CES1-28",
     "plain_password", PART),
    (CISCO, "privilege 15 secret 9 $9$notreal", "nopassword", "CES1-01", "empty_password", PART),
    (CISCO, " deny   ip any any log", " permit ip any any", "ABS1-05", "any_any", PART),
    (CISCO, " access-class MGMT in\n exec-timeout 10 0\n transport input ssh\n!",
     " exec-timeout 10 0\n transport input ssh\n!", "CES1-19", "no_list", NOT),
    (CISCO.replace(" access-class MGMT in\n", "").replace(" ip access-group EDGE in\n", ""),
     "ip access-list standard MGMT\n permit 10.20.0.0 0.0.0.31\n", "", "CES1-19", "no_list", NOT),
    (CISCO, "logging host 10.20.1.9", "no logging on", "CES1-12", "logging_off", NOT),
    (CISCO, "logging host 10.20.1.9", "", "SMC1-10", "no_loghost", PART),
    (CISCO, "no service pad", "service tcp-small-servers", "CES1-18", "tcp_small_on", PART),
    (CISCO, "authentication login default local", "authentication login default none", "CES1-01",
     "no_login", PART),
    (
        CISCO,
        "no service pad",
        "crypto ipsec transform-set TS esp-null esp-md5-hmac\ncrypto map M 10 ipsec-isakmp\n"
        " set transform-set ts",
        "CNS1-07",
        "ipsec_bare",
        PART,
    ),
    (RUIJIE, "no enable service telnet-server", "enable service telnet-server", "CES1-03",
     "telnet_on", NOT),
    (RUIJIE, "life-cycle 90", "life-cycle 720", "CES1-01", "aging", PART),
    (RUIJIE, "attempts 5", "attempts 9", "CES1-02", "lock_tries", PART),
    (RUIJIE, "snmp-server view all 1 include", "snmp-server community public ro", "CES1-06",
     "snmp_default", NOT),
    (RUIJIE, "logging server 10.20.1.9", "", "SMC1-10", "no_loghost", PART),
    (RUIJIE, " access-class 10 in\n", "", "CES1-19", "no_list", NOT),
]  # fmt: skip


@pytest.mark.parametrize(
    ("base", "sound", "fault", "unit", "key", "verdict"),
    FAULTS,
    ids=[f"{number}-{row[3]}-{row[4]}" for number, row in enumerate(FAULTS)],
)
def test_a_single_fault_is_named(
    judge: Judge, base: str, sound: str, fault: str, unit: str, key: str, verdict: Conformity
) -> None:
    assert sound in base
    before = judge(base)[f"L3-{unit}"] if base in BASES else (Conformity.INSUFFICIENT, ())
    after = judge(base.replace(sound, fault))[f"L3-{unit}"]
    assert before == (Conformity.INSUFFICIENT, ())
    assert key in after[1]
    assert after[0] is verdict
