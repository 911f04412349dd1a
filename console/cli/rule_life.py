"""`fengsui rules history|state|park|unpark|save|…`: the life of one rule."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, cast, get_args

import typer

from console.cli.output import OUT, show_json, show_table
from console.cli.rule_packs import BY, desk_of
from console.rules.desk import RuleDesk
from detections.life import state_of
from detections.packs.merge import changes
from fengsui.clock import to_iso
from fengsui.errors import InputError, NotFoundError, UsageError
from fengsui.store.rule_states import RuleLife, RuleState

_JSON = typer.Option(False, "--json", help="One JSON document")
_STORE = typer.Option(None, "--store", help="Folder of the installation")
_RULE = typer.Argument(help="Id of a rule, or its beginning")
_WHY = typer.Option(..., "--reason", help="Why; kept with the rule and in the audit trail")
_REASON = typer.Option("", "--reason", help="Why; kept with the rule and in the audit trail")


def register(group: typer.Typer) -> None:
    """Add the commands."""
    group.command()(history)
    group.command("state")(set_state)
    group.command()(park)
    group.command()(unpark)
    group.command()(save)
    group.command("diff")(diff)
    group.command()(revert)
    group.command()(merge)


def history(rule: str = _RULE, store: Path | None = _STORE, as_json: bool = _JSON) -> None:
    """Show the versions, states and decisions of a rule.

    Example: `fengsui rules history 5f6f0b1e-7f0e-4b57-9b0e-0d1d2a1c9a01`
    """
    with desk_of(store) as desk:
        rule = rule_id(desk, rule)
        file = desk.editor.file(rule)
        versions = desk.state.rule_versions(file.id)
        steps = desk.state.rule_steps(rule)
        state = desk.state_of(rule)
        life = desk.state.rule_life(rule)
        active = file.version.number if file.version else 0
    if as_json:
        show_json(
            {
                "rule": rule,
                "state": state,
                "parked": life.parked,
                "origin": file.origin.name,
                "path": file.path,
                "local": file.local,
                "upstream_changed": file.upstream_changed,
                "version": versions[0].number if versions else 0,
                "versions": [{**asdict(one), "at": to_iso(one.at)} for one in versions],
                "history": [{**asdict(one), "at": to_iso(one.at)} for one in steps],
            }
        )
        return
    OUT.print(f"{rule}: {state}{', parked' if life.parked else ''}", markup=False)
    OUT.print(f"from {file.origin.name}, {file.path}", markup=False)
    if file.upstream_changed:
        OUT.print("upstream changed too: `fengsui rules merge`", markup=False)
    show_table(
        "Versions",
        ("#version", "active", "origin", "by", "at", "reason"),
        [
            (
                one.number,
                "yes" if one.number == active else "",
                one.origin,
                one.by,
                to_iso(one.at),
                one.reason,
            )
            for one in versions
        ],
        empty="none: upstream's text is active",
    )
    show_table(
        "History",
        ("at", "what", "before", "after", "by", "reason"),
        [(to_iso(one.at), one.kind, one.before, one.after, one.by, one.reason) for one in steps],
    )


def set_state(
    rule: str = _RULE,
    state: str = typer.Argument(help="draft, experimental, stable or retired"),
    reason: str = _WHY,
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Move a rule to another state of its life.

    Example: `fengsui rules state 5f6f… experimental --reason "quiet for a week"`
    """
    if state not in get_args(RuleState):
        raise UsageError(
            "There is no such state", where=state, next="One of: " + ", ".join(get_args(RuleState))
        )
    with desk_of(store) as desk:
        life = desk.editor.set_state(
            rule_id(desk, rule), cast("RuleState", state), BY, reason, None
        )
        _tell(desk, life, as_json)


def park(
    rule: str = _RULE, reason: str = _WHY, store: Path | None = _STORE, as_json: bool = _JSON
) -> None:
    """Stop a rule.

    Example: `fengsui rules park 5f6f… --reason "costs too much"`
    """
    with desk_of(store) as desk:
        _tell(desk, desk.editor.park(rule_id(desk, rule), BY, reason, None), as_json)


def unpark(
    rule: str = _RULE, reason: str = _WHY, store: Path | None = _STORE, as_json: bool = _JSON
) -> None:
    """Let a parked rule run again.

    Example: `fengsui rules unpark 5f6f… --reason "mended"`
    """
    with desk_of(store) as desk:
        _tell(desk, desk.editor.unpark(rule_id(desk, rule), BY, reason, None), as_json)


def save(
    file: str = typer.Argument(help="YAML file of a rule; - reads standard input"),
    reason: str = _REASON,
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Keep a rule: a new one as a draft, or a new version of the one with its id.

    Example: `fengsui rules save ./my_rule.yml --reason "seen on host 10.1.1.5"`
    """
    text = read_rule(file)
    with desk_of(store) as desk:
        ids = [one.id for one in desk.editor.check(text).rules]
        known = next((id_ for id_ in ids if id_ in desk.known().rules.file_of), "")
        if known:
            seen = max((v.number for v in desk.state.rule_versions(_file(desk, known))), default=0)
            made = desk.editor.save(known, text, BY, reason, seen)
        else:
            made = desk.editor.create(text, BY, reason)
        number = desk.state.rule_versions(made)[0].number
        state = desk.state_of(made)
    if as_json:
        show_json({"rule": made, "version": number, "state": state})
    else:
        OUT.print(f"{made}: version {number}, {state}", markup=False)


def diff(
    rule: str = _RULE,
    older: int = typer.Option(0, "--older", help="Version; 0 is upstream's"),
    newer: int = typer.Option(-1, "--newer", help="Version; -1 is what is active"),
    store: Path | None = _STORE,
) -> None:
    """Show what changed between two versions of a rule.

    Example: `fengsui rules diff 5f6f… --older 1 --newer 3`
    """
    with desk_of(store) as desk:
        found = desk.editor.file(rule_id(desk, rule))
        texts = [
            found.text if number < 0 else desk.editor.text_of(found, number)
            for number in (older, newer)
        ]
    word = "active" if newer < 0 else f"version {newer}"
    OUT.print(changes(texts[0], texts[1], f"version {older}", word) or "no change", markup=False)


def revert(
    rule: str = _RULE,
    to: int = typer.Option(..., "--to", help="Version; 0 is upstream's"),
    reason: str = _WHY,
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Make an older text of a rule the newest version.

    Example: `fengsui rules revert 5f6f… --to 0 --reason "upstream's is better"`
    """
    with desk_of(store) as desk:
        rule = rule_id(desk, rule)
        file = _file(desk, rule)
        seen = max((one.number for one in desk.state.rule_versions(file)), default=0)
        desk.editor.revert(rule, to, BY, reason, seen)
        number = desk.state.rule_versions(file)[0].number
    if as_json:
        show_json({"rule": rule, "version": number})
    else:
        OUT.print(f"{rule}: version {number}", markup=False)


def merge(
    rule: str = _RULE,
    choose: str = typer.Option("", "--choose", help="local, upstream or merged; else it is shown"),
    file: str = typer.Option("", "--file", help="The merged text, for --choose merged"),
    reason: str = _REASON,
    store: Path | None = _STORE,
    as_json: bool = _JSON,
) -> None:
    """Show, and decide, a rule that upstream changed after it was changed here.

    Example: `fengsui rules merge 5f6f… --choose merged --file mended.yml --reason "both"`
    """
    with desk_of(store) as desk:
        rule = rule_id(desk, rule)
        base, ours, theirs, merged = desk.editor.three_way(rule)
        if choose:
            _settle(desk, rule, choose, read_rule(file) if file else merged.text, reason)
    if as_json:
        show_json(
            {
                "base": base,
                "local": ours,
                "upstream": theirs,
                "merged": merged.text,
                "clean": merged.clean,
                "conflicts": [asdict(one) for one in merged.conflicts],
                "chosen": choose,
            }
        )
    elif not choose:
        OUT.print(merged.text, markup=False)


def rule_id(desk: RuleDesk, word: str) -> str:
    """The id that a word means: itself, or the one id that begins with it.

    Raises:
        NotFoundError: no id begins with it, or several.
    """
    known = desk.known().rules.file_of
    found = [word] if word in known else [one for one in known if one.startswith(word.lower())]
    if len(found) == 1 and word:
        return found[0]
    raise NotFoundError(
        "More than one rule begins so" if found else "There is no such rule",
        where=word,
        next="`fengsui rules list --json` names the ids",
    )


def read_rule(file: str) -> str:
    """Text of a rule file, or of standard input for `-`; raises InputError."""
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The rule cannot be read: {getattr(error, 'strerror', '') or error}",
            where=file,
            next="Give a UTF-8 YAML file",
        ) from error


def _settle(desk: RuleDesk, rule: str, choice: str, text: str, reason: str) -> None:
    if choice not in {"local", "upstream", "merged"}:
        raise UsageError("There is no such choice", where=choice, next="local, upstream or merged")
    file = desk.editor.file(rule)
    seen = max((one.number for one in desk.state.rule_versions(file.id)), default=0)
    desk.editor.settle(
        rule,
        cast("Any", choice),
        text,
        file.upstream_hash,
        by=BY,
        reason=reason,
        version=seen,
    )


def _file(desk: RuleDesk, rule: str) -> str:
    return desk.editor.file(rule).id


def _tell(desk: RuleDesk, life: RuleLife, as_json: bool) -> None:
    found = desk.known().by_id[life.rule]
    state = state_of(found.status, life)
    if as_json:
        show_json(
            {
                "rule": life.rule,
                "state": state,
                "parked": life.parked,
                "reason": life.parked_reason,
                "revision": life.revision,
            }
        )
    else:
        OUT.print(f"{life.rule}: {state}{', parked' if life.parked else ''}", markup=False)
