"""What leaves the district: calls home, a tunnel, an upload."""

from __future__ import annotations

import random

from fengsui.clock import MILLISECOND, SECOND
from playbooks.drills.intrusion.actors import Actors, Step, fresh_certificate, registered, touched
from playbooks.drills.traffic.protocols import text
from playbooks.drills.traffic.protocols.dns import Answer
from playbooks.drills.traffic.scene import Scene


def beacon(scene: Scene, actors: Actors, at: int) -> Step:
    """A call home each minute, a fifth early or late, until the capture ends; sometimes a task."""
    rng = scene.rng("beacon")
    host, name = actors.victim, actors.command
    fresh_certificate(scene, name, 12)
    plain = rng.random() < 0.3
    modern = rng.random() < 0.5
    now, asked = at, 0
    while now < scene.end - 5 * SECOND:
        ask = now >= asked
        if ask:
            asked = now + 300 * SECOND
        down = rng.randrange(6_000, 24_000) if rng.random() < 0.08 else rng.randrange(130, 330)
        up = rng.randrange(2_000, 9_000) if rng.random() < 0.08 else rng.randrange(380, 520)
        if plain:
            _plain_call(scene, actors, rng, (now, up, down), ask=ask)
        else:
            talk = scene.https(
                *(host, name, now, rng, [(up, down)]), stack="go", modern=modern, ask=ask
            )
            talk.close()
        now += int(60 * rng.uniform(0.8, 1.2) * SECOND)
    return Step(at, now, touched(actors, name, registered(name), scene.site(name).ip4))


def _plain_call(
    scene: Scene, actors: Actors, rng: random.Random, call: tuple[int, int, int], *, ask: bool
) -> None:
    now, up, down = call
    at = scene.lookup(actors.victim, actors.command, now) if ask else now
    talk = scene.talk(actors.victim, scene.site(actors.command), 80, at + MILLISECOND, rng)
    talk.connect()
    agent = [("User-Agent", "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)")]
    target = f"/api/v2/sync?id={rng.getrandbits(48):012x}"
    talk.send(text.http_request("POST", actors.command, target, agent, rng.randbytes(up)))
    talk.receive(text.http_response("200 OK", "application/octet-stream", rng.randbytes(down)))
    talk.close()


def tunnel(scene: Scene, actors: Actors, at: int, size: float) -> Step:
    """DNS as dnscat2 speaks it: hexadecimal labels, TXT and CNAME in turn, bursts when data flows."""
    rng = scene.rng("tunnel")
    zone = actors.tunnel
    end = at + int(300 * SECOND * max(size, 0.15))
    now, number = at, rng.getrandbits(16)
    while now < end:
        burst = rng.random() < 0.25
        for _ in range(rng.randint(6, 18) if burst else 1):
            number = (number + 1) & 0xFFFF
            sent = rng.randbytes(rng.randrange(60, 95) if burst else rng.randrange(9, 20))
            labels = f"{number:04x}{sent.hex()}"
            name = ".".join([*_split(labels, 60), zone])
            back = rng.randbytes(rng.randrange(20, 90) if burst else 9).hex()
            kind = rng.choice(("TXT", "TXT", "CNAME"))
            data = back if kind == "TXT" else ".".join([*_split(back, 60), zone])
            scene.resolve(actors.victim, name, now, kind, [Answer(name, kind, data, 0)])
            now += int(rng.uniform(0.05, 0.2) * SECOND)
        now += int(rng.uniform(0.8, 1.3) * SECOND)
    return Step(at, now, touched(actors, zone, scene.site(zone).ip4))


def _split(text_: str, size: int) -> list[str]:
    return [text_[at : at + size] for at in range(0, len(text_), size)]


def upload(scene: Scene, actors: Actors, at: int, size: float) -> Step:
    """One archive, in parts of 2 MB, to a host that nobody else talks to."""
    rng = scene.rng("upload")
    fresh_certificate(scene, actors.depot, 20)
    total = int(rng.randrange(12_200_000, 13_400_000) * size)
    part = 2_000_000
    turns = [(min(part, total - done) + 600, 420) for done in range(0, total, part)]
    talk = scene.https(
        actors.victim, actors.depot, at, rng, turns, stack="go", rate=rng.uniform(2.5e5, 6e5)
    )
    talk.close()
    server = scene.site(actors.depot)
    return Step(at, talk.now, touched(actors, actors.depot, registered(actors.depot), server.ip4))
