"""Secrets: what was put comes back; the file tells nothing, and opens with its own key only."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from console.cli.main import make_app
from console.security import vault
from console.security.vault import FileVault, open_vault
from fengsui.errors import FengsuiError, InputError, NotFoundError, StoreError, UsageError
from fengsui.settings import load_settings

NAMES = st.from_regex(r"[A-Za-z0-9_.@:-]{1,64}", fullmatch=True)
VALUES = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1)


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost is what makes it slow, and nothing that is held here depends on it."""
    monkeypatch.setattr(vault, "_COST", {"n": 16, "r": 8, "p": 1})


def made(folder: Path) -> FileVault:
    return FileVault(folder / "secrets.sealed", folder / "secrets.key", make_key=True)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_put_comes_back(
    tmp_path_factory: pytest.TempPathFactory, held: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("vault")
    for name, value in held.items():
        made(folder).put(name, value)
    again = made(folder)
    assert again.names() == sorted(held)
    assert {name: again.get(name) for name in held} == held
    for name in held:
        again.remove(name)
    assert again.names() == []


def test_the_file_tells_neither_names_nor_values(tmp_path: Path) -> None:
    one = made(tmp_path)
    one.put("core-switch", "correct horse battery")
    for path in tmp_path.iterdir():
        assert path.stat().st_mode & 0o077 == 0
        assert b"core-switch" not in path.read_bytes()
        assert b"battery" not in path.read_bytes()


@given(st.data())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_changed_file_does_not_open(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "secrets.sealed"
    one = made(tmp_path)
    one.put("a", "secret value")
    held = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(held) - 1))
    held[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(held)
    try:
        found, code = one.get("a"), ""
    except FengsuiError as error:
        found, code = str(error), error.code
    path.unlink()
    # A bit that base64 does not use may change nothing.
    assert found == "secret value" if not code else code == "secrets_closed"
    assert not code or "secret value" not in found


def test_another_key_and_an_open_key_are_refused(tmp_path: Path) -> None:
    one = made(tmp_path)
    one.put("a", "x")
    key = tmp_path / "secrets.key"
    kept = key.read_text()
    key.write_text("another word\n")
    with pytest.raises(StoreError):
        one.get("a")
    key.write_text(kept)
    key.chmod(0o644)
    with pytest.raises(InputError):
        one.get("a")


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 65])
def test_a_name_is_a_word(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        made(tmp_path).put(name, "x")


def test_the_commands_show_names_only(tmp_path: Path) -> None:
    run = CliRunner()
    app = make_app(["secrets"])
    store = ["--store", str(tmp_path)]
    done = run.invoke(app, ["secrets", "set", "web", *store], input="pa55 word\npa55 word\n")
    assert done.exit_code == 0, done.output
    listed = run.invoke(app, ["secrets", "list", "--json", *store])
    assert '"web"' in listed.output
    assert "pa55" not in done.output + listed.output
    assert open_vault(load_settings({}, home=tmp_path).settings).get("web") == "pa55 word"
    assert run.invoke(app, ["secrets", "remove", "web", *store]).exit_code == 0
    with pytest.raises(NotFoundError):
        open_vault(load_settings({}, home=tmp_path).settings).get("web")


def test_the_keyring_is_used_where_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring = pytest.importorskip("keyring")
    from keyring.backend import KeyringBackend
    from keyring.errors import PasswordDeleteError

    class Kept(KeyringBackend):
        priority = 1  # type: ignore[assignment]

        def __init__(self) -> None:
            self.held: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.held.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.held[service, username] = password

        def delete_password(self, service: str, username: str) -> None:
            if self.held.pop((service, username), None) is None:
                raise PasswordDeleteError

    before = keyring.get_keyring()
    keyring.set_keyring(Kept())
    try:
        chosen = load_settings({"FENGSUI_SECRETS_KIND": "keyring"}, home=tmp_path).settings
        one = open_vault(chosen)
        one.put("web", "pa55")
        one.put("db", "word")
        assert (one.names(), one.get("web")) == (["db", "web"], "pa55")
        one.remove("web")
        assert one.names() == ["db"]
        with pytest.raises(NotFoundError):
            one.get("web")
        assert not list(tmp_path.iterdir())
        monkeypatch.setitem(sys.modules, "keyring", None)
        with pytest.raises(FengsuiError, match="extra"):
            open_vault(chosen)
    finally:
        keyring.set_keyring(before)
    assert isinstance(keyring, ModuleType)
