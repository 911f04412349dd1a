from __future__ import annotations

from pathlib import Path

import pytest

from fengsui.errors import SettingsError
from fengsui.settings import load_settings


def origin(loaded: object, name: str) -> str:
    return next(o.origin for o in loaded.origins if o.name == name)  # type: ignore[attr-defined]


def test_defaults_say_so(tmp_path: Path) -> None:
    loaded = load_settings({}, home=tmp_path)
    assert loaded.settings.console.port == 8600
    assert origin(loaded, "console.port") == "default"
    assert all(o.description for o in loaded.origins)


def test_the_environment_wins_over_the_file_and_each_value_knows_its_origin(tmp_path: Path) -> None:
    (tmp_path / "fengsui.toml").write_text("[console]\nport = 9000\nhost = '0.0.0.0'\n")
    loaded = load_settings({"FENGSUI_CONSOLE_PORT": "9001"}, home=tmp_path)
    assert (loaded.settings.console.port, loaded.settings.console.host) == (9001, "0.0.0.0")
    assert origin(loaded, "console.port") == "environment variable FENGSUI_CONSOLE_PORT"
    assert origin(loaded, "console.host") == str(tmp_path / "fengsui.toml")


def test_lists_come_from_commas(tmp_path: Path) -> None:
    loaded = load_settings({"FENGSUI_DETECTION_RULES": "a,b"}, home=tmp_path)
    assert loaded.settings.detection.rules == ["a", "b"]


def test_an_interface_is_a_name_or_a_table(tmp_path: Path) -> None:
    (tmp_path / "fengsui.toml").write_text(
        '[sensor]\ninterfaces = ["eth0", { name = "eth1", plane = "video", workers = 2 }]'
    )
    loaded = load_settings({}, home=tmp_path)
    one, two = loaded.settings.sensor.interfaces
    assert (one.name, one.workers, one.promiscuous) == ("eth0", 1, True)
    assert (two.name, two.plane, two.workers) == ("eth1", "video", 2)
    row = next(each for each in loaded.origins if each.name == "sensor.interfaces")
    assert row.value[1]["plane"] == "video"
    named = load_settings({"FENGSUI_SENSOR_INTERFACES": "eth0,eth1"}, home=tmp_path / "none")
    assert [each.name for each in named.settings.sensor.interfaces] == ["eth0", "eth1"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ('["eth0", "eth0"]', "named twice"),
        ('[{ name = "eth0", workers = 0 }]', "sensor.interfaces.0.workers"),
        ('[{ name = "eth0", protocols = ["flwo"] }]', "flwo"),
        ('[{ name = "a name that is too long" }]', "sensor.interfaces.0.name"),
    ],
)
def test_a_wrong_interface_is_named(tmp_path: Path, words: str, says: str) -> None:
    (tmp_path / "fengsui.toml").write_text(f"[sensor]\ninterfaces = {words}")
    with pytest.raises(SettingsError) as caught:
        load_settings({}, home=tmp_path)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("environment", "toml", "where"),
    [
        ({"FENGSUI_CONSOLE_PORT": "99999999"}, "", "FENGSUI_CONSOLE_PORT"),
        ({"FENGSUI_CONSOLE_PROT": "1"}, "", "FENGSUI_CONSOLE_PROT"),
        ({}, "[console]\nprot = 1\n", "console.prot"),
        ({}, "[console\n", "fengsui.toml"),
        ({}, "port = 1\n", "port"),
    ],
)
def test_a_wrong_setting_is_named_with_its_place(
    tmp_path: Path, environment: dict[str, str], toml: str, where: str
) -> None:
    (tmp_path / "fengsui.toml").write_text(toml)
    with pytest.raises(SettingsError) as caught:
        load_settings(environment, home=tmp_path)
    assert where in caught.value.where
    assert caught.value.next
