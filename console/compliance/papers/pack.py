"""The pack of evidence: a zip with the papers, the files and an index with SHA-256 and SM3 of each."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from console.compliance.folders import attachment_folder, evidence_folder, kept
from console.compliance.papers.content import Content
from console.compliance.papers.report import words
from fengsui.clock import to_iso
from fengsui.errors import NotFoundError
from fengsui.hashes import sha256, sm3
from fengsui.settings import Settings

INDEX: Final = "index.csv"
_COLUMNS: Final = ("path", "what", "size", "sha256", "sm3", "time", "by")


def evidence_pack(content: Content, papers: Mapping[str, bytes], settings: Settings) -> bytes:
    """Everything that was brought and made for the system; what is missing is in the index too."""
    out = io.BytesIO()
    rows: list[tuple[str, ...]] = []
    stamp = datetime.fromisoformat(to_iso(content.now)).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for path, what, data, time, by in _parts(content, papers, settings):
            row = (path, what, str(len(data)), sha256(data), sm3(data), time, by)
            rows.append(row if data else (path, words("pack.missing"), "0", "", "", time, by))
            if data:
                file.writestr(zipfile.ZipInfo(path, stamp), data)
        file.writestr(zipfile.ZipInfo(INDEX, stamp), _index(rows))
    return out.getvalue()


def _parts(
    content: Content, papers: Mapping[str, bytes], settings: Settings
) -> Iterator[tuple[str, str, bytes, str, str]]:
    now = to_iso(content.now)
    for name, data in papers.items():
        yield f"papers/{name}", words("pack.paper"), data, now, "fengsui"
    for each in content.evidence:
        path = f"evidence/{each.sha256[:12]}-{each.name}"
        data = _bytes(settings, "evidence", each.sha256)
        yield path, words("pack.evidence"), data, to_iso(each.brought), each.by
    for word in content.attestations:
        if word.attachment is not None:
            path = f"records/{word.attachment.sha256[:12]}-{word.attachment.name}"
            data = _bytes(settings, "attachments", word.attachment.sha256)
            yield path, words("pack.record"), data, to_iso(word.at), word.by


def _bytes(settings: Settings, kind: str, digest: str) -> bytes:
    folder = evidence_folder(settings) if kind == "evidence" else attachment_folder(settings)
    try:
        return kept(folder, digest).read_bytes()
    except (NotFoundError, OSError):
        return b""


def _index(rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([words(f"pack.column.{name}") for name in _COLUMNS])
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")
