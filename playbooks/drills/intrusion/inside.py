"""What the intruder does inside: scans, guesses, moves on."""

from __future__ import annotations

import random

from fengsui.clock import DAY, SECOND
from playbooks.drills.intrusion.actors import Actors, Step, touched
from playbooks.drills.traffic.conversation import Conversation
from playbooks.drills.traffic.host import Host
from playbooks.drills.traffic.protocols import rpc, text, tls
from playbooks.drills.traffic.protocols.certificate import certificate
from playbooks.drills.traffic.protocols.smb import SmbSession
from playbooks.drills.traffic.protocols.ssh import ssh
from playbooks.drills.traffic.protocols.tls import Session
from playbooks.drills.traffic.scene import Scene

_WINDOWS_PORTS = frozenset({445, 3389, 135})
_LINUX_PORTS = frozenset({22, 80})
_SCANNED = (445, 22, 3389, 1433, 6379, 80)


def scan(scene: Scene, actors: Actors, at: int, size: float) -> Step:
    """Connects to the usual ports of the servers' and his own network, 20 to 40 a second."""
    rng = scene.rng("scan")
    known = {host.ip4: host for host in scene.district.hosts}
    own = actors.victim.ip4.rpartition(".")[0]
    count = max(12, int(120 * size))
    targets = [f"10.20.200.{n}" for n in range(1, count + 1)]
    targets += [f"{own}.{n}" for n in rng.sample(range(1, 255), count // 2)]
    now = at
    for port in _SCANNED:
        for target in targets:
            host = known.get(target)
            if target == actors.victim.ip4 or (host is None and port != _SCANNED[0]):
                continue  # only what answered or was found once is asked for the other ports
            _probe(scene, actors.victim, host, (target, port, now), rng)
            now += int(rng.uniform(0.025, 0.05) * SECOND)
    return Step(at, now, touched(actors))


def _probe(
    scene: Scene,
    source: Host,
    host: Host | None,
    aim: tuple[str, int, int],
    rng: random.Random,
) -> None:
    target, port, at = aim
    place = host or Host(target, scene.district.gateways[source.vlan], target, "", source.vlan)
    talk = scene.talk(source, place, port, at, rng)
    if host is None:
        talk.unanswered()
        return
    ports = _WINDOWS_PORTS if host.kind == "windows" else _LINUX_PORTS
    filtered = host.name.startswith("pc-") and rng.random() < 0.4
    if filtered:
        talk.unanswered()
    elif port in ports:
        talk.connect()
        talk.reset()
    else:
        talk.refused()


def guess(scene: Scene, actors: Actors, at: int, size: float) -> Step:
    """Passwords tried one after the other by two threads; then one is right and somebody works."""
    rng = scene.rng("guess")
    tries = max(15, int(rng.randrange(60, 95) * size))
    now = at
    talk = None
    for number in range(tries + 1):
        success = number == tries
        port = 3389 if actors.guess_rdp else 22
        talk = scene.talk(actors.victim, actors.guessed, port, now, rng)
        turns = max(6, int(60 * size)) if success else 0
        if actors.guess_rdp:
            _desktop(scene, talk, rng, actors.guessed, success=success, turns=turns)
        else:
            ssh(talk, rng, success=success, client="libssh2_1.11.0", turns=turns)
        now += int(rng.uniform(1.2, 2.6) * SECOND)
    assert talk is not None
    return Step(at, talk.now, touched(actors, actors.guessed.ip4))


def _desktop(
    scene: Scene, talk: Conversation, rng: random.Random, server: Host, *, success: bool, turns: int
) -> None:
    """RDP with network level authentication: negotiation in clear, the rest under TLS."""
    talk.connect()
    cookie = b"Cookie: mstshash=administr\r\n"
    asked = b"\xe0\x00\x00\x00\x00\x00" + cookie + b"\x01\x00\x08\x00\x0b\x00\x00\x00"
    talk.send(_tpkt(asked))
    talk.receive(_tpkt(b"\xd0\x00\x00\x12\x34\x00" + b"\x02\x1f\x08\x00\x02\x00\x00\x00"))
    name = f"{server.name}.qzww.local"
    own = certificate(
        scene.rng("self", name), name, ("", name), at=scene.start - 60 * DAY, days=180
    )
    tls.handshake(talk, rng, Session("", "openssl", own, modern=False, alpn=()))
    for up, down in ((120, 330), (640, 120)):
        talk.send(tls.application(rng, up), think=rng.uniform(0.02, 0.1))
        talk.receive(tls.application(rng, down), think=rng.uniform(0.05, 0.3))
    for _ in range(turns):
        talk.send(tls.application(rng, rng.randrange(60, 220)), think=rng.expovariate(0.6))
        talk.receive(tls.application(rng, rng.randrange(900, 14_000)))
    if success:
        talk.close()
    else:
        talk.closed_by_server()


def _tpkt(body: bytes) -> bytes:
    return b"\x03\x00" + (len(body) + 5).to_bytes(2, "big") + bytes((len(body),)) + body


def lateral(scene: Scene, actors: Actors, at: int, size: float) -> Step:
    """Remote execution by service on several hosts: ADMIN$, a program, svcctl, its pipe."""
    rng = scene.rng("lateral")
    now = at
    for target in actors.moved_to:
        talk = scene.talk(actors.victim, target, 445, now, rng)
        talk.connect()
        user = ("QZWW", "svc_backup", actors.victim.name.upper())
        session = SmbSession(talk, rng, target.name.upper(), user)
        session.log_on()
        session.tree("ADMIN$")
        program = f"{''.join(rng.choices('abcdefghijklmnopqrstuvwxyz', k=8))}.exe"
        file = session.open(program, create=True)
        session.write(
            file, text.executable(rng, max(30_000, int(rng.randrange(180_000, 420_000) * size)))
        )
        session.close(file)
        session.tree("IPC$")
        _service(session, rng, user, target.name.upper())
        pipe = session.open(f"{program[:8]}-{rng.getrandbits(16)}-stdin")
        for _ in range(rng.randint(4, 9)):
            session.write(pipe, rng.randbytes(rng.randrange(16, 90)))
            talk.pause(rng.uniform(0.5, 6))
            session.read(pipe, rng.randbytes(rng.randrange(100, 4_000)))
        session.close(pipe)
        talk.close()
        now = talk.now + int(rng.uniform(15, 60) * SECOND * max(size, 0.1))
    return Step(at, now, touched(actors, *(target.ip4 for target in actors.moved_to)))


def _service(
    session: SmbSession, rng: random.Random, user: tuple[str, str, str], server: str
) -> None:
    pipe = session.open("svcctl")
    session.write(pipe, rpc.bind(1))
    session.read(pipe, rpc.bound(rng, 1, user[0], server))
    session.write(pipe, rpc.proof(rng, 1, user))
    for call, (operation, up, down) in enumerate(
        (
            (rpc.OPEN_MANAGER, 64, 32),
            (rpc.CREATE_SERVICE, 240, 32),
            (rpc.START_SERVICE, 48, 16),
            (rpc.CLOSE_HANDLE, 32, 32),
        ),
        start=2,
    ):
        session.write(pipe, rpc.request(rng, call, operation, up))
        session.read(pipe, rpc.response(rng, call, down))
    session.close(pipe)
