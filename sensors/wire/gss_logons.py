"""Log-ons by GSS-API tokens, whatever carries them: events `ntlm` and `kerberos`.

Of NTLM its messages together are one event; of Kerberos the AP-REQ is (RFC 4121 §4.1): which service
a ticket was shown to, and how that ticket is encrypted. Its client stands in the sealed part.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fengsui.event import Value
from sensors.protocol import FieldValues
from sensors.wire import ntlm, spnego
from sensors.wire.kerberos_names import CIPHERS, WEAK

Report = Callable[[str, int, FieldValues], None]  # dataset, time, fields

TICKET_FIELDS: Final = (
    "network.protocol", "event.outcome", "kerberos.request_type", "kerberos.service",
    "kerberos.realm", "kerberos.cipher", "kerberos.weak_encryption", "kerberos.success",
)  # fmt: skip
DATASETS: Final = {"ntlm": ntlm.FIELDS, "kerberos": TICKET_FIELDS}


class GssLogons:
    """The log-ons of one connection, one after the other.

    Args:
        report: takes an event.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._ntlm: ntlm.Logon | None = None
        self._ticket: tuple[int, dict[str, Value | None]] | None = None
        self._told: tuple[object, ...] = ()  # a ticket that is shown with each request counts once

    def take(self, blob: bytes, time: int) -> spnego.Token:
        """Read a token of either side."""
        token = spnego.parse(blob)
        kind = ntlm.kind(token.inner)
        if kind:
            if self._ntlm is None or kind == ntlm.NEGOTIATE:
                self._finish(None)
                self._ntlm = ntlm.Logon(time)
            self._ntlm.take(token.inner)
        elif token.mechanism == "kerberos":
            shown = spnego.ticket(token.inner)
            if shown.service:
                self._tell_ticket(None)
                self._ticket = (time, _fields(shown))
        return token

    def answered(self, success: bool) -> None:
        """The server has decided, if there was anything to decide: a challenge is no refusal."""
        self._tell_ticket(success)
        if self._ntlm is not None and self._ntlm.last == ntlm.AUTHENTICATE:
            self._finish(success)

    def end(self) -> None:
        """The connection is over: report what nobody answered."""
        self._tell_ticket(None)
        self._finish(None)

    def _finish(self, success: bool | None) -> None:
        logon, self._ntlm = self._ntlm, None
        if logon is not None and logon.fields:
            self._report("ntlm", logon.time, logon.finished(success))

    def _tell_ticket(self, success: bool | None) -> None:
        shown, self._ticket = self._ticket, None
        if shown is None:
            return
        time, fields = shown
        key = (fields["kerberos.service"], fields["kerberos.cipher"], success)
        if key == self._told:
            return
        self._told = key
        fields["kerberos.success"] = success
        fields["event.outcome"] = (
            "unknown" if success is None else "success" if success else "failure"
        )
        self._report("kerberos", time, fields)


def _fields(shown: spnego.Ticket) -> dict[str, Value | None]:
    number = shown.cipher
    return {
        "network.protocol": "kerberos",
        "kerberos.request_type": "AP",
        "kerberos.service": shown.service,
        "kerberos.realm": shown.realm,
        "kerberos.cipher": None if number is None else CIPHERS.get(number, f"unknown-{number}"),
        "kerberos.weak_encryption": None if number is None else number in WEAK,
    }
