"""Remote management cannot be listened to (L3-CES1-03): no clear-text way in is switched on.

One that starts decides against it. None decides nothing here: a probe and sensors must say that none
answers and none was seen.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.host.applications import clear_consoles
from detections.compliance.assets.host.daemons import clear_directory, clear_screens
from detections.compliance.assets.host.database_files import in_clear
from detections.compliance.assets.host.host import HostFacts
from detections.compliance.assets.host.shares import communities
from detections.compliance.assets.judging import AssetFact, Step
from detections.compliance.assets.steps import host_check, host_of, step

CHECK: Final = host_check("L3-CES1-03", "clear_text", single=True)
_CLEAR: Final = ("telnet", "rsh", "rlogin", "rexec")
_VSFTPD: Final = ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf")
_WEAK: Final = {
    "ciphers": (
        "arcfour",
        "arcfour128",
        "arcfour256",
        "3des-cbc",
        "blowfish-cbc",
        "cast128-cbc",
        "des",
    ),
    "macs": (
        "hmac-md5",
        "hmac-md5-96",
        "hmac-md5-etm@openssh.com",
        "hmac-md5-96-etm@openssh.com",
        "hmac-sha1-96",
    ),
    "kexalgorithms": ("diffie-hellman-group1-sha1",),
    "hostkeyalgorithms": ("ssh-dss",),
    "pubkeyacceptedalgorithms": ("ssh-dss",),
    "pubkeyacceptedkeytypes": ("ssh-dss",),
}


def judge(asset: AssetEvidence) -> list[Step]:
    """One step."""
    host = host_of(asset)
    clear = [
        *host.services.facts(*_CLEAR),
        *_ftp(host),
        *_inetd(host),
        *_proftpd(host),
        *clear_screens(host.tree, host.services),
        *clear_directory(host.tree, host.services),
        *clear_consoles(host.tree, host.services),
        *in_clear(host.tree, host.services),
    ]
    clear += communities(host.tree, host.services)  # versions 1 and 2c send them in clear
    weak = _weak(host)
    if clear or weak:
        detail = ", ".join(
            f"SNMP {fact.value}" if fact.name == "community" else str(fact.value)
            for fact in (*clear, *weak)
        )
        return [step("clear_text", False, detail, (*clear, *weak))]
    return [step("clear_text", None, "", host.sshd.facts("ciphers", "macs", "kexalgorithms"))]


def _ftp(host: HostFacts) -> tuple[AssetFact, ...]:
    """FTP that starts and surely speaks without TLS: vsftpd with ssl_enable off (its default)."""
    started = [fact for fact in host.services.facts("ftp") if "vsftpd" in str(fact.value)]
    files = [file for path in _VSFTPD if (file := host.tree.file(path))]
    if not started or not files:
        return ()
    secure = any(line.strip().lower() == "ssl_enable=yes" for file in files for line in file.lines)
    return () if secure else tuple(started)


def _inetd(host: HostFacts) -> tuple[AssetFact, ...]:
    """FTP that inetd or xinetd starts; vsftpd under it has settings of its own."""
    started = (fact for fact in host.services.facts("ftp") if fact.name in {"inetd", "xinetd"})
    own = any(host.tree.file(path) for path in _VSFTPD)
    return () if own else tuple(started)


def _proftpd(host: HostFacts) -> list[AssetFact]:
    """ProFTPD speaks TLS where mod_tls is told to (TLSEngine on); without it, passwords pass in clear."""
    started = [fact for fact in host.services.facts("ftp") if "proftpd" in str(fact.value)]
    paths = ("/etc/proftpd/proftpd.conf", "/etc/proftpd.conf", "/etc/proftpd/tls.conf",
             *host.tree.folder("/etc/proftpd/conf.d", ".conf"))  # fmt: skip
    files = [file for path in paths if (file := host.tree.file(path))]
    words = [line.split() for file in files for line in file.lines]
    secure = any([one.lower() for one in line[:2]] == ["tlsengine", "on"] for line in words)
    return started if files and not secure else []


def _weak(host: HostFacts) -> list[AssetFact]:
    """Algorithms that somebody switched on.

    CBC counts where the host's own settings name it and a MAC over the plain text is left to go with it
    (CVE-2008-5161); what a distribution's policy offers by itself is its vendor's choice.
    """
    found = _cbc(host)
    for name, bad in _WEAK.items():
        for value, fact in (pair for sshd in host.sshds for pair in sshd.values(name) or ()):
            if not value.startswith("-") and set(bad) & set(value.lstrip("+^").split(",")):
                found.append(fact)
    return found


def _cbc(host: HostFacts) -> list[AssetFact]:
    macs = [value for sshd in host.sshds for value, _ in sshd.values("macs") or ()]
    if macs and all(one and "-etm@" in one for value in macs for one in value.split(",")):
        return []
    return [
        fact
        for sshd in host.sshds
        for value, fact in sshd.values("ciphers") or ()
        if not value.startswith("-")
        and any(one.endswith("-cbc") for one in value.lstrip("+^").split(","))
        and fact.source.startswith("/etc/ssh/")
    ]
