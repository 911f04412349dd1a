"""Every claim, reason and repair that a device check gives has its sentence in both languages."""

from __future__ import annotations

from detections.compliance.assets.device.reader import evidence_of
from detections.compliance.assets.judging import judge_asset
from fengsui.text import LANGUAGES
from tests.detections.compliance.assets.device.test_faults import FAULTS
from tests.detections.compliance.assets.device.test_sound import SOUND


def test_every_sentence_is_there() -> None:
    texts = [base.replace(sound, fault) for base, sound, fault, *_ in FAULTS]
    for text in {*texts, *SOUND.values(), *(text[:-8] for text in SOUND.values())}:
        for finding in judge_asset(evidence_of(text.encode(), "device.cfg")):
            said = [finding.check.claim, finding.reason(), *(step.text for step in finding.steps)]
            said += [step.repair for step in finding.steps if step.repair is not None]
            for one in said:
                for language in LANGUAGES:
                    sentence = one.render(language)
                    assert "compliance." not in sentence
                    assert "{" not in sentence
