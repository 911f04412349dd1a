"""Telling compiled code of shares of SMB2, so that it takes what only browses them by itself.

A share's texts lie one behind the other in its place in the arena: see `sensors.packet.smb_events`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sensors.packet.layout import SHARES, STATUSES, Tables
from sensors.packet.smb_layout import SHARE_COUNT, SHARE_SIZE, STATUS_COUNT, STATUSES_SIZE
from sensors.protocol import Share
from sensors.wire.smb_names import status_names

_SIGN: Final = 1 << 63


def tell_shares(tables: Tables, flow: Any, shares: Sequence[Share]) -> None:
    """Give a flow (of `layout.FLOW`) its shares; those that find no room are left out."""
    state = tables.state[0]
    if not state["statuses"]:
        _name_statuses(tables)
    for share in shares:
        size = sum(map(len, share.texts))
        if size > SHARE_SIZE:
            continue
        place = int(state["free_share"])
        if place:
            state["free_share"] = tables.shares[place - 1]["next"]
        elif state["fresh_share"] < SHARE_COUNT:
            place = int(state["fresh_share"]) + 1
            state["fresh_share"] = place
        else:
            return
        at = SHARES + (place - 1) * SHARE_SIZE
        tables.arena[at : at + size] = memoryview(b"".join(share.texts))
        one = tables.shares[place - 1]
        one["session"] = share.session - (share.session & _SIGN) * 2
        one["number"] = share.number
        one["size"] = tuple(map(len, share.texts))
        one["next"] = flow["shares"]
        flow["shares"] = place


def _name_statuses(tables: Tables) -> None:
    """The names of answers, in order of their numbers."""
    at = STATUSES
    names = sorted(status_names().items())[:STATUS_COUNT]
    for number, (code, name) in enumerate(names):
        data = name.encode()
        assert at + len(data) <= STATUSES + STATUSES_SIZE
        tables.arena[at : at + len(data)] = memoryview(data)
        tables.status_codes[number] = code
        tables.status_names[number] = at << 12 | len(data)
        at += len(data)
    tables.state[0]["statuses"] = len(names)
