"""A flow and its packets."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from console.api.access import Analyst, Reader
from console.api.evidence import evidence_of, sliced
from console.api.parts import DissectionNode, Parts
from console.api.schemas.flows import (
    Dissection,
    Flow,
    HexRow,
    Packet,
    PacketDetail,
    PacketPage,
    PacketsKept,
)
from console.api.shown import alert_shown, case_name, text_shown
from fengsui.clock import to_iso

router = APIRouter(prefix="/flows/{session}", tags=["flows"])
SessionId = Annotated[str, Path(pattern=r"^[0-9A-Za-z]{1,64}$")]
_ROW = 16  # bytes
_BYTES_SHOWN = 65_536


@router.get("")
def read_flow(visitor: Reader, session: SessionId, parts: Parts) -> Flow:
    """Both ends, what was said in order of time, the alerts on it and their incidents."""
    evidence = evidence_of(parts, session)
    alerts = parts.state.alerts_of([str(each["event.id"]) for each in evidence.records])
    cases = parts.state.cases_with([alert.id for alert in alerts])
    why = text_shown(evidence.why) if evidence.why else None
    return Flow(
        flow=dict(evidence.flow) if evidence.flow else None,
        records=[dict(record) for record in evidence.records],
        alerts=[alert_shown(alert) for alert in alerts],
        incidents=[case_name(case) for case in cases],
        packets=PacketsKept(available=why is None, why=why, origin=evidence.origin),
    )


@router.get("/packets")
def list_packets(
    visitor: Reader,
    session: SessionId,
    parts: Parts,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> PacketPage:
    """The flow's packets; 503 `missing_tool` where nothing can dissect them."""
    slice_ = sliced(parts, session, visitor.name)
    rows, total = parts.packets.packet_list(slice_.path, limit)
    return PacketPage(
        packets=[
            Packet(
                number=row.number,
                time=to_iso(row.time),
                source=row.source,
                destination=row.destination,
                protocol=row.protocol,
                length=row.length,
                info=row.info,
            )
            for row in rows
        ],
        total=total,
        bounded=total > len(rows),
        cut=slice_.cut.bounded,
        origin=slice_.cut.origin,
        expected=slice_.expected or None,
    )


@router.get("/packets/{number}")
def read_packet(
    visitor: Reader,
    session: SessionId,
    number: Annotated[int, Path(ge=1, le=1_000_000)],
    parts: Parts,
) -> PacketDetail:
    """One packet, dissected, and its bytes."""
    packet = parts.packets.packet_detail(sliced(parts, session, visitor.name).path, number)
    return PacketDetail(
        number=packet.number,
        tree=[_node(node) for node in packet.tree],
        hex=hex_rows(packet.data[:_BYTES_SHOWN]),
    )


@router.get(
    "/pcap",
    response_class=Response,
    responses={
        200: {
            "description": "The flow's packets",
            "content": {
                "application/vnd.tcpdump.pcap": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
def download_pcap(visitor: Analyst, session: SessionId, parts: Parts) -> Response:
    """The flow's packets as a capture; taking it along is recorded."""
    slice_ = sliced(parts, session, visitor.name)
    pcap = parts.packets.pcap(slice_.path)
    parts.state.audit(visitor.name, "flow.download", session, {"packets": slice_.cut.packets})
    return Response(
        pcap,
        media_type="application/vnd.tcpdump.pcap",
        headers={"Content-Disposition": f'attachment; filename="{session}.pcap"'},
    )


def hex_rows(data: bytes) -> list[HexRow]:
    """Sixteen bytes a row, as digits and as what can be printed of ASCII."""
    rows: list[HexRow] = []
    for offset in range(0, len(data), _ROW):
        row = data[offset : offset + _ROW]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        rows.append(HexRow(offset=offset, hex=row.hex(" "), text=text))
    return rows


def _node(node: DissectionNode) -> Dissection:
    return Dissection(
        label=node.label, value=node.value, children=[_node(child) for child in node.children]
    )
