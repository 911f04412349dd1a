"""Remote management cannot be listened to (L3-CES1-03): no clear-text way in is switched on.

One that starts decides against it. None decides nothing here: a probe and sensors must say that none
answers and none was seen.
"""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
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
    "macs": ("hmac-md5", "hmac-md5-96", "hmac-md5-etm@openssh.com", "hmac-md5-96-etm@openssh.com"),
    "kexalgorithms": ("diffie-hellman-group1-sha1",),
}


def judge(asset: AssetEvidence) -> list[Step]:
    """One step."""
    host = host_of(asset)
    clear = [*host.services.facts(*_CLEAR), *_ftp(host)]
    clear += communities(host.tree, host.services)  # versions 1 and 2c send them in clear
    weak = _weak(host)
    if clear or weak:
        detail = ", ".join(str(fact.value) for fact in (*clear, *weak))
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


def _weak(host: HostFacts) -> list[AssetFact]:
    """Algorithms that somebody switched on."""
    found: list[AssetFact] = []
    for name, bad in _WEAK.items():
        for value, fact in host.sshd.values(name) or ():
            if not value.startswith("-") and set(bad) & set(value.lstrip("+^").split(",")):
                found.append(fact)
    return found
