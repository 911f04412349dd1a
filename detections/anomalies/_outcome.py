"""What became of a connection, by Zeek's `conn_state` (docs.zeek.org, base/protocols/conn)."""

from __future__ import annotations

from typing import Final

from fengsui.event import Event

# No answer, refused, or broken off before anything was said.
_FAILED: Final = frozenset({"S0", "REJ", "RSTOS0", "RSTRH", "SH"})
_RESET: Final = frozenset({"RSTO", "RSTR"})
_WORKED: Final = frozenset({"SF", "S1", "S2", "S3", "RSTO", "RSTR"})


def failed(event: Event) -> bool:
    """Whether a flow came to nothing: unanswered, refused, or reset without a byte of payload."""
    state = event.text("zeek.connection.state")
    if state in _FAILED:
        return True
    said = event.number("client.bytes") or event.number("server.bytes")
    return state in _RESET and not said


def succeeded(event: Event) -> bool:
    """Whether both sides spoke."""
    if event.text("zeek.connection.state") not in _WORKED:
        return False
    return bool(event.number("server.bytes") or event.number("client.bytes"))
