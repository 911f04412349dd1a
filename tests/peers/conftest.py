"""Fixtures for tests with real servers and clients, on hosts of the test's own.

They need root for network namespaces; what is not installed is skipped with its package's name.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from sensors.packet.native import warm_up
from tests.peers.keys import Keys
from tests.peers.lan import Lan, program


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The replay comes last: it plays again what all the others have recorded."""
    items.sort(key=lambda item: item.path.name == "test_replay.py")


@pytest.fixture(scope="session")
def lan() -> Iterator[Lan]:
    """A client's and a server's host, joined by a wire."""
    if os.geteuid() != 0:
        pytest.skip("network namespaces need root")
    if shutil.which("ip") is None:
        pytest.skip("ip is not installed: apt-get install iproute2")
    program("tcpdump", "tcpdump")
    with tempfile.TemporaryDirectory(prefix="peers") as name:
        folder = Path(name)
        folder.chmod(0o755)  # servers that give up root have to get through
        made = Lan(folder)
        try:
            try:
                made.build()
            except subprocess.CalledProcessError as error:
                pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
            warm_up()
            yield made
        finally:
            made.close()


@pytest.fixture(scope="session")
def keys(lan: Lan) -> Keys:
    """A certificate authority, and a server's certificate of it."""
    return Keys(lan.folder, program("openssl", "openssl"))
