"""Kind of a file: its media type by its first bytes, never by its name alone.

Names are those that Zeek writes where it knows the format (so that rules written for its `files.log`
fit), else the registered or usual ones. Containers (zip, OLE) are looked into as far as the first
bytes reach; texts are told apart in `sensors.files.textual`.
"""

from __future__ import annotations

from typing import Final

from sensors.files.containers import ole_kind, zip_kind
from sensors.files.textual import text_kind

HEAD: Final = 16 * 1024  # bytes that are looked at
EMPTY_START: Final = bytes(64)
LONG_HEAD: Final = 33 * 1024  # of what begins with nothing: the label of a disk stands behind it

# By the first two bytes, then the rest of the magic; the first that fits counts.
_MAGICS: Final[tuple[tuple[bytes, str], ...]] = (
    (b"%PDF-", "application/pdf"),
    (b"%!PS", "application/postscript"),
    (b"GIF8", "image/gif"),
    (b"\x89PNG", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"MM\0*", "image/tiff"),
    (b"MM\0+", "image/tiff"),
    (b"II*\0", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"8BPS", "image/vnd.adobe.photoshop"),
    (b"\0\0\x01\0", "image/x-icon"),
    (b"\0\0\x02\0", "image/x-cursor"),
    (b"\0\0\0\x0cjP  \r\n\x87\n", "image/jp2"),
    (b"gimp xcf", "image/x-xcf"),
    (b"AC10", "image/vnd.dwg"),
    (b"Rar!", "application/x-rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (b"\x1f\x8b", "application/x-gzip"),
    (b"\x1f\x9d", "application/x-compress"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"BZh", "application/x-bzip2"),
    (b"\x28\xb5\x2f\xfd", "application/zstd"),
    (b"\x04\x22\x4d\x18", "application/x-lz4"),
    (b"\x02\x21\x4c\x18", "application/x-lz4"),
    (b"LZIP", "application/x-lzip"),
    (b"\x5d\0\0", "application/x-lzma"),
    (b"\x60\xea", "application/x-arj"),
    (b"xar!", "application/x-xar"),
    (b"\xed\xab\xee\xdb", "application/x-rpm"),
    (b"!<arch>\ndebian", "application/x-debian-package"),
    (b"!<arch>", "application/x-archive"),
    (b"WARC/", "application/warc"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-o-executable"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-o-executable"),
    (b"\xfe\xed\xfa\xce", "application/x-mach-o-executable"),
    (b"\xfe\xed\xfa\xcf", "application/x-mach-o-executable"),
    (b"\xde\xc0\x17\x0b", "application/x-llvm"),
    (b"\0asm", "application/wasm"),
    (b"dex\n03", "application/vnd.android.dex"),
    (b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F", "application/x-ms-shortcut"),
    (b"ITSF\x03\0\0\0", "application/vnd.ms-htmlhelp"),
    (b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d", "application/onenote"),
    (b"\x78\x9f\x3e\x22", "application/vnd.ms-tnef"),
    (b"!BDN", "application/vnd.ms-outlook"),
    (b"regf", "application/x-ms-registry"),
    (b"ElfFile\0", "application/x-ms-evtx"),
    (b"MDMP", "application/x-dmp"),
    (b"PAGEDU", "application/x-dmp"),
    (b"SQLite format 3\0", "application/vnd.sqlite3"),
    (b"\xa1\xb2\xc3\xd4", "application/vnd.tcpdump.pcap"),
    (b"\xd4\xc3\xb2\xa1", "application/vnd.tcpdump.pcap"),
    (b"\x0a\x0d\x0d\x0a", "application/vnd.tcpdump.pcap"),
    (b"{\\rtf", "text/rtf"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"MThd", "audio/midi"),
    (b"#!AMR", "audio/amr"),
    (b"FLV", "video/x-flv"),
    (b"\0\0\x01\xb3", "video/mpv"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"MOVI", "video/x-sgi-movie"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/x-ms-asf"),
    (b"wOFF", "application/font-woff"),
    (b"wOF2", "application/font-woff2"),
    (b"OTTO", "application/vnd.ms-opentype"),
    (b"\0\x01\0\0\0", "application/x-font-ttf"),
)
_BY_START: Final[dict[bytes, list[tuple[bytes, str]]]] = {}
for _magic, _mime in _MAGICS:
    _BY_START.setdefault(_magic[:2], []).append((_magic, _mime))

_ELF: Final = {
    1: "application/x-object",
    2: "application/x-executable",
    3: "application/x-sharedlib",
    4: "application/x-coredump",
}
_BRANDS: Final = (
    (b"jp2", "image/jp2"), (b"qt  ", "video/quicktime"), (b"3g", "video/3gpp"),
    (b"avc1", "video/3gpp"), (b"mmp4", "video/3gpp"), (b"M4A", "audio/m4a"), (b"m4a", "audio/m4a"),
    (b"heic", "image/heic"), (b"mif1", "image/heif"), (b"avif", "image/avif"),
)  # fmt: skip


def kind_of(head: bytes, name: str = "") -> str:
    """Media type by the first bytes (`HEAD` of them, or `LONG_HEAD`); "" where they do not tell.

    `name` decides only between formats that cannot be told apart by content.
    """
    if len(head) < 2:
        return ""
    for magic, mime in _BY_START.get(head[:2], ()):
        if head.startswith(magic):
            return mime
    return _by_structure(head, name) or text_kind(head)


def _by_structure(head: bytes, name: str) -> str:
    """Formats whose magic is not all."""
    start = head[:4]
    if start in {b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"}:
        return zip_kind(head, name)
    if start == b"\xd0\xcf\x11\xe0":
        return ole_kind(head, name)
    if start[:2] == b"MZ":  # a program has zeros in its header; a word that begins so has not
        return "application/x-dosexec" if 0 in head[2:64] else ""
    if start == b"\x7fELF" and len(head) >= 18:
        kind = head[16] if head[5] == 1 else head[17]
        return _ELF.get(kind, "application/x-executable")
    if start == b"\xca\xfe\xba\xbe":
        fat = head[6:7] == b"\0" and 0 < head[7] < 0x14 if len(head) > 7 else False
        return "application/x-mach-o-executable" if fat else "application/x-java-applet"
    if start[1:3] == b"WS" and start[0] in b"FCZ" and start[3] < 64:
        return "application/x-shockwave-flash"
    if start == b"RIFF" and len(head) >= 12:
        return _RIFF.get(head[8:12], "")
    if head[4:8] == b"ftyp":
        return _media(head[8:12])
    return _at_offsets(head)


_RIFF: Final = {b"WEBP": "image/webp", b"WAVE": "audio/x-wav", b"AVI ": "video/x-msvideo"}


def _media(brand: bytes) -> str:
    for start, mime in _BRANDS:
        if brand.startswith(start):
            return mime
    return "video/mp4"


def _at_offsets(head: bytes) -> str:
    """Formats whose magic stands further inside, or is weak."""
    for at, magic, mime in _INSIDE:
        if head.startswith(magic, at):
            return mime
    if head[:2] == b"BM" and len(head) > 15 and head[15] == 0 and head[14] in _BMP_HEADERS:
        return "image/x-ms-bmp"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head[:64] else "video/x-matroska"
    if head[2:4] == b"\r\n" and 0x0B <= head[1] <= 0x0F:
        return "application/x-python-bytecode"
    if head[2:5] in {b"-lh", b"-lz"} and head[6:7] == b"-":
        return "application/x-lzh"
    if head[:1] == b"\x47" and head[188:189] == b"\x47" and head[376:377] == b"\x47":
        return "video/mp2t"
    if head[0] == 0xFF and head[1] in _MPEG_AUDIO:
        return "audio/mpeg"
    return _der(head) if head[0] == 0x30 else ""


_INSIDE: Final = (
    (0, b"\xff\xd8", "image/jpeg"),
    (4, b"moov", "video/quicktime"),
    (4, b"mdat", "video/quicktime"),
    (4, b"Standard Jet DB", "application/x-msaccess"),
    (4, b"Standard ACE DB", "application/x-msaccess"),
    (7, b"**ACE**", "application/x-ace"),
    (257, b"ustar", "application/x-tar"),
    (32769, b"CD001", "application/x-iso9660-image"),  # ECMA-119 §8.1
)
_BMP_HEADERS: Final = frozenset({0x0C, 0x28, 0x40, 0x6C, 0x7C, 0x80})
_MPEG_AUDIO: Final = frozenset({0xE2, 0xE3, 0xF2, 0xF3, 0xF6, 0xF7, 0xFA, 0xFB, 0xFC, 0xFD})
_SHA1_OID: Final = b"\x06\x05\x2b\x0e\x03\x02\x1a"
_OCSP_OID: Final = b"\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01"
_SIGNED_OID: Final = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_PFX: Final = b"\x02\x01\x03\x30"


def _der(head: bytes) -> str:
    """DER: OCSP (RFC 6960), PKCS #7 and #12, certificates and revocation lists (RFC 5280)."""
    if _OCSP_OID in head[11:31]:
        return "application/ocsp-response"
    if _SHA1_OID in head[11:27]:
        return "application/ocsp-request"
    inside = 4 if head[1:2] == b"\x82" else 3 if head[1:2] == b"\x81" else 2
    if head[inside : inside + 11] == _SIGNED_OID:
        return "application/pkcs7-mime"
    if head[inside : inside + 4] == _PFX:
        return "application/x-pkcs12"
    if inside == 4 and head[4:6] == b"\x30\x82" and head[8:13] == b"\xa0\x03\x02\x01\x02":
        return "application/pkix-cert"
    if inside == 4 and head[4:6] in {b"\x30\x82", b"\x30\x81"} and b"\x17\x0d" in head[:512]:
        return "application/pkix-crl"
    return ""
