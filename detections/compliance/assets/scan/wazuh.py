"""Results of Wazuh SCA: the answer of its API, its alerts (one JSON a line), or documents of its indexer.

https://documentation.wazuh.com/current/user-manual/capabilities/sec-config-assessment/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson

from detections.compliance.assets.scan.results import MOST_RESULTS, Outcome, Result, Scan, plain
from fengsui.clock import from_iso
from fengsui.errors import InputError

_OUTCOMES: Final[dict[str, Outcome]] = {"passed": "pass", "failed": "fail"}
_WORDS: Final = (b'"sca"', b'"policy_id"', b'"affected_items"', b'"remediation"', b'"rationale"')


def is_wazuh(head: bytes) -> bool:
    """Whether a file begins as one of them does."""
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return text.startswith((b"{", b"[")) and any(word in head for word in _WORDS)


def read_wazuh(data: bytes, where: str) -> Scan:
    """All checks of one host.

    Raises:
        InputError: no JSON, no check, or checks of several hosts.
    """
    results: dict[str, Result] = {}
    hosts: dict[str, None] = {}
    newest = 0
    policy = ""
    for item in _items(_documents(data, where)):
        check, context = item
        title = plain(str(check.get("title") or check.get("name") or ""))
        word = str(check.get("result") or "").lower()
        if not title or not word or len(results) >= MOST_RESULTS:
            continue
        # Alerts come in the order of time: the later word of a check counts.
        number = str(check.get("id") or title)
        results[number] = Result(title, _OUTCOMES.get(word, "other"), word)
        hosts[_host(context)] = None
        newest = max(newest, _time(context))
        policy = policy or plain(str(check.get("policy_id") or _inside(context, "policy")))
    hosts.pop("", None)
    if not results:
        raise InputError("The document has no SCA check", where=where, code="no_results")
    if len(hosts) > 1:
        raise InputError(
            f"The document has checks of {len(hosts)} hosts",
            where=where,
            next="Bring one file for each host",
            code="several_hosts",
        )
    return Scan("wazuh", next(iter(hosts), ""), newest, policy, tuple(results.values()))


def _documents(data: bytes, where: str) -> Iterator[Any]:
    try:
        whole = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        for count, line in enumerate(data.splitlines(), 1):
            if not line.strip():
                continue
            try:
                yield orjson.loads(line)
            except orjson.JSONDecodeError as error:
                raise InputError(
                    "The document is no JSON", where=f"{where}, line {count}", code="broken_json"
                ) from error
        return
    yield from whole if isinstance(whole, list) else [whole]


def _items(documents: Iterator[Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """Checks, each with the document that tells its host and time."""
    for document in documents:
        if not isinstance(document, dict):
            continue
        source: dict[str, Any] = document.get("_source", document)
        data = source.get("data", source)
        if not isinstance(data, dict):
            continue
        items = data.get("affected_items")
        sca = data.get("sca")
        if isinstance(items, list):
            yield from ((item, source) for item in items if isinstance(item, dict))
        elif isinstance(sca, dict) and isinstance(sca.get("check"), dict):
            yield sca["check"], source
        elif isinstance(data.get("check"), dict):
            yield data["check"], source
        elif "result" in data and ("title" in data or "name" in data):
            yield data, source


def _host(context: Mapping[str, Any]) -> str:
    agent = context.get("agent")
    if isinstance(agent, dict):
        return plain(str(agent.get("name") or ""))
    return ""


def _inside(context: Mapping[str, Any], name: str) -> str:
    value = context.get(name, "")
    return str(value.get("name", "")) if isinstance(value, dict) else str(value)


def _time(context: Mapping[str, Any]) -> int:
    text = str(context.get("@timestamp") or context.get("timestamp") or "")
    try:
        return max(from_iso(text), 0)
    except (ValueError, InputError):
        return 0
