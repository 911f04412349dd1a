"""How the intruder comes in: a link, and a program."""

from __future__ import annotations

from fengsui.clock import MILLISECOND
from playbooks.drills.intrusion.actors import Actors, Step, fresh_certificate, touched
from playbooks.drills.traffic.office import BROWSER_HEADERS, user_of
from playbooks.drills.traffic.protocols import text, tls
from playbooks.drills.traffic.scene import Scene


def lure(scene: Scene, actors: Actors, at: int) -> Step:
    """A link is clicked: a plain page redirects to a look-alike log-on under TLS."""
    rng = scene.rng("lure")
    host, name = actors.victim, f"www.{actors.lure}"
    server = scene.place(name, scene.site(actors.lure))
    asked = scene.lookup(host, name, at)
    talk = scene.talk(host, server, 80, asked + MILLISECOND, rng)
    talk.connect()
    target = f"/t/{rng.getrandbits(40):010x}?u={user_of(host)}"
    talk.send(text.http_request("GET", name, target, BROWSER_HEADERS))
    location = [("Location", f"https://{name}/login?s={rng.getrandbits(64):016x}")]
    talk.receive(text.http_response("302 Found", "text/html", b"", location))
    fresh_certificate(scene, name, 6)
    page = scene.https(
        host, name, talk.now + 40 * MILLISECOND, rng, [(820, 31_000), (560, 88_000)], ask=False
    )
    page.pause(rng.uniform(12, 30))
    page.send(tls.application(rng, 940))  # what was typed into the form
    page.receive(tls.application(rng, 700))
    page.close()
    talk.close()
    return Step(at, page.now, touched(actors, name, actors.lure, server.ip4))


def download(scene: Scene, actors: Actors, at: int) -> Step:
    """A Windows program over plain HTTP, under a harmless or honest name."""
    rng = scene.rng("download")
    host, server = actors.victim, scene.site(actors.payload_host)
    begun = at
    if actors.payload_host != server.ip4:
        at = scene.lookup(host, actors.payload_host, at)
    port = 80 if actors.payload_host != server.ip4 else rng.choice((80, 8080, 8000))
    talk = scene.talk(host, server, port, at + MILLISECOND, rng)
    talk.connect()
    shown = actors.payload_host if port == 80 else f"{actors.payload_host}:{port}"
    talk.send(text.http_request("GET", shown, actors.payload_path, BROWSER_HEADERS))
    kinds = {"jpg": "image/jpeg", "png": "image/png"}
    kind = kinds.get(actors.payload_path.rpartition(".")[2], "application/octet-stream")
    body = text.executable(rng, rng.randrange(420_000, 900_000))
    talk.receive(text.http_response("200 OK", kind, body), rate=1.2e6)
    talk.close()
    return Step(begun, talk.now, touched(actors, actors.payload_host, server.ip4))
