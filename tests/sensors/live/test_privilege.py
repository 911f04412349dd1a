"""What capturing needs, told exactly, and given up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from fengsui.errors import SettingsError
from sensors.live.privilege import (
    check_user,
    held,
    load_codecs,
    setcap_line,
    without_threads,
)

DROPPED = """
import sys
from sensors.live.privilege import drop, held
from sensors.live.interface import Interface
from sensors.live.ring import open_socket
from fengsui.errors import FengsuiError
drop("")
try:
    open_socket(Interface("lo"))
except FengsuiError as error:
    print(error.code)
    print(error)
    print(sum(held().values()))
"""


def test_without_capability_the_setcap_line_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-c", DROPPED], capture_output=True, text=True, check=True
    )
    code, *lines, left = done.stdout.splitlines()
    if code == "interface_down":
        pytest.skip("lo is down here")
    assert (code, len(lines), left) == ("not_permitted", 3, "0")
    python = Path(sys.executable).resolve()
    assert lines[2].endswith(f"setcap cap_net_raw,cap_net_admin=eip {python}")


def test_capabilities_are_read() -> None:
    assert set(held()) == {"CapInh", "CapPrm", "CapEff", "CapAmb"}
    assert str(Path(sys.executable).resolve()) in setcap_line()


def test_users(monkeypatch: pytest.MonkeyPatch) -> None:
    check_user("")
    with pytest.raises(SettingsError, match="no user"):
        check_user("fengsui-nobody-here")
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    with pytest.raises(SettingsError, match="Only root"):
        check_user("root")


THREADS = """
import codecs, numpy, os
from sensors.live.privilege import drop, held, load_codecs
load_codecs()
drop("")
os.chdir("/")
codecs.lookup("gb18030")
print(len(os.listdir("/proc/self/task")), sum(held().values()))
"""


def test_no_thread_keeps_a_capability() -> None:
    done = subprocess.run(
        [sys.executable, "-c", THREADS], capture_output=True, text=True, check=True,
        env=without_threads(),
    )  # fmt: skip
    assert done.stdout.split() == ["1", "0"]


def test_encodings_are_there_before_their_files_are_closed() -> None:
    load_codecs()
    assert {"encodings.gb18030", "encodings.utf_16", "encodings.idna"} <= set(sys.modules)
