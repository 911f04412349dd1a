"""Lines: where in a YAML file a fault is, found only when there is one."""

from __future__ import annotations

import re

import yaml

_QUOTED = re.compile(r"'([^']{2,80})'|\"([^\"]{2,80})\"|\b([A-Za-z_]\w{3,40})\b")

# pySigma's error class → the key of the rule that it is about.
_KEYS = {
    "SigmaConditionError": "condition",
    "SigmaDetectionError": "detection",
    "SigmaModifierError": "detection",
    "SigmaTypeError": "detection",
    "SigmaValueError": "detection",
    "SigmaRegularExpressionError": "detection",
    "SigmaLogsourceError": "logsource",
    "SigmaLevelError": "level",
    "SigmaStatusError": "status",
    "SigmaDateError": "date",
    "SigmaModifiedError": "modified",
    "SigmaIdentifierError": "id",
    "SigmaTagError": "tags",
    "SigmaTitleError": "title",
    "SigmaDescriptionError": "description",
    "SigmaAuthorError": "author",
    "SigmaReferencesError": "references",
    "SigmaFieldsError": "fields",
    "SigmaFalsePositivesError": "falsepositives",
    "SigmaRelatedError": "related",
    "SigmaLicenseError": "license",
    "SigmaNameError": "name",
}


def line_of(text: str, document: int, about: str = "", message: str = "") -> int:
    """Line (from 1) of a document, or of the key in it that a fault is about.

    Args:
        text: the YAML file.
        document: number of the document in it, from 0.
        about: a key, or the name of pySigma's error class.
        message: the error's text; a value of it that stands in the section found is preferred.
    """
    if document == 0 and not about:
        return _first_line(text)
    first, lines = _document(text, document)
    start = _key_line(lines, _KEYS.get(about, about))
    for quoted, double, bare in _QUOTED.findall(message):
        marks = (quoted or double,) if quoted or double else (f"|{bare}", f"{bare}:")
        for index in range(start, len(lines)):
            if any(mark in lines[index] for mark in marks):
                return first + index
    return first + start


def _first_line(text: str) -> int:
    """Line of the first key: cheap, for it is asked of every rule."""
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith(("#", "---", "%")):
            return number
    return 1


def _document(text: str, number: int) -> tuple[int, list[str]]:
    """First line (from 1) and the lines of one document."""
    try:
        nodes = list(yaml.compose_all(text, yaml.CSafeLoader))
    except yaml.YAMLError:
        return 1, text.splitlines()
    if number >= len(nodes):
        return 1, text.splitlines()
    start, end = nodes[number].start_mark.line, nodes[number].end_mark.line
    return start + 1, text.splitlines()[start : end + 1]


def _key_line(lines: list[str], key: str) -> int:
    if key:
        pattern = re.compile(rf"\s*{re.escape(key)}\s*:")
        for index, line in enumerate(lines):
            if pattern.match(line):
                return index
    return 0
