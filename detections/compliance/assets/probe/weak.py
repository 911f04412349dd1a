"""What of an offer protects too little, by what it is for: integrity or secrecy."""

from __future__ import annotations

from typing import Final

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.judging import AssetFact
from detections.compliance.assets.probe.ssh import SshService
from detections.compliance.assets.probe.steps import fact
from detections.compliance.assets.probe.tls import Certificate, TlsService
from fengsui.clock import SECOND, to_iso

_OLD: Final = frozenset({"SSLv3", "TLSv1.0", "TLSv1.1"})
_NOT_SECRET: Final = frozenset({"NULL", "EXPORT", "RC4", "DES", "3DES", "anonymous"})
_NOT_WHOLE: Final = frozenset({"NULL", "EXPORT", "anonymous", "RC4"})
_CIPHERS: Final = frozenset(
    ["none", "arcfour", "arcfour128", "arcfour256", "3des-cbc", "blowfish-cbc", "cast128-cbc", "des-cbc",
     "des", "3des-ctr", "rijndael-none"]
)  # fmt: skip
_MACS: Final = frozenset(
    [
        "none",
        "hmac-md5",
        "hmac-md5-96",
        "hmac-md5-etm@openssh.com",
        "hmac-md5-96-etm@openssh.com",
        "hmac-sha1-96",
        "hmac-sha1-96-etm@openssh.com",
    ]
)
# RHEL 8 and what follows it offer these by the policy DEFAULT (crypto-policies(7)).
VENDOR_CIPHERS: Final = frozenset(
    ["aes256-gcm@openssh.com", "chacha20-poly1305@openssh.com", "aes256-ctr", "aes256-cbc",
     "aes128-gcm@openssh.com", "aes128-ctr", "aes128-cbc"]
)  # fmt: skip
_KEX: Final = frozenset({"diffie-hellman-group1-sha1"})
_KEYS: Final = frozenset({"ssh-dss"})
_LEAST_BITS: Final = {"RSA": 2048, "DSA": 2048, "EllipticCurve": 224}


def insecret(asset: AssetEvidence, service: SshService | TlsService) -> list[AssetFact]:
    """Offers under which others may read."""
    if isinstance(service, SshService):
        return [*_version_one(asset, service), *_ssh(asset, service, "ciphers", _CIPHERS),
                *_cbc(asset, service),
                *_ssh(asset, service, "kexalgorithms", _KEX)]  # fmt: skip
    return _tls(asset, service, _NOT_SECRET)


def unsound(asset: AssetEvidence, service: SshService | TlsService) -> list[AssetFact]:
    """Offers under which others may change what is said, or stand for the server."""
    if isinstance(service, SshService):
        return [*_version_one(asset, service), *_ssh(asset, service, "macs", _MACS),
                *_ssh(asset, service, "hostkeyalgorithms", _KEYS)]  # fmt: skip
    return [*_tls(asset, service, _NOT_WHOLE), *certificate_faults(asset, service)]


def _version_one(asset: AssetEvidence, service: SshService) -> list[AssetFact]:
    old = service.banner.startswith("SSH-1.")
    return [fact(asset, "version", service.banner[:40], "SSH-2.0")] if old else []


def _cbc(asset: AssetEvidence, service: SshService) -> list[AssetFact]:
    """CBC with a MAC over the plain text (CVE-2008-5161), where it is not a distribution's own list."""
    ciphers = service.offers.get("ciphers", ())
    macs = service.offers.get("macs", ())
    if frozenset(ciphers) == VENDOR_CIPHERS or all("-etm@" in name for name in macs):
        return []
    return [fact(asset, "ciphers", name, "-") for name in ciphers
            if name.endswith("-cbc") and name not in _CIPHERS]  # fmt: skip


def _ssh(
    asset: AssetEvidence, service: SshService, kind: str, bad: frozenset[str]
) -> list[AssetFact]:
    there = {*service.offers.get(kind, ()), *service.offers.get(f"{kind}_back", ())}
    return [fact(asset, kind, name, "-") for name in sorted(there & bad)]


def _tls(asset: AssetEvidence, service: TlsService, bad: frozenset[str]) -> list[AssetFact]:
    old = [fact(asset, "version", name, "TLSv1.2") for name in service.versions if name in _OLD]
    return old + [fact(asset, "suites", kind, "-") for kind in service.weak if kind in bad]


def certificate_faults(asset: AssetEvidence, service: TlsService) -> list[AssetFact]:
    """An end that has passed, a key or hash that is too weak, nobody who vouches, another's name."""
    held = service.certificate
    if held is None:
        return []
    now = asset.collected // SECOND
    found: list[AssetFact] = []
    if not held.begins <= now <= held.ends:
        ends = f"{to_iso(held.begins * SECOND)[:10]}/{to_iso(held.ends * SECOND)[:10]}"
        found.append(fact(asset, "certificate_valid", ends, to_iso(asset.collected)[:10]))
    if held.bits and held.bits < _LEAST_BITS.get(held.key, 0):
        found.append(
            fact(asset, "certificate_key", f"{held.key} {held.bits}", _LEAST_BITS[held.key])
        )
    if held.hash in {"md5", "sha1", "md2"} and not held.own:
        found.append(fact(asset, "certificate_hash", held.hash, "sha256"))
    if held.own:
        found.append(fact(asset, "certificate_issuer", "itself", "-"))
    if service.asked_name and not _named(service.asked_name.lower(), held):
        found.append(
            fact(asset, "certificate_name", ", ".join(held.names[:5]) or held.subject, "-")
        )
    return found


def _named(name: str, held: Certificate) -> bool:
    parent = name.partition(".")[2]
    return any(one.lower() in {name, f"*.{parent}" if parent else name} for one in held.names)
