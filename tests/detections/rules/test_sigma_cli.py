"""Our rules in the hands of people who use sigma-cli; runs where `sigma` is installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from detections.detections import OWN_RULES
from detections.sigma.pipeline import pipeline_text

BESIDE = Path(sys.executable).with_name("sigma")
SIGMA = str(BESIDE) if BESIDE.exists() else shutil.which("sigma") or ""
pytestmark = pytest.mark.skipif(not SIGMA, reason="sigma-cli is not installed")


def run(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SIGMA, *map(str, words)], capture_output=True, text=True, check=False, timeout=120
    )


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pipeline") / "fengsui.yml"
    path.write_text(pipeline_text(), "utf-8")
    return path


@pytest.fixture(scope="module")
def plain_rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Own rules without correlations: Lucene has no way to say those."""
    folder = tmp_path_factory.mktemp("rules")
    for path in OWN_RULES.rglob("*.yml"):
        text = path.read_text("utf-8")
        if "\ncorrelation:" not in text:
            (folder / path.name).write_text(text, "utf-8")
    return folder


def test_sigma_check_has_no_error_and_nothing_grave_to_say_of_our_rules() -> None:
    # The two validators left out ask the Internet for lists of tags.
    done = run("check", "-x", "attacktag", "-x", "d3_fendtag", OWN_RULES)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Found 0 errors, 0 condition errors" in done.stdout + done.stderr
    grave = [line for line in done.stdout.splitlines() if "severity=high" in line]
    assert not grave, [line[:200] for line in grave]


def without_references(folder: Path) -> set[str]:
    """Files without `fieldref`, which Lucene cannot say either."""
    return {path.name for path in folder.iterdir() if "|fieldref" not in path.read_text("utf-8")}


def converted(folder: Path, *words: str | Path) -> list[str]:
    done = run("convert", "-s", "-t", "lucene", *words, folder)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    said = done.stdout + done.stderr
    refused = {line for line in said.splitlines() if line.startswith(str(folder))}
    expected = without_references(folder)
    assert not {line for line in refused if Path(line.partition(":")[0]).name in expected}
    return [line for line in done.stdout.splitlines() if line and not line.startswith(str(folder))]


def test_our_rules_become_lucene_over_their_dataset_with_our_pipeline(
    plain_rules: Path, pipeline: Path
) -> None:
    """They speak ECS already; what stands under `fengsui:` is in nobody's way."""
    queries = converted(plain_rules, "-p", pipeline)
    assert len(queries) >= len(without_references(plain_rules))
    assert all("event.dataset:" in query for query in queries)


PUBLIC_STYLE = {
    "dns": ("category: dns", "query|endswith: .onion", "event.dataset:dns AND dns.question.name:*.onion"),
    "proxy": (
        "category: proxy", "cs-host: x.example",
        "(event.dataset:(http OR tls)) AND (url.domain:x.example OR tls.client.server_name:x.example)",
    ),
    "tls": (
        "product: zeek\n  service: ssl", "version: TLSv10",
        "event.dataset:tls AND tls.version:1.0",
    ),
    "inside": (
        "product: fortigate\n  service: event", "action: Add",
        "message:*action\\=\\\"Add\\\"*",
    ),
    "flag": (
        "product: zeek\n  service: dns", "rejected: 'true'",
        "event.dataset:dns AND dns.response_code:REFUSED",
    ),
    "keyword": (
        "product: zeek\n  service: smb_files", "'|all': [one]", "event.dataset:smb_files AND *one*",
    ),
    "initiated": (
        "category: network_connection\n  product: windows",
        "DestinationPort: 4444\n    Initiated: 'true'",
        "(event.dataset:(flow OR tls OR http)) AND destination.port:4444",
    ),
}  # fmt: skip


def test_public_rules_become_queries_over_our_events(tmp_path: Path, pipeline: Path) -> None:
    files = [
        rule_file(tmp_path, name, source, selection)
        for name, (source, selection, _) in PUBLIC_STYLE.items()
    ]
    done = run("convert", "-t", "lucene", "-p", pipeline, *files)
    assert done.returncode == 0, done.stdout + done.stderr
    bare = done.stdout.replace("(", "").replace(")", "")
    for _, _, query in PUBLIC_STYLE.values():
        assert query.replace("(", "").replace(")", "") in bare


def test_what_we_have_not_fails_and_does_not_match_everything(
    tmp_path: Path, pipeline: Path
) -> None:
    cases = {
        "process": ("product: windows\n  category: process_creation", "Image: x"),
        "cluster": ("product: kubernetes\n  service: audit", "'|all': [one]"),
        "field": ("category: dns", "odd: x"),
    }
    files = [rule_file(tmp_path, name, *case) for name, case in cases.items()]
    done = run("convert", "-s", "-t", "lucene", "-p", pipeline, *files)
    said = done.stdout + done.stderr
    assert "event.dataset" not in said
    for name, reason in (
        ("process", "No dataset of Fengsui feeds this log source"),
        ("cluster", "No dataset of Fengsui feeds this log source"),
        ("field", "Fengsui's events of this log source lack this field"),
    ):
        assert f"{name}.yml: {reason}" in said


def rule_file(folder: Path, name: str, source: str, selection: str) -> Path:
    path = folder / f"{name}.yml"
    path.write_text(
        f"title: {name}\nlogsource:\n  {source}\n"
        f"detection:\n  s:\n    {selection}\n  condition: s\n"
    )
    return path
