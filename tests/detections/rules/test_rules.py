"""Laws over all rules of ours: they load, are live, fire on what they must and are quiet elsewhere."""

import re
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
import yaml

from detections.detections import OWN_RULES
from detections.sigma.coverage import plan
from detections.sigma.loader import LoadedRule, load
from detections.sigma.mapping import routing
from detections.sigma.matcher import Matcher
from fengsui import ecs
from fengsui.attack import TACTICS

LOADED = load([OWN_RULES])
RULES = LOADED.rules
MATCHER = Matcher(plan(RULES)[0], routing())


def hits(rule: LoadedRule, sample: dict[str, object]) -> set[str]:
    dataset = rule.logsource.service
    fields = {"event.dataset": dataset, **sample}
    found = MATCHER.match(dataset, fields, orjson.dumps(fields))
    return {RULES[number].id for number in found}


def test_there_are_enough_of_them_and_all_load() -> None:
    assert not LOADED.refused
    assert len(RULES) >= 25
    assert all(row.state == "live" for row in plan(RULES)[1])
    assert len({rule.path.name for rule in RULES}) == len(RULES)


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
    assert found.keys() == {"http"}


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

    def test_says_everything_in_both_languages(self, rule: LoadedRule) -> None:
        for text in (rule.title, rule.description):
            assert re.search("[\u4e00-\u9fff]", text.render("zh"))
            assert text.render("en").isascii()
        assert rule.author
        assert rule.licence == "Apache-2.0"

    def test_file_is_named_after_tactic_and_deed(self, rule: LoadedRule) -> None:
        tactics = {name.replace("-", "_") for name in TACTICS}
        assert any(rule.path.stem.startswith(f"{tactic}_") for tactic in tactics), rule.path.name
        assert any(rule.path.stem.startswith(one.replace("-", "_")) for one in rule.tactics)
        assert rule.path.parent.name == rule.logsource.service

    def test_has_what_the_specification_asks_for(self, rule: LoadedRule) -> None:
        content = yaml.safe_load(Path(rule.path).read_text("utf-8"))
        assert {"title", "id", "status", "description", "author", "date", "tags", "falsepositives",
                "level"} <= content.keys()  # fmt: skip
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", rule.id
        )
        assert len(content["title"]) <= 110
