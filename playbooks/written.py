"""YAML that people write, read with the line of every value, so that an error can say where.

Aliases are refused (they let a small file become a huge one), and so are repeated keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import yaml

from fengsui.errors import RuleError

LARGEST: Final = 256 * 1024  # bytes of one file

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """A document as plain values, with the line (from 1) of each path in it."""

    name: str
    value: Any
    lines: Mapping[Path, int]

    def error(self, what: str, path: Path = (), next: str = "") -> RuleError:  # noqa: A002
        """An error at a path; where the path is absent, at the nearest one above."""
        at = path
        while at not in self.lines and at:
            at = at[:-1]
        return RuleError(
            what,
            where=f"{self.name}:{self.lines.get(at, 1)}",
            next=next or "Mend the line named",
            code="bad_playbook",
        )


def read_yaml(text: str, name: str) -> Written:
    """Parse one document; `name` is what errors call the file.

    Raises:
        RuleError: too large, not YAML, an alias, or a key that is repeated or no text.
    """
    lines: dict[Path, int] = {}
    where = Written(name, None, lines)
    if len(text) > LARGEST:
        raise where.error(f"The file is larger than {LARGEST // 1024} KiB")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text)):
            raise where.error("Aliases (*name) are not taken", next="Write the value out")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        value = _plain(root, (), lines, where) if root else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise RuleError(
            f"The file is not YAML: {error.problem}",
            where=f"{name}:{mark.line + 1 if mark else 1}",
            next="Mend the line named",
            code="bad_playbook",
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise where.error("The file is not YAML, or nested too deeply") from error
    return Written(name, value, lines)


def mapping_at(
    written: Written, path: Path, known: frozenset[str], needed: frozenset[str]
) -> dict[str, Any]:
    """The mapping at a path, with only known keys and all that are needed; RuleError otherwise."""
    value = _at(written, path)
    if not isinstance(value, dict):
        raise written.error("A mapping is expected here", path)
    names = set(cast("dict[str, Any]", value))
    if names - known:
        unknown = min(names - known)
        raise written.error(
            f"{unknown} is not known here", (*path, unknown), "Known: " + ", ".join(sorted(known))
        )
    if needed - names:
        raise written.error(f"{min(needed - names)} is missing", path)
    return cast("dict[str, Any]", value)


def list_at(written: Written, path: Path) -> list[Any]:
    """The list at a path, with something in it; RuleError otherwise."""
    value = _at(written, path)
    if not isinstance(value, list) or not value:
        raise written.error(f"{path[-1]} must be a list with something in it", path)
    return value


def texts_at(written: Written, path: Path) -> None:
    """Check that a path holds one sentence in each language; RuleError otherwise."""
    value = mapping_at(written, path, frozenset({"zh", "en"}), frozenset({"zh", "en"}))
    if not all(isinstance(text, str) and text.strip() for text in value.values()):
        raise written.error("zh and en must be sentences", path)


def _at(written: Written, path: Path) -> Any:
    value = written.value
    for name in path:
        value = value[name]
    return value


def _plain(node: yaml.Node, path: Path, lines: dict[Path, int], where: Written) -> Any:
    lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            inner = (*path, name)
            lines[inner] = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode) or name in found:
                raise where.error(f"The key {name} is repeated or is no text", inner)
            found[name] = _plain(value, inner, lines, where)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(value, (*path, n), lines, where) for n, value in enumerate(node.value)]
    return yaml.SafeLoader("").construct_object(node)
