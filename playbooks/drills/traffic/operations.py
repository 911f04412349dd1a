"""What servers and operators do: time, monitoring, administration, updates, mail to the world."""

from __future__ import annotations

import struct
from typing import Any

from scapy.asn1.asn1 import ASN1_OID
from scapy.layers.ntp import NTP
from scapy.layers.snmp import SNMP, SNMPget, SNMPresponse, SNMPvarbind

from fengsui.clock import MILLISECOND, SECOND
from playbooks.drills.traffic.host import Host
from playbooks.drills.traffic.office import moments, ticks
from playbooks.drills.traffic.protocols import text
from playbooks.drills.traffic.protocols.ssh import ssh
from playbooks.drills.traffic.protocols.tls import Stack
from playbooks.drills.traffic.scene import Scene
from playbooks.drills.traffic.wire import Direction

_NTP_EPOCH = 2_208_988_800  # 1900 to 1970, seconds
_SYSTEM = "1.3.6.1.2.1.1."


def operations(scene: Scene) -> None:
    """Servers and operators of the data plane, for the whole capture."""
    _time(scene)
    servers = scene.district.servers
    watched = [host for host in servers.values() if host.vlan == servers["nms01"].vlan]
    monitor(scene, servers["nms01"], [host for host in watched if host.name != "nms01"])
    _administration(scene)
    _portal(scene)
    _updates(scene)
    _relay(scene)


def _time(scene: Scene) -> None:
    """Workstations from the domain controller, servers from outside."""
    rng = scene.rng("ntp")
    outside = scene.site("ntp.aliyun.com")
    controller = scene.district.servers["dc01"]
    for host in scene.district.hosts:
        server = controller if host.vlan == controller.vlan and host is not controller else outside
        if host.vlan != controller.vlan:
            server = scene.district.servers["vms01"]
        if host is server:
            continue
        for at in ticks(rng, scene, 1024 if host.kind == "windows" else 512, 8):
            answer = _ntp(at + MILLISECOND, 4, 2)
            port = 123 if host.kind == "windows" else 40_000 + rng.randrange(9000)
            scene.datagram(host, server, (port, 123), at, _ntp(at, 3, 0), answer, 0.004)


def _ntp(at: int, mode: int, stratum: int) -> bytes:
    moment = at / SECOND + _NTP_EPOCH
    return bytes(
        NTP(
            version=4,
            mode=mode,
            stratum=stratum,
            ref=moment - 20 if stratum else 0,
            orig=moment - 0.002 if stratum else 0,
            recv=moment if stratum else 0,
            sent=moment,
        )
    )


def monitor(scene: Scene, watcher: Host, watched: list[Host]) -> None:
    """Ping each minute and SNMP every two: looks like a scan and is none."""
    rng = scene.rng("monitor", watcher.name)
    for host in watched:
        up, down = Direction(watcher, host), Direction(host, watcher)
        for index, at in enumerate(ticks(rng, scene, 60, 0.4)):
            body = struct.pack("!HH", 0x4D4E, index) + bytes(range(48))
            scene.wire.add(at, up.icmp(8, 0, body))
            scene.wire.add(at + int(rng.uniform(0.3, 1.5) * MILLISECOND), down.icmp(0, 0, body))
        for at in ticks(rng, scene, 120, 0.6):
            number = rng.getrandbits(30)
            port = 33_000 + rng.randrange(9000)
            names = [f"{_SYSTEM}3.0", f"{_SYSTEM}5.0"]
            asked = _snmp(SNMPget, number, [SNMPvarbind(oid=ASN1_OID(name)) for name in names])
            told = _snmp(
                SNMPresponse,
                number,
                [SNMPvarbind(oid=ASN1_OID(name), value=host.name) for name in names],
            )
            scene.datagram(watcher, host, (port, 161), at, asked, told, 0.003)


def _snmp(kind: type, number: int, binds: list[Any]) -> bytes:
    return bytes(SNMP(version=1, community="qzww-ro", PDU=kind(id=number, varbindlist=binds)))


def _administration(scene: Scene) -> None:
    """The operators' host by SSH, now and then with a mistyped password."""
    servers = scene.district.servers
    rng = scene.rng("administration")
    targets = [
        servers[name] for name in ("portal01", "portal02", "db01", "mail01", "dns01", "oa01")
    ]
    for at in moments(rng, scene, 420):
        target = rng.choice(targets)
        six = rng.random() < 0.4
        if rng.random() < 0.25:
            talk = scene.talk(servers["bastion01"], target, 22, at, rng, six=six)
            ssh(talk, rng, success=False, client="OpenSSH_9.6")
            at = talk.now + 4 * SECOND  # noqa: PLW2901
        talk = scene.talk(servers["bastion01"], target, 22, at, rng, six=six)
        ssh(talk, rng, success=True, client="OpenSSH_9.6", turns=rng.randint(5, 40))


def _portal(scene: Scene) -> None:
    """Citizens and colleagues at the public portal."""
    servers = scene.district.servers
    rng = scene.rng("portal")
    scene.place("zwfw.qz.gov.cn", servers["portal01"])
    for index, at in enumerate(moments(rng, scene, 30)):
        number = rng.randrange(60, 250)
        visitor = scene.district.outside(f"citizen-{index}", f"198.51.100.{number}")
        turns = [(rng.randrange(400, 900), int(min(rng.lognormvariate(8.8, 0.8), 40_000)))]
        stack: Stack = rng.choice(("chrome", "chrome", "firefox", "openssl"))
        talk = scene.https(visitor, "zwfw.qz.gov.cn", at, rng, turns, stack=stack, ask=False)
        talk.close()


def _updates(scene: Scene) -> None:
    """Linux servers fetch package lists by plain HTTP."""
    rng = scene.rng("packages")
    name = "mirrors.tuna.tsinghua.edu.cn"
    for server in ("portal01", "oa01", "mail01", "nms01"):
        host = scene.district.servers[server]
        at = scene.start + int(rng.uniform(0.1, 0.9) * (scene.end - scene.start))
        at = scene.lookup(host, name, at)
        talk = scene.talk(host, scene.site(name), 80, at, rng)
        talk.connect()
        for part in ("InRelease", "main/binary-amd64/Packages.xz"):
            target = f"/debian/dists/bookworm/{part}"
            agent = [("User-Agent", "Debian APT-HTTP/1.3 (2.6.1)")]
            talk.send(text.http_request("GET", name, target, agent))
            body = b"\xfd7zXZ\0" + rng.randbytes(rng.randrange(20_000, 90_000))
            kind = "text/plain" if part == "InRelease" else "application/x-xz"
            talk.receive(text.http_response("200 OK", kind, body))
        talk.close()


def _relay(scene: Scene) -> None:
    """Mail from outside: SMTP with block-list look-ups, each a new name under one domain."""
    server = scene.district.servers["mail01"]
    rng = scene.rng("relay")
    for index, at in enumerate(moments(rng, scene, 75)):
        sender = scene.district.outside(f"mx-{index}", f"203.0.113.{rng.randrange(60, 250)}")
        backwards = ".".join(reversed(sender.ip4.split(".")))
        for zone in ("zen.spamhaus.org", "bl.spamcop.net"):
            scene.resolve(server, f"{backwards}.{zone}", at + MILLISECOND, answers=(), code=3)
        talk = scene.talk(sender, server, 25, at, rng)
        talk.connect()
        talk.receive(b"220 mail.qz.gov.cn ESMTP\r\n")
        for said, answered in (
            (
                f"EHLO mx{index}.example.org",
                "250-mail.qz.gov.cn\r\n250-SIZE 52428800\r\n250 8BITMIME",
            ),
            (f"MAIL FROM:<notice{index}@example.org>", "250 2.1.0 Ok"),
            ("RCPT TO:<office@qz.gov.cn>", "250 2.1.5 Ok"),
            ("DATA", "354 End data with <CR><LF>.<CR><LF>"),
        ):
            talk.send(f"{said}\r\n".encode())
            talk.receive(f"{answered}\r\n".encode())
        lines = [f"Subject: notice {index}", "From: notice@example.org", "To: office@qz.gov.cn", ""]
        lines += [f"{rng.getrandbits(240):060x}" for _ in range(rng.randint(10, 120))]
        talk.send(("\r\n".join(lines) + "\r\n.\r\n").encode())
        talk.receive(b"250 2.0.0 Ok: queued\r\n")
        talk.send(b"QUIT\r\n")
        talk.receive(b"221 2.0.0 Bye\r\n")
        talk.close()
