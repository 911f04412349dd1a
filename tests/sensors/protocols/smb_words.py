"""SMB2, SMB1, DCE/RPC and NTLM messages for the tests, written from their specifications."""

from __future__ import annotations

import struct
import uuid

SUCCESS, MORE, DENIED, PENDING = 0, 0xC0000016, 0xC0000022, 0x103
FILE = bytes(range(16))
SVCCTL = uuid.UUID("367abb81-9844-35f1-ad32-98f038001003")
NDR = uuid.UUID("8a885d04-1ceb-11c9-9fe8-08002b104860")
FILETIME = 132_000_000_000_000_000


def session(message: bytes) -> bytes:
    return b"\0" + len(message).to_bytes(3, "big") + message


def smb2(
    command: int, body: bytes, mid: int = 1, *, answer: bool = False, status: int = 0, tree: int = 5,
    user: int = 0x400, flags: int = 0, following: int = 0,
) -> bytes:  # fmt: skip
    flags |= answer
    head = struct.pack(
        "<4sHHIHHIIQIIQ",
        b"\xfeSMB",
        64,
        1,
        status,
        command,
        1,
        flags,
        following,
        mid,
        0,
        tree,
        user,
    )
    return head + bytes(16) + body


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def negotiate(mid: int = 0) -> bytes:
    return smb2(
        0, struct.pack("<HHHHI16sQ2H", 36, 2, 1, 0, 0, FILE, 0, 0x0202, 0x0311), mid, tree=0, user=0
    )


def negotiated(mid: int = 0) -> bytes:
    body = struct.pack(
        "<HHHH16sIIIIQQHHI", 65, 1, 0x0311, 0, FILE, 0, 8 << 20, 1 << 20, 1 << 20, 0, 0, 128, 0, 0
    )
    return smb2(0, body, mid, answer=True, tree=0, user=0)


def session_setup(blob: bytes, mid: int, user: int = 0) -> bytes:
    return smb2(
        1, struct.pack("<HBBIIHHQ", 25, 0, 1, 0, 0, 88, len(blob), 0) + blob, mid, tree=0, user=user
    )


def session_set_up(blob: bytes, mid: int, status: int) -> bytes:
    return smb2(
        1, struct.pack("<HHHH", 9, 0, 72, len(blob)) + blob, mid, answer=True, status=status, tree=0
    )


def tree_connect(path: str, mid: int) -> bytes:
    name = wide(path)
    return smb2(3, struct.pack("<HHHH", 9, 0, 72, len(name)) + name, mid, tree=0)


def tree_connected(kind: int, mid: int, tree: int = 5) -> bytes:
    return smb2(3, struct.pack("<HBBIII", 16, kind, 0, 0, 0, 0), mid, answer=True, tree=tree)


def create(name: str, mid: int, *, options: int = 0, disposition: int = 1, **more: int) -> bytes:
    raw = wide(name)
    body = struct.pack(
        "<HBBIQQIIIIIHHII",
        57,
        0,
        0,
        2,
        0,
        0,
        0x12019F,
        0,
        7,
        disposition,
        options,
        120,
        len(raw),
        0,
        0,
    )
    return smb2(5, body + raw, mid, **more)


def created(
    mid: int, size: int = 0, key: bytes = FILE, *, times: int = FILETIME, **more: int
) -> bytes:
    body = struct.pack(
        "<HBBI6QII16sII", 89, 0, 0, 1, times, times, times, times, size, size, 0x20, 0, key, 0, 0
    )
    return smb2(5, body, mid, answer=True, **more)


def close(mid: int, key: bytes = FILE, **more: int) -> bytes:
    return smb2(6, struct.pack("<HHI16s", 24, 0, 0, key), mid, **more)


def closed(mid: int, **more: int) -> bytes:
    return smb2(6, struct.pack("<HHI", 60, 0, 0) + bytes(52), mid, answer=True, **more)


def write(data: bytes, offset: int, mid: int, key: bytes = FILE) -> bytes:
    body = struct.pack("<HHIQ16sIIHHI", 49, 112, len(data), offset, key, 0, 0, 0, 0, 0)
    return smb2(9, body + data, mid)


def written(size: int, mid: int) -> bytes:
    return smb2(9, struct.pack("<HHIIHH", 17, 0, size, 0, 0, 0), mid, answer=True)


def read(offset: int, size: int, mid: int, key: bytes = FILE) -> bytes:
    return smb2(
        8, struct.pack("<HBBIQ16sIIIHH", 49, 80, 0, size, offset, key, 0, 0, 0, 0, 0) + b"\0", mid
    )


def was_read(data: bytes, mid: int, status: int = 0) -> bytes:
    return smb2(
        8,
        struct.pack("<HBBIII", 17, 80, 0, len(data), 0, 0) + data,
        mid,
        answer=True,
        status=status,
    )


def ioctl(data: bytes, mid: int, code: int = 0x0011C017, key: bytes = FILE) -> bytes:
    body = struct.pack("<HHI16sIIIIIIII", 57, 0, code, key, 120, len(data), 0, 120, 0, 4096, 1, 0)
    return smb2(11, body + data, mid)


def ioctl_done(data: bytes, mid: int, code: int = 0x0011C017, key: bytes = FILE) -> bytes:
    body = struct.pack("<HHI16sIIIIII", 49, 0, code, key, 112, 0, 112, len(data), 0, 0)
    return smb2(11, body + data, mid, answer=True)


def set_info(level: int, data: bytes, mid: int, key: bytes = FILE, **more: int) -> bytes:
    return smb2(
        17, struct.pack("<HBBIHHI16s", 33, 1, level, len(data), 96, 0, 0, key) + data, mid, **more
    )


def was_set(mid: int, **more: int) -> bytes:
    return smb2(17, struct.pack("<H", 2), mid, answer=True, **more)


def rename_to(name: str) -> bytes:
    raw = wide(name)
    return struct.pack("<B7xQI", 0, 0, len(raw)) + raw


# SMB1


def smb1(
    command: int, words: bytes, data: bytes, mid: int = 1, *, answer: bool = False, status: int = 0,
    tree: int = 7, user: int = 9,
) -> bytes:  # fmt: skip
    head = struct.pack(
        "<4sBIBHH8sH", b"\xffSMB", command, status, 0x80 if answer else 0x18, 0xC001, 0, bytes(8), 0
    )
    head += struct.pack("<HHHH", tree, 77, user, mid)
    return head + bytes([len(words) // 2]) + words + struct.pack("<H", len(data)) + data


# NTLM and SPNEGO


def ntlm_negotiate() -> bytes:
    return b"NTLMSSP\0" + struct.pack("<II", 1, 0xE2088297) + bytes(24)


def ntlm_challenge() -> bytes:
    pairs = b""
    for number, name in (
        (2, "DOM"),
        (1, "SRV"),
        (4, "dom.test"),
        (3, "srv.dom.test"),
        (5, "forest.test"),
    ):
        pairs += struct.pack("<HH", number, len(wide(name))) + wide(name)
    pairs += bytes(4)
    head = struct.pack("<8sIHHII8s8s", b"NTLMSSP\0", 2, 0, 0, 56, 0xE2898215, bytes(8), bytes(8))
    head += struct.pack("<HHI", len(pairs), len(pairs), 56)
    return head + struct.pack("<BBHBBBB", 10, 0, 17763, 0, 0, 0, 15) + pairs


def ntlm_authenticate(user: str = "alice", domain: str = "DOM", host: str = "PC1") -> bytes:
    parts = [b"\x11" * 24, b"\x22" * 24, wide(domain), wide(user), wide(host), b""]
    at = 72
    fields = b""
    for part in parts:
        fields += struct.pack("<HHI", len(part), len(part), at)
        at += len(part)
    version = struct.pack("<BBHBBBB", 10, 0, 19041, 0, 0, 0, 15)
    return (
        b"NTLMSSP\0"
        + struct.pack("<I", 3)
        + fields
        + struct.pack("<I", 0xE2888215)
        + version
        + b"".join(parts)
    )


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    return bytes([tag, 0x82]) + size.to_bytes(2, "big") + content


NTLM_OID = der(6, bytes.fromhex("2b06010401823702020a"))
KERBEROS_OID = der(6, bytes.fromhex("2a864886f712010202"))


def kerberos_token(service: str = "cifs/srv.dom", cipher: int = 23) -> bytes:
    """An AP-REQ as GSS-API carries it, as far as a ticket can be read."""
    names = der(0x30, b"".join(der(0x1B, one.encode()) for one in service.split("/")))
    issued = (
        der(0xA0, b"\2\1\5")
        + der(0xA1, der(0x1B, b"DOM.TEST"))
        + der(0xA2, der(0x30, der(0xA0, b"\2\1\2") + der(0xA1, names)))
        + der(0xA3, der(0x30, der(0xA0, bytes([2, 1, cipher])) + der(0xA2, der(4, b"sealed"))))
    )
    ticket = der(0xA3, der(0x61, der(0x30, issued)))
    return der(0x60, KERBEROS_OID + b"\1\0" + der(0x6E, der(0x30, ticket)))


def spnego_init(token: bytes, oid: bytes = NTLM_OID) -> bytes:
    inner = der(0xA0, der(0x30, oid)) + der(0xA2, der(4, token))
    return der(0x60, der(6, bytes.fromhex("2b0601050502")) + der(0xA0, der(0x30, inner)))


def spnego_answer(token: bytes = b"", state: int | None = None) -> bytes:
    inner = b"" if state is None else der(0xA0, der(10, bytes([state])))
    return der(0xA1, der(0x30, inner + (der(0xA2, der(4, token)) if token else b"")))


# DCE/RPC


def pdu(
    kind: int, body: bytes, call: int = 1, *, flags: int = 3, auth: bytes = b"", big: bool = False
) -> bytes:
    order = ">" if big else "<"
    trailer = struct.pack("BBBB4s", 10, 6, 0, 0, bytes(4)) + auth if auth else b""
    drep = b"\0\0\0\0" if big else b"\x10\0\0\0"
    head = struct.pack("BBBB4s", 5, 0, kind, flags, drep) + struct.pack(
        order + "HHI", 16 + len(body) + len(trailer), len(auth), call
    )
    return head + body + trailer


def bind(
    *interfaces: uuid.UUID,
    kind: int = 11,
    first: int = 0,
    big: bool = False,
    auth: bytes = b"",
    call: int = 1,
) -> bytes:
    order = ">" if big else "<"
    body = struct.pack(order + "HHIB3x", 5840, 5840, 0, len(interfaces))
    for number, one in enumerate(interfaces, first):
        raw, syntax = (one.bytes, NDR.bytes) if big else (one.bytes_le, NDR.bytes_le)
        body += struct.pack(order + "HBx", number, 1) + raw + struct.pack(order + "HH", 2, 0)
        body += syntax + struct.pack(order + "I", 2)
    return pdu(kind, body, call, big=big, auth=auth)


def bind_ack(
    address: str = "\\pipe\\ntsvcs", *, big: bool = False, auth: bytes = b"", kind: int = 12
) -> bytes:
    order = ">" if big else "<"
    name = address.encode() + b"\0"
    body = struct.pack(order + "HHIH", 5840, 5840, 1, len(name)) + name
    body += bytes(-len(body) % 4) + struct.pack(order + "B3xHH", 1, 0, 0) + NDR.bytes_le + bytes(4)
    return pdu(kind, body, big=big, auth=auth)


def request(
    opnum: int,
    stub: bytes = b"stub",
    call: int = 1,
    *,
    context: int = 0,
    flags: int = 3,
    big: bool = False,
) -> bytes:
    order = ">" if big else "<"
    return pdu(
        0, struct.pack(order + "IHH", len(stub), context, opnum) + stub, call, flags=flags, big=big
    )


def response(stub: bytes = b"result", call: int = 1, *, flags: int = 3, big: bool = False) -> bytes:
    order = ">" if big else "<"
    return pdu(
        2, struct.pack(order + "IHBB", len(stub), 0, 0, 0) + stub, call, flags=flags, big=big
    )


def fault(status: int, call: int = 1) -> bytes:
    return pdu(3, struct.pack("<IHBBII", 0, 0, 0, 0, status, 0), call)
