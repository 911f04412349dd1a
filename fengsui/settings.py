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

from pydantic import BaseModel, Field, ValidationError, field_validator

from fengsui.ecs import DATASETS
from fengsui.errors import SettingsError
from fengsui.store.settings import Section, StateSettings, StoreSettings

PREFIX = "FENGSUI_"
_NOT_SETTINGS = {
    "FENGSUI_HOME",
    "FENGSUI_SETTINGS",
    "FENGSUI_BENCH",
    "FENGSUI_TEST_ELASTIC",
    "FENGSUI_TEST_POSTGRES",
}


class InterfaceSettings(Section):
    """One captured interface; in the settings a name alone stands for all defaults."""

    name: str = Field(
        min_length=1, max_length=15, pattern=r"^[^\s/]+$", description="as `ip link` shows it"
    )
    filter: str = Field(default="", description="BPF, in the words of tcpdump; empty takes all")
    plane: str = Field(
        default="", max_length=64, description="plane of all its events, such as data or video"
    )
    workers: int = Field(
        default=1, ge=1, le=256, description="processes that share it by flow, one a core"
    )
    ring_megabytes: int = Field(default=128, ge=4, le=16_384, description="ring of each worker")
    snap_length: int = Field(
        default=262_144, ge=64, le=262_144, description="bytes kept of a packet"
    )
    promiscuous: bool = Field(default=True, description="take what is not addressed to it too")
    protocols: list[str] = Field(
        default_factory=list[str],
        description="datasets to write, such as flow, dns, tls and http; none names all",
    )
    cores: list[int] = Field(
        default_factory=list[int],
        description="processors of its workers in turn; empty leaves it to the kernel",
    )

    @field_validator("protocols")
    @classmethod
    def _known(cls, value: list[str]) -> list[str]:
        if unknown := sorted(set(value) - set(DATASETS)):
            raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(sorted(DATASETS))}")
        return value


class SensorSettings(Section):
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
    interfaces: list[InterfaceSettings] = Field(
        default_factory=list[InterfaceSettings],
        description="interfaces captured live: names, or tables of name, filter, plane, workers, "
        "ring_megabytes, snap_length, promiscuous and cores",
    )
    user: str = Field(
        default="", description="user that decodes what is captured, where the sensor runs as root"
    )

    @field_validator("interfaces", mode="before")
    @classmethod
    def _names_stand_for_tables(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        entries: list[Any] = value
        return [{"name": entry} if isinstance(entry, str) else entry for entry in entries]

    @field_validator("interfaces")
    @classmethod
    def _each_once(cls, value: list[InterfaceSettings]) -> list[InterfaceSettings]:
        names = [entry.name for entry in value]
        if len(names) != len(set(names)):
            raise ValueError("an interface is named twice; give it more workers instead")
        return value


class FilesSettings(Section):
    """Files that protocols carry: hashed always, kept only where this asks for it."""

    keep: list[str] = Field(
        default_factory=lambda: ["none"],
        description='media types to keep, as "application/x-dosexec" or "application/*"; '
        'or "none", or "all"',
    )
    max_megabytes: int = Field(
        default=1024, ge=1, description="all kept files; the oldest make room, counted"
    )
    max_file_megabytes: int = Field(
        default=64, ge=1, description="largest file kept; larger ones are hashed only, counted"
    )
    folder: str = Field(
        default="files", min_length=1, description="where they are kept: a folder under home"
    )
    hashes: list[str] = Field(
        default_factory=lambda: ["md5", "sha1", "sha256", "sm3"],
        description="hashes made of every carried file; SM3 costs as much as the others together",
    )

    @field_validator("keep")
    @classmethod
    def _types(cls, value: list[str]) -> list[str]:
        bad = [one for one in value if one not in {"none", "all"} and "/" not in one]
        if bad:
            raise ValueError(f"{bad[0]!r} is no media type, pattern of one, none or all")
        return value

    @field_validator("hashes")
    @classmethod
    def _known_hashes(cls, value: list[str]) -> list[str]:
        bad = [one for one in value if one not in {"md5", "sha1", "sha256", "sm3"}]
        if bad:
            raise ValueError(f"{bad[0]!r} is none of md5, sha1, sha256 and sm3")
        return value

    @field_validator("folder")
    @classmethod
    def _under_home(cls, value: str) -> str:
        path = Path(value)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError("name a folder under home, without ..")
        return value

    @property
    def kept_types(self) -> tuple[str, ...]:
        """Patterns of media types to keep; empty where nothing is kept."""
        if "none" in self.keep:
            return ()
        return ("*",) if "all" in self.keep else tuple(self.keep)


class PacketSettings(Section):
    """The ring of recent packets on disk."""

    keep: bool = Field(default=False, description="keep recent packets of what is sensed")
    folder: str = Field(default="", description="where they are kept (default: <home>/packets)")
    max_gigabytes: float = Field(
        default=50.0, ge=0.1, description="bound of all segments; the oldest make room"
    )
    max_hours: float = Field(
        default=0.0, ge=0, description="packets older than this are removed; 0 keeps by size alone"
    )
    segment_megabytes: int = Field(default=64, ge=1, le=1024, description="size of one file")
    reserve_gigabytes: float = Field(
        default=2.0, ge=0, description="left free on that disk: with less, keeping pauses"
    )
    key_file: str = Field(
        default="", description="seal packets with the key in this file (AES-256-GCM)"
    )
    old_key_files: list[str] = Field(
        default_factory=list[str], description="keys of packets that were sealed before"
    )


class SpoolSettings(Section):
    """The durable queue between sensors and workers."""

    max_megabytes: int = Field(
        default=2048, ge=16, description="full at this size: intake stops and says so"
    )


class DetectionSettings(Section):
    """Rules, models and indicator lists."""

    rules: list[str] = Field(
        default_factory=list[str], description="folders of Sigma rules besides our own"
    )
    pack_keys: list[str] = Field(
        default_factory=list[str],
        description="Ed25519 keys trusted to sign rule packs: 32 bytes in base64, or PEM files",
    )
    indicators: list[str] = Field(
        default_factory=list[str], description="indicator lists: files of one value a line, or CSV"
    )
    allowed_domains: list[str] = Field(
        default_factory=list[str], description="registered domains never called a beacon or tunnel"
    )
    placeholders: dict[str, list[str | int | float]] = Field(
        default_factory=dict[str, list[str | int | float]],
        description="values of %name% in Sigma rules (modifier expand), by name",
    )
    rule_budget_us: float = Field(
        default=200.0,
        ge=0,
        description="microseconds an event that a Sigma rule may take on average before it is parked;"
        " 0: no limit",
    )
    scheduled: list[str] = Field(
        default_factory=list[str],
        description='correlations, by id or name, also run over what all workers stored; or "all"',
    )
    scheduled_minutes: float = Field(default=5.0, ge=0.1, le=1440, description="between such runs")
    scheduled_lateness_seconds: float = Field(
        default=120.0, ge=0, le=86_400, description="they leave the newest out: it may still arrive"
    )
    scheduled_run_seconds: float = Field(
        default=120.0, gt=0, le=86_400, description="bound of one run; the next goes on from there"
    )


class CorrelationSettings(Section):
    """When alerts become an incident."""

    raise_at: float = Field(
        default=30.0, ge=0, le=100, description="score at which an incident is shown"
    )
    window_hours: float = Field(
        default=24.0, gt=0, description="alerts further apart are not joined by time"
    )
    budget: int = Field(
        default=40,
        ge=1,
        description="incidents that a shift can answer; the lower ones are listed below the line",
    )
    shift_hours: float = Field(default=8.0, gt=0, le=168, description="length of a shift")


class SituationSettings(Section):
    """Gauges, forecasts and warnings."""

    capacity_megabits: dict[str, float] = Field(
        default_factory=dict[str, float],
        description="capacity in Mbit/s of each plane's uplink by its name, and of all together as"
        ' "all"; without it a forecast of traffic has no share of a capacity',
    )

    @field_validator("capacity_megabits")
    @classmethod
    def _positive(cls, value: dict[str, float]) -> dict[str, float]:
        if bad := sorted(name for name, rate in value.items() if not rate > 0):
            raise ValueError(f"the capacity of {', '.join(bad)} must be above 0")
        return value


class ConsoleSettings(Section):
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


class SecretsSettings(Section):
    """Where passwords of collected hosts, devices and databases are kept (`fengsui secrets`)."""

    kind: str = Field(
        default="file",
        pattern="^(file|keyring)$",
        description="file: AES-256-GCM in the installation's folder; keyring: that of the system",
    )
    key_file: str = Field(
        default="",
        description="file (mode 600) whose first line opens the secrets; empty: secrets.key beside"
        " them, made at first use",
    )


class Settings(Section):
    """All settings of one installation."""

    home: Path = Path("~/.local/share/fengsui")
    sensor: SensorSettings = Field(default_factory=SensorSettings)
    files: FilesSettings = Field(default_factory=FilesSettings)
    packets: PacketSettings = Field(default_factory=PacketSettings)
    spool: SpoolSettings = Field(default_factory=SpoolSettings)
    store: StoreSettings = Field(default_factory=StoreSettings)
    state: StateSettings = Field(default_factory=StateSettings)
    detection: DetectionSettings = Field(default_factory=DetectionSettings)
    correlation: CorrelationSettings = Field(default_factory=CorrelationSettings)
    situation: SituationSettings = Field(default_factory=SituationSettings)
    console: ConsoleSettings = Field(default_factory=ConsoleSettings)
    secrets: SecretsSettings = Field(default_factory=SecretsSettings)

    @property
    def events_folder(self) -> Path:
        """Segments and catalogue of the embedded event store."""
        return self.home / "events"

    @property
    def state_file(self) -> Path:
        """SQLite file of the state."""
        return self.home / "state.sqlite"

    @property
    def has_state(self) -> bool:
        """Whether something was kept here before (a server counts as that)."""
        return bool(self.state.url.get_secret_value()) or self.state_file.exists()

    @property
    def state_url(self) -> str:
        """Address of the state's database; may hold a password."""
        return self.state.url.get_secret_value() or f"sqlite:///{self.state_file}"

    @property
    def spool_folder(self) -> Path:
        """The durable queue between sensors and workers."""
        return self.home / "spool"

    @property
    def files_folder(self) -> Path:
        """Carried files that the policy `files.keep` asked for."""
        return self.home / self.files.folder

    @property
    def packets_folder(self) -> Path:
        """The ring of recent packets."""
        return (
            Path(self.packets.folder).expanduser() if self.packets.folder else self.home / "packets"
        )

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
    name = ".".join(str(part) for part in first["loc"])
    known = ".".join(str(part) for part in first["loc"][:2])
    looked = ", ".join(str(path) for path in files) + f", environment variables {PREFIX}*"
    return SettingsError(
        f"The setting {name} is wrong: {first['msg']}",
        where=f"{name}, from {origins.get(known, 'default')} (looked in: {looked})",
        next="`fengsui settings show` lists every setting with its meaning",
    )


def _origins(settings: Settings, origins: dict[str, str]) -> list[Origin]:
    rows = [Origin("home", str(settings.home), origins["home"], "folder of this installation")]
    for section in Settings.model_fields:
        model = getattr(settings, section)
        if not isinstance(model, BaseModel):
            continue
        plain = model.model_dump(mode="json")
        for name, field in type(model).model_fields.items():
            key = f"{section}.{name}"
            origin = origins.get(key, "default")
            rows.append(Origin(key, plain[name], origin, field.description or ""))
    return rows
