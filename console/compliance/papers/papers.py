"""Which papers there are, and how each is made: a pure function over a system's standing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

import orjson

from console.compliance.papers import handover, oscal, pack, problems, report
from console.compliance.papers.content import Content, content_of
from console.compliance.reading import Standing
from fengsui.errors import InputError
from fengsui.settings import Settings
from fengsui.store.state import State

PaperKind = Literal[
    "report", "selfcheck", "problems", "workplan", "results", "poam", "pack", "handover"
]
_DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as a file."""

    name: str
    media_type: str
    data: bytes


_MADE: Final[Mapping[PaperKind, tuple[str, str, Callable[[Content], bytes]]]] = {
    "report": ("report.docx", _DOCX, report.assessment_report),
    "selfcheck": ("self-check.docx", _DOCX, report.self_check_report),
    "problems": ("problems.xlsx", _XLSX, problems.problem_list),
    "workplan": ("work-plan.docx", _DOCX, report.work_plan),
    "results": (
        "assessment-results.json",
        "application/json",
        lambda content: orjson.dumps(oscal.assessment_results(content), option=orjson.OPT_INDENT_2),
    ),
    "poam": (
        "poam.json",
        "application/json",
        lambda content: orjson.dumps(oscal.plan_of_action(content), option=orjson.OPT_INDENT_2),
    ),
}
PAPERS: Final[tuple[PaperKind, ...]] = get_args(PaperKind)


def make_paper(
    kind: PaperKind, standing: Standing, settings: Settings, state: State, now: int
) -> Paper:
    """One paper of a system as it stands.

    Raises:
        MissingToolError: the libraries for Word or Excel are not installed (extra `papers`).
        InputError: no such paper.
    """
    if kind not in PAPERS:
        raise InputError(
            f"There is no paper {kind[:20]}", next=f"Choose {', '.join(PAPERS)}", code="no_paper"
        )
    content = content_of(standing, state, now)
    stem = f"{standing.system.id}-{standing.today.isoformat()}"
    if kind in {"pack", "handover"}:
        papers = {name: make(content) for name, _, make in _MADE.values()}
        data = pack.evidence_pack(content, papers, settings)
        if kind == "handover":
            brought = ("report.docx", "problems.xlsx")
            named = {f"{n:02}-{name}": papers[name] for n, name in enumerate(brought, 4)}
            data = handover.handover(content, {**named, "06-evidence.zip": data})
        return Paper(f"{stem}-{kind}.zip", "application/zip", data)
    name, media_type, make = _MADE[kind]
    return Paper(f"{stem}-{name}", media_type, make(content))
