from __future__ import annotations

import io
import tarfile
import time
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensors.files.carried import CarriedFile
from sensors.files.kind import kind_of
from tests.sensors.files.receiving import Events

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
ODT = "application/vnd.oasis.opendocument.text"
OOXML = "application/vnd.openxmlformats-officedocument"


def zipped(*names: str, stored: str = "") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if stored:
            archive.writestr("mimetype", stored, zipfile.ZIP_STORED)
        for name in names:
            archive.writestr(name, b"content " * 40)
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.txt"))
    return out.getvalue()


def stream(name: str) -> bytes:
    return OLE + b"\0\0" + name.encode("utf-16-le") + bytes(64)


BINARY = [
    (b"MZ\x90\0\x03\0\0\0", "application/x-dosexec"),
    (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\0", "application/x-executable"),
    (b"\x7fELF\x01\x02\x01" + bytes(9) + b"\0\x03", "application/x-sharedlib"),
    (b"\xcf\xfa\xed\xfe" + bytes(8), "application/x-mach-o-executable"),
    (b"\xca\xfe\xba\xbe\0\0\0\x02", "application/x-mach-o-executable"),
    (b"\xca\xfe\xba\xbe\0\0\x00\x34", "application/x-java-applet"),
    (b"%PDF-1.4", "application/pdf"),
    (b"\x1f\x8b\x08", "application/x-gzip"),
    (b"Rar!\x1a\x07", "application/x-rar"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"MSCF\0\0\0\0", "application/vnd.ms-cab-compressed"),
    (b"\xfd7zXZ\0", "application/x-xz"),
    (b"\x28\xb5\x2f\xfd\0", "application/zstd"),
    (b"\xff\xd8\xff\xe0", "image/jpeg"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    (b"\0\0\0\x20ftypisom", "video/mp4"),
    (b"\0\0\0\x20ftypqt  ", "video/quicktime"),
    (bytes.fromhex("4c0000000114020000000000c000000000000046"), "application/x-ms-shortcut"),
    (b"\xd4\xc3\xb2\xa1\2\0", "application/vnd.tcpdump.pcap"),
    (b"{\\rtf1\\ansi", "text/rtf"),
    (b"\xa7\x0d\x0d\x0a", "application/x-python-bytecode"),
    (bytes(32769) + b"CD001\x01" + bytes(100), "application/x-iso9660-image"),
    (b"\x30\x82\x03\x00\x30\x82\x02\x00\xa0\x03\x02\x01\x02", "application/pkix-cert"),
    (b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", "application/pkcs7-mime"),
    (stream("WordDocument"), "application/msword"),
    (stream("Workbook"), "application/vnd.ms-excel"),
    (stream("PowerPoint Document"), "application/vnd.ms-powerpoint"),
    (OLE + bytes.fromhex("84100c0000000000c000000000000046"), "application/x-msi"),
    (OLE, "application/msword"),
    (zipped("a.txt"), "application/zip"),
    (zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"), OOXML + ".wordprocessingml.document"),
    (zipped("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"), OOXML + ".spreadsheetml.sheet"),
    (zipped("[Content_Types].xml", "ppt/presentation.xml"), OOXML + ".presentationml.presentation"),
    (zipped("[Content_Types].xml", "other"), OOXML),
    (zipped("OFD.xml", "Doc_0/Document.xml"), "application/ofd"),
    (zipped("META-INF/MANIFEST.MF", "A.class"), "application/java-archive"),
    (zipped("META-INF/MANIFEST.MF", "AndroidManifest.xml"), "application/vnd.android.package-archive"),
    (zipped("x", stored=ODT), ODT),
    (zipped("x", stored="application/evil type"), "application/zip"),
    (tarred(), "application/x-tar"),
]  # fmt: skip
TEXTS = [
    (b"just a few words", "text/plain"),
    ("公文一份，内容若干。".encode(), "text/plain"),
    ("公文一份，内容若干。公文一份，内容若干。".encode("gb18030"), "text/plain"),
    ("公文一份，内容若干。".encode()[:25], "text/plain"),
    (b"MZ is how this text begins, and it is no program at all, with no zero in it.", "text/plain"),
    (b"  <!-- a -->\r\n<!DOCTYPE  html><html>", "text/html"),
    (b'<?xml version="1.0"?><!DOCTYPE html PUBLIC "x">', "text/html"),
    (b'<?xml version="1.0"?><a/>', "application/xml"),
    (b'\xef\xbb\xbf<?xml version="1.0"?><svg xmlns="x">', "image/svg+xml"),
    (b'<?xml version="1.0"?><soap:Envelope>', "application/soap+xml"),
    (b'<html><head><hta:application id="x">', "application/hta"),
    (b'{"a": 1}', "text/json"),
    (b"[1, 2]", "text/json"),
    (b"{}", "text/json"),
    (b"{ not json at all }", "text/plain"),
    (b"#!/bin/sh\n", "text/x-shellscript"),
    (b"#!/usr/bin/env python3\nx", "text/x-python"),
    (b"#!/usr/local/bin/perl -w\n", "text/x-perl"),
    (b"@echo off\r\ndel x\r\n", "text/x-msdos-batch"),
    (b'Set sh = CreateObject("WScript.Shell")\r\nsh.Run "x"', "text/vbscript"),
    (b"On Error Resume Next\r\nDim x", "text/vbscript"),
    (b"$client = New-Object System.Net.WebClient;\n$client.DownloadFile('x','y')", "text/x-powershell"),
    ("$c = New-Object Net.WebClient; $c.x()".encode("utf-16"), "text/x-powershell"),
    (b'var s = new ActiveXObject("WScript.Shell"); s.Run("x");', "application/javascript"),
    (b"var ordinary = 1; // of a page, which is plain text to Zeek", "text/plain"),
    (b"<?php system($_GET[0]);", "text/x-php"),
    (b"-----BEGIN CERTIFICATE-----\nMII", "application/x-pem"),
    (b"Received: from x\r\n", "message/rfc822"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "kind"), BINARY + TEXTS, ids=lambda value: str(value)[:40])
def test_kinds(head: bytes, kind: str) -> None:
    assert kind_of(head) == kind
    events = Events()
    file = CarriedFile(events)
    for at in range(0, len(head), 5000):
        file.write(head[at : at + 5000])
    file.end(1)
    assert events.all[0].get("file.mime_type", "") == kind


def test_the_name_decides_only_what_content_cannot() -> None:
    assert kind_of(stream("WordDocument"), "通知.wps") == "application/wps-office.wps"
    assert kind_of(stream("Workbook"), "表.et") == "application/wps-office.et"
    assert kind_of(b"%PDF-1.4", "x.exe") == "application/pdf"


@given(
    st.binary(max_size=400),
    st.sampled_from([head for head, _ in BINARY + TEXTS]),
    st.integers(0, 60),
)
def test_no_bytes_raise(junk: bytes, head: bytes, cut: int) -> None:
    kind_of(junk)
    kind_of(head[:cut] + junk)


@pytest.mark.parametrize(
    "head",
    [
        b"<!--" * 4096, b"<?xml " * 3000, b"{" * 16384, b"[ " * 8192, b"PK\x03\x04" * 4096,
        b"<rss " + b"x" * 16000, b"var " + b"a" * 16000, b"#!" + b"/bin " * 3000,
        b"function " + b"a-" * 8000, b" " * 16384, b'{"' + b"a" * 16000, b"set " * 4000,
    ],
    ids=lambda value: str(value[:12]),
)  # fmt: skip
def test_no_bytes_take_long(head: bytes) -> None:
    began = time.perf_counter()
    kind_of(head)
    assert time.perf_counter() - began < 0.05
