"""Services that start: systemd's wants, sysv links, inetd and xinetd, or systemd's own list live."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from detections.compliance.assets.host.tree import Tree
from detections.compliance.assets.judging import AssetFact

_SYSTEM: Final = "/etc/systemd/system"
_LIST: Final = "systemctl list-unit-files --no-pager --no-legend"
# Service kind → unit names without suffix, sysv names, inetd and xinetd names.
KINDS: Final = {
    "telnet": ("telnet", "telnetd", "telnet-server", "inetutils-telnetd", "in.telnetd"),
    "rsh": ("rsh", "rshd", "shell", "in.rshd", "rsh-server"),
    "rlogin": ("rlogin", "rlogind", "login.inet", "in.rlogind"),
    "rexec": ("rexec", "exec", "in.rexecd"),
    "tftp": ("tftp", "tftpd", "tftpd-hpa", "atftpd", "in.tftpd"),
    "finger": ("finger", "fingerd", "in.fingerd"),
    "talk": ("talk", "ntalk"),
    "nis": ("ypserv", "ypbind", "nis"),
    "ftp": ("vsftpd", "proftpd", "pure-ftpd", "ftp", "ftpd", "in.ftpd"),
    "vnc": ("vncserver", "x11vnc", "tigervnc", "tigervncserver", "Xtigervnc", "Xvnc", "x0vncserver",
            "Xtightvnc"),
    "snmp": ("snmpd",),
    "smb": ("smb", "smbd", "nmb", "nmbd"),
    "nfs": ("nfs-server", "nfs-kernel-server", "nfs"),
    "rpcbind": ("rpcbind", "portmap"),
    "avahi": ("avahi-daemon",),
    "cups": ("cups", "cupsd"),
    "bluetooth": ("bluetooth",),
    "audit": ("auditd",),
    "rsyslog": ("rsyslog", "syslog-ng", "syslog"),
    "time": ("chronyd", "chrony", "ntpd", "ntp", "ntpsec", "systemd-timesyncd"),
    "firewall": ("firewalld", "nftables", "iptables", "ip6tables", "ufw", "netfilter-persistent"),
    "docker": ("docker", "dockerd"),
    "debug_shell": ("debug-shell",),
    "dropbear": ("dropbear",),
    "elasticsearch": ("elasticsearch", "opensearch"),
    "mysql": ("mysql", "mysqld", "mariadb", "mariadbd"),
    "postgresql": ("postgresql", "postgres"),
    "web": ("nginx", "httpd", "apache2"),
    "squid": ("squid",),
    "haproxy": ("haproxy",),
    "tomcat": ("tomcat", "tomcat8", "tomcat9", "tomcat10"),
    "ldap": ("nslcd",),
    "mail": ("postfix",),
    "redis": ("redis-server", "redis"),
    "memcached": ("memcached",),
    "mongodb": ("mongod", "mongodb"),
    "rsync": ("rsync", "rsyncd"),
    "routes": ("libvirtd", "containerd", "kubelet", "k3s", "crio", "podman", "lxd", "keepalived", "frr",
               "bird", "strongswan", "openvpn", "wg-quick", "openvpn-server", "quagga", "lxc-net"),
    "desktop": ("gdm", "gdm3", "lightdm", "sddm", "display-manager"),
    "malware": ("clamav-daemon", "clamd", "clamav-freshclam"),
    "log_agent": ("filebeat", "auditbeat", "fluentd", "fluent-bit", "td-agent", "vector", "wazuh-agent",
                  "promtail", "nxlog", "splunk", "SplunkForwarder", "rsyslog-relp", "systemd-journal-upload"),
    "host_guard": ("wazuh-agent", "ossec", "aide", "falcon-sensor", "clamav-daemon", "auditbeat", "hids"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Services:
    """What starts, by kind; `known` where the folders of links (or the live list) were read.

    `there`: names of units that are there; `units`: names of those that start, with their suffix.
    """

    known: bool
    started: dict[str, tuple[AssetFact, ...]]
    there: frozenset[str]
    units: frozenset[str] = frozenset()

    def on(self, kind: str) -> bool | None:
        """Whether a service of a kind starts; None where not known."""
        return True if self.started.get(kind) else (False if self.known else None)

    def names(self, kind: str) -> tuple[str, ...] | None:
        """Names of the services of a kind that start; None where not known."""
        found = tuple(_bare(str(fact.value)) for fact in self.started.get(kind, ()))
        return found if found or self.known else None

    def facts(self, *kinds: str) -> tuple[AssetFact, ...]:
        """Where the start of some kinds was seen."""
        return tuple(fact for kind in kinds for fact in self.started.get(kind, ()))


def read_services(tree: Tree) -> Services:
    """Services of a host."""
    enabled = _enabled(tree)
    masked = {_bare(n) for n, to in tree.names.get(_SYSTEM, {}).items() if to == "/dev/null"}
    names: dict[str, AssetFact] = {}
    units: set[str] = set()
    for name, fact in enabled:
        if _bare(name) not in masked:
            names.setdefault(_bare(name), fact)
            units |= (
                {name} if fact.name == "unit" and name.endswith((".service", ".socket")) else set()
            )
    started: dict[str, tuple[AssetFact, ...]] = {}
    for kind, known in KINDS.items():
        found = [names[name] for name in known if name in names]
        if found:
            started[kind] = tuple(found)
    systemd = any(path.startswith(f"{_SYSTEM}/") for path in tree.names)
    sure = systemd or tree.output(_LIST) is not None
    return Services(sure, started, _native(tree) - masked, frozenset(units))


def _native(tree: Tree) -> frozenset[str]:
    """Names of units that are there, whether they start or not."""
    folders = ("/usr/lib/systemd/system", "/lib/systemd/system", _SYSTEM)
    return frozenset(_bare(name) for folder in folders for name in tree.names.get(folder, {}))


def _bare(name: str) -> str:
    stem = name.rsplit(".", 1)[0] if name.endswith((".service", ".socket")) else name
    return stem.split("@", 1)[0]


def _enabled(tree: Tree) -> Iterable[tuple[str, AssetFact]]:
    output, native = tree.output(_LIST), _native(tree)
    if output is not None:
        for line in output.text.splitlines():
            words = line.split()
            if len(words) >= 2 and words[1] in {"enabled", "enabled-runtime"}:
                yield words[0], output.fact("unit", words[0])
    for folder, names in tree.names.items():
        if folder.startswith(f"{_SYSTEM}/") and folder.endswith((".wants", ".requires")):
            for name in names:
                if name.endswith((".service", ".socket")) and output is None:
                    yield name, AssetFact("unit", name, f"{folder}/{name}")
                    yield from _program(tree, name)
        elif folder == _SYSTEM and "display-manager.service" in names and output is None:
            yield "display-manager.service", AssetFact("unit", "display-manager.service", folder)
        elif folder.rsplit("/", 1)[-1] in {"rc3.d", "rc5.d"} and output is None:
            for name in names:
                # systemd takes a script of init.d only where it has no unit of that name.
                if name[:1] == "S" and name[1:3].isdigit() and name[3:] not in native:
                    yield name[3:], AssetFact("sysv", name, f"{folder}/{name}")
    yield from _inetd(tree)


def _program(tree: Tree, unit: str) -> Iterable[tuple[str, AssetFact]]:
    """What a unit of this host's own runs, whatever its name is."""
    stem, _, instance = unit.partition("@")
    for path in dict.fromkeys((unit, f"{stem}@.service" if instance else unit)):
        for fact in commands(tree, path):
            yield str(fact.value).split()[0].rsplit("/", 1)[-1], fact


def commands(tree: Tree, unit: str) -> tuple[AssetFact, ...]:
    """ExecStart of a unit with its drop-ins, as far as it was read; an empty one takes the earlier back."""
    folder = f"{_SYSTEM}/{unit}"
    places = (folder, f"/usr/lib/systemd/system/{unit}", f"/lib/systemd/system/{unit}")
    first = next((path for path in places if tree.file(path)), folder)
    found: list[AssetFact] = []
    for path in (first, *tree.folder(f"{folder}.d", ".conf")):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            name, _, value = line.strip().partition("=")
            value = value.strip().lstrip("-@:+!")
            if file and name.strip() == "ExecStart":
                found = [*found, file.fact("unit", value[:200], number)] if value else []
    return tuple(found)


def _inetd(tree: Tree) -> Iterable[tuple[str, AssetFact]]:
    """Lines of inetd.conf, and services of xinetd without `disable = yes` (its default is no)."""
    running = {"inetd", "openbsd-inetd", "inetutils-inetd", "xinetd"}
    starts = {
        _bare(name)
        for folder, names in tree.names.items()
        if folder.endswith((".wants", "rc3.d", "rc5.d"))
        for name in (n[3:] if n[:1] == "S" and n[1:3].isdigit() else n for n in names)
    }
    if not running & starts:
        return
    for path in ("/etc/inetd.conf", *tree.folder("/etc/inetd.d")):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            words = line.split("#")[0].split()
            if file and len(words) >= 6:
                yield words[0], file.fact("inetd", words[0], number)
    if "xinetd" not in starts:
        return
    for path in tree.folder("/etc/xinetd.d"):
        file = tree.file(path)
        if file is None:
            continue
        name, off = "", False
        for line in (raw.split("#")[0].strip() for raw in file.lines):
            if line.startswith("service "):
                name, off = line.split()[1], False
            elif line.startswith("disable"):
                off = line.partition("=")[2].strip().lower() in {"yes", "true", "on"}
            elif line.startswith("}") and name and not off:
                yield ("login.inet" if name == "login" else name), file.fact("xinetd", name)
