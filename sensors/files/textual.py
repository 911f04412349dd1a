"""Texts: markup, data and scripts, told apart by how they begin.

Small anchored patterns over the first bytes; asked only where no magic number fits.
"""

from __future__ import annotations

import re
from typing import Final

_SPACE: Final = b" \t\r\n\f\v"
_LOOKED_AT: Final = 2048
_COMMENTS: Final = 8
_SURE_SIZE: Final = 32  # a few bytes of anything may look like GB 18030

_HTML: Final = re.compile(rb"<(?:!doctype +html|html|head|title|body|meta +http-equiv)\b", re.I)
_TAGS: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb"<hta:application", re.I), "application/hta"),
    (_HTML, "text/html"),
    (re.compile(rb"<svg\b", re.I), "image/svg+xml"),
    (re.compile(rb"<rss\b[^>]{0,512}xmlns:atom", re.I), "text/atom"),
    (re.compile(rb"<rss\b", re.I), "text/rss"),
    (re.compile(rb"<feed\b", re.I), "text/atom"),
    (re.compile(rb"<soap(?:-env)?:envelope", re.I), "application/soap+xml"),
    (re.compile(rb"<(?:!doctype +)?cross-domain-policy", re.I), "text/x-cross-domain-policy"),
    (re.compile(rb"<methodresponse>", re.I), "application/xml-rpc"),
    (re.compile(rb"<jnlp ", re.I), "application/x-java-jnlp-file"),
    (re.compile(rb"<\?php", re.I), "text/x-php"),
    (re.compile(rb"<%@? ?(?:page|taglib) ", re.I), "text/x-jsp"),
    (re.compile(rb"<script>\s*(?:var|function) ", re.I), "application/javascript"),
    (re.compile(rb"<script\s+(?:type|language)=['\"]?(?:text/)?javascript", re.I), "application/javascript"),
    (re.compile(rb"<script\s+(?:type|language)=['\"]?(?:text/)?vbscript", re.I), "text/vbscript"),
)  # fmt: skip
_JSON: Final = re.compile(
    rb"\{\s*(?:\"[^\"]{1,1024}\"|[a-zA-Z][a-zA-Z0-9_\\]{0,255})\s*:\s*(?:[\"\[{0-9tf\-]|null)"
    rb"|\[\s*(?:(?:\"[^\"]{1,1024}\"|-?[0-9]{1,32}(?:\.[0-9]{1,32})?|true|false)\s*,|\{|\[)"
    rb"|(?:\[\s*\]|\{\s*\})\s*\Z"
)
_INTERPRETER: Final = re.compile(rb"#![^\n]{0,40}?/(?:env\s+)?([a-z]+)")
_INTERPRETERS: Final = {
    b"sh": "text/x-shellscript", b"bash": "text/x-shellscript", b"dash": "text/x-shellscript",
    b"zsh": "text/x-shellscript", b"ksh": "text/x-shellscript", b"csh": "text/x-shellscript",
    b"tcsh": "text/x-shellscript", b"ash": "text/x-shellscript", b"perl": "text/x-perl",
    b"python": "text/x-python", b"ruby": "text/x-ruby", b"php": "text/x-php", b"lua": "text/x-lua",
    b"awk": "text/x-awk", b"gawk": "text/x-awk", b"tclsh": "text/x-tcl", b"wish": "text/x-tcl",
    b"node": "application/javascript", b"nodejs": "application/javascript",
    b"pwsh": "text/x-powershell",
}  # fmt: skip
_SCRIPTS: Final[tuple[tuple[re.Pattern[bytes], str], ...]] = (
    (re.compile(rb"-----BEGIN CERTIFICATE-----"), "application/x-pem"),
    (re.compile(rb"-----BEGIN PGP "), "application/pgp"),
    (re.compile(rb"-----BEGIN (?:[A-Z0-9]+ ){0,2}PRIVATE KEY-----"), "application/x-pem"),
    (re.compile(rb"MIME-Version:|Received: |From: |Return-Path: "), "message/rfc822"),
    (re.compile(rb"#EXTM3U"), "application/vnd.apple.mpegurl"),
    (re.compile(rb"BEGIN:VCARD", re.I), "text/vcard"),
    (re.compile(rb"BEGIN:VCALENDAR", re.I), "text/calendar"),
    (re.compile(rb"Windows Registry Editor Version|REGEDIT4"), "text/x-ms-regedit"),
    (re.compile(rb"\[InternetShortcut\]", re.I), "application/x-mswinurl"),
    (re.compile(rb"\[autorun\]", re.I), "application/x-wine-extension-ini"),
    (re.compile(rb"@ *echo +off|@rem\b|@set +|rem +\S[^\n]*\r\n", re.I), "text/x-msdos-batch"),
    (
        re.compile(
            rb"(?:option +explicit|on +error +resume +next|(?:set|dim) +[a-z_]\w*[^\n]{0,80}"
            rb"(?:createobject *\(|\r?\n *(?:set|dim) )|createobject *\()",
            re.I,
        ),
        "text/vbscript",
    ),
    (
        re.compile(
            rb"(?:powershell|param *\(|function +[a-z]+-[a-z]+|\$[a-z_]\w* *= *(?:\[|new-object|get-)"
            rb"|(?:i?e?x|invoke-expression|import-module|set-executionpolicy|new-object) *[( $\-a-z])"
            rb"(?=.{0,1024}(?:\$|-))",
            re.I | re.S,
        ),
        "text/x-powershell",
    ),
    (
        # Zeek's, and what Windows runs as a script: a page's ordinary ones are plain text to it.
        re.compile(
            rb"(?:for \(;;\);|document\.write(?:ln)? ?\(|\(function\(\)[ \t\n]*\{"
            rb"|(?:var|let|const|function|try|eval|this|new|/[/*]).{0,1800}?"
            rb"(?:WScript\.|ActiveXObject|\beval *\())",
            re.S,
        ),
        "application/javascript",
    ),
)  # fmt: skip
_WIDE: Final = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_CONTROLS: Final = bytes(set(range(32)) - set(b"\t\n\r\f\v\x1b\b")) + b"\x7f"


def text_kind(head: bytes) -> str:
    """Media type of a text; "" where the bytes are none."""
    head = _narrow(head[:_LOOKED_AT])
    words = head.lstrip(_SPACE)
    if not words:
        return ""
    found = ""
    if words[0] == 0x3C:
        found = _markup(words)
    elif words[0] in b"{[" and _JSON.match(words):
        found = "text/json"
    elif words[:2] == b"#!":
        found = _interpreted(words)
    if found or not _is_text(head):
        return found
    for pattern, mime in _SCRIPTS:
        if pattern.match(words):
            return mime
    if b"<?php" in words:
        return "text/x-php"
    return "text/plain" if len(head) >= 10 else ""


def _narrow(head: bytes) -> bytes:
    """Without a byte order mark; UTF-16 as UTF-8."""
    wide = _WIDE.get(head[:2])
    if wide:
        return head[2:].decode(wide, "ignore").encode()
    return head[3:] if head[:3] == b"\xef\xbb\xbf" else head


def _interpreted(words: bytes) -> str:
    """By the interpreter of a `#!` line, also behind `env`."""
    run = _INTERPRETER.match(words)
    while run and run[1] in {b"usr", b"bin", b"env", b"local", b"opt"}:
        run = _NEXT_WORD.match(words, run.end())
    return _INTERPRETERS.get(run[1], "") if run else ""


_NEXT_WORD: Final = re.compile(rb"[/\s]+([a-z]+)")


def _markup(words: bytes) -> str:
    """What begins with `<`: comments and an XML declaration are stepped over."""
    xml = False
    for _ in range(_COMMENTS):
        if words.startswith(b"<!--"):
            end = words.find(b"-->")
            if end < 0:
                return "application/xml" if xml else ""
            words = words[end + 3 :].lstrip(_SPACE)
        elif words[:6].lower() == b"<?xml ":
            xml = True
            words = words.partition(b"?>")[2].lstrip(_SPACE)
        else:
            break
    for pattern, mime in _TAGS:
        if pattern.match(words):
            if mime == "text/html" and b"<hta:application" in words.lower():
                return "application/hta"
            return mime
    return "application/xml" if xml else ""


def _is_text(head: bytes) -> bool:
    """Whether there are no control characters, and what is not ASCII is UTF-8 or GB 18030."""
    if head.translate(None, _CONTROLS) != head:
        return False
    if head.isascii():
        return True
    for coding in ("utf-8", "gb18030")[: 2 if len(head) >= _SURE_SIZE else 1]:
        for cut in range(4):  # the last letter may be cut
            try:
                head[: len(head) - cut].decode(coding)
            except UnicodeDecodeError:
                continue
            return True
    return False
