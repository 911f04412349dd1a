"""A real server on a real port: live views get what changed, and do not keep it from going down."""

from __future__ import annotations

import http.client
import signal
import threading
import time

from fastapi import FastAPI

from console.api.server import make_server
from fengsui.store.sql.state import SqlState
from tests.console.api.client import PASSWORD
from tests.fengsui.store.sql.samples import make_incident


def test_live_view_and_shutdown(app: FastAPI, state: SqlState) -> None:
    server = make_server(app, "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body = f'{{"name":"analyst","password":"{PASSWORD}"}}'
    connection.request("POST", "/api/session", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    cookie = response.headers["Set-Cookie"].split(";")[0]
    connection.request("GET", "/api/stream", headers={"Cookie": cookie})
    stream = connection.getresponse()
    assert stream.headers["Content-Type"].startswith("text/event-stream")
    assert stream.readline() == b"retry: 3000\n"
    stream.readline()
    time.sleep(1.1)  # one poll, so that what comes is news
    state.put_incidents([make_incident("i1")], {})
    assert stream.readline() == b"event: incidents\n"
    assert stream.readline() == b'data: {"changed":["i1"]}\n'
    stopped = time.monotonic()
    server.handle_exit(signal.SIGTERM, None)
    thread.join(20)
    assert not thread.is_alive()
    assert time.monotonic() - stopped < 4  # the grace for slow requests is five
    connection.close()
