"""A small WS-Man server (MS-WSMV over HTTPS) for tests: one shell, one command, its input and output.

It speaks the messages of a shell as they are specified (Create, Command, Send, Receive, Signal, Delete),
with Basic or NTLM (by pyspnego's acceptor), and runs nothing: it keeps what it was told, and answers what
the test says. It is no Windows.
"""

from __future__ import annotations

import base64
import re
import ssl
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from xml.etree import ElementTree as ET

import spnego

S = "http://www.w3.org/2003/05/soap-envelope"
WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
WSMAN = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
RSP = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
FAULT = "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault"
TIMED_OUT = 2150858793  # WSManFault of an operation without output in its time


@dataclass
class Windows:
    """What the server answers, and what it was told."""

    out: bytes = b""
    err: bytes = b""
    password: str = "P@ss w0rd"
    status: int = 200
    fault: int = 0
    quiet: int = 1  # receives without output first
    hang: float = 0.0
    told: dict[str, bytes] = field(default_factory=dict)
    acts: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    windows: Windows
    context: spnego.ContextProxy | None = None

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not self._let_in():
            return
        time.sleep(self.windows.hang)
        if self.windows.status != 200:
            self._send(self.windows.status, b"not here", "text/plain")
            return
        request = ET.fromstring(body)
        action = (request.findtext(f".//{{{WSA}}}Action") or "").rsplit("/", 1)[-1]
        number = request.findtext(f".//{{{WSA}}}MessageID") or ""
        self.windows.acts.append(action)
        if self.windows.fault and action == "Create":
            self._fault(self.windows.fault, number)
        elif action == "Receive" and self.windows.quiet > 0:
            self.windows.quiet -= 1
            self._fault(TIMED_OUT, number)
        else:
            self._send(200, _envelope(number, self._answer(action, request)))

    def _answer(self, action: str, request: ET.Element) -> str:
        windows = self.windows
        if action == "Create":
            return f'<rsp:Shell xmlns:rsp="{RSP}"><rsp:ShellId>{uuid.uuid4()}</rsp:ShellId></rsp:Shell>'
        if action == "Command":
            windows.arguments = [e.text or "" for e in request.iter(f"{{{RSP}}}Arguments")]
            return (
                f'<rsp:CommandResponse xmlns:rsp="{RSP}"><rsp:CommandId>{uuid.uuid4()}</rsp:CommandId>'
                "</rsp:CommandResponse>"
            )
        if action == "Send":
            for stream in request.iter(f"{{{RSP}}}Stream"):
                held = windows.told.get(stream.attrib["Name"], b"")
                windows.told[stream.attrib["Name"]] = held + base64.b64decode(stream.text or "")
            return f'<rsp:SendResponse xmlns:rsp="{RSP}"/>'
        if action == "Receive":
            streams = "".join(
                f'<rsp:Stream Name="{name}" CommandId="c">{base64.b64encode(data).decode()}</rsp:Stream>'
                for name, data in (("stdout", windows.out), ("stderr", windows.err))
            )
            return (
                f'<rsp:ReceiveResponse xmlns:rsp="{RSP}">{streams}<rsp:CommandState CommandId="c"'
                f' State="{RSP}/CommandState/Done"><rsp:ExitCode>0</rsp:ExitCode></rsp:CommandState>'
                "</rsp:ReceiveResponse>"
            )
        return ""

    def _let_in(self) -> bool:
        given = self.headers.get("Authorization", "")
        if given.startswith("Basic "):
            user, _, password = base64.b64decode(given[6:]).decode().partition(":")
            if (user, password) == ("auditor", self.windows.password):
                return True
        elif given.startswith("Negotiate "):
            if self.context is None:
                self.context = spnego.server(
                    protocol="negotiate", options=spnego.NegotiateOptions.use_negotiate
                )
            try:
                token = self.context.step(base64.b64decode(given[10:]))
            except spnego.exceptions.SpnegoError:
                token = None
            if self.context.complete:
                return True
            if token:
                self._challenge(f"Negotiate {base64.b64encode(token).decode()}")
                return False
            self.context = None
        elif self.context is not None and self.context.complete:
            return True  # the connection is authenticated
        self._challenge("Negotiate", 'Basic realm="WSMAN"')
        return False

    def _challenge(self, *ways: str) -> None:
        self.send_response(401)
        for way in ways:
            self.send_header("WWW-Authenticate", way)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _fault(self, code: int, number: str) -> None:
        body = (
            f'<s:Fault xmlns:s="{S}"><s:Code><s:Value>s:Receiver</s:Value></s:Code><s:Reason>'
            f'<s:Text xml:lang="en-US">fault</s:Text></s:Reason><s:Detail>'
            f'<f:WSManFault xmlns:f="{FAULT}"'
            f' Code="{code}" Machine="WIN1"><f:Message>refused</f:Message></f:WSManFault>'
            "</s:Detail></s:Fault>"
        )
        self._send(500, _envelope(number, body))

    def _send(
        self, status: int, data: bytes, kind: str = "application/soap+xml;charset=UTF-8"
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _envelope(number: str, body: str) -> bytes:
    relates = re.sub(r"[<&]", "", number)
    return (
        f'<s:Envelope xmlns:s="{S}" xmlns:a="{WSA}"><s:Header><a:RelatesTo>{relates}</a:RelatesTo>'
        f"</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


@contextmanager
def serving(windows: Windows, certificate: Path, key: Path) -> Iterator[int]:
    """The server on loopback; its port."""
    handler = type("Bound", (Handler,), {"windows": windows})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        server.daemon_threads = True
        server.block_on_close = False
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(5)
