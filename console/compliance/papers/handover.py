"""The pack that is handed over to the assessment body, as the Shanghai handbook (2025-02) lists it.

A zip: the list of what is asked with whether it is there, the survey of the network, the form of the
supply chain, the draft report, the problem list, and the evidence. What is missing is said, not made up.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from console.compliance.papers.content import Content, web_word
from console.compliance.papers.document import Paper
from console.compliance.papers.report import table_or_none, words
from console.compliance.papers.workbook import workbook
from fengsui.clock import DAY, to_iso

MARK: Final = "V2"
_YEAR: Final = 365 * DAY
_DEVICES: Final = (
    ("number", 6), ("asset", 24), ("kind", 12), ("zone", 16), ("address", 28), ("person", 14),
)  # fmt: skip
_NETWORKS: Final = (("number", 6), ("network", 24), ("zone", 18), ("plane", 12), ("owner", 20))
_SUPPLY: Final = (
    ("number", 6), ("asset", 24), ("kind", 12), ("vendor", 20), ("product", 20), ("version", 14),
    ("certificate", 20), ("service", 24),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that the handbook asks for: `there` None where only a person knows."""

    name: str
    there: bool | None
    where: str = ""


def asked_for(content: Content) -> list[Asked]:
    """The list, each with what is there of it."""
    system = content.standing.system
    fresh = [each for each in content.attestations if each.expires > content.now]
    scans = [each.name for each in content.evidence if each.kind == "scan"]
    scans += _documents(content, ("L3-CES1-21", "L3-MMS1-13"))
    tests = _documents(content, ("L3-CES1-20", "L3-CMS1-25"))
    lowered = [each.step for each in fresh if each.kind == "high_risk"]
    possible = [each.case.id for each in content.standing.cases if each.state == "possible"]
    return [
        Asked("certificate", bool(system.number), system.number),
        Asked("survey", bool(content.assets), words("handover.file.survey")),
        # Which products a system rests on stands in no register of ours: the form is to be filled in.
        Asked("supply", None, words("handover.file.supply")),
        Asked("technology", None, "、".join(system.extensions) or words("none")),
        Asked("scan", bool(scans), "、".join(scans[:3])),
        Asked("penetration", bool(tests), "、".join(tests[:3])),
        Asked("reasons", None if possible else True, "、".join(lowered) or words("none")),
        Asked("report", bool(content.standing.runs), words("handover.file.report")),
        Asked("problems", bool(content.standing.runs), words("handover.file.problems")),
        Asked("evidence", bool(content.evidence), words("handover.file.pack")),
    ]


def handover(content: Content, papers: Mapping[str, bytes]) -> bytes:
    """The zip; `papers` by file name are put beside what is made here."""
    out = io.BytesIO()
    stamp = datetime.fromisoformat(to_iso(content.now)).timetuple()[:6]
    files = {
        "01-checklist.docx": _checklist(content),
        "02-network-survey.xlsx": _survey(content),
        "03-supply-chain.xlsx": _supply(content),
        **papers,
    }
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in files.items():
            file.writestr(zipfile.ZipInfo(name, stamp), data)
    return out.getvalue()


def _documents(content: Content, units: tuple[str, ...]) -> list[str]:
    """Documents of records about some units, no older than a year."""
    return [
        each.attachment.name
        for each in content.attestations
        if each.unit in units and each.attachment and each.holds and content.now - each.at < _YEAR
    ]


def _checklist(content: Content) -> bytes:
    paper = Paper(words("handover.title"))
    system = content.standing.system
    rows = [
        (words("field.name"), system.name),
        (words("field.number"), system.number or words("unknown")),
        (words("field.unit"), system.unit),
        (words("field.made"), content.standing.today.isoformat()),
    ]
    paper.cover(words("handover.title"), rows, words("handover.note"))
    paper.head(words("handover.list"))
    columns = [words(f"column.{name}") for name in ("title", "state", "file")]
    states = {True: "there", False: "missing", None: "person"}
    found = [
        (
            words(f"handover.asked.{each.name}"),
            words(f"handover.state.{states[each.there]}"),
            each.where or "—",
        )
        for each in asked_for(content)
    ]
    table_or_none(paper, columns, found, (8, 3, 5.6))
    paper.say(words("handover.terms"))
    return paper.data()


def _survey(content: Content) -> bytes:
    devices = [
        (
            n,
            a.name or a.id,
            web_word("asset_kind", a.kind),
            a.zone,
            "\n".join(a.addresses),
            a.responsible,
        )
        for n, a in enumerate(content.assets, 1)
    ]
    zones = {asset.zone for asset in content.assets}
    names = {unit.id: unit.name for unit in content.plan.units}
    networks = [
        (
            number,
            each.cidr,
            each.zone,
            web_word("plane", each.plane),
            names.get(each.unit, each.unit),
        )
        for number, each in enumerate((n for n in content.plan.networks if n.zone in zones), 1)
    ]
    return workbook(("sheet.devices", _DEVICES, devices), ("sheet.networks", _NETWORKS, networks))


def _supply(content: Content) -> bytes:
    rows = [
        (number, each.name or each.id, web_word("asset_kind", each.kind), "", "", "", "", "")
        for number, each in enumerate(content.assets, 1)
    ]
    return workbook(("sheet.supply", _SUPPLY, rows))
