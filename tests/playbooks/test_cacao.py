"""YAML to CACAO 2.0 and back; errors with file and line."""

from __future__ import annotations

import json
import re

import pytest

from fengsui.errors import RuleError
from playbooks.action import action_names
from playbooks.cacao import LIBRARY, from_json, load_library, to_json
from playbooks.written import read_yaml

ID = re.compile(r"[a-z-]+--[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TEXT = (LIBRARY / "contain_c2_host.yml").read_text("utf-8")


def document(text: str = TEXT) -> dict:
    return to_json(read_yaml(text, "p.yml"), action_names())


def test_the_json_is_cacao_2():
    made = document()
    assert made["spec_version"] == "cacao-2.0"
    assert ID.fullmatch(made["id"])
    assert made["workflow"][made["workflow_start"]]["type"] == "start"
    kinds = [step["type"] for step in made["workflow"].values()]
    assert kinds.count("start") == kinds.count("end") == 1
    for name, step in made["workflow"].items():
        assert ID.fullmatch(name)
        assert name.startswith(step["type"] + "--")
        assert ("on_completion" in step) != ("on_success" in step) or step["type"] == "end"
        for word in ("on_completion", "on_success", "on_failure"):
            assert step.get(word, made["workflow_start"]) in made["workflow"]
        if step["type"] == "action":
            assert step["agent"] in made["agent_definitions"]
            assert set(step["step_extensions"]) <= set(made["extension_definitions"])
    numbers = [name.split("--")[1] for name in (*made["workflow"], *made["agent_definitions"])]
    assert len(set(numbers)) == len(numbers)


def test_what_is_stored_reads_back_the_same():
    made = document()
    stored = json.loads(json.dumps(made, ensure_ascii=False))
    assert from_json(stored) == from_json(made)
    assert document() == made


def test_the_library_loads_with_both_languages():
    for playbook in load_library(action_names()):
        assert playbook.name.render("zh") != playbook.name.render("en")
        assert all(step.name.render("zh") for step in playbook.steps.values())


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("action: notify", "action: shout", "shout is no action"),
        ("step: notify", "step: confirm", "there twice"),
        ("on_failure: block", "on_failure: nowhere", "on_failure leads to nowhere"),
        ("types: [mitigation", "types: [magic", "magic is not known"),
        ("  zh: 处置受控主机", "  zh: ''", "sentences"),
        ("created: ", "made: ", "made is not known here"),
        ("id: 6e2b4c1a", "id: 6e2b4c1", "UUID"),
        ('created: "2026', 'created: "26', "milliseconds"),
        ("needs: [c2]", "created: [c2]", "repeated"),
    ],
)
def test_errors_say_where(old, new, what):
    with pytest.raises(RuleError) as error:
        document(TEXT.replace(old, new, 1))
    assert what in error.value.what
    line = TEXT[: TEXT.index(old)].count("\n") + 1
    # zh and en are looked at together: the error stands at their mapping.
    assert error.value.where in {f"p.yml:{line}", f"p.yml:{line - 1}"}


def test_json_that_goes_in_a_circle_or_nowhere_is_refused():
    made = document()
    first, second = [name for name in made["workflow"] if name.startswith("action")][:2]
    made["workflow"][second]["on_success"] = first
    with pytest.raises(RuleError, match="circle"):
        from_json(made)
    made["workflow"][second]["on_success"] = "end--gone"
    with pytest.raises(RuleError, match="not there"):
        from_json(made)
    with pytest.raises(RuleError):
        from_json({"spec_version": "1.1"})
    made = document()
    made["workflow"]["parallel--" + first.split("--")[1]] = {"type": "parallel"}
    with pytest.raises(RuleError, match="not run here"):
        from_json(made)
