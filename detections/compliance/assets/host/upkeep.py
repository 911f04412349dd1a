"""What keeps a host sound: where its clock and its programs come from, and signs of what crept in."""

from __future__ import annotations

import re
from typing import Final

from detections.compliance.assets.host.services import Services
from detections.compliance.assets.host.tree import File, Tree
from detections.compliance.assets.judging import AssetFact

_CHRONY: Final = ("/etc/chrony/chrony.conf", "/etc/chrony.conf")
_NTP: Final = ("/etc/ntpsec/ntp.conf", "/etc/ntp.conf")
_SOURCE: Final = re.compile(
    r"^\s*(?:server|pool|peer|refclock|broadcastclient|multicastclient)\b(?!\s+127\.127\.1\.)", re.I
)
_TIMES: Final = frozenset({"chronyd", "chrony", "ntpd", "ntp", "ntpsec", "systemd-timesyncd"})
_OFF: Final = frozenset({"0", "no", "false", "off"})
_ON: Final = frozenset({"1", "yes", "true", "on"})
# A shell handed to another machine, or a text of the network run unread.
_BACK_DOOR: Final = re.compile(
    r"/dev/(?:tcp|udp)/|\b(?:nc|ncat|netcat)\b[^|;]*\s-(?:\w*e|c)\b|\bsocat\b.*\bexec:|"
    r"\b(?:curl|wget)\b[^|;&]*\|\s*(?:sudo\s+)?(?:ba|da|z|k)?sh\b|\bbase64\s+(?:-d|--decode)\b.*\|\s*(?:ba)?sh\b|"
    r"\bpython[23]?\s+-c\b.*\bsocket\b|\bmkfifo\b.*\b(?:nc|telnet)\b", re.I,
)  # fmt: skip


def no_time(tree: Tree, services: Services) -> list[AssetFact]:
    """A clock that nothing sets: its daemon is there and does not start, or names no source of time.

    A host without such a daemon may take its time from the machine below it: nothing is said of it.
    """
    names = services.names("time")
    if names is None:
        return []
    if not names:
        there = sorted(_TIMES & services.there)
        return [AssetFact("time_service", f"{name} does not start", name) for name in there[:1]]
    if "systemd-timesyncd" in names:
        return []  # it has sources of its own where none is named
    for path in (*_CHRONY, *_NTP):
        if file := tree.file(path):
            return _sources(tree, file)
    return []


def _sources(tree: Tree, file: File) -> list[AssetFact]:
    texts: list[File] = [file]
    folders = ("/etc/chrony/conf.d", "/etc/chrony/sources.d", "/etc/chrony.d")
    texts += [one for folder in folders for path in tree.folder(folder) if (one := tree.file(path))]
    if any(_SOURCE.match(line) for one in texts for line in one.lines):
        return []
    outside = ("sourcedir /run", "include ", "confdir ", "includefile ")
    told = [line for line in file.lines if line.strip().startswith(outside)
            and "/etc/chrony" not in line and "sourcedir /run/chrony-dhcp" not in line]  # fmt: skip
    return [] if told else [file.fact("time_source", "no server")]


def unsigned(tree: Tree) -> list[AssetFact]:
    """Sources of programs that need no signature (sources.list(5), apt.conf(5), dnf.conf(5))."""
    return [*_apt(tree), *_dnf(tree)]


def _apt(tree: Tree) -> list[AssetFact]:
    found: list[AssetFact] = []
    folder = tree.folder("/etc/apt/sources.list.d")
    for path in (
        "/etc/apt/sources.list",
        *(p for p in folder if p.endswith((".list", ".sources"))),
    ):
        file = tree.file(path)
        for number, raw in enumerate(file.lines if file else (), start=1):
            line = raw.split("#")[0].strip()
            listed = re.match(r"deb\s+\[[^\]]*\b(?:trusted|allow-insecure)\s*=\s*yes", line, re.I)
            deb822 = re.match(r"(?:Trusted|Allow-Insecure)\s*:\s*yes", line, re.I)
            if file and (listed or deb822) and "file:" not in line and "cdrom:" not in line:
                found.append(file.fact("repository", line[:100], number))
    last: dict[str, AssetFact] = {}
    for path in (*tree.folder("/etc/apt/apt.conf.d"), "/etc/apt/apt.conf"):
        file = tree.file(path)
        for number, raw in enumerate(file.lines if file else (), start=1):
            seen = re.match(
                r"\s*(APT::Get::AllowUnauthenticated|Acquire::AllowInsecureRepositories)\s+\"?(\w+)",
                raw,
                re.I,
            )
            if file and seen:
                last[seen[1].lower()] = file.fact(seen[1], seen[2].lower(), number)
    return found + [fact for fact in last.values() if str(fact.value) in _ON]


def _dnf(tree: Tree) -> list[AssetFact]:
    """`gpgcheck` of the main file counts where a repository that is switched on has none of its own."""
    main: AssetFact | None = None
    for path in ("/etc/yum.conf", "/etc/dnf/dnf.conf"):
        file = tree.file(path)
        for number, raw in enumerate(file.lines if file else (), start=1):
            name, _, value = raw.partition("=")
            if file and name.strip() == "gpgcheck":
                main = file.fact("gpgcheck", value.strip().lower(), number)
    found = [main] if main is not None and str(main.value) in _OFF else []
    for path in tree.folder("/etc/yum.repos.d", ".repo"):
        file = tree.file(path)
        parts = re.split(r"(?m)^\s*\[", "\n".join(file.lines)) if file else []
        for part in parts[1:]:
            pairs = dict(re.findall(r"(?m)^\s*(\w+)\s*=\s*(\S+)", part))
            if file and pairs.get("enabled", "1").lower() in _ON:
                local = pairs.get("baseurl", "").startswith("file:")
                if pairs.get("gpgcheck", "").lower() in _OFF and not local:
                    found.append(file.fact("gpgcheck", f"[{part.split(']')[0][:60]}] 0"))
    return found


def crept_in(tree: Tree) -> list[AssetFact]:
    """Jobs and starts that hand a shell to another machine, and libraries forced into every program."""
    tables = ("/etc/crontab", "/etc/anacrontab", "/etc/rc.local", "/etc/rc.d/rc.local",
              "/var/spool/cron/root", "/var/spool/cron/crontabs/root", "/etc/profile", "/etc/bash.bashrc",
              "/etc/bashrc", "/root/.bashrc", "/root/.profile", "/root/.bash_profile")  # fmt: skip
    folders = ("/etc/cron.d", "/etc/profile.d")
    units = tree.folder("/etc/systemd/system", ".service")
    found: list[AssetFact] = []
    for path in (*tables, *(one for folder in folders for one in tree.folder(folder)), *units):
        file = tree.file(path)
        for number, line in enumerate(file.lines if file else (), start=1):
            if file and not line.lstrip().startswith("#") and _BACK_DOOR.search(line):
                found.append(file.fact("job", line.strip()[:100], number))
    preload = tree.file("/etc/ld.so.preload")
    for number, line in enumerate(preload.lines if preload else (), start=1):
        if preload and line.strip() and not line.lstrip().startswith("#"):
            found.append(preload.fact("preload", line.strip()[:100], number))
    return found


def told_in_clear(tree: Tree) -> list[AssetFact]:
    """Passwords in settings that everybody may read (the script leaves out the password itself)."""
    units = tree.folder("/etc/systemd/system", ".service")
    jobs = tree.folder("/etc/cron.d")
    found: list[AssetFact] = []
    for path in ("/etc/fstab", "/etc/crontab", *jobs, *units):
        file, row = tree.file(path), tree.mode(path)
        if file is None or row is None or not (row.mode or 0) & 0o004:
            continue
        for number, line in enumerate(file.lines, start=1):
            if not line.lstrip().startswith("#") and re.search(
                r"(?:pass|pwd)\w*\s*[=:]\s*REDACTED", line, re.I
            ):
                found.append(file.fact("password_in_clear", path, number))
    return found


def everybodys_policy(tree: Tree) -> list[AssetFact]:
    """Rules of polkit that say yes to every act of everybody, or to a person's every act (polkit(8))."""
    found: list[AssetFact] = []
    for path in tree.folder("/etc/polkit-1/rules.d", ".rules"):
        file = tree.file(path)
        text = re.sub(r"//[^\n]*|/\*.*?\*/", "", "\n".join(file.lines), flags=re.S) if file else ""
        for rule in re.split(r"\baddRule\s*\(", text)[1:]:
            yes = re.search(r"return\s+polkit\.Result\.YES|return\s*[\"']yes[\"']", rule)
            if (
                file
                and yes
                and "action.id" not in rule
                and not re.search(r"\.id\s*(?:==|\.)", rule)
            ):
                found.append(file.fact("polkit", " ".join(rule.split())[:100]))
    for path in tree.folder("/etc/polkit-1/localauthority/50-local.d", ".pkla"):
        file = tree.file(path)
        pairs = (
            dict(re.findall(r"(?m)^\s*(\w+)\s*=\s*(.+?)\s*$", "\n".join(file.lines)))
            if file
            else {}
        )
        if (
            file
            and pairs.get("Action") == "*"
            and "yes" in (pairs.get("ResultAny"), pairs.get("ResultActive"))
        ):
            found.append(file.fact("polkit", pairs.get("Identity", "-")[:80]))
    return found
