"""An ordinary day at the workstations: pages, updates, the domain, files, mail, chatter."""

from __future__ import annotations

import random
from typing import cast

from fengsui.clock import MILLISECOND, SECOND
from playbooks.drills.traffic.host import Host
from playbooks.drills.traffic.protocols import directory, text
from playbooks.drills.traffic.protocols.dns import question
from playbooks.drills.traffic.protocols.smb import SmbSession
from playbooks.drills.traffic.protocols.tls import Stack
from playbooks.drills.traffic.scene import Scene
from playbooks.drills.traffic.sites import LONG_NAMES, POLLED, SITES, SIX_SITES
from playbooks.drills.traffic.wire import Direction

REALM = "QZWW.LOCAL"
_NAMES = ("zhangwei", "liying", "wangfang", "chenjie", "liuyang", "zhaomin", "sunqiang", "zhouting")
BROWSER = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/134.0.0.0 Safari/537.36"
)
BROWSER_HEADERS = (
    ("User-Agent", BROWSER),
    ("Accept", "text/html,application/xhtml+xml,image/webp,*/*;q=0.8"),
    ("Accept-Encoding", "gzip, deflate"),
    ("Accept-Language", "zh-CN,zh;q=0.9"),
)
_MULTICAST4 = b"\x01\x00\x5e"


def user_of(host: Host) -> str:
    """The account of a workstation's usual user."""
    return f"{_NAMES[sum(host.name.encode()) % len(_NAMES)]}{host.ip4.rpartition('.')[2]}"


def office(scene: Scene) -> None:
    """All workstations, for the whole capture."""
    for name in SIX_SITES:
        scene.site(name, six=True)
    for host in scene.district.workstations:
        rng = scene.rng("office", host.name)
        _log_on(scene, host, rng)
        _browse(scene, host, rng)
        _poll(scene, host, rng)
        _antivirus(scene, host, rng)
        _intranet(scene, host, rng)
        _mail(scene, host, rng)
        _chatter(scene, host, rng)
        if rng.random() < 0.6:
            _files(scene, host, rng)
    _downloads(scene)
    _screen(scene)
    _report(scene)


def moments(rng: random.Random, scene: Scene, mean: float) -> list[int]:
    """Random moments of the capture, `mean` seconds apart on average."""
    found: list[int] = []
    now = scene.start + int(rng.expovariate(1 / mean) * SECOND)
    while now < scene.end:
        found.append(now)
        now += int(rng.expovariate(1 / mean) * SECOND)
    return found


def ticks(rng: random.Random, scene: Scene, every: float, jitter: float) -> list[int]:
    """Regular moments, each off by at most `jitter` seconds."""
    now = scene.start + int(rng.uniform(0, every) * SECOND)
    found: list[int] = []
    while now < scene.end:
        found.append(max(scene.start, now + int(rng.uniform(-jitter, jitter) * SECOND)))
        now += int(every * SECOND)
    return found


def _log_on(scene: Scene, host: Host, rng: random.Random) -> None:
    """Kerberos, LDAP and the policies of SYSVOL, once, early in the capture."""
    controller = scene.district.servers[rng.choice(("dc01", "dc02"))]
    at = scene.start + int(rng.uniform(2, max(20, (scene.end - scene.start) / SECOND / 4)) * SECOND)
    user = user_of(host)
    six = bool(host.ip6)
    wrong = rng.random() < 0.12  # somebody mistypes a password
    attempts = ["wrong"] * wrong + ["first", "proof", "service"]
    for kind in attempts:
        talk = scene.talk(host, controller, 88, at, rng, six=six)
        talk.connect()
        if kind == "service":
            talk.send(directory.tgs_request(rng, REALM, ("cifs", controller.name), at))
            talk.receive(directory.tgs_reply(rng, REALM, user, ("cifs", controller.name)))
        else:
            proof = kind != "first"
            talk.send(directory.as_request(rng, REALM, user, at, proof=proof))
            code = 24 if kind == "wrong" else 25
            granted = directory.as_reply(rng, REALM, user)
            talk.receive(granted if kind == "proof" else directory.krb_error(REALM, at, code))
        talk.close()
        at = (
            talk.now
            + int(rng.uniform(0.01, 0.05) * SECOND)
            + (4 * SECOND if kind == "wrong" else 0)
        )
    talk = scene.talk(host, controller, 389, at, rng, six=six)
    talk.connect()
    talk.send(directory.ldap_bind(1))
    talk.receive(directory.ldap_bound(1))
    talk.send(directory.ldap_search(2, "DC=qzww,DC=local", "sAMAccountName", user))
    talk.receive(
        directory.ldap_found(2, f"CN={user},OU=Staff,DC=qzww,DC=local", ["CN=Domain Users"])
    )
    talk.close()
    talk = scene.talk(host, controller, 445, talk.now + 20 * MILLISECOND, rng, six=six)
    talk.connect()
    session = SmbSession(talk, rng, controller.name.upper(), ("QZWW", user, host.name.upper()))
    session.log_on()
    session.tree("sysvol")
    policy = session.open(
        "qzww.local\\Policies\\{31B2F340-016D-11D2-945F-00C04FB984F9}\\gpt.ini", 64
    )
    session.read(policy, b"[General]\r\nVersion=196612\r\n".ljust(64))
    session.close(policy)
    talk.close()


def _browse(scene: Scene, host: Host, rng: random.Random) -> None:
    favourites = rng.sample(SITES, 9)
    for at in moments(rng, scene, 400):
        site, parts = rng.choice(favourites)
        down = int(min(rng.lognormvariate(9.3, 0.8), 60_000))
        main = scene.https(host, site, at, rng, [(rng.randrange(500, 1400), down)])
        for part in rng.sample(parts, rng.randint(1, len(parts))):
            begun = at + int(rng.uniform(0.1, 0.6) * SECOND)
            turns = [
                (rng.randrange(350, 900), int(min(rng.lognormvariate(8.2, 1.0), 50_000)))
                for _ in range(rng.randint(1, 2))
            ]
            talk = scene.https(host, part, begun, rng, turns)
            talk.pause(rng.uniform(1, 60))
            talk.close()
        if rng.random() < 0.3:
            scene.resolve(host, rng.choice(LONG_NAMES), at + SECOND)
        main.pause(rng.uniform(5, 65))
        main.close()


def _poll(scene: Scene, host: Host, rng: random.Random) -> None:
    for name, every, stack, up, down in POLLED:
        for at in ticks(rng, scene, every, every * 0.03):
            size = int(down * rng.uniform(0.9, 1.1))
            kind = cast("Stack", stack)
            talk = scene.https(
                host, name, at, rng, [(up, size)], stack=kind, modern=kind != "schannel"
            )
            talk.close()


def _antivirus(scene: Scene, host: Host, rng: random.Random) -> None:
    """Every five minutes over plain HTTP, as the endpoint protection of many offices does."""
    server = scene.site("qup.f.360.cn")
    for at in ticks(rng, scene, 300, 4):
        at = scene.resolve(host, "qup.f.360.cn", at)  # noqa: PLW2901
        talk = scene.talk(host, server, 80, at + MILLISECOND, rng)
        talk.connect()
        target = f"/qup.php?m={rng.getrandbits(32):08x}&v=14.0.0.1001"
        talk.send(text.http_request("GET", "qup.f.360.cn", target, [("User-Agent", "360sd/14.0")]))
        talk.receive(text.http_response("200 OK", "text/plain", b"r=0\nv=14.0.0.1001\n"))
        talk.close()


def _intranet(scene: Scene, host: Host, rng: random.Random) -> None:
    server = scene.district.servers["oa01"]
    for at in moments(rng, scene, 600):
        talk = scene.talk(host, server, 80, at, rng)
        talk.connect()
        for _ in range(rng.randint(2, 5)):
            target = (
                f"/oa/{rng.choice(('doc/list', 'todo', 'meeting', 'notice'))}?p={rng.randrange(40)}"
            )
            headers = [
                *BROWSER_HEADERS,
                ("Cookie", f"JSESSIONID={rng.getrandbits(64):016X}"),
            ]
            talk.send(text.http_request("GET", "oa.qzww.local", target, headers))
            page = text.html(rng, "协同办公", rng.randrange(2000, 9000))
            talk.receive(text.http_response("200 OK", "text/html;charset=utf-8", page))
            talk.pause(rng.uniform(0.5, 8))
        talk.close()
    if rng.random() < 0.15:  # the software shop of the extranet
        shop = scene.district.servers["soft01"]
        at = scene.start + int(rng.random() * (scene.end - scene.start))
        talk = scene.talk(host, shop, 80, at, rng)
        talk.connect()
        talk.send(
            text.http_request("GET", "soft.qzww.local", "/pkg/wps-setup.exe", BROWSER_HEADERS)
        )
        body = text.executable(rng, 240_000)
        talk.receive(text.http_response("200 OK", "application/octet-stream", body))
        talk.close()


def _mail(scene: Scene, host: Host, rng: random.Random) -> None:
    scene.place("mail.qzww.local", scene.district.servers["mail01"])
    for at in moments(rng, scene, 600):
        turns = [(rng.randrange(80, 300), int(min(rng.lognormvariate(7.5, 1.2), 60_000)))]
        talk = scene.https(
            host,
            "mail.qzww.local",
            at,
            rng,
            turns,
            stack="schannel",
            modern=False,
            port=993,
            ask=False,
        )
        talk.close()


def _files(scene: Scene, host: Host, rng: random.Random) -> None:
    server = scene.district.servers["fs01"]
    for at in moments(rng, scene, 2000):
        talk = scene.talk(host, server, 445, at, rng, six=bool(host.ip6))
        talk.connect()
        session = SmbSession(talk, rng, "FS01", ("QZWW", user_of(host), host.name.upper()))
        session.log_on()
        session.tree("share")
        for _ in range(rng.randint(1, 4)):
            size = int(min(rng.lognormvariate(9.8, 1), 120_000))
            folder = rng.choice(("公文", "报表", "通知", "预算"))
            name = f"{folder}\\{rng.randrange(2020, 2027)}-{rng.randrange(400)}.docx"
            file = session.open(name, size)
            if rng.random() < 0.7:
                session.read(file, rng.randbytes(size))
            else:
                session.write(file, rng.randbytes(size))
            session.close(file)
            talk.pause(rng.uniform(1, 20))
        talk.close()


def _chatter(scene: Scene, host: Host, rng: random.Random) -> None:
    """LLMNR and SSDP to the link, ARP for the gateway, NTP to the domain controller."""
    group = Host("llmnr", _MULTICAST4 + b"\x00\x00\xfc", "224.0.0.252", "", 0, "outside")
    ssdp = Host("ssdp", _MULTICAST4 + b"\x7f\xff\xfa", "239.255.255.250", "", 0, "outside")
    search = text.message(
        "M-SEARCH * HTTP/1.1",
        [
            ("HOST", "239.255.255.250:1900"),
            ("MAN", '"ssdp:discover"'),
            ("MX", "3"),
            ("ST", "ssdp:all"),
        ],
    )
    for at in moments(rng, scene, 500):
        number = rng.getrandbits(16)
        name = rng.choice(("wpad", "fs01", "isatap", "print-2f"))
        plain = bytes((0, 0)) + question(number, name)[4:]
        frame = Direction(host, group).udp(
            (49_152 + rng.randrange(9000), 5355), number.to_bytes(2, "big") + plain
        )
        scene.wire.add(at, frame)
        scene.wire.add(
            at + SECOND, Direction(host, ssdp).udp((52_000 + rng.randrange(9000), 1900), search)
        )


def _downloads(scene: Scene) -> None:
    """Updates by plain HTTP at some machines, and one large file."""
    rng = scene.rng("downloads")
    chosen = rng.sample(scene.district.workstations, 5)
    name = "11.tlu.dl.delivery.mp.microsoft.com"
    for host in chosen[:4]:
        at = scene.start + int(rng.uniform(0.1, 0.9) * (scene.end - scene.start))
        at = scene.lookup(host, name, at)
        talk = scene.talk(host, scene.site(name), 80, at, rng)
        talk.connect()
        target = f"/filestreamingservice/files/{rng.getrandbits(128):032x}?P1={rng.getrandbits(31)}"
        agent = [("User-Agent", "Microsoft-Delivery-Optimization/10.1")]
        talk.send(text.http_request("GET", name, target, agent))
        cabinet = b"MSCF\0\0\0\0" + rng.randbytes(rng.randrange(150_000, 400_000))
        talk.receive(
            text.http_response("206 Partial Content", "application/vnd.ms-cab-compressed", cabinet)
        )
        talk.close()
    at = scene.start + int(rng.uniform(0.2, 0.7) * (scene.end - scene.start))
    size = 3_200_000 if scene.end - scene.start > 1200 * SECOND else 300_000
    talk = scene.https(chosen[4], "dldir1v6.qq.com", at, rng, [(600, size)], rate=2.5e6)
    talk.close()


def _screen(scene: Scene) -> None:
    """A screen in the service hall that fetches the weather every two minutes."""
    rng = scene.rng("screen")
    host = next(h for h in scene.district.workstations if scene.district.units[h.name] == "service")
    for at in ticks(rng, scene, 120, 1.5):
        down = rng.randrange(1800, 2100)
        scene.https(host, "devapi.qweather.com", at, rng, [(410, down)], stack="openssl").close()


def _report(scene: Scene) -> None:
    """The monthly figures go up to the city's platform: an honest upload."""
    rng = scene.rng("report")
    host = next(h for h in scene.district.workstations if scene.district.units[h.name] == "health")
    at = scene.start + int(rng.uniform(0.3, 0.8) * (scene.end - scene.start))
    size = 2_600_000 if scene.end - scene.start > 1200 * SECOND else 100_000
    turns = [(900, 14_000), (size, 1_200), (700, 3_000)]
    scene.https(host, "sjzb.wjw.beijing.gov.cn", at, rng, turns, rate=9e5).close()
