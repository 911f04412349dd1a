"""Registered domains by the Public Suffix List (publicsuffix.org), as packed with the library."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList


@dataclass(frozen=True, slots=True)
class DomainParts:
    """`www.example.com.cn` → subdomain `www`, registered `example.com.cn`, suffix `com.cn`."""

    subdomain: str
    registered: str
    suffix: str


@cache
def _list() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=65_536)
def domain_parts(name: str) -> DomainParts:
    """Parts of a DNS name; all empty for an address, a single label or a bare suffix."""
    lower = name.rstrip(".").lower()
    if "." not in lower or lower.replace(".", "").isdigit() or ":" in lower:
        return DomainParts("", "", "")
    registered = _list().privatesuffix(lower) or ""
    suffix = _list().publicsuffix(lower) or ""
    subdomain = lower[: -len(registered) - 1] if registered and lower != registered else ""
    return DomainParts(subdomain, registered, suffix)
