"""Laws over all rules of ours: they load, are live, fire on what they must and are quiet elsewhere."""

import re
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import yaml

from detections.compliance.catalogue import controls
from detections.compliance.incident_classes import incident_classes
from detections.detections import OWN_RULES
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.coverage import plan
from detections.sigma.loader import LoadedRule, load
from detections.sigma.logsources import routing
from detections.sigma.matcher import Matcher
from fengsui import ecs
from fengsui.attack import TACTICS, techniques
from fengsui.query.lucene import parse_lucene
from fengsui.query.tree import All, Any, Exists, Not, Query, Range, Regex, Term

LOADED = load([OWN_RULES])
# Those beside correlations are silent; test_correlation_rules.py is about them.
RULES = tuple(rule for rule in LOADED.rules if rule.path.parent.name != "correlation")
# What a correlation counts and what then says nothing itself needs no words.
COUNTED = {name for one in LOADED.correlations if not one.generate for name in one.rules}
ALL: list[LoadedRule | LoadedCorrelation] = [*RULES, *LOADED.correlations]
TOLD = [one for one in ALL if not COUNTED & {one.id, one.name}]
MATCHER = Matcher(plan(RULES)[0], routing())
UNITS = {control.unit for control in controls()}
CHINESE = re.compile("[\u4e00-\u9fff]")
BLANK = re.compile(r"\{([\w@.\-]+)\}")
# What a field may hold at its worst, by its type: queries must parse with any of them.
AWKWARD = {
    "ip": "2001:db8::9", "long": 443, "float": 0.5, "boolean": True, "date": "2026-11-21T08:00:00Z",
}  # fmt: skip
AWKWARD_TEXT = 'a "b" (c):d/é* \\ AND {e} [1 TO 通知.docx]'


def hits(rule: LoadedRule, sample: dict[str, object]) -> set[str]:
    dataset = rule.logsource.service
    fields = {"event.dataset": dataset, **sample}
    found = MATCHER.match(dataset, fields, orjson.dumps(fields))
    return {RULES[number].id for number in found}


def test_there_are_enough_of_them_and_all_load() -> None:
    assert not LOADED.refused
    assert len(RULES) >= 150
    assert all(row.state == "live" for row in plan(RULES)[1])
    assert len({rule.id for rule in TOLD}) == len(TOLD)
    assert len({rule.title.render("zh") for rule in TOLD}) == len(TOLD)
    assert len({rule.title.render("en") for rule in TOLD}) == len(TOLD)


def _awkward(name: str) -> object:
    field = ecs.registry()[name]
    return AWKWARD.get(field.type, AWKWARD_TEXT)


def _fields(query: Query) -> list[str]:
    """Names of all fields that a query looks at."""
    match query:
        case All(parts) | Any(parts):
            return [name for part in parts for name in _fields(part)]
        case Not(part):
            return _fields(part)
        case Term() | Regex() | Range() | Exists():
            return [query.field]
        case _:
            raise AssertionError(f"a free word in a query: {query}")


@pytest.mark.bench
def test_the_c2_of_a_real_log_is_seen_and_its_ordinary_names_are_not(
    bench: Callable[[str], Path],
) -> None:
    """Zeek logs of an Internet-facing host; nothing in the rules was fitted to them."""
    from detections.detector import Context
    from detections.sigma.engine import SigmaDetector
    from fengsui.event import split_lines
    from sensors.logs.reader import LogReader

    found: dict[str, set[str]] = {}
    for log in ("http", "dns", "ssl"):
        detector = SigmaDetector(RULES, Context(lambda _address: False))
        path = bench(f"zeek/c2_beacon_72h/{log}.2024-04-20.log.zst")
        for batch in LogReader(path, name=path.name, sensor="test"):
            for event in split_lines(batch.lines):
                for alert in detector.observe(event, batch.clock):
                    found.setdefault(log, set()).add(f"{alert.severity.word} {alert.key}")
    assert "medium 73.54.23.243|64.225.56.201" in found["http"]
    assert not {one for one in found["http"] if one.startswith("high")}
    medium = {log for log, ones in found.items() if any(not one.startswith("low") for one in ones)}
    assert medium == {"http"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.path.stem)
class TestEachRule:
    def test_fires_on_what_it_must(self, rule: LoadedRule) -> None:
        assert rule.samples.get("fire")
        for sample in rule.samples["fire"]:
            assert rule.id in hits(rule, sample), sample

    def test_is_quiet_on_what_looks_like_it(self, rule: LoadedRule) -> None:
        assert rule.samples.get("quiet")
        for sample in rule.samples["quiet"]:
            assert rule.id not in hits(rule, sample), sample

    def test_samples_are_events_of_ours(self, rule: LoadedRule) -> None:
        for samples in rule.samples.values():
            for sample in samples:
                assert ecs.faults(sample) == []  # type: ignore[arg-type]

    def test_file_lies_with_its_source(self, rule: LoadedRule) -> None:
        assert rule.path.parent.name == rule.logsource.service


@pytest.mark.parametrize("rule", TOLD, ids=lambda rule: rule.path.stem)
class TestEachRuleAndCorrelation:
    def test_says_everything_in_both_languages(self, rule: LoadedRule | LoadedCorrelation) -> None:
        guidance = rule.guidance
        assert guidance is not None
        questions = [check.question for check in guidance.check]
        told = [guidance.means, guidance.harmless, guidance.act]
        for text in (rule.title, rule.description, *told, *questions):
            assert CHINESE.search(text.render("zh"))
            assert text.render("en").isascii()
            assert text.render("en")
        assert rule.author
        assert rule.licence == "Apache-2.0"

    def test_file_is_named_after_tactic_and_deed(
        self, rule: LoadedRule | LoadedCorrelation
    ) -> None:
        tactics = {name.replace("-", "_") for name in TACTICS}
        assert any(rule.path.stem.startswith(f"{tactic}_") for tactic in tactics), rule.path.name
        assert any(rule.path.stem.startswith(one.replace("-", "_")) for one in rule.tactics)

    def test_has_what_the_specification_asks_for(
        self, rule: LoadedRule | LoadedCorrelation
    ) -> None:
        documents = yaml.load_all(Path(rule.path).read_text("utf-8"), yaml.CSafeLoader)
        content = next(one for one in documents if one["id"] == rule.id)
        assert {"title", "id", "status", "description", "author", "date", "tags", "falsepositives",
                "level"} <= content.keys()  # fmt: skip
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", rule.id
        )
        assert len(content["title"]) <= 110
        assert len(content["title_zh"]) <= 50
        assert content["taxonomy"] == "ecs"
        own = {"gbt20986", "units", "fidelity", "key", "guidance", "samples"}
        assert content["fengsui"].keys() <= own
        keys = {"means", "means_zh", "harmless", "harmless_zh", "check", "act", "act_zh"}
        assert content["fengsui"]["guidance"].keys() == keys
        for check in content["fengsui"]["guidance"]["check"]:
            assert check.keys() == {"question", "question_zh", "query"}

    def test_names_what_it_stands_for(self, rule: LoadedRule | LoadedCorrelation) -> None:
        # An alert passed on from another system may be of any technique.
        assert rule.techniques or rule.path.parent.name == "ids"
        for technique in rule.techniques:
            assert re.fullmatch(r"T\d{4}(\.0\d\d)?", technique)
            assert technique.split(".")[0] in techniques(), technique
        assert rule.gbt20986
        assert set(rule.gbt20986) <= incident_classes().keys()
        assert rule.units
        assert set(rule.units) <= UNITS
        assert set(rule.key_fields) <= ecs.registry().keys()
        for sample in rule.samples["fire"] if isinstance(rule, LoadedRule) else []:
            assert set(rule.key_fields) <= sample.keys(), sample

    def test_asks_questions_that_the_hunt_understands(
        self, rule: LoadedRule | LoadedCorrelation
    ) -> None:
        assert rule.guidance is not None
        assert rule.guidance.check
        for check in rule.guidance.check:
            awkward = {name: _awkward(name) for name in BLANK.findall(check.query)}
            filled = check.filled(awkward)
            assert filled is not None
            for name in _fields(parse_lucene(filled)):
                assert name in ecs.registry(), name
        for sample in rule.samples["fire"] if isinstance(rule, LoadedRule) else []:
            assert any(check.filled(sample) for check in rule.guidance.check), sample
