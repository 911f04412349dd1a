"""slapd, FreeRADIUS and the MIT Kerberos server: who proves to be whom."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from tests.peers.lan import SERVER, Lan, program

pytestmark = pytest.mark.peers

ENTRIES = """dn: dc=gov,dc=test
objectClass: dcObject
objectClass: organization
dc: gov
o: District

dn: cn=clerk,dc=gov,dc=test
objectClass: person
cn: clerk
sn: Zhang
description: 街道办事处
"""


@pytest.fixture(scope="module")
def slapd(lan: Lan) -> Iterator[None]:
    command = program("slapd", "slapd")
    program("ldapsearch", "ldap-utils")
    folder = lan.folder / "ldap"
    (folder / "data").mkdir(parents=True)
    settings = folder / "slapd.conf"
    schema = "/etc/ldap/schema"
    settings.write_text(
        f"include {schema}/core.schema\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n"
        f"pidfile {folder}/pid\nargsfile {folder}/args\nallow bind_v2\n"
        "database mdb\nsuffix dc=gov,dc=test\nrootdn cn=admin,dc=gov,dc=test\n"
        f"rootpw secret6\ndirectory {folder}/data\n"
    )
    subprocess.run(
        [program("slapadd", "slapd"), "-f", str(settings)],
        input=ENTRIES.encode(), check=True, capture_output=True,
    )  # fmt: skip
    with lan.serve(command, "-d", "0", "-f", str(settings), "-h", f"ldap://{SERVER}/", tcp=389):
        yield


def ldapsearch(lan: Lan, password: str, *words: str) -> str:
    at = ("-x", "-H", f"ldap://{SERVER}", "-D", "cn=admin,dc=gov,dc=test", "-w", password)
    return lan.run("ldapsearch", *at, "-b", "dc=gov,dc=test", *words, fails=True)


def test_ldap(lan: Lan, slapd: None) -> None:
    with lan.watched() as seen:
        said = ldapsearch(lan, "secret6", "(&(objectClass=person)(cn=cle*))", "cn", "sn")
        assert "sn: Zhang" in said
        assert "Invalid credentials" in ldapsearch(lan, "wrong")
    search = next(e for e in seen.of("ldap") if "ldap.filter" in e)
    assert search["ldap.base_object"] == "dc=gov,dc=test"
    assert search["ldap.filter"] == "(&(objectClass=person)(cn=cle*))"
    assert search["ldap.attributes"] == ["cn", "sn"]
    assert search["ldap.result_count"] == 1
    binds = [event for event in seen.of("ldap") if event["ldap.operation"].startswith("bind")]
    assert [event["event.outcome"] for event in binds] == ["success", "failure"], seen.tell()
    assert {event["ldap.object"] for event in binds} == {"cn=admin,dc=gov,dc=test"}
    assert [event["ldap.result_code"] for event in binds] == [0, 49]
    assert "secret6" not in seen.tell()
    assert seen.losses == {}


def test_radius(lan: Lan) -> None:
    server = program("freeradius", "freeradius")
    client = program("radclient", "freeradius-utils")
    folder = lan.folder / "radius"
    folder.mkdir()
    (folder / "dictionary").write_text("$INCLUDE /usr/share/freeradius/dictionary\n")
    (folder / "radiusd.conf").write_text(
        f"prefix = /usr\nlogdir = {folder}\nraddbdir = {folder}\nrun_dir = {folder}\n"
        "libdir = /usr/lib/freeradius\nsecurity {\n allow_vulnerable_openssl = yes\n}\n"
        "client peers {\n ipaddr = 10.77.0.0/24\n secret = between-us\n}\n"
        "modules {\n pap {\n }\n always reject {\n  rcode = reject\n }\n}\n"
        f"server default {{\n listen {{\n  type = auth\n  ipaddr = {SERVER}\n  port = 1812\n }}\n"
        " authorize {\n  if (&User-Name == 'clerk') {\n   update control {\n"
        "    &Cleartext-Password := 'secret7'\n   }\n  }\n  pap\n }\n"
        " authenticate {\n  Auth-Type PAP {\n   pap\n  }\n }\n"
        " post-auth {\n  update reply {\n   &Reply-Message := 'welcome'\n  }\n }\n}\n"
    )
    orders = (f"{SERVER}:1812", "auth", "between-us")
    with (
        lan.serve(server, "-f", "-d", str(folder), "-D", str(folder), "-l", "stdout", udp=1812),
        lan.watched() as seen,
    ):
        for password in ("secret7", "wrong"):
            lan.run(
                client, "-D", "/usr/share/freeradius", "-r", "1", *orders, fails=True,
                data=f"User-Name=clerk,User-Password={password},NAS-IP-Address=10.77.0.1,"
                "Calling-Station-Id=00-11-22-33-44-55\n",
            )  # fmt: skip
    outcomes = [event["radius.result"] for event in seen.of("radius")]
    assert outcomes == ["success", "failed"], seen.tell("radius")
    assert {event["user.name"] for event in seen.of("radius")} == {"clerk"}
    assert seen.losses == {}


def test_kerberos(lan: Lan) -> None:
    server = program("krb5kdc", "krb5-kdc")
    program("kadmin.local", "krb5-kdc krb5-admin-server")
    kinit = program("kinit", "krb5-user")
    folder = lan.folder / "krb5"
    folder.mkdir()
    (folder / "krb5.conf").write_text(
        "[libdefaults]\n default_realm = GOV.TEST\n dns_lookup_kdc = false\n"
        " dns_canonicalize_hostname = false\n rdns = false\n"
        f"[realms]\n GOV.TEST = {{\n  kdc = {SERVER}:88\n }}\n"
    )
    (folder / "kdc.conf").write_text(
        f"[kdcdefaults]\n kdc_listen = {SERVER}:88\n kdc_tcp_listen = {SERVER}:88\n"
        f"[realms]\n GOV.TEST = {{\n  database_name = {folder}/db\n  key_stash_file = {folder}/k\n"
        "  default_principal_flags = +preauth\n }\n"
    )
    here = ("env", f"KRB5_CONFIG={folder}/krb5.conf", f"KRB5_KDC_PROFILE={folder}/kdc.conf")
    here += (f"KRB5CCNAME={folder}/tickets",)
    for words in (
        ("kdb5_util", "create", "-s", "-P", "master"),
        ("kadmin.local", "addprinc", "-pw", "secret8", "clerk"),
        ("kadmin.local", "addprinc", "-randkey", "HTTP/portal.test"),
    ):
        lan.run(*here, *words)
    with lan.serve(*here, server, "-n", udp=88), lan.watched() as seen:
        lan.run(*here, kinit, "clerk", data="secret8\n")
        lan.run(*here, "kvno", "HTTP/portal.test")
        lan.run(*here, kinit, "nobody-there", data="x\n", fails=True)
    asked = [(e["kerberos.request_type"], e.get("kerberos.success")) for e in seen.of("kerberos")]
    assert ("AS", True) in asked, seen.tell("kerberos")
    assert ("TGS", True) in asked
    assert ("AS", False) in asked
    ticket = seen.one("kerberos", kerberos__request_type="TGS")
    assert ticket["kerberos.service"].startswith("HTTP/portal.test")
    assert seen.losses == {}
