"""The video plane: cameras to the recorder by RTSP, to the platform by SIP (GB/T 28181-2022).

Media is thinned to about one packet in eight seconds a camera: the sessions, their keep-alives and
their directions are real, the bulk would be 10 GB.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator

from fengsui.clock import SECOND
from playbooks.drills.traffic.host import Host
from playbooks.drills.traffic.office import ticks
from playbooks.drills.traffic.operations import monitor
from playbooks.drills.traffic.protocols import text
from playbooks.drills.traffic.scene import Scene

_AREA = "11010800"  # the district's code, first part of each device's number
_AGENT = ("User-Agent", "NVR-RTSP/3.2")
_OK = "200 OK"

_Header = tuple[str, str]


def video(scene: Scene) -> None:
    """Cameras, recorder and platform, for the whole capture."""
    servers = scene.district.servers
    for camera in scene.district.cameras:
        rng = scene.rng("video", camera.name)
        _stream(scene, servers["nvr01"], camera, rng)
        _register(scene, camera, servers["vms01"], rng)
    _register(scene, servers["nvr01"], servers["vms01"], scene.rng("video", "nvr01"))
    monitor(scene, servers["vnms01"], [*scene.district.cameras, servers["nvr01"], servers["vms01"]])


def _stream(scene: Scene, recorder: Host, camera: Host, rng: random.Random) -> None:
    at = scene.start + int(rng.uniform(1, 40) * SECOND)
    six = bool(camera.ip6)
    talk = scene.talk(recorder, camera, 554, at, rng, six=six)
    talk.connect()
    place = f"[{camera.ip6}]" if six else camera.ip4
    url = f"rtsp://{place}:554/Streaming/Channels/102"
    session = ("Session", f"{rng.getrandbits(32):08x}")
    number = 0
    for method, target, asked, status, told, content in _opening(url, session, camera, rng):
        number += 1
        sequence = ("CSeq", str(number))
        talk.send(text.message(f"{method} {target} RTSP/1.0", [sequence, _AGENT, *asked]))
        talk.receive(text.message(f"RTSP/1.0 {status}", [sequence, *told], content))
    stamp = rng.getrandbits(32)
    packet = rng.getrandbits(16)
    source = rng.getrandbits(32)
    beats = 0
    while talk.now < scene.end:
        talk.pause(rng.uniform(7.5, 8.5))
        packet, stamp = (packet + 1) & 0xFFFF, (stamp + 360_000) & 0xFFFFFFFF
        head = struct.pack("!BBHII", 0x80, 96, packet, stamp, source)
        media = head + b"\x26\x01" + rng.randbytes(rng.randrange(300, 900))
        talk.receive(b"$\x00" + len(media).to_bytes(2, "big") + media)
        beats += 1
        if beats % 4 == 0:
            number += 1
            sequence = ("CSeq", str(number))
            talk.send(text.message(f"GET_PARAMETER {url} RTSP/1.0", [sequence, session, _AGENT]))
            talk.receive(text.message("RTSP/1.0 200 OK", [sequence, session]))


def _opening(
    url: str, session: _Header, camera: Host, rng: random.Random
) -> Iterator[tuple[str, str, list[_Header], str, list[_Header], bytes]]:
    """What opens a stream: method, target, headers asked with; status, headers, body told.

    A log-in by digest at the camera, as the recorder of a sound site makes it.
    """
    realm, nonce = "IP Camera", f"{rng.getrandbits(128):032x}"

    def proof(target: str) -> _Header:
        named = f'username="nvr", realm="{realm}", nonce="{nonce}", uri="{target}"'
        return ("Authorization", f'Digest {named}, response="{rng.getrandbits(128):032x}"')

    methods = ("Public", "OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN")
    accept = ("Accept", "application/sdp")
    ask = ("WWW-Authenticate", f'Digest realm="{realm}", nonce="{nonce}"')
    empty = ("Content-Length", "0")
    body = text.sdp(camera.ip4)
    described = [("Content-Type", "application/sdp"), ("Content-Length", str(len(body)))]
    track = f"{url}/trackID=1"
    transport = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
    lasting = (session[0], f"{session[1]};timeout=60")
    yield ("OPTIONS", url, [], _OK, [methods], b"")
    yield ("DESCRIBE", url, [accept], "401 Unauthorized", [ask, empty], b"")
    yield ("DESCRIBE", url, [accept, proof(url)], _OK, described, body)
    yield ("SETUP", track, [transport, proof(track)], _OK, [lasting, transport], b"")
    yield ("PLAY", url, [session, proof(url)], _OK, [session], b"")


def _register(scene: Scene, device: Host, platform: Host, rng: random.Random) -> None:
    """REGISTER with a digest, then a heartbeat each minute."""
    identity = f"{_AREA}001320{int(device.ip4.rpartition('.')[2]):06d}"
    realm = _AREA + "00"
    at = scene.start + int(rng.uniform(1, 50) * SECOND)
    nonce = f"{rng.getrandbits(128):032x}"
    for sequence, proof in ((1, ""), (2, nonce)):
        request, headers = _request(device, platform, rng, identity, "REGISTER", sequence)
        if proof:
            digest = (
                f'Digest username="{identity}", realm="{realm}", nonce="{nonce}", '
                f'uri="sip:{platform.ip4}", response="{rng.getrandbits(128):032x}", algorithm=MD5'
            )
            request.append(("Authorization", digest))
        request += [("Expires", "3600"), ("Content-Length", "0")]
        answer = list(headers)
        if not proof:
            answer.append(("WWW-Authenticate", f'Digest realm="{realm}", nonce="{nonce}"'))
        answer.append(("Content-Length", "0"))
        status = "200 OK" if proof else "401 Unauthorized"
        first = f"REGISTER sip:{realm}@{platform.ip4}:5060 SIP/2.0"
        said = text.message(first, request)
        told = text.message(f"SIP/2.0 {status}", answer)
        at = scene.datagram(device, platform, (5060, 5060), at, said, told, 0.004) + SECOND // 50
    for number, moment in enumerate(ticks(rng, scene, 60, 0.8), start=3):
        if moment < at:
            continue
        request, headers = _request(device, platform, rng, identity, "MESSAGE", number)
        body = text.keepalive_xml(identity, number)
        request += [("Content-Type", "Application/MANSCDP+xml"), ("Content-Length", str(len(body)))]
        said = text.message(f"MESSAGE sip:{realm}@{platform.ip4}:5060 SIP/2.0", request, body)
        told = text.message("SIP/2.0 200 OK", [*headers, ("Content-Length", "0")])
        scene.datagram(device, platform, (5060, 5060), moment, said, told, 0.004)


def _request(
    device: Host, platform: Host, rng: random.Random, identity: str, method: str, sequence: int
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Headers of a request, and those that its answer repeats."""
    tag, call = f"{rng.getrandbits(32)}", f"{rng.getrandbits(40)}@{device.ip4}"
    branch = f"z9hG4bK{rng.getrandbits(40)}"
    shared = [
        ("Via", f"SIP/2.0/UDP {device.ip4}:5060;rport;branch={branch}"),
        ("From", f"<sip:{identity}@{_AREA}00>;tag={tag}"),
        ("To", f"<sip:{identity if method == 'REGISTER' else _AREA}@{platform.ip4}>"),
        ("Call-ID", call),
        ("CSeq", f"{sequence} {method}"),
    ]
    contact = ("Contact", f"<sip:{identity}@{device.ip4}:5060>")
    return [*shared, contact, ("Max-Forwards", "70"), ("User-Agent", "IP Camera")], shared
