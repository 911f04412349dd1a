"""Hillstone StoneOS and Topsec TOS: one fault at a time is named, what is sound is not."""

from __future__ import annotations

from typing import Final

import pytest

from detections.compliance.assets.device.reader import evidence_of, is_configuration
from detections.compliance.assets.judging import judge_asset
from fengsui.control import Conformity

HILLSTONE: Final = """\
Version 5.5R8
!
hostname "QW-HS-01"
ip vrouter "trust-vr"
exit
zone "trust"
exit
zone "untrust"
exit
address "servers"
  ip 10.2.0.0/24
exit
admin user "lisi"
  password notreal
  role "admin"
  access any
exit
admin max-login-failure 5
console timeout 10
ssh timeout 10
logging syslog 10.20.1.9 udp 514 type event
interface ethernet0/0
  zone  "trust"
  ip address 10.1.0.1 255.255.255.0
  manage ssh
  manage https
exit
interface ethernet0/1
  zone  "untrust"
  ip address 192.0.2.2 255.255.255.0
exit
policy-global
  default-action deny
exit
rule id 1
  action permit
  src-zone "untrust"
  dst-zone "trust"
  src-addr "Any"
  dst-addr "servers"
  service "HTTPS"
  name "portal"
exit
rule id 2
  action permit
  src-zone "trust"
  dst-zone "untrust"
  src-addr "servers"
  dst-addr "Any"
  service "DNS"
exit
"""
TOPSEC: Final = """\
system devname set QW-TS-01
network interface eth0 ip add 10.1.0.1 mask 255.255.255.0
define area add name area_in access off attribute 'eth0 '
define area add name area_out access off attribute 'eth1 '
define host add name portal ipaddr '10.2.0.10 '
define subnet add name admins ipaddr 10.20.0.0 mask 255.255.255.224
pf service add name webui area area_in addressname admins
pf service add name ssh area area_in addressname admins
log log set ipaddr 10.20.1.9 port 514 logtype syslog trans enable
ID 8001 firewall policy add action accept srcarea 'area_out ' dst 'portal ' service 'HTTPS '
ID 8002 firewall policy add action accept srcarea 'area_in ' src 'admins ' service 'DNS '
"""
TAKES_ALL: Final = (
    'rule id 9\n  action permit\n  src-addr "Any"\n  dst-addr "Any"\n  service "Any"\nexit\n'
)
FAULTS = [
    (HILLSTONE, "  manage ssh\n", "  manage ssh\n  manage telnet\n", "CES1-03", "telnet_on"),
    (HILLSTONE, "  manage https", "  manage http", "SMC1-08", "http_on"),
    (HILLSTONE, "  manage https", "  manage http", "CES1-18", "http_on"),
    (HILLSTONE, "default-action deny", "default-action permit", "ABS1-05", "default_permit"),
    (HILLSTONE, 'service "HTTPS"', 'service "Any"', "ABS1-07", "any_service"),
    (HILLSTONE, "rule id 1\n", TAKES_ALL + "rule id 1\n", "ABS1-05", "any_any"),
    (HILLSTONE, "rule id 1\n", TAKES_ALL + "rule id 1\n", "ABS1-06", "shadowed"),
    (HILLSTONE, "ssh timeout 10", "ssh timeout 60", "CES1-02", "idle_long"),
    (HILLSTONE, "failure 5", "failure 20", "CES1-02", "lock_tries"),
    (HILLSTONE, "admin max", "admin lockout-duration 2\nadmin max", "CES1-02", "lock_short"),
    (HILLSTONE, "admin max", "snmp-server community public\nadmin max", "CES1-06", "snmp_default"),
    (HILLSTONE, "admin max", "admin host any any\nadmin max", "CES1-19", "list_permits_all"),
    (TOPSEC, "pf service add name ssh", "pf service add name telnet", "CES1-03", "telnet_on"),
    (TOPSEC, "define host", "system telnetd start\ndefine host", "CES1-18", "telnet_on"),
    (TOPSEC, "addressname admins", "addressname any", "CES1-19", "list_permits_all"),
    (TOPSEC, "access off", "access on", "ABS1-05", "default_permit"),
    (TOPSEC, " dst 'portal ' service 'HTTPS '", "", "ABS1-07", "any_service"),
    (TOPSEC, "ID 8001", "firewall policy add action accept\nID 8001", "ABS1-05", "any_any"),
    (TOPSEC, "ID 8001", "firewall policy add action deny\nID 8001", "ABS1-06", "shadowed_against"),
    (TOPSEC, "log log", "snmp add community public\nlog log", "CES1-06", "snmp_default"),
]  # fmt: skip
SOUND = [
    (HILLSTONE, "", ""),
    (HILLSTONE, "  manage ssh\n", "  manage ssh\n  manage telnet\n  shutdown\n"),
    (HILLSTONE, "rule id 1\n", TAKES_ALL.replace("exit", "  disable\nexit") + "rule id 1\n"),
    (HILLSTONE, "ssh timeout 10", "ssh timeout 15"),
    (HILLSTONE, "admin max", "admin lockout-duration 30\nadmin max"),
    (HILLSTONE, "  manage https", "  no manage http\n  manage https"),
    (TOPSEC, "", ""),
    (TOPSEC, "define host", "system telnetd stop\ndefine host"),
    (TOPSEC, "ID 8001", "firewall policy add action accept enable no\nID 8001"),
]


def failing(text: str) -> dict[str, set[str]]:
    asset = evidence_of(text.encode("gb18030"), "device.cfg")
    assert asset.kind == "security"
    return {
        finding.check.unit.removeprefix("L3-"): {s.name for s in finding.steps if s.state is False}
        for finding in judge_asset(asset)
        if finding.verdict in {Conformity.PARTLY, Conformity.DOES_NOT}
    }


@pytest.mark.parametrize(("base", "written", "instead", "unit", "fault"), FAULTS)
def test_fault_is_named(base: str, written: str, instead: str, unit: str, fault: str) -> None:
    assert written in base
    assert fault in failing(base.replace(written, instead))[unit]


@pytest.mark.parametrize(("base", "written", "instead"), SOUND)
def test_sound_is_not(base: str, written: str, instead: str) -> None:
    assert failing(base.replace(written, instead) if written else base) == {}


@pytest.mark.parametrize("base", [HILLSTONE, TOPSEC])
def test_it_is_told_by_its_words(base: str) -> None:
    assert is_configuration(base.encode())
    assert not is_configuration(b'zone "trust"\nset system name\n')
