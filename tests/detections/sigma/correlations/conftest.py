"""Correlations made of YAML, over base rules a, b, c (positions 0, 1, 2)."""

from collections.abc import Callable
from pathlib import Path

import pytest

from detections.sigma.correlations.link import Linked, link
from detections.sigma.loaded import LoadedRule, Refused
from detections.sigma.loader import load_text

BASES = "---\n".join(
    f"title: {name}\nname: {name}\nlogsource: {{product: windows, service: security}}\n"
    "detection: {selection: {EventID: 1}, condition: selection}\n"
    for name in "abc"
)


def linked_of(*sections: str) -> Linked:
    linked, refused = link_of(*sections)
    assert not refused, refused
    return linked


def link_of(*sections: str) -> tuple[Linked, list[Refused]]:
    """Correlations whose section `correlation` is given as a YAML flow map, called t0, t1 …"""
    texts = [
        f"title: T{number}\nname: t{number}\nlevel: high\ncorrelation: {section}\n"
        for number, section in enumerate(sections)
    ]
    found = list(load_text("---\n".join([BASES, *texts]), Path("made.yml")))
    rules = [one for one in found if isinstance(one, LoadedRule)]
    refused = [one for one in found if isinstance(one, Refused)]
    others = [one for one in found if not isinstance(one, LoadedRule | Refused)]
    linked, more = link(rules, others)
    return linked, refused + more


@pytest.fixture
def correlating() -> Callable[..., Linked]:
    return linked_of


@pytest.fixture
def linking() -> Callable[..., tuple[Linked, list[Refused]]]:
    return link_of


@pytest.fixture(scope="session")
def linked_maker() -> Callable[..., Linked]:
    return linked_of
