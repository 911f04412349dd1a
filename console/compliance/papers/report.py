"""The draft of the assessment report, and the self-check report, in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from console.compliance.papers.content import Content, problems_of, web_word
from console.compliance.papers.document import Paper
from detections.compliance.profile.editions import edition
from detections.compliance.score.inputs import Conclusion, rounded
from fengsui.clock import to_iso
from fengsui.control import Conformity
from fengsui.text import Text

_VERDICTS: Final = tuple(Conformity)
_NEXT: Final = 20  # repairs of a plan


def words(key: str, **values: str | int) -> str:
    """A sentence of the catalogue, in Chinese."""
    return Text(f"paper.{key}", values).render("zh")


def listed(names: Iterable[str]) -> str:
    """Names in a row, which may end a line after each mark."""
    return "、\u200b".join(names) or "—"


def verdict_word(verdict: Conformity) -> str:
    """The word of a verdict, such as 符合."""
    return words(f"verdict.{verdict.value}")


def assessment_report(content: Content) -> bytes:
    """The draft that an assessor completes: all items, risks, score with its sum, evidence."""
    return _paper(
        content,
        "report",
        {
            "conclusion": _conclusion,
            "system": _system,
            "overview": _overview,
            "items": _items,
            "risks": _risks,
            "problems": _problems,
            "adjustments": _adjustments,
            "evidence": _evidence,
            "marks": _marks,
        },
    )


def self_check_report(content: Content) -> bytes:
    """What the owner found, what is still open, and what is done about it."""
    return _paper(
        content,
        "selfcheck",
        {
            "overview": _overview,
            "conclusion": _conclusion,
            "problems": _problems,
            "open": _open,
            "repairs": _repairs,
            "evidence": _evidence,
        },
    )


def work_plan(content: Content) -> bytes:
    """The protection work plan of a level-3 system: assets, measures, major risks, repair, next steps."""
    return _paper(
        content,
        "workplan",
        {
            "assets": _assets,
            "measures": _overview,
            "risks": _risks,
            "causes": _problems,
            "repairs": _repairs,
            "next": _next,
        },
    )


def _paper(
    content: Content, name: str, sections: Mapping[str, Callable[[Paper, Content], None]]
) -> bytes:
    """A paper of a cover and its sections, by the names of their headings, in order."""
    paper = Paper(words(f"{name}.title"))
    _cover(paper, content, name)
    for heading, write in sections.items():
        paper.head(words(f"head.{heading}"))
        write(paper, content)
    return paper.data()


def _assets(paper: Paper, content: Content) -> None:
    columns = [words(f"column.{name}") for name in ("asset", "kind", "zone", "address", "person")]
    rows = [
        (
            each.name or each.id,
            web_word("asset_kind", each.kind) or words("unknown"),
            each.zone or words("unknown"),
            "\n".join(each.addresses) or "—",
            each.responsible or words("unknown"),
        )
        for each in content.assets
    ]
    table_or_none(paper, columns, rows, (4, 2.6, 3, 4, 3))


def _next(paper: Paper, content: Content) -> None:
    """What lifts the rate most for least work, and what the clocks ask for."""
    columns = [words(f"column.{name}") for name in ("unit", "title", "lift", "days", "case")]
    titles = {item.unit: item.control.title.render("zh") for item in content.items()}
    ideas = [
        (e.unit, titles[e.unit], rounded(e.lift), rounded(e.days), e.high_risk or "—")
        for e in content.standing.what_if[:_NEXT]
    ]
    table_or_none(paper, columns, ideas, (2.8, 6, 2.6, 2.6, 2.6))
    paper.head(words("head.clocks"), 2)
    _system(paper, content)


def _cover(paper: Paper, content: Content, kind: str) -> None:
    standing, system = content.standing, content.standing.system
    last = to_iso(standing.runs[0].started)[:10] if standing.runs else words("none")
    rows = [
        (words("field.name"), system.name),
        (words("field.number"), system.number or words("unknown")),
        (words("field.grade"), _grade(content)),
        (words("field.unit"), system.unit),
        (words("field.responsible"), system.responsible or words("unknown")),
        (words("field.run"), last),
        (words("field.made"), standing.today.isoformat()),
        (words("field.conclusion"), _grade_word(standing.conclusion)),
        (
            words("field.major"),
            words("major_count", major=standing.risks.major, repaired=standing.risks.repaired),
        ),
    ]
    paper.cover(words(f"{kind}.title"), rows, words(f"{kind}.note"))


def _grade(content: Content) -> str:
    system = content.standing.system
    return words("grade", level=system.level, profile=str(content.standing.profile))


def _grade_word(conclusion: Conclusion) -> str:
    return words(f"grade_word.{conclusion.grade}")


def _conclusion(paper: Paper, content: Content) -> None:
    conclusion = content.standing.conclusion
    paper.say(
        words(
            "conclusion_undecided" if conclusion.grade == "undecided" else "conclusion",
            template=conclusion.template,
            grade=_grade_word(conclusion),
            value=rounded(conclusion.outcome.value),
            best=rounded(conclusion.best.value),
            open=conclusion.open_items,
        )
    )
    rows = [
        (
            words(f"trace.{line.name}"),
            line.formula,
            _value(line.value),
            line.mark.render("zh") if line.mark else "",
        )
        for line in conclusion.outcome.trace
    ]
    columns = [words(f"column.{name}") for name in ("quantity", "formula", "value", "mark")]
    paper.table(columns, rows, (4.2, 4.4, 2.4, 5.6))
    paper.say(words("rounding"))


def _value(value: str) -> str:
    """A number as it is, a grade in words."""
    shown = words(f"grade_word.{value}")
    return value if shown == f"paper.grade_word.{value}" else shown


def _system(paper: Paper, content: Content) -> None:
    system = content.standing.system
    days = ("graded", "filed", "certified", "assessed", "renewed")
    rows = [(words(f"field.{day}"), getattr(system, day) or words("unknown")) for day in days]
    rows.append((words("field.extensions"), "、".join(system.extensions) or words("none")))
    rows.append((words("field.assets"), str(len(system.assets))))
    rows.append((words("field.inherited"), str(len(system.inherited))))
    paper.table([], rows, (4.5, 12.1))
    columns = [words(f"column.{name}") for name in ("clock", "due", "left", "mark")]
    clocks = [
        (
            words(f"clock.{clock.name}"),
            clock.due or "—",
            str(clock.days) if clock.due or clock.name == "retention" else "—",
            clock.mark.render("zh"),
        )
        for clock in content.standing.clocks
    ]
    paper.table(columns, clocks, (3.6, 2.6, 1.8, 8.6))


def _overview(paper: Paper, content: Content) -> None:
    columns = [words("column.area"), *map(verdict_word, _VERDICTS), words("column.total")]
    rows: list[list[str]] = []
    areas = dict.fromkeys(item.control.area.render("zh") for item in content.standing.items)
    for area in areas:
        mine = [
            content.standing.verdict(item.unit)
            for item in content.standing.items
            if item.control.area.render("zh") == area
        ]
        rows.append([area, *(str(mine.count(each)) for each in _VERDICTS), str(len(mine))])
    counts = content.standing.counts
    rows.append(
        [
            words("column.total"),
            *(str(counts[each.value]) for each in _VERDICTS),
            str(len(content.standing.items)),
        ]
    )
    paper.table(columns, rows, (4.4, 2, 2.2, 2, 2, 2.2, 1.8))


def _items(paper: Paper, content: Content) -> None:
    columns = [words(f"column.{name}") for name in ("unit", "clause", "title", "verdict", "reason")]
    areas = dict.fromkeys(item.control.area.render("zh") for item in content.standing.items)
    for area in areas:
        paper.head(area, 2)
        rows = [
            (
                item.unit,
                f"{item.control.clause} {item.control.item}".strip(),
                item.control.title.render("zh"),
                verdict_word(content.standing.verdict(item.unit)),
                content.reason(item.unit),
            )
            for item in content.standing.items
            if item.control.area.render("zh") == area
        ]
        paper.table(columns, rows, (2.5, 2, 3.7, 1.9, 6.5))


def _risks(paper: Paper, content: Content) -> None:
    standing = content.standing
    named = edition("high_risk", standing.high_risk_edition).title.render("zh")
    paper.say(words("risks", edition=named, high=standing.risks.high))
    columns = [words(f"column.{name}") for name in ("case", "title", "state", "units", "mitigable")]
    rows = [
        (
            each.case.id,
            each.case.title,
            words(f"case_state.{each.state}"),
            "、".join(each.units),
            words("yes" if each.case.mitigable else "no"),
        )
        for each in standing.cases
        if each.state != "undecided"
    ]
    table_or_none(paper, columns, rows, (1.8, 6, 2.4, 4.6, 1.8))
    undecided = [each.case.id for each in standing.cases if each.state == "undecided"]
    paper.say(words("risks_undecided", count=len(undecided), cases=listed(undecided)))
    paper.head(words("head.majors"), 2)
    paper.say(words("majors"))
    columns = [words(f"column.{name}") for name in ("case", "title", "set_by", "units", "repaired")]
    majors = [
        (
            each.code,
            each.title,
            each.set_by or words("proposed"),
            "、".join(each.units) or "—",
            words("yes" if each.repaired else "no"),
        )
        for each in standing.majors
    ]
    table_or_none(paper, columns, majors, (1.8, 5.4, 2.6, 4.8, 2))


def _problems(paper: Paper, content: Content) -> None:
    columns = [words(f"column.{name}") for name in ("unit", "asset", "reason", "facts", "repair")]
    rows = [
        (each.item.unit, each.asset or "—", each.reason, each.facts or "—", each.repair or "—")
        for each in problems_of(content)
    ]
    table_or_none(paper, columns, rows, (2.4, 2.4, 4.2, 4, 3.6))


def _open(paper: Paper, content: Content) -> None:
    columns = [words(f"column.{name}") for name in ("unit", "title", "reason")]
    rows = [
        (item.unit, item.control.title.render("zh"), content.reason(item.unit))
        for item in content.items(Conformity.INSUFFICIENT)
    ]
    table_or_none(paper, columns, rows, (2.6, 5, 9))


def _repairs(paper: Paper, content: Content) -> None:
    columns = [words(f"column.{name}") for name in ("unit", "asset", "assignee", "due", "status")]
    rows = [
        (task.unit, task.asset or "—", task.assignee, task.due, words(f"task.{task.status}"))
        for task in content.standing.tasks
    ]
    table_or_none(paper, columns, rows, (2.6, 4, 4, 3, 3))


def _adjustments(paper: Paper, content: Content) -> None:
    columns = [
        words(f"column.{name}")
        for name in ("unit", "kind", "statement", "by", "approver", "expires")
    ]
    rows = [
        (
            each.unit or each.step,
            words(f"attested.{each.kind}"),
            each.statement,
            each.by,
            each.approver or "—",
            to_iso(each.expires)[:10],
        )
        for each in content.attestations
        if each.kind != "record"
    ]
    table_or_none(paper, columns, rows, (2.4, 2.2, 5.6, 2, 2, 2.4))


def _evidence(paper: Paper, content: Content) -> None:
    columns = [
        words(f"column.{name}") for name in ("asset", "file", "level", "collected", "sha256")
    ]
    rows = [
        (
            each.asset,
            each.name,
            each.level,
            to_iso(each.collected)[:16].replace("T", " ") if each.collected else words("unknown"),
            each.sha256,
        )
        for each in content.evidence
    ]
    table_or_none(paper, columns, rows, (2.6, 3, 1.4, 2.6, 7))


def _marks(paper: Paper, content: Content) -> None:
    paper.say(words("marks"))
    unread = [item.unit for item in content.standing.items if item.mark != "V"]
    paper.say(words("marks_units", count=len(unread), units=listed(unread[:20])))


def table_or_none(
    paper: Paper, columns: list[str], rows: Iterable[tuple[str, ...]], widths: tuple[float, ...]
) -> None:
    """A table, or the word that there is nothing."""
    found = list(rows)
    if found:
        paper.table(columns, found, widths)
    else:
        paper.say(words("none"))
