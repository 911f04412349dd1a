"""`docs/operating/stores.md`, followed by copy and paste: laptop, cluster, backup, and back."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fengsui.ids import digest_id
from tests import servers
from tests.contract.conftest import drop, elastic_address
from tests.journeys.test_bad_input import GOOD

pytestmark = pytest.mark.journey

PAGE = Path(__file__).resolve().parents[2] / "docs/operating/stores.md"


def blocks_of(page: Path) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)


BLOCKS = blocks_of(PAGE)


class Shell:
    """Runs blocks of the page in an installation of its own."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        capture = folder / "some.pcap"
        capture.write_bytes(GOOD)
        self.environment = {
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "FENGSUI_HOME": str(self.home),
            "CAPTURE": str(capture),
        }

    def run(self, block: str, **more: str) -> str:
        done = subprocess.run(
            ["bash", "-euc", block],
            env=self.environment | more,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def held(self, home: Path, **more: str) -> dict[str, int]:
        text = self.run(f'fengsui --home "{home}" store status --json', **more)
        return {row["dataset"]: row["events"] for row in json.loads(text)["datasets"]}


def block(word: str) -> str:
    return next(one for one in BLOCKS if word in one)


def test_from_a_laptop_and_back_from_a_backup(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    shell.run(block("replay"))
    held = shell.held(shell.home)
    assert sum(held.values()) > 0
    shell.run(block("fengsui backup"))
    assert "counts and hashes equal" in shell.run(block("/../drill"))
    assert shell.held(tmp_path / "drill") == held
    shell.run(block("sm4-gcm"))
    heads = {path.read_bytes()[:8] for path in (tmp_path / "backup-sm4").glob("*.sealed")}
    assert heads == {b"FSBACKU4"}
    evidence = json.loads(next((tmp_path / "drill").glob("restored-*.json")).read_text())
    assert evidence["events"] == sum(held.values())


def test_the_other_pages(tmp_path: Path) -> None:
    """Every command of the recipe of retro-hunts, and of the page of sizes."""
    shell = Shell(tmp_path)
    shell.run(block("replay"))
    for page in ("recipes/retro_hunt.md", "operating/sizing.md"):
        for one in blocks_of(PAGE.parents[1] / page):
            assert shell.run(one)


def test_from_a_laptop_to_a_cluster_and_back(tmp_path: Path) -> None:
    found = servers.running().get("elastic")
    address = elastic_address(tmp_path)  # skips where there is none
    assert found
    cluster = {
        "FENGSUI_STORE_ELASTIC_URLS": ",".join(found["urls"]),
        "FENGSUI_STORE_ELASTIC_PREFIX": address.prefix,
        "FENGSUI_STORE_ELASTIC_USER": address.user,
        "FENGSUI_STORE_ELASTIC_PASSWORD": address.password,
        "FENGSUI_STORE_ELASTIC_CA_FILE": address.ca_file,
    }
    on_cluster = {**cluster, "FENGSUI_STORE_KIND": "elastic"}
    shell = Shell(tmp_path)
    shell.run(block("replay"))
    held = shell.held(shell.home)
    try:
        shell.run(block("store init"), **on_cluster)
        shell.run(block("store copy"), **cluster)
        assert shell.held(shell.home, **on_cluster) == held
        again = shell.run("fengsui store copy --from embedded --to elastic --json", **cluster)
        assert json.loads(again)["copied"] == 0
        other = str(tmp_path / "other")
        shell.run(f'fengsui --home "{other}" store copy --from elastic --to embedded', **cluster)
        assert shell.held(tmp_path / "other") == held
    finally:
        drop(address)


def test_the_pipeline_finds_the_same_on_a_cluster(tmp_path: Path) -> None:
    """A capture, on files and on a cluster: the same events, alerts and incidents."""
    address = elastic_address(tmp_path / "drill")
    shell = Shell(tmp_path)
    replay = "fengsui replay $CAPTURE --store $FENGSUI_HOME --json"
    local = json.loads(shell.run(replay))
    cluster = {
        "FENGSUI_STORE_KIND": "elastic",
        "FENGSUI_STORE_ELASTIC_URLS": ",".join(address.urls),
        "FENGSUI_STORE_ELASTIC_PREFIX": address.prefix,
        "FENGSUI_STORE_ELASTIC_USER": address.user,
        "FENGSUI_STORE_ELASTIC_PASSWORD": address.password,
        "FENGSUI_STORE_ELASTIC_CA_FILE": address.ca_file,
        "FENGSUI_HOME": str(tmp_path / digest_id("another home")),
    }
    try:
        remote = json.loads(shell.run(replay, **cluster))
    finally:
        drop(address)
    for name in ("events", "added", "duplicates", "kinds"):
        assert remote[name] == local[name]
    for name in ("alerts", "incidents"):
        assert [one["id"] for one in remote[name]] == [one["id"] for one in local[name]]
