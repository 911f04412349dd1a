"""`fengsui check run`: evidence that was carried here or asked of live targets, judged alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import typer
from rich.text import Text as Styled

from console.cli.output import ERR, OUT, show_json, show_table
from console.evidence import Demands, Run, run_evidence
from detections.compliance.assets.judging import AssetFinding
from detections.compliance.assets.probe.authority import authority_of
from detections.compliance.catalogue import control
from fengsui.clock import DAY, from_iso
from fengsui.control import Conformity
from fengsui.errors import InputError, UsageError

STYLES: Final = {
    Conformity.CONFORMS: "green",
    Conformity.PARTLY: "yellow",
    Conformity.DOES_NOT: "bold red",
    Conformity.NOT_APPLICABLE: "dim",
    Conformity.INSUFFICIENT: "cyan",
}
_WORST_FIRST: Final = (
    Conformity.DOES_NOT,
    Conformity.PARTLY,
    Conformity.INSUFFICIENT,
    Conformity.NOT_APPLICABLE,
    Conformity.CONFORMS,
)
_WORDS: Final = {
    "en": {
        Conformity.DOES_NOT: "does not conform",
        Conformity.PARTLY: "partly conforms",
        Conformity.INSUFFICIENT: "insufficient evidence",
        Conformity.NOT_APPLICABLE: "not applicable",
        Conformity.CONFORMS: "conforms",
        "head": ("unit", "asset", "why", "repair"),
    },
    "zh": {
        Conformity.DOES_NOT: "不符合",
        Conformity.PARTLY: "部分符合",
        Conformity.INSUFFICIENT: "证据不足",
        Conformity.NOT_APPLICABLE: "不适用",
        Conformity.CONFORMS: "符合",
        "head": ("测评单元", "测评对象", "原因", "整改建议"),
    },
}
Language = Literal["en", "zh"]


def register(group: typer.Typer) -> None:
    """Add the command."""
    group.command("run")(run)


def run(  # noqa: PLR0913, PLR0917 - each is an option of the command
    evidence: list[str] = typer.Option(
        ...,
        "--evidence",
        "-e",
        help="Host bundle, device configuration, or URL: postgresql:// mysql:// ssh:// tls:// https://",
    ),
    more: list[str] = typer.Argument(None, help="Further evidence", show_default=False),
    profile: str = typer.Option("S3A3", "--profile", help="Level of the system; S3A3 is known"),
    asset: list[str] = typer.Option(
        [], "--asset", help="Only of this asset; evidence of another is refused"
    ),
    as_of: str = typer.Option(
        "", "--as-of", help="Day of the judgement; evidence over 30 days older is refused"
    ),
    authorised_by: str = typer.Option("", "--authorised-by", help="Who gave leave to probe"),
    scope: list[str] = typer.Option([], "--scope", help="Address or network that may be probed"),
    language: str = typer.Option("en", "--language", help="Of the table: en or zh"),
    as_json: bool = typer.Option(
        False, "--json", help="One JSON document (fengsui schema check-run)"
    ),
) -> None:
    """Judge hosts, devices, databases and services by GB/T 28448-2019, level 3.

    Examples:
    `fengsui check run --evidence host.tar.gz --evidence core-switch.cfg`

    `fengsui check run -e host.tar.gz --json | jq '.findings[] | {unit, verdict, asset}'`

    `fengsui check run -e 'postgresql://auditor@10.1.2.3/postgres?password_file=pw' --language zh`

    `fengsui check run -e ssh://10.1.2.3 -e https://10.1.2.3 --authorised-by 'Li Si' --scope 10.1.2.0/24`
    """
    if language not in _WORDS:
        raise UsageError(f"The language {language[:10]} is not known", next="Known: en, zh")
    authority = authority_of(authorised_by, scope) if authorised_by or scope else None
    demands = Demands(frozenset(asset), _day(as_of), authority)
    done = run_evidence([*evidence, *(more or [])], profile, demands)
    if as_json:
        show_json(done.as_json())
    else:
        show_run(done, "zh" if language == "zh" else "en")
    if done.refused and not done.assets:
        raise typer.Exit(done.refused[0].error.exit_status)


def _day(text: str) -> int:
    """The end of a day, or a moment, in ns; 0 for none."""
    if not text:
        return 0
    try:
        return from_iso(f"{text}T00:00:00Z") + DAY if "T" not in text else from_iso(text)
    except (ValueError, InputError) as error:
        raise UsageError(f"{text[:30]} is no day", next="Such as 2026-11-21") from error


def show_run(done: Run, language: Language = "en") -> None:
    """Findings by verdict, worst first; what was refused or not read on standard error."""
    words = _WORDS[language]
    counts = {
        verdict: [f for f in done.findings if f.verdict is verdict] for verdict in _WORST_FIRST
    }
    for verdict, found in counts.items():
        if found:
            title = f"{words[verdict]} ({len(found)})"
            show_table(title, words["head"], [_row(f, language) for f in _ordered(found)])
    line = Styled("  ").join(
        Styled(f"{words[verdict]} {len(found)}", style=STYLES[verdict])
        for verdict, found in counts.items()
    )
    OUT.print(Styled(f"{done.profile} GB/T 22239-2019, GB/T 28448-2019  ") + line)
    for asset in done.assets:
        for problem in asset.problems:
            ERR.print(f"{asset.source}: not whole: {problem}", markup=False)
    for refused in done.refused:
        ERR.print(f"{refused.source}: refused: {refused.error}", markup=False)


def _ordered(found: Sequence[AssetFinding]) -> list[AssetFinding]:
    return sorted(found, key=lambda one: (one.check.unit, one.asset.name, one.check.id))


def _row(finding: AssetFinding, language: Language) -> tuple[object, ...]:
    unit = finding.check.unit
    title = control(unit).title.render(language)
    return (
        Styled(f"{unit}\n{title}", style=STYLES[finding.verdict]),
        finding.asset.name,
        finding.reason().render(language),
        finding.repair().render(language),
    )
