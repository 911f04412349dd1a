"""Servers of a host by their own settings: TLS, who is asked, firewalls, databases' files; sound ones too."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.webservers import broken
from detections.compliance.assets.judging import judge_asset
from fengsui.control import Conformity
from tests.detections.compliance.assets.conftest import changed

FAILS = {Conformity.PARTLY, Conformity.DOES_NOT}
UNITS = "/usr/lib/systemd/system"
WANTS = "/etc/systemd/system/multi-user.target.wants"
HTTP = "events{}\nhttp {\n ssl_protocols TLSv1.2 TLSv1.3;\n include /etc/nginx/conf.d/*.conf;\n}\n"
SITE, NGINX = "/etc/nginx/conf.d/a.conf", "/etc/nginx/nginx.conf"
PG, DATA = "/etc/postgresql/15/main", "/var/lib/postgresql/15/main"
HBA = "local all all peer\nhostssl all all 10.1.0.0/24 scram-sha-256\n"
CONF = "listen_addresses = '*'\nssl = on\n"
SAVED = (
    "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\n"
    "-A INPUT -s 10.2.0.0/27 -p tcp --dport 22 -j ACCEPT\nCOMMIT\n"
)
INPUT = (
    "table inet f {\n chain input {\n  type filter hook input priority 0; policy %s;\n  %s\n }\n}\n"
)
ZONE = "/etc/firewalld/zones/public.xml"


def starts(
    name: str, command: str = "/usr/sbin/x", files: Mapping[str, str] = {}
) -> dict[str, str]:
    """A unit as its package brings it, and what it reads."""
    return {
        f"{WANTS}/{name}.service": f"-> {UNITS}/{name}.service",
        f"{UNITS}/{name}.service": f"[Service]\nExecStart={command}\n",
        **files,
    }


def nginx(site: str, main: str = HTTP, more: Mapping[str, str] = {}) -> dict[str, str]:
    return starts("nginx", "/usr/sbin/nginx", {NGINX: main, SITE: site, **more})


def apache(text: str) -> dict[str, str]:
    main = {"/etc/httpd/conf/httpd.conf": "IncludeOptional conf.d/*.conf\n"}
    return starts("httpd", "/usr/sbin/httpd", {**main, "/etc/httpd/conf.d/ssl.conf": text})


def tomcat(text: str) -> dict[str, str]:
    path = "/opt/tomcat/conf/server.xml"
    return starts("tomcat", "/opt/tomcat/bin/catalina.sh run", {path: f"<Server>{text}</Server>\n"})


def haproxy(text: str) -> dict[str, str]:
    return starts("haproxy", "/usr/sbin/haproxy", {"/etc/haproxy/haproxy.cfg": text})


def postgresql(hba: str = HBA, conf: str = CONF, more: Mapping[str, str] = {}) -> dict[str, str]:
    files = {f"{PG}/pg_hba.conf": hba, f"{PG}/postgresql.conf": conf, **more}
    return starts("postgresql", "/usr/lib/postgresql/15/bin/postgres", files)


def mysql(
    text: str, command: str = "/usr/sbin/mysqld", path: str = "/etc/my.cnf"
) -> dict[str, str]:
    return starts("mysqld", command, {path: text})


def redis(
    text: str, command: str = "/usr/bin/redis-server /etc/redis.conf", more: Mapping[str, str] = {}
) -> dict[str, str]:
    return starts("redis", command, {"/etc/redis.conf": text, **more})


def firewall(name: str, path: str, text: str) -> dict[str, str]:
    return starts(name, "/usr/sbin/x", {path: text})


FAULTS: dict[str, tuple[str, Mapping[str, str]]] = {
    "nginx: a server over http": (
        "27",
        nginx("server { listen 443 ssl; ssl_protocols TLSv1.1; }\n"),
    ),
    "nginx: by a snippet": (
        "27",
        nginx(
            "include /etc/nginx/tls.inc;\n", more={"/etc/nginx/tls.inc": "ssl_protocols SSLv3;\n"}
        ),
    ),
    "nginx: RC4": ("27", nginx("ssl_ciphers 'ECDHE-RSA-AES256-GCM-SHA384:RC4-SHA';\n")),
    "nginx: of /usr/local": (
        "27",
        starts(
            "nginx",
            "/usr/local/nginx/sbin/nginx",
            {"/usr/local/nginx/conf/nginx.conf": "ssl_protocols TLSv1;\n"},
        ),
    ),
    "apache: all -SSLv3": ("27", apache("SSLProtocol all -SSLv3\n")),
    "apache: a virtual host": (
        "27",
        apache(
            "SSLProtocol -all +TLSv1.2\n<VirtualHost *:443>\nSSLProtocol -all +TLSv1\n</VirtualHost>\n"
        ),
    ),
    "tomcat: versions": (
        "27",
        tomcat('<Connector port="8443"><SSLHostConfig protocols="TLSv1+TLSv1.2"/></Connector>'),
    ),
    "tomcat: AJP": (
        "18",
        tomcat(
            '<Connector protocol="AJP/1.3" address="0.0.0.0"\n port="8009" secretRequired="false"/>'
        ),
    ),
    "haproxy: least version": (
        "27",
        haproxy("global\n ssl-default-bind-options ssl-min-ver TLSv1.0\n"),
    ),
    "haproxy: statistics": ("01", haproxy("listen s\n bind *:8404\n stats enable\n stats uri /\n")),
    "dovecot": (
        "27",
        starts(
            "dovecot",
            files={"/etc/dovecot/dovecot.conf": "ssl = no\ndisable_plaintext_auth = no\n"},
        ),
    ),
    "postfix": (
        "27",
        starts(
            "postfix",
            files={
                "/etc/postfix/main.cf": "smtpd_sasl_auth_enable = yes\nsmtpd_tls_security_level = none\n"
            },
        ),
    ),
    "openvpn": ("27", starts("openvpn", files={"/etc/openvpn/server/a.conf": "cipher none\n"})),
    "shell on a port": ("01", starts("rs", "/usr/bin/socat TCP-LISTEN:4444,fork EXEC:/bin/bash")),
    "files on a port": ("18", starts("f", "/usr/bin/python3 -m http.server 80")),
    "terminal in clear": ("03", starts("ttyd", "/usr/local/bin/ttyd -p 7681 login")),
    "cockpit in clear": (
        "03",
        starts(
            "cockpit",
            files={"/etc/cockpit/cockpit.conf": "[WebService]\nAllowUnencrypted = true\n"},
        ),
    ),
    "webmin in clear": (
        "03",
        starts("webmin", files={"/etc/webmin/miniserv.conf": "port=10000\nssl=0\n"}),
    ),
    "xrdp in clear": ("03", starts("xrdp", files={"/etc/xrdp/xrdp.ini": "security_layer=rdp\n"})),
    "guest of rabbit": (
        "06",
        starts("rabbitmq-server", files={"/etc/rabbitmq/rabbitmq.conf": "loopback_users = none\n"}),
    ),
    "grafana for strangers": (
        "05",
        starts(
            "grafana-server",
            files={"/etc/grafana/grafana.ini": "[auth.anonymous]\nenabled = true\n"},
        ),
    ),
    "nacos": (
        "01",
        starts(
            "nacos",
            files={"/opt/nacos/conf/application.properties": "nacos.core.auth.enabled=false\n"},
        ),
    ),
    "kubelet: strangers": (
        "01",
        starts(
            "kubelet",
            files={
                "/var/lib/kubelet/config.yaml": "authentication:\n  anonymous:\n    enabled: true\n"
            },
        ),
    ),
    "kubelet: read-only port": (
        "01",
        starts("kubelet", files={"/var/lib/kubelet/config.yaml": "readOnlyPort: 10255\n"}),
    ),
    "etcd": ("01", starts("etcd", "/usr/bin/etcd --listen-client-urls http://0.0.0.0:2379")),
    "docker by its unit": ("01", starts("docker", "/usr/bin/dockerd -H tcp://0.0.0.0:2375")),
    "exports.d": ("05", starts("nfs-server", files={"/etc/exports.d/a.exports": "/srv *(rw)\n"})),
    "root of a net": (
        "05",
        starts("nfs-server", files={"/etc/exports": "/srv 10.0.0.0/8(ro,no_root_squash)\n"}),
    ),
    "strangers at ProFTPD": (
        "05",
        starts(
            "proftpd",
            files={"/etc/proftpd/proftpd.conf": "TLSEngine on\n<Anonymous ~ftp>\n</Anonymous>\n"},
        ),
    ),
    "redis: emptied by an include": (
        "01",
        redis(
            "requirepass REDACTED\ninclude /etc/r.conf\n",
            more={"/etc/r.conf": 'requirepass ""\nprotected-mode no\n'},
        ),
    ),
    "redis: a list of users": (
        "01",
        redis(
            "protected-mode no\naclfile /etc/u.acl\n",
            more={"/etc/u.acl": "user default on nopass ~* +@all\n"},
        ),
    ),
    "redis: on the command line": (
        "01",
        redis(
            "bind 0.0.0.0\n",
            "/usr/bin/redis-server /etc/redis.conf --protected-mode no --requirepass ''",
        ),
    ),
    "redis: elsewhere": (
        "01",
        redis(
            "",
            "/opt/redis-server /opt/r.conf",
            {"/opt/r.conf": "bind 0.0.0.0\nprotected-mode no\n"},
        ),
    ),
    "redis: a weak word": ("01", redis("bind 0.0.0.0\nrequirepass WEAK\n")),
    "mongo in one line": (
        "01",
        starts(
            "mongod",
            files={
                "/etc/mongod.conf": "net: {port: 27017, bindIpAll: true}\n"
                "security: {authorization: disabled}\n"
            },
        ),
    ),
    "mongo: TLS for who likes": (
        "27",
        starts(
            "mongod",
            files={"/etc/mongod.conf": "net:\n  bindIp: 0.0.0.0\n  tls:\n    mode: allowTLS\n"},
        ),
    ),
    "pg: no TLS, by auto.conf": (
        "27",
        postgresql(
            "host all all 10.1.0.0/24 scram-sha-256\n",
            more={f"{DATA}/postgresql.auto.conf": "ssl = 'off'\n"},
        ),
    ),
    "pg: in a folder": (
        "12",
        postgresql(
            conf=CONF + "include_dir = 'conf.d'\n",
            more={f"{PG}/conf.d/9.conf": "log_connections = off\n"},
        ),
    ),
    "pg: plain": ("03", postgresql("host all all 10.1.0.0/24 password\n")),
    "pg: local trust": ("01", postgresql("local all all trust\n")),
    "pg: from everywhere": ("19", postgresql("hostssl all all all scram-sha-256\n")),
    "pg: MD5": ("28", postgresql(conf=CONF + "password_encryption = md5\n")),
    "mysql: the server's group": ("01", mysql("[server]\nskip_grant_tables=1\n")),
    "mysql: a file of its own": (
        "01",
        mysql(
            "[mysqld]\nskip-grant-tables\n",
            "/opt/mysqld --defaults-file=/opt/my.cnf",
            "/opt/my.cnf",
        ),
    ),
    "mysql: clear": ("03", mysql("[mysqld]\nskip_ssl\nbind-address=0.0.0.0\n")),
    "mysql: TLS 1.0": ("27", mysql("[mysqld]\ntls_version = TLSv1,TLSv1.2\n")),
    "mysql: a low policy": ("01", mysql("[mysqld]\nvalidate_password_policy=LOW\n")),
    "nft: nothing stopped": (
        "19",
        firewall("nftables", "/etc/nftables.conf", INPUT % ("accept", "tcp dport 22 accept")),
    ),
    "nft: a set of all": (
        "19",
        firewall(
            "nftables",
            "/etc/nftables.conf",
            "define M = { 0.0.0.0/0 }\n" + INPUT % ("drop", "ip saddr $M accept"),
        ),
    ),
    "firewalld: all ports": (
        "19",
        firewall("firewalld", ZONE, '<zone><port port="1-65535" protocol="tcp"/></zone>\n'),
    ),
    "firewalld: accepts": (
        "18",
        firewall("firewalld", ZONE, '<zone target="ACCEPT"><service name="ssh"/></zone>\n'),
    ),
    "firewalld: all are trusted": (
        "19",
        firewall(
            "firewalld",
            "/etc/firewalld/zones/trusted.xml",
            '<zone target="ACCEPT"><source address="0.0.0.0/0"/></zone>\n',
        ),
    ),
    "iptables: accepts": (
        "19",
        firewall(
            "iptables", "/etc/sysconfig/iptables", SAVED.replace("INPUT DROP", "INPUT ACCEPT")
        ),
    ),
    "iptables: all before the rest": (
        "19",
        firewall(
            "iptables",
            "/etc/sysconfig/iptables",
            SAVED.replace("-A INPUT -i", "-A INPUT -j ACCEPT\n-A INPUT -i"),
        ),
    ),
    "ip6tables: open": (
        "19",
        firewall("ip6tables", "/etc/sysconfig/ip6tables", "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n"),
    ),
    "ufw: from anybody": (
        "19",
        firewall("ufw", "/etc/ufw/user.rules", "*filter\n-A ufw-user-input -j ACCEPT\nCOMMIT\n"),
    ),
}

SOUND: dict[str, Mapping[str, str]] = {
    "a site that is not read": nginx(
        "server { listen 443 ssl; }\n",
        more={"/etc/nginx/sites-enabled/old": "ssl_protocols SSLv3;\n"},
    ),
    "suites taken out": nginx("ssl_ciphers 'HIGH:!aNULL:!MD5:!RC4:!3DES';\n"),
    "apache: all but the old": apache("SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1\n"),
    "tomcat: commented": tomcat(
        '<!-- <Connector protocol="AJP/1.3" address="0.0.0.0"\n port="8009"/> -->'
    ),
    "haproxy": haproxy(
        "global\n ssl-default-bind-options ssl-min-ver TLSv1.2\n"
        "listen s\n bind *:1\n stats enable\n stats auth a:b\n"
    ),
    "kubelet": starts(
        "kubelet",
        files={
            "/var/lib/kubelet/config.yaml": "readOnlyPort: 0\nauthentication:\n  anonymous:\n"
            "    enabled: false\n  webhook:\n    enabled: true\n"
        },
    ),
    "etcd with certificates": starts(
        "etcd", "/usr/bin/etcd --listen-client-urls https://0.0.0.0:2379 --client-cert-auth"
    ),
    "redis: before a word": redis(
        "include /etc/r.conf\nrequirepass REDACTED\n", more={"/etc/r.conf": "protected-mode no\n"}
    ),
    "pg: repaired by auto.conf": postgresql(
        conf="listen_addresses = '*'\nssl = off\n",
        more={f"{DATA}/postgresql.auto.conf": "ssl = 'on'\n"},
    ),
    "pg: refused first": postgresql("host all all all reject\nhost all all all trust\n"),
    "mysql: a client's": mysql("[mysqld]\nrequire_secure_transport=ON\n[mysqldump]\nskip-ssl\n"),
    "nft: by a jump": firewall("nftables", "/etc/nftables.conf", INPUT % ("accept", "jump mgmt")),
    "nft: managers": firewall(
        "nftables",
        "/etc/nftables.conf",
        "define M = { 10.2.0.0/27 }\n" + INPUT % ("drop", "ip saddr $M tcp dport 22 accept"),
    ),
    "iptables: a chain": firewall(
        "iptables",
        "/etc/sysconfig/iptables",
        "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -j MGMT\n-A MGMT -j REJECT\nCOMMIT\n",
    ),
    "firewalld: drops": firewall(
        "firewalld", ZONE, '<zone target="DROP"><port port="8000-8010" protocol="tcp"/></zone>\n'
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_fault_is_named(bases: dict[str, AssetEvidence], name: str) -> None:
    unit, files = FAULTS[name]
    found = judge_asset(changed(bases["debian"], files, {}))
    assert f"L3-CES1-{unit}" in {f.check.unit for f in found if f.verdict in FAILS}
    assert Conformity.CONFORMS not in {f.verdict for f in found}


@pytest.mark.parametrize("name", SOUND)
def test_sound_is_not(bases: dict[str, AssetEvidence], name: str) -> None:
    found = judge_asset(changed(bases["debian"], SOUND[name], {}))
    assert [(f.check.unit, f.reason().render("en")) for f in found if f.verdict in FAILS] == []


VERSIONS = ("SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


@given(st.lists(st.tuples(st.sampled_from("+-"), st.sampled_from((*VERSIONS, "all")))))
def test_words_of_apache_add_and_take_away_in_order(words: list[tuple[str, str]]) -> None:
    taken: set[str] = set()
    for sign, name in words:
        some = set(VERSIONS[1:]) if name == "all" else {name}
        taken = taken | some if sign == "+" else taken - some
    told = " ".join(sign + name for sign, name in words)
    assert broken("sslprotocol", told) == bool(taken & set(VERSIONS[:3]))
