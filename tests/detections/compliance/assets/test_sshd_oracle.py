"""Our reading of sshd_config against `sshd -T` itself, where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from detections.compliance.assets.host.sshd import read_sshd
from detections.compliance.assets.host.tree import Row, Tree

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
CASES = [
    "PermitRootLogin no\nPermitRootLogin yes\n",
    "permitrootlogin=no\n",
    'PermitRootLogin "no" # why\n',
    "PermitRootLogin no\nMatch User root\n  PermitRootLogin yes\n",
    "PermitRootLogin no\nMatch User !root,*\n  PermitRootLogin yes\n",
    "PermitRootLogin no\nMatch all\nPermitRootLogin forced-commands-only\n",
    "Match User root\nPermitRootLogin yes\nMatch User r*\nPermitRootLogin no\n",
    "PermitEmptyPasswords yes\n\tPasswordAuthentication\tno\n",
    "#PermitRootLogin yes\nClientAliveInterval 5m\n",
    "ChallengeResponseAuthentication no\n",
]


def tree_of(files: Mapping[str, str]) -> Tree:
    rows = {p: Row("f", p, 0o644, 0, 0, len(t), 0, "whole", "d", "") for p, t in files.items()}
    return Tree(rows, {}, files, {}, {}, {})


@pytest.mark.parametrize("text", CASES)
def test_as_sshd_reads_it(text: str, tmp_path: Path) -> None:
    if not Path(SSHD).exists() or shutil.which("ssh-keygen") is None:
        pytest.skip("no sshd here")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    config = tmp_path / "sshd_config"
    config.write_text(text)
    words = [SSHD, "-T", "-f", str(config), "-h", str(key), "-C", "user=root,host=h,addr=192.0.2.1"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode:
        pytest.skip(done.stderr[-100:])
    said = dict(line.split(" ", 1) for line in done.stdout.splitlines() if " " in line)
    ours = read_sshd(tree_of({"/etc/ssh/sshd_config": text}), "without-password")
    for name in (
        "permitrootlogin",
        "permitemptypasswords",
        "passwordauthentication",
        "kbdinteractiveauthentication",
    ):
        assert ours.every(name) == {said[name]}, name
