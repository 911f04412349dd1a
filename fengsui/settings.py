"""Settings: defaults, then files, then the environment; each value remembers where it came from.

Files, in order: `/etc/fengsui/fengsui.toml`, `<home>/fengsui.toml`, `./fengsui.toml`, then the one
that `FENGSUI_SETTINGS` names. Environment: `FENGSUI_CONSOLE_PORT=8601` sets `console.port`;
`FENGSUI_HOME` sets where everything of this installation lives.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fengsui.errors import SettingsError

PREFIX = "FENGSUI_"
_NOT_SETTINGS = {"FENGSUI_HOME", "FENGSUI_SETTINGS", "FENGSUI_BENCH"}


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SensorSettings(_Section):
    """Packet and log sensors."""

    name: str = Field(default="sensor-1", description="name of this sensor in every event")
    max_flows: int = Field(
        default=262_144,
        ge=1024,
        le=16_777_216,
        description="flows kept at once; more evict the oldest",
    )
    follow: list[str] = Field(
        default_factory=list[str],
        description="folders whose captures and logs are read as they arrive",
    )


class SpoolSettings(_Section):
    """The durable queue between sensors and workers."""

    max_megabytes: int = Field(
        default=2048, ge=16, description="full at this size: intake stops and says so"
    )


class StoreSettings(_Section):
    """The event store."""

    memory_megabytes: int = Field(default=512, ge=64, description="bound for each reader's memory")
    threads: int = Field(default=2, ge=1, le=64, description="threads of each reader")
    retention_days: int = Field(
        default=184, ge=1, description="days that ordinary audit records are kept (six months)"
    )
    retention_days_public: int = Field(
        default=366, ge=1, description="days for public Internet services (one year)"
    )


class DetectionSettings(_Section):
    """Rules, models and indicator lists."""

    rules: list[str] = Field(
        default_factory=list[str], description="folders of Sigma rules besides our own"
    )
    indicators: list[str] = Field(
        default_factory=list[str], description="indicator lists: files of one value a line, or CSV"
    )
    allowed_domains: list[str] = Field(
        default_factory=list[str], description="registered domains never called a beacon or tunnel"
    )


class CorrelationSettings(_Section):
    """When alerts become an incident."""

    raise_at: float = Field(
        default=30.0, ge=0, le=100, description="score at which an incident is shown"
    )
    window_hours: float = Field(
        default=24.0, gt=0, description="alerts further apart are not joined by time"
    )


class ConsoleSettings(_Section):
    """API and web."""

    host: str = Field(default="127.0.0.1", description="address that the console listens on")
    port: int = Field(default=8600, ge=1, le=65535, description="port that the console listens on")
    session_hours: int = Field(
        default=12, ge=1, le=168, description="hours until a login must be repeated"
    )
    upload_megabytes: int = Field(
        default=512, ge=1, description="largest capture or log that may be uploaded"
    )
    language: str = Field(
        default="zh", pattern="^(zh|en)$", description="language before a user chooses"
    )


class Settings(_Section):
    """All settings of one installation."""

    home: Path = Path("~/.local/share/fengsui")
    sensor: SensorSettings = Field(default_factory=SensorSettings)
    spool: SpoolSettings = Field(default_factory=SpoolSettings)
    store: StoreSettings = Field(default_factory=StoreSettings)
    detection: DetectionSettings = Field(default_factory=DetectionSettings)
    correlation: CorrelationSettings = Field(default_factory=CorrelationSettings)
    console: ConsoleSettings = Field(default_factory=ConsoleSettings)

    @property
    def events_folder(self) -> Path:
        """Segments and catalogue of the embedded event store."""
        return self.home / "events"

    @property
    def state_file(self) -> Path:
        """SQLite file of the state."""
        return self.home / "state.sqlite"

    @property
    def spool_folder(self) -> Path:
        """The durable queue between sensors and workers."""
        return self.home / "spool"

    @property
    def captures_folder(self) -> Path:
        """Captures that were uploaded or made by drills."""
        return self.home / "captures"

    @property
    def assets_file(self) -> Path:
        """Units, systems, networks and assets, as written by people (TOML)."""
        return self.home / "assets.toml"


@dataclass(frozen=True, slots=True)
class Origin:
    """One setting as it is, and where that comes from (`default`, a file, a variable)."""

    name: str
    value: Any
    origin: str
    description: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """Valid settings with the origin of each value."""

    settings: Settings
    origins: tuple[Origin, ...]


def load_settings(
    environment: Mapping[str, str] | None = None, *, home: Path | None = None
) -> Loaded:
    """Read and check all settings.

    Args:
        environment: variables to read instead of the process's own.
        home: the installation's folder; wins over `FENGSUI_HOME`.

    Raises:
        SettingsError: a file is not TOML, a name is unknown or a value is out of range; says where
            the value came from and which places were looked in.
    """
    variables = os.environ if environment is None else environment  # noqa: TID251
    folder = (home or Path(variables.get("FENGSUI_HOME") or "~/.local/share/fengsui")).expanduser()
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    files = _files(folder, variables)
    for path in files:
        if path.is_file():
            _merge(values, origins, _read(path), str(path))
    for variable, text in sorted(variables.items()):
        if variable.startswith(PREFIX) and variable not in _NOT_SETTINGS:
            section, name = _split(variable)
            values.setdefault(section, {})[name] = _parsed(section, name, text)
            origins[f"{section}.{name}"] = f"environment variable {variable}"
    values["home"] = folder
    origins["home"] = (
        "argument" if home else "FENGSUI_HOME" if "FENGSUI_HOME" in variables else "default"
    )
    try:
        settings = Settings.model_validate(values)
    except ValidationError as error:
        raise _explained(error, origins, files) from error
    return Loaded(settings, tuple(_origins(settings, origins)))


def _files(home: Path, variables: Mapping[str, str]) -> list[Path]:
    named = variables.get("FENGSUI_SETTINGS")
    files = [Path("/etc/fengsui/fengsui.toml"), home / "fengsui.toml", Path("fengsui.toml")]
    return [*files, Path(named)] if named else files


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            "A settings file is not TOML", where=f"{path}: {error}", next="Mend the line named"
        ) from error
    except OSError as error:
        raise SettingsError(
            "A settings file cannot be read", where=f"{path}: {error}", next="Check its permissions"
        ) from error


def _merge(
    values: dict[str, Any], origins: dict[str, str], document: dict[str, Any], path: str
) -> None:
    for section, content in document.items():
        if isinstance(content, dict):
            inner = cast("dict[str, Any]", content)
            values.setdefault(section, {}).update(inner)
            origins.update({f"{section}.{name}": path for name in inner})
        else:
            values[section] = content
            origins[section] = path


def _split(variable: str) -> tuple[str, str]:
    section, _, name = variable.removeprefix(PREFIX).lower().partition("_")
    model = Settings.model_fields.get(section)
    fields = getattr(model.annotation, "model_fields", {}) if model else {}
    if name not in fields:
        known = sorted(
            f"{PREFIX}{s}_{n}".upper()
            for s, f in Settings.model_fields.items()
            for n in getattr(f.annotation, "model_fields", {})
        )
        raise SettingsError(
            f"{variable} sets nothing that exists",
            where=f"environment variable {variable}",
            next="Known: " + ", ".join(known),
            code="unknown_setting",
        )
    return section, name


def _parsed(section: str, name: str, text: str) -> Any:
    model = Settings.model_fields[section].annotation
    default = getattr(model, "model_fields", {})[name].get_default(call_default_factory=True)
    return [part for part in text.split(",") if part] if isinstance(default, list) else text


def _explained(error: ValidationError, origins: dict[str, str], files: list[Path]) -> SettingsError:
    first = error.errors()[0]
    name = ".".join(str(part) for part in first["loc"][:2])
    looked = ", ".join(str(path) for path in files) + f", environment variables {PREFIX}*"
    return SettingsError(
        f"The setting {name} is wrong: {first['msg']}",
        where=f"{name}, from {origins.get(name, 'default')} (looked in: {looked})",
        next="`fengsui settings show` lists every setting with its meaning",
    )


def _origins(settings: Settings, origins: dict[str, str]) -> list[Origin]:
    rows = [Origin("home", str(settings.home), origins["home"], "folder of this installation")]
    for section in Settings.model_fields:
        model = getattr(settings, section)
        if not isinstance(model, BaseModel):
            continue
        for name, field in type(model).model_fields.items():
            key = f"{section}.{name}"
            origin = origins.get(key, "default")
            rows.append(Origin(key, getattr(model, name), origin, field.description or ""))
    return rows
