"""`fengsui hunt --rules`: the options of a hunt over files."""

from __future__ import annotations

import atexit
import gc
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

from console.cli.hunt_report import FORMATS, write
from console.hunting import Hunted, Wanted, hunt
from detections.sigma.cache import loaded_once
from detections.sigma.loaded import Loaded
from detections.sigma.mapping import Logsource
from fengsui.errors import InputError, UsageError
from fengsui.severity import Severity

OWN = "own"
_LOGSOURCE = ("product", "category", "service")


def hunt_files(  # noqa: PLR0913 - each is an option of the command
    what: Sequence[str],
    rules: Sequence[str],
    *,
    logsource: str,
    level: str,
    rule: Sequence[str],
    limit_hits: int,
    form: str,
    output: Path | None,
    placeholders: Path | None,
) -> None:
    """Run a hunt over files and show it; the arguments are those of the command.

    Raises:
        UsageError: an option has a value that it does not take.
        FengsuiError: as `console.hunting.hunt`.
    """
    checked(form, what)
    atexit.register(gc.freeze)  # all goes with the process: it need not be walked once more
    wanted = wanted_of(level, rule, limit_hits, logsource)
    loaded = rules_of(rules, placeholders)
    if form != "table" and not sys.stderr.isatty():
        found = hunt(loaded, what, wanted, lambda _done, _total, _name: None)
    else:
        # Imported here: what only people look at.
        with import_module("console.cli.output").progress() as tell:
            found = hunt(loaded, what, wanted, tell)
    if output is not None:
        _into(output, found, form)
    else:
        write(found, form, sys.stdout)


def rules_of(places: Sequence[str], placeholders: Path | None) -> Loaded:
    """The rules of these places; `own` stands for ours.

    Raises:
        RuleError: a place cannot be read.
        InputError: the file of placeholders cannot.
    """
    values = placeholders_of(placeholders) if placeholders else {}

    def load(named: Sequence[Path]) -> Loaded:
        # Imported only where the cache does not have them: half of the time of a start.
        loading = import_module("detections.sigma.quick_loading")
        loaded: Loaded = loading.load_quickly(named, values)
        return loaded

    own = Path(str(import_module("detections").__path__[0])) / "rules"
    named = [own if one == OWN else Path(one) for one in places]
    return loaded_once(named, values, load, later=atexit.register)


def placeholders_of(path: Path) -> dict[str, list[str | int | float]]:
    """Names and their values from a YAML file: a map of names to a value or a list of values.

    Raises:
        InputError: it cannot be read, or has another shape.
    """
    yaml = import_module("yaml")
    try:
        document = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(
            f"The placeholders cannot be read: {getattr(error, 'strerror', '') or error}".replace(
                "\n", " "
            ),
            where=str(path),
            next="Write one `name: [value, value]` a line",
        ) from error
    if not isinstance(document, Mapping):
        raise InputError(
            "Placeholders are a map of names to values",
            where=str(path),
            next="Write one `name: [value, value]` a line",
        )
    return {
        str(name): list(value) if isinstance(value, list) else [value]
        for name, value in document.items()
    }


def checked(form: str, paths: Sequence[str]) -> None:
    """Refuse what can be refused before rules are loaded.

    Raises:
        UsageError: there is no such format, or no file is named.
    """
    if form not in FORMATS:
        raise UsageError(
            f"{form!r} is no format", where="--format", next="Known: " + ", ".join(FORMATS)
        )
    if not paths:
        raise UsageError(
            "No file is named",
            where="fengsui hunt --rules",
            next="Name logs, captures or folders; - is standard input",
        )


def wanted_of(level: str, rules: Sequence[str], limit: int, logsource: str) -> Wanted:
    """What the options ask for.

    Raises:
        UsageError: one has a value that it does not take.
    """
    return Wanted(level_of(level), frozenset(rules), limit, logsource_of(logsource))


def logsource_of(text: str) -> Logsource | None:
    """`category=process_creation,product=windows` as a log source; None for nothing.

    Raises:
        UsageError: another word, or no value.
    """
    if not text:
        return None
    found: dict[str, str] = {}
    for part in text.split(","):
        name, _, value = part.partition("=")
        if name.strip() not in _LOGSOURCE or not value.strip():
            raise UsageError(
                f"{part!r} is no part of a log source",
                where="--logsource",
                next="Write category=process_creation,product=windows (product, category, service)",
            )
        found[name.strip()] = value.strip()
    return Logsource(*(found.get(name, "") for name in _LOGSOURCE))


def level_of(text: str) -> Severity:
    """The severity of a Sigma level.

    Raises:
        UsageError: there is no such level.
    """
    try:
        return Severity.parse(text or "informational")
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no level",
            where="--level",
            next="Known: informational, low, medium, high, critical",
        ) from error


def _into(output: Path, found: Hunted, form: str) -> None:
    try:
        with output.open("w", encoding="utf-8") as file:
            write(found, form, file)
    except OSError as error:
        raise InputError(
            f"The report cannot be written: {error.strerror or error}",
            where=str(output),
            next="Name another file with --output",
        ) from error
