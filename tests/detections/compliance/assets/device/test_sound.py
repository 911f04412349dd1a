"""Sound though unusual: no unit is judged against, and nothing conforms on a text alone."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detections.compliance.assets.device.facts import DeviceFacts
from detections.compliance.assets.device.reader import evidence_of, is_configuration
from fengsui.control import Conformity
from fengsui.errors import InputError
from tests.detections.compliance.assets.device.configurations import CISCO, H3C, HUAWEI, RUIJIE, USG
from tests.detections.compliance.assets.device.conftest import judged

Judge = Callable[[str | bytes], dict[str, tuple[Conformity, tuple[str, ...]]]]
ALL = {"huawei": HUAWEI, "usg": USG, "h3c": H3C, "cisco": CISCO, "ruijie": RUIJIE}
TACACS = (
    CISCO.replace("login default local", "login default group tacacs+ local")
    .replace("login block-for 600 attempts 5 within 120\n", "")
    .replace("security passwords min-length 10\n", "")
)
SOUND: dict[str, str] = {
    **ALL,
    "telnet undone later": HUAWEI.replace("#\nsysname", "#\ntelnet server enable\n#\nsysname"),
    "agent undone": HUAWEI.replace(
        "user-interface con",
        "snmp-agent sys-info version all\nsnmp-agent community read public\nundo snmp-agent\n"
        "user-interface con",
    ),
    "community asleep under version 3": HUAWEI.replace(
        "snmp-agent group", "snmp-agent community read public\nsnmp-agent group"
    ),
    "time-out by default": HUAWEI.replace(" idle-timeout 10 0\n", ""),
    "time-out undone to the default": HUAWEI.replace(" idle-timeout 10 0", " undo idle-timeout"),
    "list for address translation": HUAWEI.replace(
        "aaa\n",
        "acl number 3050\n rule 5 permit ip source 10.1.0.0 0.0.255.255\n#\naaa\n", 1
    ).replace(" ip address 10.20.0.1", " nat outbound 3050\n ip address 10.20.0.1"),
    "port opened again and shut": HUAWEI.replace(
        "snmp-agent\n",
        "interface GigabitEthernet0/0/3\n description spare\n#\ninterface GigabitEthernet0/0/3\n"
        " shutdown\n#\nsnmp-agent\n",
        1,
    ),
    "radius users": HUAWEI.replace("authentication-mode local", "authentication-mode radius local")
    .replace("  password expire 90\n", "  password expire 0\n"),
    "rule switched off": USG.replace(
        "security-policy\n", "security-policy\n rule name old\n  disable\n  action permit\n"
    ),
    "the firewall's own traffic": USG.replace(
        "security-policy\n",
        "security-policy\n rule name self\n  source-zone local\n  destination-zone untrust\n"
        "  action permit\n",
    ),
    "deny before permit": USG.replace(
        "security-policy\n",
        "security-policy\n rule name bad\n  destination-address 10.2.0.9 mask 255.255.255.255\n"
        "  action deny\n",
    ),
    "the class of lines speaks": H3C.replace(
        "line class vty\n",
        "line class vty\n authentication-mode scheme\n protocol inbound ssh\n acl 2001 inbound\n"
        " idle-timeout 10\n",
    ).replace(
        "line vty 0 63\n authentication-mode scheme\n user-role network-operator\n"
        " protocol inbound ssh\n acl 2001 inbound\n idle-timeout 10 0\n",
        "line vty 0 63\n user-role network-operator\n",
    ),
    "own rules of the only user": H3C.replace(
        "password-control length 10", "password-control length 6"
    ).replace(" service-type ssh terminal", " service-type ssh terminal\n password-control length 12"),
    "a list with a name bound by its number": HUAWEI.replace(
        "acl number 2001", "acl name managers 2001"
    ),
    "ports one by one with any source port": USG.replace(
        "service protocol tcp destination-port 80 443",
        "service protocol tcp source-port 0 to 65535 destination-port 80 443",
    ).replace(
        " rule name portal",
        " rule name mail\n  source-zone trust\n  destination-zone untrust\n"
        "  source-address 10.1.0.0 mask 255.255.255.0\n"
        "  service protocol tcp destination-port 25 443\n  action deny\n rule name portal",
    ).replace(
        " rule name office",
        " rule name host\n  source-zone trust\n  destination-zone untrust\n"
        "  source-address 10.1.0.9 mask 255.255.255.255\n"
        "  service protocol tcp destination-port 110\n  action permit\n rule name office",
    ),
    "telnet disabled the newer way": HUAWEI.replace(
        "undo telnet server enable", "telnet server disable"
    ),
    "lines kept for other use": HUAWEI.replace("ssh server-source -i Vlanif10\n", "")
    .replace(" traffic-filter inbound acl 3010\n", " traffic-policy old inbound\n")
    .replace("traffic-policy old inbound", "nat outbound 3010")
    .replace("#\nreturn", "user-interface vty 16 20\n#\nreturn"),
    "lock for ever": H3C.replace("exceed lock-time 30", "exceed lock"),
    "remote authority": TACACS,
    "lines that accept nothing": CISCO.replace(
        "line vty 5 15\n access-class MGMT in\n exec-timeout 10 0\n transport input ssh",
        "line vty 5 15\n exec-timeout 0 0\n transport input none",
    ),
    "a banner that looks like settings": CISCO.replace(
        "logging host",
        "banner motd ^C\nip http server\nsnmp-server community public RW\nno logging on\n^C\n"
        "logging host",
    ),
    "sequence numbers decide": CISCO.replace(
        " deny   ip any any log", " 90 deny   ip any any log"
    ).replace(" permit tcp any host 10.31.0.10 eq 443", " 10 permit tcp any host 10.31.0.10 eq 443")
    .replace(" permit udp", " 20 permit udp"),
    "web server without sessions": CISCO.replace(
        "no ip http server", "ip http server\nip http active-session-modules none"
    ),
    "no ip http server said last": CISCO.replace(
        "no ip http server", "ip http server\nno ip http server"
    ),
}  # fmt: skip
NEUTRAL = (
    "lldp enable", "stp mode rstp", "vlan batch 10 20", "clock timezone BJ add 08:00:00",
    "description 一条说明", "undo some feature", "no some feature", "x" * 50,
)  # fmt: skip


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_never_judged_against(judge: Judge, name: str) -> None:
    found = judge(SOUND[name])
    assert found
    assert {unit: row for unit, row in found.items() if row[1]} == {}
    assert {verdict for verdict, _ in found.values()} == {Conformity.INSUFFICIENT}


@pytest.mark.parametrize("name", ALL)
def test_terminal_noise_changes_nothing(judge: Judge, name: str) -> None:
    text = ALL[name]
    lines = text.splitlines()
    show = "display current-configuration" if "sysname" in text else "show running-config"
    prompt = "<SW>" if "sysname" in text else "SW#"
    pager = "  ---- More ----\x1b[42D                                          \x1b[42D"
    noisy = [f"{prompt}{show}", *lines[:9], *(pager + line for line in lines[9:])]
    noisy += [f"{prompt}display version", "telnet server enable", "ip http server", prompt]
    assert judge("\r\n".join(noisy)) == judge(text)


@pytest.mark.parametrize("name", ALL)
def test_gbk_and_utf16_are_read(judge: Judge, name: str) -> None:
    text = ALL[name].replace("description to", "description 上联核心 to")
    assert judge(text.encode("gbk")) == judge(text) == judge(text.encode("utf-16"))


@pytest.mark.parametrize("name", ALL)
def test_what_is_cut_proves_nothing_by_absence(judge: Judge, name: str) -> None:
    rows = ALL[name].splitlines()
    for end in range(12, len(rows), 3):
        try:
            found = judge("\n".join(rows[:end]))
        except InputError:
            continue
        assert {unit for unit, row in found.items() if row[1]} <= {"L3-ABS1-06"}
        assert Conformity.CONFORMS not in {verdict for verdict, _ in found.values()}


def test_a_part_of_the_configuration_proves_nothing_by_absence(judge: Judge) -> None:
    part = HUAWEI.replace("info-center loghost 10.20.1.9\n", "")
    said = judge("<SW>display current-configuration | exclude log\n" + part)
    assert said["L3-SMC1-10"] == (Conformity.INSUFFICIENT, ())


def test_indentation_that_is_lost_proves_nothing_by_absence(judge: Judge) -> None:
    flat = "\n".join(line.strip() for line in H3C.splitlines() if "loghost" not in line)
    assert judge(flat)["L3-SMC1-10"][0] is Conformity.INSUFFICIENT


def test_others_are_not_recognised() -> None:
    hillstone = 'hostname "SG-6000"\nip vrouter "trust-vr"\nexit\nzone "trust"\nversion 15.2\n'
    asa = ": Saved\nASA Version 9.8(2)\nhostname fw\nno service timestamps\nip cef\n"
    for text in (hillstone, asa, "", "hostname web01\n", "{}", "\x00\x01", "PK\x03\x04"):
        assert not is_configuration(text.encode())
        with pytest.raises(InputError):
            evidence_of(text.encode(), "x")


def test_two_devices_in_one_file_are_refused() -> None:
    with pytest.raises(InputError, match="several"):
        evidence_of((HUAWEI + HUAWEI.replace("QW-HX-01", "QW-HX-09")).encode(), "x")


def test_no_secret_is_kept() -> None:
    text = CISCO.replace("secret 9 $9$notreal", "password 0 Geheim77").replace(
        "logging host", "snmp-server community Wort88 RW\nlogging host"
    )
    evidence = evidence_of(text.encode(), "x")
    assert isinstance(evidence.facts, DeviceFacts)
    assert "Geheim77" not in repr(evidence.facts)
    assert "wort88" not in repr(evidence.facts).lower()


@given(st.sampled_from(sorted(SOUND)), st.sampled_from(NEUTRAL), st.integers(0, 10_000))
@settings(max_examples=60, deadline=None)
def test_an_unrelated_line_changes_no_verdict(name: str, line: str, seed: int) -> None:
    rows = SOUND[name].splitlines()
    gaps = [place for place, row in enumerate(rows[:-1]) if row in {"#", "!"}]
    place = gaps[seed % len(gaps)]
    assert judged("\n".join([*rows[: place + 1], line, *rows[place:]])) == judged(SOUND[name])


@given(st.sampled_from(sorted(ALL)), st.sampled_from(
    ("telnet server enable", "http server enable", "ftp server enable", "ip http enable",
     "ip http server", "snmp-agent community read public", "snmp-server community public ro",
     "service tcp-small-servers", "enable service telnet-server")))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_undo_undoes(name: str, line: str) -> None:
    text = ALL[name]
    undo, mark = ("undo", "#") if "sysname" in text else ("no", "!")
    head, rest = text.split(f"\n{mark}\n", 1)
    added = f"{head}\n{mark}\n{line}\n{undo} {line}\n{mark}\n{rest}"
    assert judged(added) == judged(text)


WORDS = (
    "acl number 3000",
    " rule 5 permit ip",
    "user-interface vty 0 4",
    "line vty 0 4",
    "aaa",
    "undo",
    "no",
    " authentication-mode none",
    "interface",
    " shutdown",
    "username",
    "local-user",
    "snmp-agent community",
    "snmp-server community",
    "password-control length",
    "ip access-list extended",
    " permit",
    "login block-for",
    " 10 deny ip any any",
    "ip address-set a type object",
    " address 0 1.1.1.1 mask",
    "banner motd ^C",
    "return",
    "end",
    " idle-timeout 99999999999999999999",
    "security-policy",
    " rule name a",
    "  source-address range 1 2",
    "info-center",
    "access-list 10 permit",
    "logging host",
    "object-group ip address x",
    " 0 network subnet",
    "\x1b[42D",
    "---- More ----",
    "<SW>display current-configuration",
    "[SW]",
    "\ufeff",
    "，。",
    "no no no",
    "ip ssh version",
    "aaa authentication login default",
)


@given(
    st.sampled_from(sorted(ALL)),
    st.lists(st.sampled_from(WORDS) | st.text(max_size=30), max_size=30),
    st.integers(0, 99),
)
@settings(max_examples=80, deadline=None)
def test_hostile_text_never_crashes_nor_conforms(name: str, extra: list[str], seed: int) -> None:
    rows = ALL[name].splitlines()
    for line in extra:
        rows.insert(random.Random(seed).randrange(len(rows)), line)
    data = "\n".join(rows).encode("utf-8", "replace")
    try:
        found = judged(data)
    except InputError:
        return
    assert Conformity.CONFORMS not in {verdict for verdict, _ in found.values()}
    assert found == judged(data)


@given(st.binary(max_size=2000))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    is_configuration(data)
    try:
        judged(b"sysname a\ninterface Vlanif1\naaa\n" + data)
    except InputError:
        return


def test_long_texts_stay_bounded(judge: Judge) -> None:
    many = "\n".join(
        f" rule {n} permit tcp destination 10.2.{n % 250}.10 0 destination-port eq {n}"
        for n in range(6, 990)
    )
    undone = "\n".join(f"undo thing {n} a b c d e f g h" for n in range(20_000))
    text = HUAWEI.replace("#\naaa", f"#\n{undone}\n#\naaa").replace(" rule 20 deny ip", many)
    assert judge(text)["L3-CES1-03"][0] is Conformity.INSUFFICIENT
