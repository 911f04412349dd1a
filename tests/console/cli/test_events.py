from __future__ import annotations

import inspect
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from console.cli.events import events
from console.cli.events_quick import OPTIONS, understood
from console.cli.events_writing import wanted_datasets, write_events
from console.cli.main import make_app
from console.published import document as published
from fengsui.errors import FengsuiError, InputError, UsageError
from sensors.shelf import all_protocols

RUNNER = CliRunner()
app = make_app(["events"])


def a_log(path: Path, times: Sequence[int], kind: str = "dns") -> Path:
    rows = [
        {
            "_path": kind,
            "ts": 1_700_000_000 + time,
            "uid": f"C{n}",
            "id.orig_h": "10.0.0.1",
            "id.orig_p": 5000 + n,
            "id.resp_h": "10.0.0.2",
            "id.resp_p": 53,
            "query": f"n{n}.example",
        }
        for n, time in enumerate(times)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*words: object) -> list[dict[str, object]]:
    result = RUNNER.invoke(app, ["events", *map(str, words)])
    if isinstance(result.exception, FengsuiError):
        raise result.exception
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def times_of(events: list[dict[str, object]]) -> list[str]:
    return [str(event["@timestamp"]) for event in events]


def test_everything_comes_in_order_of_time(tmp_path: Path) -> None:
    first = a_log(tmp_path / "a.log", [5, 1, 9])
    second = a_log(tmp_path / "b.log", [2, 8, 3])
    times = times_of(run(first, second))
    assert len(times) == 6
    assert times == sorted(times)
    unordered = times_of(run(first, "--unordered"))
    assert unordered != sorted(unordered)
    assert sorted(unordered) == times_of(run(first))


def test_only_the_wanted_datasets(tmp_path: Path) -> None:
    names = a_log(tmp_path / "dns.log", [1, 2])
    flows = a_log(tmp_path / "conn.log", [1, 2, 3], "conn")
    assert len(run(names, flows, "--protocols", "all")) == 5
    assert {e["event.dataset"] for e in run(names, flows, "--protocols", "dns, TLS")} == {"dns"}
    out = tmp_path / "out.ndjson"
    result = RUNNER.invoke(
        app, ["events", str(names), str(flows), "-o", str(out), "--protocols", "flow", "--json"]
    )
    document = json.loads(result.stdout)
    published("events").model_validate(document)
    assert [one["events"] for one in document["inputs"]] == [{}, {"flow": 3}]
    assert [one["records"] for one in document["inputs"]] == [2, 3]
    assert len(out.read_text().splitlines()) == 3


def test_a_protocol_stands_for_its_datasets() -> None:
    assert wanted_datasets("flow,all") is None
    assert wanted_datasets("flow, dns") == {"flow", "dns"}
    for name, one in all_protocols().items():
        assert (wanted_datasets(name) or frozenset()) >= set(one.datasets)


@pytest.mark.parametrize("words", ["dns,nonsense", "", ","])
def test_unknown_names_get_the_list(tmp_path: Path, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        run(a_log(tmp_path / "a.log", [1]), "--protocols", words)
    assert "flow" in caught.value.next
    assert "modbus" in caught.value.next


def test_a_file_has_its_name_when_it_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = a_log(tmp_path / "a.log", [2, 1])
    out = tmp_path / "out.ndjson"
    out.write_text("old")
    with monkeypatch.context() as patch:
        patch.setattr("console.cli.events_writing.feed", _fail)
        with pytest.raises(InputError):
            run(log, "-o", out)
    assert out.read_text() == "old"
    assert {path.name for path in tmp_path.iterdir()} == {"a.log", "out.ndjson"}
    run(log, "-o", out)
    assert len(out.read_text().splitlines()) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"a.log", "out.ndjson"}


def _fail(*_: object) -> None:
    raise InputError("cut", where="here", next="do")


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    log = a_log(tmp_path / "a.log", [2, 1])
    with pytest.raises(InputError) as caught:
        run(log, "-o", "/dev/full")
    assert caught.value.code == "disk_full"
    with pytest.raises(InputError) as caught:
        run(log, "-o", tmp_path / "none/out")
    assert caught.value.code == "output"
    with pytest.raises(UsageError, match="one of the inputs"):
        run(log, "-o", log)
    assert len(run(log)) == 2


def test_a_reader_that_has_had_enough_ends_it_quietly(tmp_path: Path) -> None:
    log = a_log(tmp_path / "a.log", range(20_000))
    for words in ([], ["--unordered"]):
        command = [sys.executable, "-m", "console.cli.main", "events", str(log), "--json", *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            process.stdout.readline()
            process.stdout.close()
            assert process.wait(60) == 0
            assert b"Broken" not in process.stderr.read()


def test_one_bad_input_is_told_and_the_others_are_written(tmp_path: Path) -> None:
    good = a_log(tmp_path / "a.log", [2, 1])
    bad = tmp_path / "b.log"
    bad.write_text("no log at all\n" * 3)
    result = RUNNER.invoke(app, ["events", str(good), str(bad)])
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 2
    assert "a.log: 2 events of 2 records" in result.stderr.replace("\n", " ")
    assert "not known" in result.stderr


def test_its_quick_words_are_those_of_the_command() -> None:
    parameters = inspect.signature(events).parameters
    for name, (parameter, _) in OPTIONS.items():
        assert name in parameters[parameter].default.param_decls
    assert {*parameters} == {"paths", *(one for one, _ in OPTIONS.values())}
    defaults = {name: one.default.default for name, one in parameters.items() if name != "paths"}
    others = inspect.signature(write_events).parameters
    assert defaults == {name: one.default for name, one in others.items() if name != "paths"}


@pytest.mark.parametrize("words", [[], ["--json"], ["a", "--help"], ["a", "-o"], ["a", "--what"]])
def test_the_unusual_is_left_to_typer(words: list[str]) -> None:
    assert understood(words) is None


def test_it_imports_no_typer_and_says_the_same(tmp_path: Path) -> None:
    words = ["events", str(a_log(tmp_path / "a.log", [2, 1])), "--protocols", "dns"]
    code = (
        f"import sys; sys.argv = ['fengsui', *{words!r}]; from console.cli.main import main; main(); "
        "print(*{'typer', 'rich', 'pydantic', 'numba', 'duckdb'} & {*sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = RUNNER.invoke(app, words)
    assert ran.stdout == slow.stdout + "\n"
    assert ran.stderr == slow.stderr
