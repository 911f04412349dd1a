"""Applications that a host starts and what they are told: who is asked, and what passes in clear."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from detections.compliance.assets.host.services import Services
from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.host.webservers import (
    command_lines,
    lines,
    open_statistics,
    tomcat_servers,
    uncommented,
)
from detections.compliance.assets.judging import AssetFact

_HERE: Final = r"(?:127\.|localhost|\[?::1)"
# A port that hands out a shell, and command lines that switch off the asking.
_SHELL: Final = re.compile(
    r"\bsocat\b.*\b(?:TCP|TCP4|TCP6|OPENSSL)-L(?:ISTEN)?:(?!.*bind=127\.).*\b(?:EXEC|SYSTEM):"
    r"|\b(?:ncat|nc|netcat)\b(?=.*\s(?:-\w*l\w*|--listen)\b).*\s(?:-\w*[ec]\b|--exec\b|--sh-exec\b)",
    re.I,
)
_ETCD: Final = re.compile(rf"\betcd\b.*--listen-client-urls[= ]\S*http://(?!{_HERE})")
_OPTIONS: Final = (
    re.compile(r"\bmongod\b(?=.*--noauth\b)(?=.*--bind_ip(?:_all|[= ](?!127\.)))"),
    re.compile(r"\b(?:mysqld|mariadbd|mysqld_safe)\b.*--skip[-_]grant[-_]tables\b"),
    re.compile(r"\bjupyter\b.*--(?:\w+\.)?token=(?:''|\"\"|\s|$)"),
)
_TERMINAL: Final = re.compile(
    r"/ttyd\b(?!.*(?:--ssl\b|\s-S\b))|shellinaboxd\b.*(?:\s-t\b|--disable-ssl)"
)
_FILES: Final = re.compile(
    rf"\bpython[\d.]*\s+(?:-\w+\s+)*-m\s*(?:http\.server|SimpleHTTPServer)\b(?!.*(?:--bind|-b)[= ]{_HERE})"
)  # fmt: skip


def asks_nobody(tree: Tree, services: Services) -> list[AssetFact]:
    """Applications that serve other machines without asking who it is."""
    found = [fact for fact in command_lines(tree, services)
             if _SHELL.search(str(fact.value))
             or (_ETCD.search(str(fact.value)) and "--client-cert-auth" not in str(fact.value))
             or any(one.search(str(fact.value)) for one in _OPTIONS)]  # fmt: skip
    if _starts(services, "nacos"):
        paths = (path for path in tree.rows if path.endswith("/conf/application.properties"))
        for path in sorted(paths):
            found += _last(tree, path, r"nacos\.core\.auth\.enabled\s*[=:]\s*(\S+)", "false")
    if _starts(services, "jenkins"):
        found += _last(tree, "/var/lib/jenkins/config.xml", r"<useSecurity>(\w+)<", "false")
    found += _kubelet(tree) if _starts(services, "kubelet") else []
    found += _etcd(tree) if _starts(services, "etcd") else []
    return [*found, *_ajp(tree, services), *open_statistics(tree, services)]


def _etcd(tree: Tree) -> list[AssetFact]:
    """Etcd that its environment tells to serve other machines without TLS and without certificates."""
    found: list[AssetFact] = []
    for path in ("/etc/etcd/etcd.conf", "/etc/default/etcd"):
        found += _last(tree, path, r"ETCD_LISTEN_CLIENT_URLS=(.*)", rf".*http://(?!{_HERE}).*")
    return found


def _kubelet(tree: Tree) -> list[AssetFact]:
    """A kubelet that takes strangers: anonymous.enabled, readOnlyPort (KubeletConfiguration)."""
    file, inside = tree.file("/var/lib/kubelet/config.yaml"), False
    for number, line in lines(file) if file else ():
        open_ = re.match(r"readOnlyPort\s*:\s*[1-9]", line)
        if file and (open_ or (inside and re.match(r"enabled\s*:\s*true\b", line))):
            return [file.fact("kubelet", line, number)]
        inside = line.startswith("anonymous:")
    return []


def _ajp(tree: Tree, services: Services) -> list[AssetFact]:
    """AJP of Tomcat for other machines without a secret: whoever comes is believed (CVE-2020-1938)."""
    if not services.on("tomcat"):
        return []
    found: list[AssetFact] = []
    for file in tomcat_servers(tree):
        text = "\n".join(uncommented(file))
        for seen in re.finditer(
            r"<Connector\b[^>]*\bprotocol=\"(?:AJP|org\.apache\.coyote\.ajp)[^>]*>", text
        ):
            out = re.search(rf"\baddress=\"(?!{_HERE})", seen[0])
            safe = re.search(r"\b(?:secret|requiredSecret)=\"\w", seen[0])
            if out and not safe:
                found.append(file.fact("ajp", seen[0][:80], text.count("\n", 0, seen.start()) + 1))
    return found


def needless(tree: Tree, services: Services) -> list[AssetFact]:
    """Helpers of a moment that were left to start for good: Python's file server."""
    return [fact for fact in command_lines(tree, services) if _FILES.search(str(fact.value))]


def clear_consoles(tree: Tree, services: Services) -> list[AssetFact]:
    """Consoles of the host that are used without TLS: terminals in a browser, Cockpit, Webmin."""
    found = [fact for fact in command_lines(tree, services) if _TERMINAL.search(str(fact.value))]
    if _starts(services, "cockpit"):
        found += _last(
            tree, "/etc/cockpit/cockpit.conf", r"AllowUnencrypted\s*=\s*(\w+)", "true|yes|1"
        )
    if _starts(services, "webmin"):
        found += _last(tree, "/etc/webmin/miniserv.conf", r"ssl\s*=\s*(\d)", "0")
    if _starts(services, "xrdp"):
        # Without TLS, RDP's own security has a key that anybody in between can set (MS-RDPBCGR 5.3).
        found += _last(tree, "/etc/xrdp/xrdp.ini", r"security_layer\s*=\s*(\w+)", "rdp")
        found += _last(tree, "/etc/xrdp/xrdp.ini", r"crypt_level\s*=\s*(\w+)", "none|low|medium")
    return found


def clear_mail(tree: Tree, services: Services) -> list[AssetFact]:
    """Dovecot that takes passwords without TLS (ssl = no, and plain text is not refused)."""
    if not _starts(services, "dovecot"):
        return []
    paths = ("/etc/dovecot/dovecot.conf", *tree.folder("/etc/dovecot/conf.d", ".conf"))
    last: dict[str, AssetFact] = {}
    for path in paths:
        file = tree.file(path)
        for number, line in lines(file) if file else ():
            name, _, value = (part.strip().lower() for part in line.partition("="))
            if file and name in {"ssl", "disable_plaintext_auth", "auth_allow_cleartext"}:
                last[name] = file.fact(name, value, number)
    told = {name: str(fact.value) for name, fact in last.items()}
    open_ = told.get("disable_plaintext_auth") == "no" or told.get("auth_allow_cleartext") == "yes"
    return list(last.values()) if open_ and told.get("ssl") != "required" else []


def bare_tunnels(tree: Tree, services: Services) -> list[AssetFact]:
    """OpenVPN that is told to encrypt nothing (cipher none)."""
    if not services.on("routes"):
        return []
    paths = (*tree.folder("/etc/openvpn", ".conf"), *tree.folder("/etc/openvpn/server", ".conf"))
    told = r"(?:cipher|data-ciphers)\s+(\S+)"
    return [fact for path in paths for fact in _last(tree, path, told, "none")]


def bare_senders(tree: Tree, services: Services) -> list[AssetFact]:
    """Postfix that asks for passwords where no TLS is offered (smtpd_sasl_auth_enable, postconf(5))."""
    file = tree.file("/etc/postfix/main.cf")
    last: dict[str, AssetFact] = {}
    for number, line in lines(file) if file and services.on("mail") else ():
        name, _, value = (part.strip().lower() for part in line.partition("="))
        if file:
            last[name] = file.fact(name, value[:60], number)
    asks, tls, only = (
        last.get(f"smtpd_{one}")
        for one in ("sasl_auth_enable", "tls_security_level", "tls_auth_only")
    )
    bare = (
        tls is not None and tls.value == "none" and not (only is not None and only.value == "yes")
    )
    return (
        [asks, tls] if asks is not None and asks.value == "yes" and tls is not None and bare else []
    )


def anonymous_pages(tree: Tree, services: Services) -> list[AssetFact]:
    """Grafana that shows itself to strangers ([auth.anonymous] enabled)."""
    file, section = tree.file("/etc/grafana/grafana.ini"), ""
    if file is None or not _starts(services, "grafana-server", "grafana"):
        return []
    found: list[AssetFact] = []
    for number, line in lines(file):
        section = line.strip("[]").lower() if line.startswith("[") else section
        name, _, value = (part.strip().lower() for part in line.partition("="))
        if section == "auth.anonymous" and name == "enabled":
            found = [file.fact("anonymous", value, number)] if value == "true" else []
    return found


def factory_guests(tree: Tree, services: Services) -> list[AssetFact]:
    """RabbitMQ's guest, whose password is guest, from other machines (loopback_users)."""
    if not _starts(services, "rabbitmq-server", "rabbitmq"):
        return []
    paths = ("/etc/rabbitmq/rabbitmq.conf", *tree.folder("/etc/rabbitmq/conf.d", ".conf"))
    told = r"loopback_users(?:\.guest)?\s*=\s*(\w+)"
    return [fact for path in paths for fact in _last(tree, path, told, "none|false")]


def _starts(services: Services, *names: str) -> bool:
    stems = {unit.rsplit(".", 1)[0].split("@")[0] for unit in services.units}
    return bool(stems & set(names))


def _last(tree: Tree, path: str, pattern: str, bad: str) -> list[AssetFact]:
    """The last line of a file that sets something, where its value is a bad one."""
    found: list[AssetFact] = []
    for number, value in _values(tree, path, pattern):
        file = tree.file(path)
        hit = file is not None and re.fullmatch(bad, value, re.I)
        found = [file.fact("setting", value, number)] if file and hit else []
    return found


def _values(tree: Tree, path: str, pattern: str) -> Iterator[tuple[int, str]]:
    file = tree.file(path)
    for number, line in lines(file) if file else ():
        seen = re.search(rf"^{pattern}" if not pattern.startswith("<") else pattern, line, re.I)
        if seen:
            yield number, seen[1]
