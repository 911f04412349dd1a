"""LDAP: who binds how to a directory, what is searched and changed there, and with what result.

One event for each operation with its result, stamped with the request; entries of a search are
counted. TCP, and CLDAP over UDP. Behind a SASL bind that gives privacy only unsealed tokens (RFC 4121,
NTLM signing) can be read; behind StartTLS the flow goes on as TLS. A bind by NTLM or Kerberos
is an event of its own. RFC 4511, MS-ADTS.
"""

from __future__ import annotations

from typing import Final

from fengsui.event import Value
from sensors.protocol import (
    ORIGINATOR,
    Context,
    FieldValues,
    Flow,
    Protocol,
    StreamSession,
    WireError,
)
from sensors.wire import ber
from sensors.wire.gss_logons import DATASETS, GssLogons
from sensors.wire.ldap_messages import START_TLS, logon_token, request, result
from sensors.wire.ldap_names import OPERATIONS

_MOST_WAITING: Final = 256
_LONGEST: Final = 256 * 1024
_SHORT: Final = 64  # enough of a message to see its number and operation
_BAD: Final = (ValueError, KeyError, IndexError)  # a member is missing or is no ASN.1
_REQUESTS: Final = frozenset({0, 2, 3, 6, 8, 10, 12, 14, 16, 23})
_RESULTS: Final = frozenset({1, 5, 7, 9, 11, 13, 15, 24})
_UNANSWERED: Final = frozenset({2, 16})  # unbind, abandon
_ENTRY, _REFERENCE, _SEARCH_DONE, _INTERMEDIATE = 4, 19, 5, 25
_SASL_IN_PROGRESS: Final = 14
_GOOD: Final = frozenset({0, 5, 6, _SASL_IN_PROGRESS})

Fields = dict[str, Value | None]


class LdapSession(StreamSession):
    """One LDAP connection, or a CLDAP exchange."""

    limit = _LONGEST + 4

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._asked: dict[int, tuple[int, int, Fields]] = {}  # by message id: time, side, fields
        self._skip = [0, 0]
        self._client = ORIGINATOR
        self._logons = GssLogons(self._logged_on)
        self._wrapped = False  # a SASL bind has succeeded: what follows may be in its tokens

    def data(self, side: int, data: bytes, time: int) -> None:
        """A datagram has whole messages; of a long message of no interest the rest is stepped over."""
        if self.context.flow.transport == "udp":
            try:
                self._messages(side, data, time)
            except _BAD:
                self.context.lost("malformed")
            return
        if self._skip[side]:
            passed = min(self._skip[side], len(data))
            self._skip[side] -= passed
            data = data[passed:]
        super().data(side, data, time)

    def gap(self, side: int, size: int, time: int) -> None:
        """A gap within what is stepped over does no harm."""
        if self._skip[side] >= size:
            self._skip[side] -= size
            return
        super().gap(side, size, time)

    def parse(self, side: int, data: bytes, time: int) -> int:
        """One message, or one SASL token with messages in it."""
        if data[0] != ber.SEQUENCE:
            if self._wrapped or (len(data) >= 6 and _token(data)):
                return self._token(side, data, time)
            if data[0] == 0 and len(data) < 6:
                return 0
            raise WireError("message")
        whole = ber.head(data)
        if whole is None:
            return 0
        if len(data) < whole.end:
            if len(data) >= _SHORT and self._is_entry(data, whole):
                self._message(side, data, whole, time)
                return self._rest(side, data, whole.end)
            if whole.end > _LONGEST:
                self.context.lost("long_message")
                return self._rest(side, data, whole.end)
            return 0
        try:
            self._message(side, data, whole, time)
        except _BAD:
            self.context.lost("malformed")
        return whole.end

    def end(self, time: int) -> None:
        """Operations without a result."""
        del time
        for number in list(self._asked):
            self._emit(number, {})
        self._logons.end()

    def _logged_on(self, dataset: str, time: int, fields: FieldValues) -> None:
        self.context.emit(dataset, time, fields, client=self._client)

    def _rest(self, side: int, data: bytes, end: int) -> int:
        self._skip[side] = end - len(data)
        return len(data)

    def _is_entry(self, data: bytes, whole: ber.Item) -> bool:
        number = ber.item(data, whole.start, len(data))
        return data[number.end] & 0x1F == _ENTRY

    def _messages(self, side: int, data: bytes, time: int) -> None:
        at = 0
        while at < len(data):
            whole = ber.expect(data, at, len(data), ber.SEQUENCE)
            self._message(side, data, whole, time)
            at = whole.end

    def _message(self, side: int, data: bytes, whole: ber.Item, time: int) -> None:
        number = ber.item(data, whole.start, len(data))
        message = ber.number(data, number)
        operation = ber.head(data, number.end)
        if number.tag != ber.INTEGER or operation is None or operation.tag & 0xC0 != 0x40:
            raise WireError("message")
        kind = operation.tag & 0x1F
        if kind in _REQUESTS:
            self._request(message, side, kind, data, operation, time)
        elif kind in _RESULTS:
            self._result(message, side, kind, data, operation, time)
        elif kind in {_ENTRY, _REFERENCE}:
            fields = self._of(message, side, kind, time)
            if kind == _ENTRY:
                count = fields.get("ldap.result_count")
                fields["ldap.result_count"] = (count if isinstance(count, int) else 0) + 1
        elif kind != _INTERMEDIATE:
            raise WireError("operation")

    def _request(
        self, message: int, side: int, kind: int, data: bytes, one: ber.Item, time: int
    ) -> None:
        if one.end > len(data):
            raise WireError("truncated")
        if message in self._asked:
            self._emit(message, {})
        elif len(self._asked) >= _MOST_WAITING:
            self.context.lost("unanswered")
            self._emit(next(iter(self._asked)), {})
        fields: Fields = {"ldap.message_id": message, "ldap.operation": OPERATIONS[kind]}
        if kind == 3:
            fields["ldap.result_count"] = 0
        self._asked[message] = (time, side, fields)
        fields.update(request(kind, data, one))
        if kind == 0:
            self._client = side
            self._logons.take(logon_token(data, one), time)
        if kind in _UNANSWERED:
            self._emit(message, {})

    def _of(self, message: int, side: int, kind: int, time: int) -> Fields:
        """Fields of the operation that a reply belongs to; of a new one where it was not seen."""
        known = self._asked.get(message)
        if known is None:
            if len(self._asked) >= _MOST_WAITING:
                self.context.lost("unanswered")
                self._emit(next(iter(self._asked)), {})
            fields: Fields = {"ldap.message_id": message, "ldap.operation": OPERATIONS[kind]}
            if OPERATIONS[kind] == "search":
                fields["ldap.result_count"] = 0
            known = self._asked[message] = (time, 1 - side, fields)
        return known[2]

    def _result(
        self, message: int, side: int, kind: int, data: bytes, one: ber.Item, time: int
    ) -> None:
        fields = self._of(message, side, kind, time)
        code, found = result(data, one)
        if message:  # 0: an unsolicited notification answers nothing
            found["event.duration"] = time - self._asked[message][0]
        if kind == 1:
            self._client = 1 - side
            self._logons.take(logon_token(data, one), time)
            if code != _SASL_IN_PROGRESS:
                self._logons.answered(code == 0)
        self._emit(message, found, code)
        if kind == 1 and code == 0 and fields.get("ldap.operation") == "bind SASL":
            self._wrapped = True
        if kind == 24 and code == 0 and str(fields.get("ldap.object", "")).startswith(START_TLS):
            self.end(time)
            self.context.switch("tls")

    def _emit(self, message: int, found: Fields, code: int | None = None) -> None:
        time, side, fields = self._asked.pop(message)
        fields.update(found)
        if code is not None:
            fields["event.outcome"] = "success" if code in _GOOD else "failure"
        self.context.emit("ldap", time, fields, client=side)

    def _token(self, side: int, data: bytes, time: int) -> int:
        """The head of a SASL buffer: a length and the head of a token that is only signed.

        The messages behind it are read as if there were no token; one that is sealed ends the flow's
        parser. RFC 4121 §4.2.6.2, MS-NLMP 2.2.2.9.
        """
        if len(data) < 21:
            return 0
        size = int.from_bytes(data[:4], "big")
        if not 16 <= size <= 1 << 24:
            raise WireError("token")
        if data[4:8] == b"\1\0\0\0" and data[20] == ber.SEQUENCE:
            return 20
        if data[4:6] != b"\x05\x04" or data[6] & 2:
            self.context.done()
            return len(data)
        extra = int.from_bytes(data[8:10], "big")
        if int.from_bytes(data[10:12], "big"):  # rotated: the checksum stands in front
            return 20 + extra if len(data) >= 20 + extra else 0
        if size > _LONGEST or 16 + extra > size:
            raise WireError("token")
        if len(data) < 4 + size:
            return 0
        self._messages(side, data[20 : 4 + size - extra], time)
        return 4 + size


def _token(data: bytes) -> bool:
    """A SASL buffer by its look, where the bind was not seen: a Kerberos wrap token of its length."""
    return data[0] == 0 and data[4:6] == b"\x05\x04" and int.from_bytes(data[:4], "big") >= 16


def recognises(data: bytes, side: int, flow: Flow) -> bool:
    """A sequence of a message id and an operation that LDAP has."""
    del side, flow
    if len(data) < 7 or data[0] != ber.SEQUENCE:
        return False
    try:
        whole = ber.head(data)
        number = whole and ber.head(data, whole.start)
        operation = number and ber.head(data, number.end)
    except WireError:
        return False
    if not whole or not number or not operation or number.tag != ber.INTEGER:
        return False
    size = number.end - number.start
    kind = operation.tag & 0x1F
    return (
        1 <= size <= 4
        and operation.end <= whole.end
        and operation.tag & 0xC0 == 0x40
        and operation.tag in {0x42, 0x4A, 0x50, *(0x60 | known for known in OPERATIONS)}
        and kind in OPERATIONS
    )


_FIELDS: Final = (
    "ldap.message_id", "ldap.version", "ldap.operation", "ldap.result", "ldap.result_code",
    "ldap.diagnostic_message", "ldap.object", "ldap.argument", "ldap.password_seen", "ldap.scope",
    "ldap.deref_aliases", "ldap.base_object", "ldap.result_count", "ldap.filter",
    "ldap.attributes", "user.name", "event.outcome", "event.duration",
)  # fmt: skip

PROTOCOL = Protocol(
    name="ldap",
    title="Lightweight Directory Access Protocol",
    standard="RFC 4511",
    transports=frozenset({"tcp", "udp"}),
    session=LdapSession,
    recognises=recognises,
    ports=frozenset({389, 3268}),
    datasets={"ldap": _FIELDS, **DATASETS},
    upgrades=True,
)
