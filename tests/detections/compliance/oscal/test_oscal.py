"""OSCAL in and out: what is exported is read back, hostile documents are refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detections.compliance.oscal.catalogue import oscal_catalogue, oscal_profile
from detections.compliance.oscal.reading import read_oscal
from detections.compliance.profile.items import items
from detections.compliance.profile.points import DIGITS, LEVELS
from detections.compliance.profile.profile import make_profile
from fengsui.errors import InputError

TOKEN = re.compile(r"[A-Za-z_][\w.\-]*")  # OSCAL's token, in ASCII
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def nodes(thing: Any) -> Iterator[dict[str, Any]]:
    if isinstance(thing, dict):
        yield thing
        for value in thing.values():
            yield from nodes(value)
    elif isinstance(thing, list):
        for value in thing:
            yield from nodes(value)


def test_the_catalogue_holds_every_item_once_and_its_words_are_oscal() -> None:
    document = oscal_catalogue()
    everything = [item.unit for level in LEVELS for name in DIGITS for item in items(level, name)]
    found = read_oscal(orjson.dumps(document))
    assert (found.kind, sorted(found.texts), found.unknown) == ("catalogue", sorted(everything), ())
    ids = [node["id"] for node in nodes(document) if "id" in node]
    assert len(ids) == len(set(ids))
    for node in nodes(document):
        assert TOKEN.fullmatch(node.get("id", "a"))
        assert UUID.fullmatch(node.get("uuid", "0" * 8 + "-0000-4000-8000-" + "0" * 12))
        assert all(prop["value"].strip() == prop["value"] != "" for prop in node.get("props", []))
        assert [] not in node.values()
    assert document == oscal_catalogue()


@given(st.integers(1, 3), st.integers(1, 3), st.sets(st.sampled_from(["cloud", "iot"])))
def test_a_profile_names_exactly_its_items(s: int, a: int, names: set[str]) -> None:
    if max(s, a) == 1:
        names = set()
    profile = make_profile(s, a, names)
    found = read_oscal(orjson.dumps(oscal_profile(profile)))
    assert (set(found.texts), found.unknown) == (set(profile.units()), ())


def test_texts_that_a_user_brings_and_the_misprint() -> None:
    control = {"id": "L4-ORS1-06", "parts": [{"prose": "first"}, {"prose": "second"}]}
    document = {"catalog": {"groups": [{"controls": [control, {"id": "AC-1"}]}]}}
    found = read_oscal(orjson.dumps(document))
    assert (dict(found.texts), found.unknown) == ({"L3-ORS1-06": "first\nsecond"}, ("AC-1",))


def deep(levels: int) -> dict[str, Any]:
    return {"groups": [deep(levels - 1)]} if levels else {}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"catalog": []}',
        b'{"catalog": {"groups": {}}}',
        b'{"component-definition": {}}',
        orjson.dumps({"catalog": deep(40)}),
    ],
)
def test_other_documents_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_oscal(data)
