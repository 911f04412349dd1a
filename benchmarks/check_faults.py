"""Labelled faults by item: how many are named, how many sound assets are blamed.

    python benchmarks/check_faults.py [tests/detections/compliance/assets …]

The cases are those of the tests: one fault each in a sound host, device, database or service. Live
databases and servers are among them where their Debian packages are installed; what is skipped is
counted. A case is named when its own unit is partly or does not conform.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable

import pytest

CASES = "tests/detections/compliance/assets"
_UNIT = re.compile(r"(?:L3-)?([A-Z]{3}1-\d\d)(?:\s.*)?")


class Table:
    """Outcomes of the cases as pytest reports them."""

    def __init__(self) -> None:
        self.units: dict[str, str] = {}
        self.faults: Counter[tuple[str, str]] = Counter()
        self.sound: Counter[str] = Counter()
        self.families: Counter[tuple[str, str]] = Counter()

    @pytest.hookimpl
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """The unit of each case: of its row, by its own words."""
        for item in items:
            given = getattr(getattr(item, "callspec", None), "params", {})
            tables = [
                value
                for name, value in vars(getattr(item, "module", item)).items()
                if name.isupper() and isinstance(value, dict)
            ]
            rows = [table[key] for key in given.values() if isinstance(key, str)
                    for table in tables if key in table]  # fmt: skip
            words = list(_words([*given.values(), *rows]))
            found = [match[1] for word in words if (match := _UNIT.fullmatch(word))]
            short = [f"CES1-{word}" for word in words if re.fullmatch(r"\d\d", word)]
            self.units[item.nodeid] = (found or short or [""])[0]

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count it."""
        if report.when != "call" and not (report.when == "setup" and report.skipped):
            return
        family = _family(report.nodeid)
        if "sound" in report.nodeid:
            self.sound[report.outcome] += 1
            self.families[family, "sound"] += 1
        elif self.units.get(report.nodeid):
            self.faults[self.units[report.nodeid], report.outcome] += 1
            self.families[family, "faults"] += 1


def _family(nodeid: str) -> str:
    """What the evidence of a case is: the folder of its tests, the file among databases."""
    path = nodeid.partition("::")[0]
    kinds = {
        "postgresql": "PostgreSQL, live",
        "mariadb": "MariaDB, live",
        "mysql8": "MySQL 8, answers written down",
        "/device/": "devices",
        "/probe/": "sshd and TLS, live",
        "/windows/": "Windows hosts",
    }
    return next((name for word, name in kinds.items() if word in path), "hosts")


def _words(values: Iterable[object]) -> Iterable[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, tuple | list):
            yield from _words(value)


def main() -> int:
    table = Table()
    places = sys.argv[1:] or [CASES]
    pytest.main(
        ["-q", "-p", "no:cacheprovider", "--no-header", "-r", "N", *places], plugins=[table]
    )
    units = sorted({unit for unit, _ in table.faults})
    print("\n| Unit | Faults | Named | Missed | Skipped |\n|---|---|---|---|---|")
    for unit in [*units, ""]:
        counts = [
            sum(
                n
                for (one, what), n in table.faults.items()
                if what == outcome and unit in {one, ""}
            )
            for outcome in ("passed", "failed", "skipped")
        ]
        name = f"L3-{unit}" if unit else "**all**"
        print(f"| {name} | {sum(counts)} | {counts[0]} | {counts[1]} | {counts[2]} |")
    print("\n| Family | Faults | Sound but unusual |\n|---|---|---|")
    for family in sorted({name for name, _ in table.families}):
        both = (table.families[family, kind] for kind in ("faults", "sound"))
        print(f"| {family} | " + " | ".join(map(str, both)) + " |")
    blamed, good = table.sound["failed"], table.sound["passed"]
    print(f"\nSound but unusual: {good + blamed}, wrongly blamed: {blamed}, "
          f"skipped: {table.sound['skipped']}")  # fmt: skip
    return 1 if blamed or any(what == "failed" for _, what in table.faults) else 0


if __name__ == "__main__":
    sys.exit(main())
