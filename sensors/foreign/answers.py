"""Answers: one JSON document around a list of events, as search servers and cloud services give it."""

from __future__ import annotations

import re
from typing import Final

# Keys on the way to the list of events.
_LISTS: Final = frozenset(
    {
        ("hits", "hits"),  # Elasticsearch, OpenSearch
        ("response", "hits", "hits"),
        ("rawResponse", "hits", "hits"),
        ("Events", "Event"),
        *((name,) for name in ("events", "Events", "records", "Records", "results", "value")),
        *((name,) for name in ("data", "items", "logs", "rows", "messages", "Results")),
    }
)
# Names that an event has and an answer has not: lists in it are its own.
_OF_EVENTS: Final = frozenset(
    {"EventID", "Channel", "Event", "System", "EventData", "winlog", "ecs", "event", "event_type"}
)
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|["{}\[\]]', re.DOTALL)
_COLON: Final = re.compile(rb"\s*:")
_FIRST: Final = re.compile(rb"\[\s*[{\]]")


def list_inside(head: bytes) -> int | None:
    """Where the list of events begins in a document; None where it is no answer.

    Args:
        head: the document's first bytes.
    """
    keys: list[bytes] = []  # of the brackets that are open
    arrays = 0
    key = b""
    for token in _TOKEN.finditer(head):
        word, where = token[0], token.start()
        if word == b'"':
            return None
        if word[0] == 34:
            if not arrays and _COLON.match(head, token.end()):
                key = word[1:-1]
                if len(keys) == 1 and key.decode("utf-8", "replace") in _OF_EVENTS:
                    return None
        elif word in b"{[":
            keys.append(key)
            path = tuple(one.decode("utf-8", "replace") for one in keys[1:])
            if word == b"[":
                if not arrays and path in _LISTS and _FIRST.match(head, where):
                    return where
                arrays += 1
        else:
            arrays -= word == b"]"
            keys = keys[:-1]
            if not keys:
                return None
    return None
