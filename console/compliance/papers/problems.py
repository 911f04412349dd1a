"""The problem list with its repair plan, as a workbook."""

from __future__ import annotations

from collections.abc import Sequence

from console.compliance.papers.content import Content, problems_of
from console.compliance.papers.report import verdict_word, words
from console.compliance.papers.workbook import workbook
from detections.compliance.score.inputs import rounded


def problem_list(content: Content) -> bytes:
    """Sheets: problems with facts and repair, the plan, what would lift the rate most.

    Raises:
        MissingToolError: openpyxl is not installed.
    """
    return workbook(
        ("sheet.problems", _PROBLEMS, _problems(content)),
        ("sheet.plan", _PLAN, _plan(content)),
        ("sheet.what_if", _WHAT_IF, _what_if(content)),
    )


_PROBLEMS = (
    ("number", 6), ("unit", 13), ("clause", 13), ("area", 15), ("title", 22), ("asset", 16),
    ("verdict", 11), ("case", 9), ("reason", 34), ("facts", 34), ("repair", 34),
)  # fmt: skip
_PLAN = (
    ("number", 6), ("unit", 13), ("title", 22), ("asset", 16), ("assignee", 18), ("due", 12),
    ("status", 12), ("wish", 12), ("history", 60),
)  # fmt: skip
_WHAT_IF = (
    ("number", 6), ("unit", 13), ("title", 26), ("verdict", 12), ("lift", 12), ("days", 12),
    ("case", 12),
)  # fmt: skip


def _problems(content: Content) -> list[Sequence[object]]:
    return [
        (
            number,
            each.item.unit,
            f"{each.item.control.clause} {each.item.control.item}".strip(),
            each.item.control.area.render("zh"),
            each.item.control.title.render("zh"),
            each.asset or "—",
            verdict_word(each.verdict),
            each.item.high_risk_case or "—",
            each.reason,
            each.facts or "—",
            each.repair or "—",
        )
        for number, each in enumerate(problems_of(content), 1)
    ]


def _plan(content: Content) -> list[Sequence[object]]:
    titles = {item.unit: item.control.title.render("zh") for item in content.standing.items}
    return [
        (
            number,
            task.unit,
            titles.get(task.unit, ""),
            task.asset or "—",
            task.assignee,
            task.due,
            words(f"task.{task.status}"),
            task.wish or "—",
            "\n".join(
                f"{words(f'act.{act.kind}')} {act.by} {act.values.get('text', '')}".strip()
                for act in task.history
            ),
        )
        for number, task in enumerate(content.standing.tasks, 1)
    ]


def _what_if(content: Content) -> list[Sequence[object]]:
    titles = {item.unit: item.control.title.render("zh") for item in content.standing.items}
    return [
        (
            number,
            each.unit,
            titles[each.unit],
            verdict_word(each.verdict),
            float(rounded(each.lift)),
            float(rounded(each.days)),
            each.high_risk or "—",
        )
        for number, each in enumerate(content.standing.what_if, 1)
    ]
