"""The life of a rule: drafts, versions, states; two people never overwrite each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from console.rules.desk import RuleDesk
from console.rules.editing import with_id
from console.rules.lives import RuleConflictError
from detections.life import raising
from fengsui.errors import BusyError, FengsuiError, InputError, NotFoundError, RuleError
from fengsui.hashes import sha256
from fengsui.store.rule_states import KeptSample
from fengsui.store.sql.state import SqlState
from tests.console.rules.conftest import ONE, SAMPLES, TWO, rule_text


def running(desk: RuleDesk) -> dict[str, str]:
    """Rules that may raise, with their status."""
    known = desk.known().rules
    return {rule.id: rule.status for rule in raising(known.loaded, known.lives).rules}


def code(error: pytest.ExceptionInfo[FengsuiError]) -> str:
    return error.value.code


def test_a_new_rule_is_a_draft_and_raises_nothing(desk: RuleDesk, state: SqlState) -> None:
    made = desk.editor.create(rule_text(TWO), "ann", "seen it")
    assert (made, desk.state_of(TWO)) == (TWO, "draft")
    assert running(desk) == {ONE: "experimental"}
    file = desk.editor.file(TWO)
    assert (file.origin.kind, file.local, file.upstream_changed) == ("local", True, False)
    assert file.text == rule_text(TWO)
    desk.editor.set_state(TWO, "experimental", "bo", "quiet for a week", None)
    assert TWO in running(desk)
    assert [(r.by, r.what, r.target) for r in state.audit_records()] == [
        ("bo", "rule.state", TWO),
        ("ann", "rule.save", TWO),
    ]
    with pytest.raises(BusyError) as caught:
        desk.editor.create(rule_text(TWO), "ann", "")
    assert code(caught) == "rule_exists"


def test_a_new_rule_is_given_an_id(desk: RuleDesk) -> None:
    text = rule_text().replace(f"id: {ONE}\n", "")
    made = desk.editor.create(text, "ann", "")
    assert desk.editor.file(made).text == text.replace("\nstatus", f"\nid: {made}\nstatus", 1)
    assert with_id("no title") == "no title"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no rule"),
        ("a: [", "YAML"),
        ("title: x\n", "detection"),
        (rule_text(TWO).replace("condition: selection", "condition: other"), "other"),
        ("x" * 300_000, "larger"),
    ],
)
def test_what_does_not_load_is_not_kept(desk: RuleDesk, text: str, words: str) -> None:
    with pytest.raises(RuleError) as caught:
        desk.editor.create(text, "ann", "")
    assert code(caught) == "bad_rule"
    assert words.lower() in str(caught.value).lower()
    assert desk.known().rules.file_of == {ONE: ONE}


def test_steps_of_a_life(desk: RuleDesk, state: SqlState) -> None:
    editor = desk.editor
    for wrong in ("experimental",):
        with pytest.raises(InputError) as caught:
            editor.set_state(ONE, wrong, "ann", "why", None)  # type: ignore[arg-type]
        assert code(caught) == "bad_step"
    assert editor.set_state(ONE, "stable", "ann", "good", 0).revision == 1
    assert running(desk) == {ONE: "stable"}
    with pytest.raises(InputError) as caught:
        editor.set_state(ONE, "draft", "ann", "why", None)
    assert code(caught) == "bad_step"
    with pytest.raises(InputError) as caught:
        editor.set_state(ONE, "retired", "ann", "  ", None)
    assert code(caught) == "reason_needed"
    editor.set_state(ONE, "retired", "ann", "old", 1)
    assert running(desk) == {}
    with pytest.raises(RuleConflictError) as conflict:
        editor.set_state(ONE, "experimental", "bo", "again", 1)
    assert (conflict.value.yours, conflict.value.theirs) == ("experimental", "retired")
    with pytest.raises(NotFoundError):
        editor.set_state("none", "stable", "ann", "why", None)
    assert [one.after for one in state.rule_steps(ONE)] == ["retired", "stable"]


def test_parking(desk: RuleDesk, state: SqlState) -> None:
    editor = desk.editor
    assert editor.park(ONE, "fengsui", "400 µs an event", None, engine=True).engine
    assert running(desk) == {}
    with pytest.raises(InputError) as caught:
        editor.park(ONE, "ann", "again", None)
    assert code(caught) == "bad_step"
    life = editor.unpark(ONE, "ann", "mended", 1)
    assert (life.parked, life.engine, life.revision) == (False, False, 2)
    assert running(desk) == {ONE: "experimental"}
    assert [one.kind for one in state.rule_steps(ONE)] == ["unpark", "park"]


def test_a_draft_whose_sample_fails_stays_one(desk: RuleDesk, state: SqlState) -> None:
    failing = rule_text(TWO, name="other.example", more=SAMPLES)
    desk.editor.create(failing, "ann", "")
    with pytest.raises(InputError) as caught:
        desk.editor.set_state(TWO, "experimental", "ann", "go", None)
    assert code(caught) == "samples_fail"
    desk.editor.save(TWO, rule_text(TWO, more=SAMPLES), "ann", "mended", 1)
    state.add_sample(KeptSample(TWO, 0, "fire", {"dns.question.name": "no"}, "bo", 0, ""))
    with pytest.raises(InputError) as caught:  # one kept beside it counts, too
        desk.editor.set_state(TWO, "experimental", "ann", "go", None)
    assert "fire 1" in str(caught.value)
    state.drop_sample(TWO, 1)
    desk.editor.set_state(TWO, "experimental", "ann", "go", None)
    with pytest.raises(InputError) as caught:  # and from then on no text whose samples fail is kept
        desk.editor.save(TWO, failing, "ann", "", 2)
    assert code(caught) == "samples_fail"


def test_changing_a_built_in_rule_keeps_its_own_text(desk: RuleDesk, builtin: Path) -> None:
    upstream = (builtin / "one.yml").read_text("utf-8")
    mine = upstream.replace("level: high", "level: low")
    desk.editor.save(ONE, mine, "ann", "too loud here", 0)
    file = desk.editor.file(ONE)
    assert (file.text, file.upstream_text, file.local) == (mine, upstream, True)
    assert (file.origin.name, file.path) == ("builtin", "one.yml")
    assert desk.known().by_id[ONE].severity.word == "low"
    assert (builtin / "one.yml").read_text("utf-8") == upstream
    desk.editor.revert(ONE, 0, "ann", "upstream's after all", 1)
    assert not desk.editor.file(ONE).local
    desk.editor.revert(ONE, 1, "ann", "no", 2)
    assert desk.editor.file(ONE).text == mine
    with pytest.raises(NotFoundError):
        desk.editor.revert(ONE, 9, "ann", "", 3)


def test_two_people_at_one_rule(make_desk: Callable[[], RuleDesk]) -> None:
    ann, bo = make_desk(), make_desk()
    text = ann.editor.file(ONE).text
    louder, softer = (text.replace("high", word) for word in ("critical", "low"))
    ann.editor.save(ONE, louder, "ann", "up", 0)
    with pytest.raises(RuleConflictError) as conflict:
        bo.editor.save(ONE, softer, "bo", "down", 0)
    told = conflict.value
    assert (told.yours, told.theirs, told.base) == (softer, louder, text)
    assert told.newest is not None
    assert bo.editor.file(ONE).text == louder
    bo.editor.save(ONE, softer, "bo", "down all the same", 1)
    assert ann.editor.file(ONE).text == softer


def test_the_id_must_stay(desk: RuleDesk) -> None:
    with pytest.raises(InputError) as caught:
        desk.editor.save(ONE, rule_text(TWO), "ann", "", 0)
    assert code(caught) == "id_changed"


def test_upstream_goes_on(make_desk: Callable[[], RuleDesk], builtin: Path) -> None:
    desk = make_desk()
    base = (builtin / "one.yml").read_text("utf-8")
    mine = base.replace("level: high", "level: low")
    desk.editor.save(ONE, mine, "ann", "too loud", 0)
    theirs = base.replace("status: experimental", "status: stable")
    (builtin / "one.yml").write_text(theirs, "utf-8")
    desk = make_desk()  # the product was updated
    file = desk.editor.file(ONE)
    assert (file.upstream_changed, file.text) == (True, mine)  # ours stays active until then
    found = desk.editor.three_way(ONE)
    assert found[:3] == (base, mine, theirs)
    settle = desk.editor.settle
    kept = {"by": "ann", "reason": "both", "version": 1}
    with pytest.raises(RuleConflictError):
        settle(ONE, "upstream", "", "ab" * 32, **kept)  # type: ignore[arg-type]
    settle(ONE, "merged", found[3].text, sha256(theirs.encode()), **kept)  # type: ignore[arg-type]
    file = desk.editor.file(ONE)
    assert (file.upstream_changed, file.local) == (False, True)
    assert "level: low" in file.text
    assert "status: stable" in file.text
    versions = desk.state.rule_versions(ONE)
    assert [one.origin for one in versions] == ["merge", "local"]
    desk.editor.revert(ONE, 0, "ann", "upstream's", 2)
    with pytest.raises(NotFoundError):
        desk.editor.three_way(ONE)


def test_what_the_loader_replaces_by_our_text_is_loaded_once(
    make_desk: Callable[[], RuleDesk], builtin: Path
) -> None:
    (builtin / "two.yml").write_text(rule_text(TWO), "utf-8")
    desk = make_desk()
    text = desk.editor.file(ONE).text
    desk.editor.save(ONE, text.replace("high", "low"), "ann", "", 0)
    known = make_desk().known().rules
    assert sorted(known.file_of) == [ONE, TWO]
    assert not known.loaded.refused
    # The file got another name: our text is found by its id.
    (builtin / "one.yml").rename(builtin / "renamed.yml")
    known = make_desk().known().rules
    assert sorted(known.file_of) == [ONE, TWO]
    assert (known.files[ONE].path, known.files[ONE].local) == ("renamed.yml", True)
