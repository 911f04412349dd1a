"""Results of OpenSCAP and its like: XCCDF 1.1 and 1.2 (NISTIR 7275), alone, in a benchmark or in an ARF.

Read as a stream, without entities, document types or the network; what a benchmark explains is let go.
"""

from __future__ import annotations

import io
from typing import Final
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from detections.compliance.assets.scan.results import MOST_RESULTS, Outcome, Result, Scan, plain
from fengsui.clock import from_iso
from fengsui.errors import InputError

_OUTCOMES: Final[dict[str, Outcome]] = {"pass": "pass", "fixed": "pass", "fail": "fail"}
_PREFIX: Final = "_rule_"


def is_xccdf(head: bytes) -> bool:
    """Whether a file begins as one of them does; a DTD stands in none."""
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return text.startswith(b"<") and any(
        word in head for word in (b"xccdf", b"asset-report-collection", b"TestResult")
    )


def read_xccdf(data: bytes, where: str) -> Scan:
    """The newest test result of a file.

    Raises:
        InputError: no XML, hostile, or without a test result.
    """
    found: list[Scan] = []
    try:
        for _, element in iterparse(io.BytesIO(data), events=("end",), forbid_dtd=True):
            name = _local(element)
            if name == "TestResult":
                found.append(_scan(element))
            if name in {
                "TestResult",
                "Rule",
                "Group",
                "Profile",
                "definition",
                "Value",
                "oval_results",
            }:
                element.clear()
    except DefusedXmlException as error:
        raise InputError(
            f"The document holds what no result has: {type(error).__name__}",
            where=where,
            next="Bring the result as the scanner wrote it",
            code="hostile_xml",
        ) from error
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(
            f"The document is broken: {error}"[:200],
            where=where,
            next="Bring the result as the scanner wrote it",
            code="broken_xml",
        ) from error
    if not found:
        raise InputError(
            "The document has no test result",
            where=where,
            next="oscap xccdf eval --results results.xml …",
            code="no_results",
        )
    return max(found, key=lambda scan: scan.collected)


def _scan(element: Element) -> Scan:
    results: list[Result] = []
    target = ""
    title = element.get("id") or ""
    problems: list[str] = []
    for child in element:
        name = _local(child)
        if name == "target" and not target:
            target = plain(child.text or "")
        elif name == "profile":
            title = child.get("idref") or title
        elif name == "rule-result" and len(results) < MOST_RESULTS:
            word = next((plain(c.text or "") for c in child if _local(c) == "result"), "")
            rule = (child.get("idref") or "").rpartition(_PREFIX)[2]
            if word != "notselected":
                results.append(Result(plain(rule), _OUTCOMES.get(word, "other"), word))
    errors = sum(result.word in {"error", "unknown"} for result in results)
    if errors:
        problems.append(f"{errors} rules ended in an error")
    when = element.get("end-time") or element.get("start-time") or ""
    try:
        collected = from_iso(when)
    except (ValueError, InputError):
        collected = 0
    return Scan("openscap", target, collected, plain(title), tuple(results), tuple(problems))


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]
