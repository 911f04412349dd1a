"""The generated reference: one page a protocol, with what it gives and its fields.

    python -m console.reference [FOLDER]

writes `docs/reference/protocols`; a test compares the folder with what this would write. The second
tier describes itself (`PROTOCOL` and docstring of each module of `sensors.protocols`); the first
tier is compiled and described here.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from fengsui.ecs import registry
from fengsui.registry import parts
from sensors import protocols as shelf
from sensors.protocol import Protocol
from sensors.wire.gss_logons import DATASETS as LOGONS

FOLDER: Final = Path(__file__).resolve().parents[1] / "docs/reference/protocols"
REMAKE: Final = "python -m console.reference"

COMMON: Final = (
    "event.id", "@timestamp", "event.dataset", "event.module", "event.kind", "event.category",
    "observer.name", "network.type", "network.transport", "network.iana_number", "network.protocol",
    "network.community_id", "source.ip", "source.port", "destination.ip", "destination.port",
    "zeek.session_id", "fengsui.tunnel.type", "fengsui.tunnel.id", "fengsui.tunnel.source.ip",
    "fengsui.tunnel.destination.ip",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Page:
    """What a page says.

    Attributes:
        recognition: how a flow is known to be of it.
        datasets: fields besides the common ones, by dataset.
        text: what it is and gives, in Markdown.
    """

    name: str
    title: str
    standard: str
    recognition: str
    text: str
    datasets: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])


def pages() -> list[Page]:
    """All pages by name."""
    found = {page.name: page for page in (*_first_tier(), _files())}
    for part in parts(shelf):
        one = cast("Protocol", part.PROTOCOL)
        page = _second_tier(one, inspect.getdoc(part) or "")
        first = found.get(page.name)
        found[page.name] = _both(first, page) if first else page
    return [found[name] for name in sorted(found)]


def _second_tier(one: Protocol, text: str) -> Page:
    where = ", ".join(sorted(one.transports)).upper()
    ports = ", ".join(map(str, sorted(one.ports)))
    recognition = f"By the content of the flow's first payloads, over {where}, on any port."
    if ports:
        recognition += (
            f" At home on {ports}: another protocol found there is named in the flow's event"
            " (`fengsui.port_protocol`)."
        )
    if one.files:
        text += "\n\nFiles that it carries are events of dataset `files`: see [files](files.md)."
    return Page(one.name, one.title, one.standard, recognition, text, one.datasets)


def _both(first: Page, second: Page) -> Page:
    """A protocol that the compiled decoder and a parser of the shelf share."""
    datasets = {name: list(fields) for name, fields in first.datasets.items()}
    for name, fields in second.datasets.items():
        known = datasets.setdefault(name, [])
        known += [one for one in fields if one not in known]
    text = f"{first.text}\n\n{second.text}"
    return Page(first.name, first.title, first.standard, first.recognition, text, datasets)


def _first_tier() -> tuple[Page, ...]:
    return (
        Page(
            "flow",
            "Flows",
            "Zeek's conn.log",
            "Every packet belongs to a flow: addresses, ports and transport, both directions.",
            "One event a flow when it ends, stamped with its first packet, with Zeek's connection "
            "states and history string. A flow that stays open is reported in `flow_open` "
            "meanwhile, where that is asked for.",
            {
                "flow": _named(
                    ("event.start", "event.end", "event.duration", "network.bytes"),
                    ("network.packets", "network.vlan.", "network.inner.vlan.", "source.mac"),
                    ("source.bytes", "source.packets", "destination.mac", "destination.bytes"),
                    ("destination.packets", "client.bytes", "server.bytes", "zeek.connection."),
                    ("icmp.", "fengsui.one_sided", "fengsui.port_protocol"),
                )
            },
        ),
        Page(
            "dns",
            "Domain Name System",
            "RFC 1035, RFC 6891, RFC 6762 (mDNS), RFC 4795 (LLMNR), RFC 1002 (NBNS)",
            "By content, over UDP and TCP; multicast DNS, LLMNR and NetBIOS names too.",
            "One event a question with its answer, stamped with the question.",
            {"dns": _named(("dns.", "event.duration", "fengsui.parse"))},
        ),
        Page(
            "http",
            "Hypertext Transfer Protocol 1",
            "RFC 9112, RFC 9110",
            "By its first line, on any port.",
            "One event a request with its response, stamped with the request. Bodies are inflated "
            "and are events of dataset `files`: see [files](files.md). A log-on by NTLM or Kerberos in "
            "the heads is an event of its own.",
            {
                **LOGONS,
                "http": _named(
                    ("http.", "url.", "user_agent.original", "destination.domain"),
                    ("file.name", "fengsui.parse"),
                ),
            },
        ),
        Page(
            "tls",
            "Transport Layer Security",
            "RFC 8446, RFC 5246, RFC 4346, RFC 2246, GB/T 38636 (TLCP)",
            "By its first record, on any port.",
            "One event a handshake, with JA3, JA3S, JA4, JA4S and the certificates of both sides.",
            {"tls": _named(("tls.", "destination.domain", "fengsui.parse"))},
        ),
    )


def _files() -> Page:
    return Page(
        "files",
        "Carried files",
        "Zeek's files.log",
        "Whatever HTTP, mail, FTP, SMB and TFTP carry; `network.protocol` names the carrier.",
        "One event a file, stamped with its begin; `source.*` is who sends it. Its type is told by "
        "content, with Zeek's names. Hashes are left out where bytes are missing "
        "(`fengsui.parse` is `cut`). Contents are kept only where the settings `files.keep` ask.",
        {"files": _named(("file.", "event.duration", "fengsui.parse"))},
    )


def _named(*groups: Iterable[str]) -> list[str]:
    """Fields of the registry by name, or by what they begin with where a dot ends it."""
    found: list[str] = []
    for one in (one for group in groups for one in group):
        found += [
            name for name in registry() if name == one or (one[-1] == "." and name.startswith(one))
        ]
    return found


def render(page: Page) -> str:
    """A page in Markdown."""
    lines = [f"# {page.title} (`{page.name}`)", "", page.text, ""]
    lines += [f"- Standard: {page.standard}", f"- Recognised: {page.recognition}"]
    for dataset, fields in sorted(page.datasets.items()):
        lines += ["", f"## Dataset `{dataset}`", "", *_table(fields)]
    lines += ["", "All events have the [common fields](README.md#common-fields) too.", ""]
    return "\n".join(lines)


def _table(names: Iterable[str]) -> list[str]:
    rows = ["| field | type | meaning |", "|---|---|---|"]
    for name in sorted(set(names)):
        known = registry().get(name)
        kind = f"{known.type}, list" if known and known.is_list else known.type if known else ""
        meaning = known.description.replace("|", "\\|") if known else ""
        rows.append(f"| `{name}` | {kind} | {meaning} |")
    return rows


def index(found: Sequence[Page]) -> str:
    """The page that lists the others."""
    rows = [
        f"| [{page.name}]({page.name}.md) | {page.title} | {page.standard} | "
        + ", ".join(f"`{name}`" for name in sorted(page.datasets))
        + " |"
        for page in found
    ]
    return "\n".join(
        [
            "# Protocols",
            "",
            f"Generated by `{REMAKE}` from the protocols themselves and from the registry of fields.",
            "`fengsui events CAPTURE` writes these events as JSON lines; see "
            "[recipes](../../recipes/events.md). A new protocol: see "
            "[adding a protocol](../../adding/a_protocol.md).",
            "",
            "| name | protocol | standard | datasets |",
            "|---|---|---|---|",
            *rows,
            "",
            "## Common fields",
            "",
            "Every event has these, as far as its flow does:",
            "",
            *_table(COMMON),
            "",
        ]
    )


def contents() -> dict[str, str]:
    """All files of the reference by name."""
    found = pages()
    return {"README.md": index(found)} | {f"{page.name}.md": render(page) for page in found}


def main(folder: Path = FOLDER) -> None:
    """Write the reference, and remove pages of protocols that are gone."""
    made = contents()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        if old.name not in made:
            old.unlink()
    for name, text in made.items():
        (folder / name).write_text(text, "utf-8")


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:2]))
