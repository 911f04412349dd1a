"""Our reading of public rules beside pySigma's, on which the rest of the field stands."""

import tarfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml
import zstandard
from sigma.conditions import ConditionAND, ConditionNOT, ConditionOR
from sigma.rule import SigmaRule
from sigma.types import SigmaExpansion, SigmaString, SpecialChars

from detections.sigma.conditions import All, Condition, Not, Some, Text, Wild, leaves
from detections.sigma.loader import LoadedRule, Refused, load_text

EVERY = 7  # of 3,757 rules; reading all with pySigma takes seconds


def _rules(archive: Path) -> Iterator[tuple[str, str]]:
    with archive.open("rb") as file:
        data = zstandard.ZstdDecompressor().stream_reader(file).read()
    with tarfile.open(fileobj=BytesIO(data)) as tar:
        for member in tar:
            if member.name.endswith(".yml"):
                inner = tar.extractfile(member)
                assert inner
                yield member.name, inner.read().decode("utf-8-sig")


@pytest.mark.bench
def test_texts_and_negations_are_those_of_pysigma(bench: Callable[[str], Path]) -> None:
    seen = 0
    for number, (name, text) in enumerate(_rules(bench("sigma/sigmahq_rules.tar.zst"))):
        if number % EVERY:
            continue
        (rule,) = load_text(text, Path(name))
        if isinstance(rule, Refused):
            assert "detection.placeholders" in rule.reason
            continue
        assert isinstance(rule, LoadedRule)
        theirs: set[tuple[str, str]] = set()
        parsed = SigmaRule.from_dict(yaml.load(text, yaml.CSafeLoader))
        for condition in parsed.detection.parsed_condition:
            _collect(condition.parse(), theirs, positive=True)
        assert _ours(rule.condition) == theirs, name
        seen += 1
    assert seen > 500


def _collect(node: Any, found: set[tuple[str, str]], *, positive: bool) -> None:
    if isinstance(node, ConditionNOT):
        _collect(node.args[0], found, positive=not positive)
    elif isinstance(node, ConditionAND | ConditionOR):
        for child in node.args:
            _collect(child, found, positive=positive)
    else:
        for value in _flat(node.value):
            if isinstance(value, SigmaString) and hasattr(node, "field"):
                found.add((f"{'' if positive else 'not '}{node.field}", _shape(value.s)))


def _flat(value: Any) -> list[Any]:
    if isinstance(value, SigmaExpansion):
        return [one for inner in value.values for one in _flat(inner)]
    return [value]


def _shape(parts: Any) -> str:
    wild = {
        SpecialChars.WILDCARD_MULTI: "<*>", SpecialChars.WILDCARD_SINGLE: "<?>",
        Wild.MANY: "<*>", Wild.ONE: "<?>",
    }  # fmt: skip
    joined = "".join(part if isinstance(part, str) else wild[part] for part in parts)
    return joined.replace("<*><*>", "<*>")


def _ours(condition: Condition) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()

    def walk(one: Condition, positive: bool) -> None:
        match one:
            case Not(child):
                walk(child, not positive)
            case All(children) | Some(children):
                for child in children:
                    walk(child, positive)
            case Text(field, parts) if field:
                found.add((f"{'' if positive else 'not '}{field}", _shape(parts)))
            case _:
                pass

    walk(condition, True)
    assert list(leaves(condition))
    return found
