"""A service named by its URL as evidence: `ssh://host`, `tls://host:port`, `https://host`."""

from __future__ import annotations

import hashlib
from typing import Final
from urllib.parse import urlsplit

from detections.compliance.assets.asset import AssetEvidence
from detections.compliance.assets.probe.authority import Authority, allowed_address
from detections.compliance.assets.probe.ssh import probe_ssh
from detections.compliance.assets.probe.tls import probe_tls
from fengsui.clock import Clock
from fengsui.errors import InputError

PORTS: Final = {"ssh": 22, "tls": 443, "https": 443}


def is_service(url: str) -> bool:
    """Whether evidence is named by the URL of a service."""
    return url.lower().startswith(tuple(f"{scheme}://" for scheme in PORTS))


def read_service(url: str, authority: Authority | None, clock: Clock) -> AssetEvidence:
    """A service that answers now.

    Raises:
        ForbiddenError: no leave for this address.
        InputError: no answer, or not of this kind.
    """
    scheme = url.partition(":")[0].lower()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[scheme]
    except ValueError as error:
        raise InputError("The URL is not understood", where=f"{scheme}://…") from error
    if not host or parts.username is not None:
        raise InputError(
            "The URL of a service has a host, and no user",
            where=f"{scheme}://…",
            code="bad_address",
        )
    where = f"{scheme}://{host}:{port}"
    address = allowed_address(host, port, authority)
    if scheme == "ssh":
        facts: object = probe_ssh(address, port, where)
    else:
        facts = probe_tls(address, port, host, where, http=scheme == "https")
    return AssetEvidence(
        name=f"{host}:{port}",
        kind="service",
        source=where,
        digest=hashlib.sha256(repr(facts).encode()).hexdigest(),
        collected=clock.now(),
        level="E4",
        facts=facts,
    )
