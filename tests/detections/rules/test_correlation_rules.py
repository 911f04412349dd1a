"""Laws over our correlation rules; their samples are lists of events with times."""

import re

import pytest

from detections.compliance.catalogue import controls
from detections.compliance.incident_classes import incident_classes
from detections.detections import OWN_RULES
from detections.samples import try_samples, unfolded
from detections.sigma.correlations.link import link
from detections.sigma.correlations.rule import LoadedCorrelation
from detections.sigma.coverage import listing
from detections.sigma.loader import load
from fengsui import ecs
from fengsui.attack import TACTICS, techniques
from fengsui.query.lucene import parse_lucene

LOADED = load([OWN_RULES])
LINKED, REFUSED = link(LOADED.rules, LOADED.correlations)
SPEAKING = [one.rule for one in LINKED.correlations if one.speaks]
CHINESE = re.compile("[\u4e00-\u9fff]")


def test_all_link_and_are_live() -> None:
    assert not REFUSED
    assert len(SPEAKING) >= 12
    states = {row.id: row.state for row in listing(LOADED)}
    assert {states[rule.id] for rule in SPEAKING} == {"live"}
    bases = [rule for rule in LOADED.rules if rule.path.parent.name == "correlation"]
    numbers = {rule.id: number for number, rule in enumerate(LOADED.rules)}
    assert all(numbers[rule.id] in LINKED.silent for rule in bases)


@pytest.mark.parametrize("rule", SPEAKING, ids=lambda rule: rule.path.stem)
class TestEachCorrelation:
    def test_fires_on_its_samples_and_is_quiet_on_the_others(self, rule: LoadedCorrelation) -> None:
        found = try_samples(LOADED, [rule.id])
        assert {one.kind for one in found} == {"fire", "quiet"}
        assert [(one.kind, one.number) for one in found if not one.ok] == []

    def test_samples_are_events_of_ours(self, rule: LoadedCorrelation) -> None:
        for samples in rule.samples.values():
            for sample in samples:
                events = unfolded(sample)
                assert events
                for _, event in events:
                    assert ecs.faults(event) == []

    def test_says_everything_in_both_languages(self, rule: LoadedCorrelation) -> None:
        assert rule.guidance is not None
        told = [rule.guidance.means, rule.guidance.harmless, rule.guidance.act]
        told += [check.question for check in rule.guidance.check]
        for text in (rule.title, rule.description, *told):
            assert CHINESE.search(text.render("zh"))
            assert text.render("en").isascii()
        assert (rule.author, rule.licence) == ("The Fengsui developers", "Apache-2.0")

    def test_names_what_it_stands_for(self, rule: LoadedCorrelation) -> None:
        tactics = {name.replace("-", "_") for name in TACTICS}
        assert any(rule.path.stem.startswith(f"{name}_") for name in tactics)
        assert rule.techniques
        assert {one.split(".")[0] for one in rule.techniques} <= set(techniques())
        assert rule.gbt20986
        assert set(rule.gbt20986) <= incident_classes().keys()
        assert rule.units
        assert set(rule.units) <= {control.unit for control in controls()}

    def test_its_questions_can_be_asked_of_its_last_event(self, rule: LoadedCorrelation) -> None:
        assert rule.guidance is not None
        events = unfolded(rule.samples["fire"][0])
        assert events
        _, last = events[-1]
        for check in rule.guidance.check:
            query = check.filled(last)
            assert query is not None
            parse_lucene(query)
