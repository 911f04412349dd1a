"""What a configuration refers to, and what it leaves open beside what it limits; time and logs sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fengsui.control import Conformity
from tests.detections.compliance.assets.device.configurations import CISCO, H3C, HUAWEI, RUIJIE, USG
from tests.detections.compliance.assets.device.test_more_dialects import HILLSTONE, TOPSEC

Judge = Callable[[str], dict[str, tuple[Conformity, tuple[str, ...]]]]
FAILS = {Conformity.PARTLY, Conformity.DOES_NOT}
VLANIF = "interface Vlanif10\n"
DENY = " rule 20 deny ip"
EIGHT = (
    " rule 15 permit tcp source 10.1.9.0 0.0.0.255 destination 10.2.0.12 0"
    " destination-port eq 8080 time-range x\n"
)
LIST = "acl number 2001"
POLICY = "security-policy\n"
WAN = " ip address 192.0.2.2 255.255.255.0"
SIX = VLANIF + " ipv6 enable\n ipv6 address 2001:DB8::1 64\n"
IKE = "ike proposal 1\n encryption-algorithm {}\n dh {}\n#\n" + POLICY
HTTPS = '  service "HTTPS"'
GLOBAL = "policy-global"
PILOT = "\n permit tcp any host 10.31.0.12 eq 8443 time-range P"
FAULTS = [
    (HUAWEI, [(" acl 2001 inbound", " acl 2999 inbound")], "CES1-19", "list_missing"),
    (HUAWEI, [(" rule 5 permit source 10.20.0.0 0.0.0.31\n rule 10 deny\n", "")],
     "CES1-19", "list_missing"),
    (HUAWEI, [("10.20.0.0 0.0.0.31", "10.0.0.0 0.255.255.255")], "CES1-19", "list_wide"),
    (HUAWEI, [(VLANIF, SIX)], "CES1-19", "no_list_six"),
    (HUAWEI, [("inbound acl 3010", "inbound acl 3999")], "ABS1-05", "missing_list"),
    (HUAWEI, [(DENY, EIGHT + DENY),
              (LIST, "time-range x from 00:00 2023/1/1 to 23:59 2023/12/31\n#\n" + LIST)],
     "ABS1-06", "expired_rule"),
    (HUAWEI, [("info-center log", "info-center source default channel 2 log level error\ninfo-center log")],
     "CES1-12", "log_level"),
    (HUAWEI, [("ntp-service unicast-server 10.20.1.8\n", "")], "CES1-13", "no_clock"),
    (HUAWEI, [("ntp-service unicast-server 10.20.1.8\n", "undo ntp-service enable\n")],
     "CES1-13", "clock_off"),
    (HUAWEI, [("watch privacy", "watch authentication")], "CES1-03", "snmp_readable"),
    (USG, [(POLICY, "nat server m 0 protocol tcp global 192.0.2.9 22 inside 10.2.0.9 22\n#\n" + POLICY)],
     "CES1-19", "published"),
    (USG, [("address-set servers\n", "address-set serverz\n")], "ABS1-06", "missing_object"),
    (USG, [(POLICY, "ip address-set old type object\n address 0 10.9.0.0 mask 24\n#\n" + POLICY)],
     "ABS1-06", "unused_object"),
    (USG, [(WAN, WAN + "\n service-manage https permit")], "CES1-19", "list_permits_all"),
    (USG, [(POLICY, IKE.format("des", "group14"))], "CNS1-07", "ipsec_bare"),
    (H3C, [("local-user wangwu", "domain system\n authentication login none\n#\nlocal-user wangwu")],
     "CES1-01", "no_login"),
    (CISCO, [("access-class MGMT in\n exec-timeout 10 0\n transport input ssh\nline vty 5",
              "access-class MGNT in\n exec-timeout 10 0\n transport input ssh\nline vty 5")],
     "CES1-19", "list_missing"),
    (CISCO, [("access-group EDGE in", "access-group EGDE in")], "ABS1-05", "missing_list"),
    (CISCO, [("control-plane", "logging trap 2\ncontrol-plane")], "CES1-12", "log_level"),
    (CISCO, [(" 10.31.0.10 eq 443", " 10.31.0.10 eq 443" + PILOT),
             ("control-plane", "time-range P\n absolute end 18:00 31 March 2023\ncontrol-plane")],
     "ABS1-06", "expired_rule"),
    (CISCO, [("control-plane",
              "ip nat inside source static tcp 10.31.0.10 3389 192.0.2.1 3389\ncontrol-plane")],
     "CES1-19", "published"),
    (RUIJIE, [("attempts 5", "attempts 2147483647")], "CES1-02", "lock_tries"),
    (HILLSTONE, [('dst-addr "servers"', 'dst-addr "servres"')], "ABS1-06", "missing_object"),
    (HILLSTONE, [("admin max-login-failure 5", "no admin max-login-failure")], "CES1-02", "lock_off"),
    (HILLSTONE, [(HTTPS, HTTPS + '\n  schedule "o"'),
                 (GLOBAL, 'schedule "o"\n  absolute start 01/01/2020 end 02/01/2020\nexit\n' + GLOBAL)],
     "ABS1-06", "expired_rule"),
    (TOPSEC, [("define host", "system admininfo add name superman passwd x\ndefine host")],
     "CES1-05", "default_account"),
]  # fmt: skip
SOUND = [
    (HUAWEI, [(VLANIF, "acl ipv6 number 2001\n rule 5 permit\n#\n" + SIX),
              (" acl 2001 inbound", " acl 2001 inbound\n acl ipv6 2001 inbound")]),
    (HUAWEI, [(DENY, EIGHT + DENY), (LIST, "time-range x 08:00 to 18:00 working-day\n#\n" + LIST)]),
    (HUAWEI, [(DENY, EIGHT + DENY),
              (LIST, "time-range x from 00:00 2026/1/1 to 23:59 2999/12/31\n#\n" + LIST)]),
    (HUAWEI, [("info-center log",
               "info-center source default channel 2 log level informational\ninfo-center log")]),
    (USG, [(POLICY, "nat server w 0 protocol tcp global 192.0.2.9 443 inside 10.2.0.9 443\n#\n" + POLICY)]),
    (USG, [(POLICY, IKE.format("aes-256", "group14"))]),
    (H3C, [(" ntp-service unicast-server 10.20.1.8", " ntp-service ipv6 unicast-server 2001:DB8::8")]),
    (CISCO, [("ntp server 10.20.1.8", "ntp peer 10.20.1.8")]),
    (CISCO, [("control-plane", "logging trap informational\ncontrol-plane")]),
    (RUIJIE, [("ntp server 10.20.1.8", "sntp server 10.20.1.8")]),
]  # fmt: skip


def edited(base: str, changes: list[tuple[str, str]]) -> str:
    for written, instead in changes:
        assert written in base
        base = base.replace(written, instead)
    return base


@pytest.mark.parametrize(("base", "changes", "unit", "key"), FAULTS)
def test_fault_is_named(
    judge: Judge, base: str, changes: list[tuple[str, str]], unit: str, key: str
) -> None:
    verdict, said = judge(edited(base, changes))[f"L3-{unit}"]
    assert key in said
    assert verdict in FAILS


@pytest.mark.parametrize(("base", "changes"), SOUND)
def test_sound_is_not(judge: Judge, base: str, changes: list[tuple[str, str]]) -> None:
    found = judge(edited(base, changes))
    assert {unit: said for unit, said in found.items() if said[0] in FAILS} == {}
