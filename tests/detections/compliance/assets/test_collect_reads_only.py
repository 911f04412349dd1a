"""The collector writes to its own folder and its output only, and connects to nobody: by its system calls."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from detections.compliance.assets.host.script import SCRIPT
from tests.detections.compliance.assets.conftest import debian, write

CALLS = (
    "openat,open,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,chmod,fchmodat,chown,"
    "fchownat,link,linkat,symlink,symlinkat,truncate,mknod,mknodat,utimensat,connect,bind,mount"
)
_CHANGES = re.compile(r"O_(?:WRONLY|RDWR|CREAT|TRUNC|APPEND)")
_PATH = re.compile(r'"([^"]*)"')


def test_nothing_else_is_changed(tmp_path: Path) -> None:
    if not shutil.which("strace"):
        pytest.skip("strace is not installed")
    root = write(tmp_path / "root", debian())
    stage, log = tmp_path / "stage", tmp_path / "log"
    stage.mkdir()
    out = tmp_path / "host.tar.gz"
    words = ["strace", "-f", "-qq", "-s", "300", "-e", f"trace={CALLS}", "-o", str(log)]
    done = subprocess.run(
        [*words, "sh", str(SCRIPT), "--root", str(root), "-o", str(out)],
        env={**os.environ, "TMPDIR": str(stage)}, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    if "ptrace" in done.stderr.decode() and not out.exists():
        pytest.skip("strace is not allowed here")
    assert out.exists()
    assert list(stage.iterdir()) == []
    changing = 0
    for line in log.read_text(errors="replace").splitlines():
        call = line.split(None, 1)[-1]
        name = call.partition("(")[0]
        if " = -1 " in call or (name in {"openat", "open"} and not _CHANGES.search(call)):
            continue
        if name not in CALLS.split(","):
            continue
        changing += 1
        paths = _PATH.findall(call)
        assert paths, call
        # A relative path is of the stage, into which the script changes before it packs.
        for path in paths:
            own = path.startswith((str(stage), str(out))) or not path.startswith("/")
            assert own or path in {"/dev/null", "/dev/tty"}, call
    assert changing > 10
