"""Packs: shown before they are installed, swapped as a whole, never emptied by a failed update."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from console.rules.comparing import KINDS
from console.rules.desk import RuleDesk
from console.rules.packs import Preview
from detections.packs import archive
from fengsui.errors import BusyError, FengsuiError, InputError, NotFoundError
from fengsui.settings import Settings
from fengsui.store.sql.state import SqlState
from tests.console.rules.conftest import ONE, THREE, TWO, rule_text


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    folder.mkdir()
    write(folder, {"a.yml": rule_text(TWO), "deep/b.yml": rule_text(THREE), "LICENSE": DRL})
    return folder


DRL = "Detection Rule License (DRL) 1.1"


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def look(desk: RuleDesk, source: Path, name: str = "p") -> Preview:
    return desk.packs.preview(desk.packs.stage(source), name)


def install(desk: RuleDesk, source: Path, name: str = "p") -> Preview:
    preview = look(desk, source, name)
    desk.packs.install(preview, "ann", "why", allow_unsigned=True)
    return preview


def brief(preview: Preview) -> dict[str, list[str]]:
    return {
        kind: [one.path for one in preview.changes[kind]] for kind in KINDS if preview.changes[kind]
    }


def test_install_update_remove(desk: RuleDesk, source: Path, state: SqlState) -> None:
    preview = install(desk, source)
    assert brief(preview) == {"added": ["a.yml", "deep/b.yml"]}
    known = desk.known().rules
    assert {known.files[id_].origin.name for id_ in (TWO, THREE)} == {"p"}
    assert desk.known().by_id[TWO].licence == "DRL 1.1"
    assert look(desk, source).same

    write(source, {"a.yml": rule_text(TWO, level="low"), "c.yml": "title: [\n"})
    (source / "deep/b.yml").unlink()
    preview = install(desk, source)
    assert brief(preview) == {"changed": ["a.yml"], "removed": ["deep/b.yml"]}
    assert "-level: high\n+level: low" in preview.changes["changed"][0].diff
    assert preview.counts["refused"] == 1
    assert sorted(desk.known().rules.file_of) == [ONE, TWO]
    assert [one.origin for one in state.rule_versions(TWO)] == ["upstream", "upstream"]
    assert not desk.editor.file(TWO).local

    desk.packs.remove("p", "ann", "enough")
    assert sorted(desk.known().rules.file_of) == [ONE]
    with pytest.raises(NotFoundError):
        desk.packs.remove("p", "ann", "")
    assert [one.what for one in state.audit_records()] == [
        "pack.remove", "pack.install", "pack.install",
    ]  # fmt: skip


def test_unsigned_needs_a_word(desk: RuleDesk, source: Path) -> None:
    with pytest.raises(InputError) as caught:
        desk.packs.install(look(desk, source), "ann", "")
    assert caught.value.code == "unsigned"
    assert desk.state.packs() == []


def _zip_of(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w") as made:
        for path in sorted(folder.rglob("*.yml")):
            made.write(path, f"top/{path.relative_to(folder)}")
    return target


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _climbing(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as made:
        made.writestr("top/../../evil.yml", "x")


def _empty(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("readme.md", "nothing")


def _only_bad(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("a.yml", "title: [")


def _falsely_signed(path: Path) -> None:
    with zipfile.ZipFile(path, "a") as made:
        made.writestr("top/pack.json", '{"name": "p", "files": {}}')
        made.writestr("top/pack.sig", "AAAA")


@pytest.mark.parametrize("spoil", [_cut, _climbing, _empty, _only_bad, _falsely_signed])
def test_a_failed_update_leaves_what_is_there(
    make_desk: Callable[[], RuleDesk],
    source: Path,
    tmp_path: Path,
    settings: Settings,
    spoil: Callable[[Path], None],
) -> None:
    desk = make_desk()
    install(desk, source)
    before = desk.state.packs()
    write(source, {"a.yml": rule_text(TWO, level="low")})
    bad = _zip_of(source, tmp_path / "bad.zip")
    spoil(bad)
    with pytest.raises(FengsuiError):
        install(desk, bad)
    for again in (desk, make_desk()):
        assert again.state.packs() == before
        assert sorted(again.known().rules.file_of) == [ONE, TWO, THREE]
        assert again.known().by_id[TWO].severity.word == "high"
    assert not (tmp_path / "evil.yml").exists()
    assert not list((settings.home / "rules").glob("**/evil.yml"))


def test_a_commit_that_fails_leaves_what_is_there(
    desk: RuleDesk, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(desk, source)
    before = desk.state.packs()
    write(source, {"a.yml": rule_text(TWO, level="low")})
    preview = look(desk, source)

    def fail(*_given: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(SqlState, "put_pack", fail)
    with pytest.raises(OSError, match="no space"):
        desk.packs.install(preview, "ann", "", allow_unsigned=True)
    monkeypatch.undo()
    assert desk.state.packs() == before
    assert desk.known().by_id[TWO].severity.word == "high"
    desk.packs.install(preview, "ann", "", allow_unsigned=True)
    assert desk.known().by_id[TWO].severity.word == "low"


def test_two_people_install_at_once(desk: RuleDesk, source: Path) -> None:
    one, other = look(desk, source), look(desk, source)
    desk.packs.install(one, "ann", "", allow_unsigned=True)
    with pytest.raises(BusyError) as caught:
        desk.packs.install(other, "bo", "", allow_unsigned=True)
    assert caught.value.code == "version_conflict"
    assert sorted(desk.known().rules.file_of) == [ONE, TWO, THREE]


def test_local_changes_are_merged_where_they_do_not_touch(desk: RuleDesk, source: Path) -> None:
    install(desk, source)
    desk.editor.save(TWO, rule_text(TWO, level="low"), "ann", "too loud", 0)
    write(source, {"a.yml": rule_text(TWO, more="falsepositives: [Tests]\n")})
    preview = install(desk, source)
    assert brief(preview) == {"merged": ["a.yml"]}
    file = desk.editor.file(TWO)
    assert file.text == rule_text(TWO, level="low", more="falsepositives: [Tests]\n")
    assert (file.local, file.upstream_changed) == (True, False)
    newest = desk.state.rule_versions(TWO)[0]
    assert (newest.origin, newest.number, newest.by) == ("merge", 2, "fengsui")


def test_a_conflict_keeps_ours_and_is_flagged(desk: RuleDesk, source: Path) -> None:
    install(desk, source)
    mine = rule_text(TWO, level="low")
    desk.editor.save(TWO, mine, "ann", "too loud", 0)
    theirs = rule_text(TWO, level="critical")
    write(source, {"a.yml": theirs})
    assert brief(install(desk, source)) == {"conflicts": ["a.yml"]}
    file = desk.editor.file(TWO)
    assert (file.text, file.upstream_changed, file.upstream_text) == (mine, True, theirs)
    _, _, _, merged = desk.editor.three_way(TWO)
    assert not merged.clean
    desk.editor.settle(
        TWO, "upstream", "", file.upstream_hash, by="ann", reason="theirs", version=1
    )
    file = desk.editor.file(TWO)
    assert (file.text, file.local, file.upstream_changed) == (theirs, False, False)


def test_upstream_takes_away_what_was_changed_here(desk: RuleDesk, source: Path) -> None:
    install(desk, source)
    mine = rule_text(THREE, level="low")
    desk.editor.save(THREE, mine, "ann", "", 0)
    (source / "deep/b.yml").unlink()
    assert brief(install(desk, source)) == {"conflicts": ["deep/b.yml"]}
    file = desk.editor.file(THREE)
    assert (file.text, file.upstream, file.upstream_changed) == (mine, None, True)


def test_a_change_made_after_the_preview_is_not_lost(desk: RuleDesk, source: Path) -> None:
    install(desk, source)
    desk.editor.save(TWO, rule_text(TWO, level="low"), "ann", "", 0)
    write(source, {"a.yml": rule_text(TWO, more="falsepositives: [Tests]\n")})
    preview = look(desk, source)
    desk.editor.save(TWO, rule_text(TWO, level="medium"), "bo", "", 1)
    with pytest.raises(BusyError):
        desk.packs.install(preview, "ann", "", allow_unsigned=True)
    assert desk.known().by_id[TWO].severity.word == "medium"
    assert brief(install(desk, source)) == {"merged": ["a.yml"]}
    assert desk.known().by_id[TWO].severity.word == "medium"


def test_a_rule_that_others_have_is_refused(desk: RuleDesk, source: Path) -> None:
    write(source, {"same.yml": rule_text(ONE, level="critical")})
    install(desk, source)
    known = desk.known()
    assert known.by_id[ONE].severity.word == "high"
    (refused,) = known.rules.loaded.refused
    assert known.rules.origin_of(refused.path)[0].name == "p"


def test_uploads_are_found_again_and_forgotten(desk: RuleDesk, source: Path) -> None:
    staged = desk.packs.stage(source, "up.zip")
    assert desk.packs.staged(staged.id) == staged
    for _ in range(10):
        desk.packs.stage(source)
    for gone in (staged.id, "ab" * 16, "../x"):
        with pytest.raises(NotFoundError):
            desk.packs.staged(gone)


def test_large_files_are_refused_and_the_rest_works(
    desk: RuleDesk, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "FILE_MOST", 2000)
    write(source, {"big.yml": "#" * 3000})
    preview = install(desk, source)
    assert [one.reason for one in preview.refused] == ["larger than 1 MiB"]
    assert THREE in desk.known().rules.file_of


def test_the_files_of_a_pack_are_gone(
    make_desk: Callable[[], RuleDesk], source: Path, settings: Settings
) -> None:
    install(make_desk(), source)
    (settings.home / "rules" / "packs").rename(settings.home / "lost")
    known = make_desk().known().rules
    assert sorted(known.file_of) == [ONE]  # the others go on
    assert [one.title for one in known.loaded.refused] == ["p"]
