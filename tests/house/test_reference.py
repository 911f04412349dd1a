"""The generated reference is what the protocols and the registry say now."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from console.reference import COMMON, FOLDER, REMAKE, contents, main, pages
from fengsui.ecs import registry


def test_the_reference_is_up_to_date() -> None:
    found = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    made = contents()
    stale = sorted(name for name in made.keys() | found.keys() if made.get(name) != found.get(name))
    assert not stale, f"remake it with: {REMAKE}"


def test_every_field_of_a_page_is_in_the_registry() -> None:
    for page in pages():
        unknown = {name for fields in page.datasets.values() for name in fields} - registry().keys()
        assert not unknown, page.name
    assert not set(COMMON) - registry().keys()


def test_pages_of_protocols_that_are_gone_are_removed(tmp_path: Path) -> None:
    (tmp_path / "gone.md").write_text("old")
    main(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(contents())


def test_events_of_a_capture_have_no_field_that_is_not_described(
    bench: Callable[[str], Path], tmp_path: Path
) -> None:
    capture = bench("captures/office.pcap.zst")
    out = tmp_path / "events.ndjson"
    words = ["events", str(capture), "-o", str(out), "--json"]
    command = [sys.executable, "-m", "console.cli.main", *words]
    subprocess.run(command, check=True, capture_output=True)
    described: dict[str, set[str]] = {}
    for page in pages():
        for dataset, fields in page.datasets.items():
            described.setdefault(dataset, set(COMMON)).update(fields)
    missing: dict[str, set[str]] = {}
    with out.open("rb") as lines:
        for line in lines:
            event = json.loads(line)
            name = event["event.dataset"]
            missing.setdefault(name, set()).update(set(event) - described.get(name, set()))
    assert {name: fields for name, fields in missing.items() if fields} == {}
