"""Order and cursors of a search, alike for every store."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Final

import orjson

from fengsui.ecs import Field, registry
from fengsui.errors import InputError
from fengsui.store.event_store import Sort

LARGEST_PAGE: Final = 10_000


def sort_field(sort: Sort) -> Field:
    """The field to sort by.

    Raises:
        InputError: not a field of the registry, or a list.
    """
    field = registry().get(sort.field)
    if field is None or field.is_list:
        raise InputError(
            f"Events cannot be sorted by {sort.field[:100]}",
            next="Sort by a field of the registry that is no list",
            code="bad_sort",
        )
    return field


def check_size(limit: int) -> None:
    """Raise InputError for a page that is too large."""
    if not 0 <= limit <= LARGEST_PAGE:
        raise InputError("The page size is out of range", next="Ask for 0 to 10,000 events")


def cursor_text(sort: Sort, value: Any, event_id: str) -> str:
    """An opaque text that names the last event of a page: its sort value and id."""
    document = [sort.field, sort.descending, value, event_id]
    return base64.urlsafe_b64encode(orjson.dumps(document)).decode().rstrip("=")


def read_cursor(text: str | None, sort: Sort) -> tuple[Any, str] | None:
    """Sort value and id of a cursor.

    Raises:
        InputError: not one of ours, or of another order.
    """
    if not text:
        return None
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        field, descending, value, event_id = orjson.loads(packed)
        if (field, descending) != (sort.field, sort.descending):
            raise ValueError(field)
        if not isinstance(value, str | int | float | None):
            raise TypeError(value)
        bytes.fromhex(event_id)
    except (ValueError, TypeError, binascii.Error, orjson.JSONDecodeError) as error:
        raise InputError(
            "The cursor does not belong to this search",
            next="Start again from the first page",
            code="bad_cursor",
        ) from error
    return value, event_id
