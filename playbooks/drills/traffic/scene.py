"""Scene: a district, a wire, a clock, and what any host does all day: ask for names, fetch pages."""

from __future__ import annotations

import random
from collections.abc import Sequence

from fengsui.clock import DAY, MILLISECOND, SECOND
from playbooks.drills.traffic.chance import chance
from playbooks.drills.traffic.conversation import Conversation
from playbooks.drills.traffic.district import District
from playbooks.drills.traffic.host import Host
from playbooks.drills.traffic.protocols import dns, tls
from playbooks.drills.traffic.protocols.certificate import certificate
from playbooks.drills.traffic.protocols.dns import Answer
from playbooks.drills.traffic.protocols.tls import Session, Stack
from playbooks.drills.traffic.wire import Direction, Wire

_ISSUERS = (
    ("DigiCert Inc", "DigiCert Global G2 TLS RSA SHA256 2020 CA1"),
    ("GlobalSign nv-sa", "GlobalSign RSA OV SSL CA 2018"),
    ("TrustAsia Technologies, Inc.", "TrustAsia RSA OV TLS CA G3"),
)
# Documentation blocks; the first hosts of each are kept for the scenario's own actors.
_BLOCKS = ("192.0.2", "198.51.100", "203.0.113")
_FIRST_SITE, _LAST_SITE = 60, 250


class Scene:
    """Everything that the activities of a drill share.

    Args:
        span: first and last moment of the capture, ns.
    """

    def __init__(self, seed: int, made: District, span: tuple[int, int]) -> None:
        self.seed = seed
        self.district = made
        self.start, self.end = span
        self.wire = Wire(*span)
        self._ports: dict[str, int] = {}
        self._sites: dict[str, Host] = {}
        self._certificates: dict[str, bytes] = {}
        self._known_until: dict[tuple[str, str], int] = {}
        self._stacks: dict[str, Stack] = {}
        self.upstream = made.outside("isp-dns", "192.0.2.53", "2001:db8:53::53")

    def rng(self, *words: object) -> random.Random:
        """Chance of its own for each activity, so that one more never changes the others."""
        return chance(self.seed, *words)

    def port(self, host: Host) -> int:
        """The next ephemeral port of a host."""
        last = self._ports.get(host.name)
        if last is None:
            last = 49_152 + self.rng("port", host.name).randrange(8_000)
        number = last + 1 if last < 65_500 else 49_152
        self._ports[host.name] = number
        return number

    def site(self, name: str, *, six: bool = False) -> Host:
        """The host outside that a name stands for; made when first asked for."""
        if name not in self._sites:
            rng = self.rng("site", name)
            number = rng.randrange(_FIRST_SITE, _LAST_SITE)
            address6 = f"2001:db8:{rng.randrange(1, 0xFFFF):x}::{number:x}" if six else ""
            ip4 = f"{rng.choice(_BLOCKS)}.{number}"
            self._sites[name] = self.district.outside(name, ip4, address6)
        return self._sites[name]

    def place(self, name: str, host: Host) -> Host:
        """Say which host a name stands for."""
        self._sites[name] = host
        return host

    def stack(self, host: Host) -> Stack:
        """The browser of a workstation, OpenSSL for servers."""
        if host.kind != "windows":
            return "openssl"
        if host.name not in self._stacks:
            rng = self.rng("browser", host.name)
            self._stacks[host.name] = "firefox" if rng.random() < 0.2 else "chrome"
        return self._stacks[host.name]

    def talk(
        self,
        client: Host,
        server: Host,
        port: int,
        at: int,
        rng: random.Random,
        *,
        six: bool = False,
    ) -> Conversation:
        """A TCP connection, not yet opened."""
        ports = (self.port(client), port)
        return Conversation(self.wire, client, server, ports, at, rng, six=six)

    def datagram(
        self,
        client: Host,
        server: Host,
        ports: tuple[int, int],
        at: int,
        question: bytes,
        answer: bytes = b"",
        delay: float = 0.0006,
        six: bool = False,
    ) -> int:
        """A UDP exchange; the time of its end."""
        self.wire.add(at, Direction(client, server, six=six).udp(ports, question))
        if not answer:
            return at
        end = at + int(delay * SECOND)
        back = (ports[1], ports[0])
        self.wire.add(end, Direction(server, client, six=six).udp(back, answer))
        return end

    def resolve(
        self,
        host: Host,
        name: str,
        at: int,
        kind: str = "A",
        answers: Sequence[Answer] | None = None,
        code: int = 0,
    ) -> int:
        """A name asked of the district's resolver, which asks the provider's where it must."""
        resolver = self.district.servers["dns01"]
        rng = self.rng("dns", host.name, name, kind, at)
        found = tuple(self._records(name, kind) if answers is None else answers)
        number = rng.getrandbits(16)
        asked, told = dns.question(number, name, kind), dns.reply(number, name, kind, found, code)
        delay = rng.uniform(0.0004, 0.0012)
        if at >= self._known_until.get((name, kind), 0) and host is not resolver:
            delay += self._forward(rng, name, kind, found, code, at + MILLISECOND)
            ttl = min((one.ttl for one in found), default=60)
            self._known_until[name, kind] = at + ttl * SECOND
        six = bool(host.ip6) and rng.random() < 0.3
        ports = (49_152 + rng.randrange(16_000), 53)
        return self.datagram(host, resolver, ports, at, asked, told, delay, six)

    def _forward(
        self,
        rng: random.Random,
        name: str,
        kind: str,
        found: tuple[Answer, ...],
        code: int,
        at: int,
    ) -> float:
        number, delay = rng.getrandbits(16), rng.uniform(0.008, 0.06)
        asked, told = dns.question(number, name, kind), dns.reply(number, name, kind, found, code)
        ports = (1024 + rng.randrange(64_000), 53)
        self.datagram(self.district.servers["dns01"], self.upstream, ports, at, asked, told, delay)
        return delay + 0.002

    def _records(self, name: str, kind: str) -> list[Answer]:
        server = self.site(name)
        rng = self.rng("records", name)
        ttl = rng.choice((60, 120, 300, 600))
        if kind == "AAAA":
            return [Answer(name, "AAAA", server.ip6, ttl)] if server.ip6 else []
        chain: list[Answer] = []
        owner = name
        if rng.random() < 0.4:  # most large sites stand behind a content network
            alias = f"{name}.{rng.getrandbits(32):08x}.{rng.choice(('cdn', 'dsa', 'w'))}.dnsv1.com"
            chain.append(Answer(name, "CNAME", alias, ttl))
            owner = alias
        return [*chain, Answer(owner, "A", server.ip4, ttl)]

    def lookup(self, host: Host, name: str, at: int) -> int:
        """What a browser asks before it connects: A, and AAAA where the host has IPv6."""
        end = self.resolve(host, name, at)
        if host.ip6:
            end = max(end, self.resolve(host, name, at + 200_000, "AAAA"))
        return end

    def certificate(self, name: str) -> bytes:
        """The certificate of a site: issued some time ago by a known issuer."""
        if name not in self._certificates:
            rng = self.rng("certificate", name)
            at = self.start - rng.randrange(10, 200) * DAY
            issuer = rng.choice(_ISSUERS)
            self._certificates[name] = certificate(rng, name, issuer, at=at, days=398)
        return self._certificates[name]

    def trust(self, name: str, made: bytes) -> None:
        """Give a site the certificate (DER) that it shows."""
        self._certificates[name] = made

    def https(  # noqa: PLR0913
        self,
        host: Host,
        name: str,
        at: int,
        rng: random.Random,
        exchanges: Sequence[tuple[int, int]],
        *,
        stack: Stack | None = None,
        modern: bool = True,
        port: int = 443,
        ask: bool = True,
        pause: float = 0.3,
        rate: float = 3e6,
    ) -> Conversation:
        """One TLS connection: (bytes up, bytes down) in turns; ended by the caller."""
        if ask:
            at = self.lookup(host, name, at)
        server = self.site(name)
        six = bool(host.ip6 and server.ip6)
        talk = self.talk(host, server, port, at + MILLISECOND, rng, six=six)
        talk.connect()
        used = stack or self.stack(host)
        session = Session(name, used, self.certificate(name), modern)
        tls.handshake(talk, rng, session)
        for up, down in exchanges:
            talk.send(tls.application(rng, up), rate=rate)
            talk.receive(tls.application(rng, down), rate=rate)
            talk.pause(rng.expovariate(1 / pause))
        return talk
