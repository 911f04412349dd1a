"""The cluster to try of `docs/operating/stores.md`: its nodes find each other and keep their data."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from tests import servers

PAGE = Path(__file__).resolve().parents[4] / "docs/operating/stores.md"
KEYS = {"image", "environment", "ports", "volumes", "ulimits", "depends_on"}
"""Of the compose specification, those that are used."""


def composed() -> dict[str, Any]:
    (block,) = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    found: dict[str, Any] = yaml.safe_load(block)
    return found


def test_three_nodes_that_know_each_other() -> None:
    document = composed()
    assert set(document) == {"services", "volumes"}
    services = document["services"]
    assert all(set(one) <= KEYS for one in services.values())
    nodes = {name: one for name, one in services.items() if "elasticsearch" in one["image"]}
    assert len(nodes) == 3
    known = sorted(nodes)
    ports: set[str] = set()
    for name, node in nodes.items():
        settings = node["environment"]
        assert settings["node.name"] == name
        assert sorted(settings["discovery.seed_hosts"].split(",")) == known
        assert sorted(settings["cluster.initial_master_nodes"].split(",")) == known
        assert {one["environment"]["cluster.name"] for one in nodes.values()} == {"fengsui"}
        (volume,) = node["volumes"]
        assert volume == f"{name}:/usr/share/elasticsearch/data"
        assert volume.partition(":")[0] in document["volumes"]
        (port,) = node["ports"]
        assert port.startswith("127.0.0.1:"), "security is off there"
        assert port.endswith(":9200")
        ports.add(port)
    assert len(ports) == 3


def test_its_settings_are_those_of_the_nodes_that_the_suite_runs_on() -> None:
    """What our own three nodes are started with, `tests/servers.py`, is what tells that it works."""
    source = Path(servers.__file__).read_text("utf-8")
    for node in composed()["services"].values():
        for name in node["environment"]:
            if name not in {"ES_JAVA_OPTS", "ELASTICSEARCH_HOSTS"}:
                assert f"{name}:" in source, name


def test_one_version_that_the_suite_runs_on() -> None:
    images = {one["image"] for one in composed()["services"].values()}
    assert {image.rpartition(":")[2] for image in images} == {servers.VERSION}
