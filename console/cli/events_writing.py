"""Writing the events of captures and logs: what `fengsui events` does, whoever read its words."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Generator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from console.cli.compiling import say_if_compiling
from console.cli.tenths import Tenths
from console.replaying import Input, OnProgress, feed
from fengsui.ecs import DATASETS
from fengsui.errors import FengsuiError, InputError, UsageError
from fengsui.ids import random_id
from sensors.intake.opening import STANDARD_INPUT, open_input
from sensors.intake.ordering import OrderedLines
from sensors.shelf import QUICK, all_protocols
from sensors.source import Source

_MAX_FLOWS = 262_144
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


def write_events(
    paths: Sequence[str],
    *,
    output: str = "-",
    protocols: str = "all",
    unordered: bool = False,
    sensor: str = "sensor-1",
    as_json: bool = False,
) -> None:
    """Write what the inputs hold; the parameters are those of the command.

    Raises:
        FengsuiError: a word is not known, no input can be used, or the output cannot be written.
    """
    datasets = wanted_datasets(protocols)
    sources = [
        open_input(path, sensor=sensor, max_flows=_MAX_FLOWS, datasets=datasets) for path in paths
    ]
    say_if_compiling()
    with _progress(quiet=as_json) as tell, _output(output, paths) as file:
        inputs = _write_all(sources, file, None if unordered else _beside(output), tell, unordered)
    if as_json:
        document = {"inputs": [one.as_json() for one in inputs]}
        _shown().show_json(document, sys.stderr if output == "-" else sys.stdout)
    else:
        _tell(inputs)


def _shown() -> Any:
    """`console.cli.output`, loaded where something is to be shown to people: it takes its time."""
    return import_module("console.cli.output")


@contextlib.contextmanager
def _progress(quiet: bool) -> Generator[OnProgress]:
    """A bar on a terminal, lines elsewhere."""
    if quiet or not sys.stderr.isatty():
        yield Tenths(enabled=not quiet).tell
        return
    with _shown().progress() as tell:
        yield tell


def wanted_datasets(words: str) -> frozenset[str] | None:
    """Datasets of a list of datasets and protocols; None for all.

    Raises:
        UsageError: a word is neither.
    """
    names = [word.strip().lower() for word in words.split(",") if word.strip()]
    if "all" in names:
        return None
    if names and set(names) <= set(QUICK):
        return frozenset(names)
    known = {name: frozenset({name}) for name in DATASETS}
    for name, one in all_protocols().items():
        known[name] = known.get(name, frozenset()) | frozenset(one.datasets)
    bad = [name for name in names if name not in known]
    if bad or not names:
        raise UsageError(
            f"{bad[0]!r} is no dataset or protocol" if bad else "No dataset or protocol is named",
            where="--protocols",
            next="Known: all, " + ", ".join(sorted(known)),
            code="unknown_protocol",
        )
    return frozenset[str]().union(*(known[name] for name in names))


class _Sink:
    """Takes batches of a replay; without an order of their own they are written at once."""

    def __init__(self, file: BinaryIO, lines: OrderedLines | None) -> None:
        self._file = file
        self._lines = lines

    def put(self, lines: bytes, clock: int) -> None:
        """Take a batch; `clock` is not needed here."""
        del clock
        if self._lines is not None:
            self._lines.put(lines)
        else:
            self._file.write(lines)


def _write_all(
    sources: Sequence[Source],
    file: BinaryIO,
    folder: Path | None,
    tell: OnProgress,
    unordered: bool,
) -> list[Input]:
    if unordered:
        return feed(sources, _Sink(file, None), tell)
    lines = OrderedLines(file.write, folder=folder)
    try:
        inputs = feed(sources, _Sink(file, lines), tell)
        lines.finish()
    finally:
        lines.close()
    return inputs


def _beside(output: str) -> Path | None:
    """Folder of the output, for temporary files: the room is there or is missed there anyway."""
    return Path(output).parent if _is_file(output) else None


def _is_file(output: str) -> bool:
    """Whether the output is a file that can be written beside and renamed."""
    path = Path(output)
    return output != "-" and (path.is_file() or not path.exists())


@contextlib.contextmanager
def _output(output: str, paths: Sequence[str]) -> Generator[BinaryIO]:
    """What to write to. A file has its name once it is whole; when something fails nothing is left."""
    if output == "-":
        with _explained(output):
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        return
    path = Path(output)
    _refuse_input(path, paths)
    direct = not _is_file(output)
    part = path if direct else path.with_name(f".{path.name}.{random_id()[:8]}.part")
    with _explained(output):
        file = part.open("wb")
        try:
            with file:
                yield file
            if not direct:
                part.replace(path)
        finally:
            if not direct:
                part.unlink(missing_ok=True)


def _refuse_input(path: Path, paths: Sequence[str]) -> None:
    for one in paths:
        if one != STANDARD_INPUT and path.exists() and path.samefile(one):
            raise UsageError(
                "The output is one of the inputs", where=str(path), next="Name another file"
            )


@contextlib.contextmanager
def _explained(output: str) -> Generator[None]:
    """Errors of the output as ours; a reader that has had enough ends the command quietly."""
    try:
        yield
    except BrokenPipeError:
        # What is still buffered would raise again when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None
    except OSError as error:
        full = error.errno in _FULL
        raise InputError(
            "The disk is full" if full else f"The output cannot be written: {error.strerror}",
            where="standard output" if output == "-" else output,
            next="Make room, or name a file on another disk with -o; TMPDIR is for sorting"
            if full
            else "Name another file",
            code="disk_full" if full else "output",
        ) from error


def _tell(inputs: Sequence[Input]) -> None:
    """On standard error: what was written, and what was not."""
    for one in inputs:
        summary = one.as_json()
        losses = ", ".join(f"{what} {count:,}" for what, count in summary["losses"].items())
        sys.stderr.write(
            f"{one.source.name}: {sum(summary['events'].values()):,} events of "
            f"{summary['records']:,} records, {summary['first'] or '-'} to {summary['last'] or '-'}"
            + (f"; lost, cut or not understood: {losses}\n" if losses else "\n")
        )
        if isinstance(one.error, FengsuiError):
            _shown().show_error(one.error, as_json=False)
