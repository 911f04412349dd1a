"""Text of others as text: bounded, on one line, and without characters that move what stands around them."""

from __future__ import annotations

import re
from typing import Final

from fengsui.text import Text

SHOWN: Final = 80  # characters of a name inside a sentence
KEPT: Final = 512  # characters by which a thing is told from others
# Control characters, line ends, and the marks that turn the direction of writing (UAX #9) or hide.
_UNSEEN: Final = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]+"
)


def plain(text: str, most: int = SHOWN) -> str:
    """At most `most` characters, what cannot be seen as one `·`."""
    clean = _UNSEEN.sub("·", text[: most * 4])
    return clean if len(clean) <= most else clean[: most - 1] + "…"


def plain_text(text: Text, most: int = 300) -> Text:
    """A sentence with its values made plain."""
    return Text(
        plain(text.key, most),
        {
            plain(name): plain(value, most) if isinstance(value, str) else value
            for name, value in text.values.items()
        },
    )
