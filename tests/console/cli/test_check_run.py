"""`fengsui collect script` and `fengsui check run`: no store, no settings, one document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from console.published import document

MAIN = [sys.executable, "-m", "console.cli.main"]


def test_a_host_from_script_to_findings(tmp_path: Path) -> None:
    script = tmp_path / "collect.sh"
    with script.open("wb") as out:
        subprocess.run([*MAIN, "collect", "script"], check=True, stdout=out)
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/root:/bin/sh\n")
    bundle = tmp_path / "host.tar.gz"
    words = ["sh", str(script), "--root", str(root), "-o", str(bundle)]
    subprocess.run(words, check=True, capture_output=True)
    command = [*MAIN, "check", "run", "--evidence", str(bundle), "--json"]
    answers = [subprocess.run(command, check=True, capture_output=True).stdout for _ in range(2)]
    assert answers[0] == answers[1]
    found = json.loads(answers[0])
    document("check-run").model_validate(found)
    verdicts = {one["unit"]: one["verdict"] for one in found["findings"]}
    assert verdicts["L3-CES1-01"] == "partly"
    assert set(verdicts.values()) == {"partly", "insufficient_evidence"}


def test_evidence_that_is_none_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.tar.gz"
    bad.write_bytes(b"\x1f\x8b\0\0")
    command = [*MAIN, "check", "run", "-e", str(bad), "--json"]
    done = subprocess.run(command, check=False, capture_output=True)
    assert done.returncode == 10
    assert json.loads(done.stdout)["refused"][0]["error"]["code"] == "broken_bundle"
