"""Who plays the intrusion, and what every step of it needs."""

from __future__ import annotations

import random
from dataclasses import dataclass

from fengsui.clock import DAY
from playbooks.drills.traffic.host import Host
from playbooks.drills.traffic.protocols.certificate import certificate
from playbooks.drills.traffic.scene import Scene


@dataclass(frozen=True, slots=True)
class Step:
    """When a step ran (ns) and which addresses and names took part."""

    start: int
    end: int
    entities: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Actors:
    """Who plays, drawn from the seed."""

    victim: Host
    lure: str
    payload_host: str  # a bare address or a name
    payload_path: str
    command: str
    tunnel: str
    depot: str
    guessed: Host
    guess_rdp: bool
    moved_to: tuple[Host, ...]


def cast_actors(scene: Scene) -> Actors:
    """Choose the victim, the intruder's names and the next hosts; place his servers outside."""
    rng = scene.rng("actors")
    made = scene.district
    victim = rng.choice([h for h in made.workstations if made.units[h.name] in {"edu", "health"}])
    numbers = rng.sample(range(5, 50), 5)
    blocks = rng.sample(("192.0.2", "198.51.100", "203.0.113") * 2, 5)
    places = [f"{block}.{number}" for block, number in zip(blocks, numbers, strict=True)]
    lure = rng.choice(
        (
            "oa-qzedu-gov.example",
            "zwfw-login-qz.example",
            "mail-qzgov.example",
            "tz-jyj-gov.example",
        )
    )
    path = rng.choice(
        ("/img/20260310.jpg", "/f/notice.dat", "/static/logo.png", "/d/kb5034441.exe")
    )
    named = rng.random() < 0.5
    payload = f"dl.{_word(rng)}.example" if named else places[1]
    command = f"{rng.choice(('cdn', 'api', 'sync', 'stat'))}.{_word(rng)}.example"
    tunnel = f"{_word(rng)}.example"
    depot = f"{rng.choice(('up', 'box', 'files'))}.{_word(rng)}.example"
    for name, place in zip((lure, payload, command, tunnel, depot), places, strict=True):
        scene.place(name, made.outside(name, place))
    rdp = rng.random() < 0.4
    servers = made.servers
    guessed = servers["fs01"] if rdp else servers[rng.choice(("oa01", "soft01", "portal02"))]
    colleagues = [host for host in made.workstations if host is not victim]
    moved = (servers["fs01"], *rng.sample(colleagues, 2), servers["dc02"])
    return Actors(
        *(victim, lure, payload, path, command, tunnel, depot, guessed, rdp),
        moved if rng.random() < 0.5 else moved[:3],
    )


def _word(rng: random.Random) -> str:
    """A name as intruders register them: pronounceable, meaning nothing."""
    parts = [rng.choice("bcdfghklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(3, 4))]
    return "".join(parts) + rng.choice(("", "-cloud", "hub", str(rng.randrange(10, 99))))


def touched(actors: Actors, *more: str) -> tuple[str, ...]:
    """The entities of a step: the victim in both stacks, and what else took part."""
    own = (actors.victim.ip4, actors.victim.ip6)
    return tuple(dict.fromkeys(one for one in (*own, *more) if one))


def registered(name: str) -> str:
    """The last two labels: what a name under `.example` is registered as."""
    return ".".join(name.split(".")[-2:])


def fresh_certificate(scene: Scene, name: str, age_days: int) -> None:
    """A free certificate, some days old."""
    rng = scene.rng("fresh", name)
    at = scene.start - age_days * DAY - rng.randrange(DAY)
    made = certificate(rng, name, ("Let's Encrypt", "R11"), at=at, days=90)
    scene.trust(name, made)
