"""Hosts judged: time and memory of a thousand bundles, and of the script on this machine.

    python benchmarks/check_assets.py [--hosts 1000]

Each bundle is this machine's own, collected once, under another host name.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import resource
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

from console.evidence import run_evidence
from detections.compliance.assets.host.script import SCRIPT

SECONDS, MEGABYTES = 60, 500
SCRIPT_SECONDS, BUNDLE_BYTES = 60, 2 << 20


def collect(folder: Path) -> tuple[Path, float]:
    out = folder / "host.tar.gz"
    start = time.monotonic()
    subprocess.run(["sh", str(SCRIPT), "-o", str(out)], check=True, capture_output=True)
    return out, time.monotonic() - start


def named(bundle: Path, name: str, out: Path) -> None:
    """The bundle under another host name, with a manifest that fits."""
    with tarfile.open(bundle) as tar:
        members = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]
    lines = members["about"].decode().splitlines()
    members["about"] = "\n".join(
        f"host={name}" if line.startswith("host=") else line for line in lines
    ).encode()
    digest = hashlib.sha256(members["about"]).hexdigest()
    members["manifest"] = "\n".join(
        f"{digest}  about" if line.endswith("  about") else line
        for line in members["manifest"].decode().splitlines()
    ).encode()
    with tarfile.open(out, "w:gz", compresslevel=1) as tar:
        for path, data in members.items():
            info = tarfile.TarInfo(path)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hosts", type=int, default=1000)
    hosts = parser.parse_args().hosts
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        bundle, taken = collect(folder)
        size = bundle.stat().st_size
        paths = [folder / f"{number}.tar.gz" for number in range(hosts)]
        for number, path in enumerate(paths):
            named(bundle, f"host{number}", path)
        start = time.monotonic()
        cpu = time.process_time()
        done = run_evidence(paths)
        seconds, cpu = time.monotonic() - start, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    rows = [
        ("script, s", f"{taken:.1f}", SCRIPT_SECONDS),
        ("bundle, KiB", f"{size >> 10}", BUNDLE_BYTES >> 10),
        (f"{hosts} hosts judged, s", f"{seconds:.1f} (CPU {cpu:.1f})", SECONDS),
        ("peak memory, MiB", str(peak), MEGABYTES),
        ("findings", str(len(done.findings)), ""),
    ]
    print("| Measure | Value | Bar |\n|---|---|---|")
    for row in rows:
        print(f"| {row[0]} | {row[1]} | {row[2]} |")
    good = seconds <= SECONDS and peak <= MEGABYTES and taken <= SCRIPT_SECONDS
    return 0 if good and size <= BUNDLE_BYTES and len(done.assets) == hosts else 1


if __name__ == "__main__":
    sys.exit(main())
