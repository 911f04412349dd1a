"""The one sentence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlation.entities import part_of
from correlation.joining import Node
from correlation.story.sizes import size_text
from correlation.titles import _PATTERNS, title_of
from fengsui.alert import Entity, Fact
from fengsui.severity import Severity
from fengsui.text import Text, catalogue

HOST = "10.3.4.17"


@pytest.fixture
def sentence(context):
    def run(*alerts, language="zh"):
        return title_of([Node(a, part_of(a, context)) for a in alerts], context).render(language)

    return run


def test_an_intrusion_reads_as_a_story(make_alert, sentence):
    guessed = replace(
        make_alert("guess", "198.51.100.66", technique="T1110"),
        entities=(
            Entity("host", "198.51.100.66", "attacker"),
            Entity("host", HOST, "victim", True),
        ),
    )
    scan = make_alert("scan", HOST, at=60, technique="T1046", facts=(Fact("failed_hosts", 42),))
    upload = make_alert(
        "upload",
        HOST,
        at=90,
        domain="drop.example",
        technique="T1041",
        facts=(Fact("megabytes_day", 61.2, unit="MB/d"),),
    )
    assert sentence(guessed, scan, upload) == (
        "10.3.4.17（教育局）遭口令猜解，扫描 42 台主机，并向 drop.example 外传 61.2 MB"
    )
    assert sentence(guessed, scan, upload, language="en").startswith("10.3.4.17 (教育局) was a t")
    entered = replace(guessed, reason=Text("anomaly.brute_force.entered"))
    assert sentence(entered, scan, upload) == (
        "10.3.4.17（教育局）的口令可能已被 198.51.100.66 猜中，随后扫描 42 台主机，"
        "并向 drop.example 外传 61.2 MB"
    )
    before = replace(scan, first=guessed.first - 1)  # what came before did not follow from it
    assert "随后" not in sentence(entered, before, upload)


def test_what_is_not_known_is_not_said(make_alert, sentence):
    upload = make_alert("upload", HOST, domain="drop.example", technique="T1041")
    assert sentence(upload) == "10.3.4.17（教育局）：规则 upload"


def test_the_most_telling_sentence_wins(make_alert, sentence):
    beacon = make_alert("beacon", "10.0.0.1", c2="198.51.100.7", technique="T1071.001")
    move = make_alert("move", "10.0.0.1", to="10.0.0.2", technique="T1021.002", at=9)
    tunnel = make_alert("tunnel", "10.0.0.1", domain="t.example", at=9)
    tunnel = replace(tunnel, techniques=("T1071.004", "T1048"))
    assert sentence(beacon) == "10.0.0.1疑似受 198.51.100.7 控制"
    assert sentence(beacon, move) == ("10.0.0.1疑似受 198.51.100.7 控制，疑似横向移动到 1 台主机")
    assert "DNS 隧道 t.example" in sentence(beacon, move, tunnel)
    encrypted = make_alert("doh", "10.0.0.1", domain="dns.example", technique="T1071.004")
    assert "隧道" not in sentence(encrypted)


@pytest.mark.parametrize("technique", ["T1105", "T1016", "T1008", "T1071.004"])
def test_control_is_not_claimed_of_who_was_only_met(make_alert, sentence, technique):
    met = make_alert("met", "10.0.0.1", domain="ip.example", technique=technique)
    met = replace(met, tactics=("command-and-control",))
    assert "控制" not in sentence(met)
    weak = make_alert("weak", "10.0.0.1", c2="198.51.100.7", technique="T1071")
    assert "控制" in sentence(weak)
    assert "控制" not in sentence(replace(weak, severity=Severity.LOW))


def test_hostile_text_is_cut_and_shown_as_text(make_alert, sentence):
    beacon = make_alert("b", "10.0.0.1", domain="\u202egnp" + "a" * 9000, technique="T1071")
    told = sentence(beacon)
    assert len(told) < 120
    assert "\u202e" not in told


def test_no_host_of_ours(make_alert, sentence):
    assert "未涉及" in sentence(make_alert("r", "198.51.100.1", to="198.51.100.2"))


def test_every_pattern_has_its_sentence_and_all_its_values():
    known = {
        "host": "10.0.0.1",
        "host_en": "10.0.0.1",
        "c2": "c",
        "scanned": 3,
        "moved": 2,
        "to": "t",
        "size": "1 MB",
        "domain": "d",
        "guesser": "g",
    }
    for name, _ in _PATTERNS:
        key = f"correlation.title.{name}"
        assert key in catalogue()
        for language in ("zh", "en"):
            assert "{" not in Text(key, known).render(language)


@pytest.mark.parametrize(
    ("size", "text"),
    [(61_200_000, "61.2 MB"), (999, "999 B"), (1_500, "1.5 kB"), (2.5e9, "2.5 GB")],
)
def test_sizes(size, text):
    assert size_text(size) == text
