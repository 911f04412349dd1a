"""Write the OpenAPI document: `python -m console.api.openapi > console/api/openapi.json`."""

from __future__ import annotations

import sys

import orjson

from console.api.app import openapi


def document() -> bytes:
    """The same bytes each time: sorted keys, two spaces, a newline at the end."""
    options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(openapi(), option=options)


if __name__ == "__main__":
    sys.stdout.buffer.write(document())
