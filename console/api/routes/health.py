"""The pipeline's condition, the register of what is ours, and live views."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from console.api.access import Operator, Reader
from console.api.condition import Rates, interfaces, joints, packet_store
from console.api.live import Live
from console.api.parts import ApiParts, Parts
from console.api.schemas.assets import FiledSystem, Inventory, Network, Unit
from console.api.schemas.health import DatasetRow, Health, RoleReport, SourceRow
from console.api.shown import asset_shown
from console.retro.scheduled_report import shown
from console.storage import BACKUP
from fengsui.clock import SECOND, to_iso
from fengsui.errors import StoreError
from fengsui.store.event_store import DatasetStatistics

router = APIRouter(tags=["health"])


@router.get("/health")
def read_health(visitor: Operator, request: Request, parts: Parts) -> Health:
    """Each joint from the interface to the console, each source, what the store holds."""
    now = parts.clock.now()
    reports = parts.state.health()
    held = _held(parts)
    rates: Rates = request.app.state.rates
    return Health(
        joints=joints(reports, held, parts.state.replays(), rates, now),
        interfaces=interfaces(reports, rates),
        packets=packet_store(reports),
        sources=[
            SourceRow(
                sensor=source.sensor,
                dataset=source.dataset,
                events=source.events,
                first=to_iso(source.first),
                last=to_iso(source.last),
                silent_seconds=round((now - source.last) / SECOND, 3),
            )
            for source in parts.state.sources()
        ],
        store=[
            DatasetRow(
                dataset=row.dataset,
                events=row.events,
                bytes=row.bytes,
                first=to_iso(row.first) if row.events else None,
                last=to_iso(row.last) if row.events else None,
            )
            for row in held
        ],
        roles={
            role: RoleReport.model_validate({**shown(document), "at": to_iso(at)})
            for role, (at, document) in reports.items()
            if role != BACKUP
        },
    )


def _held(parts: ApiParts) -> list[DatasetStatistics]:
    """Nothing where the store cannot be asked: GET /api/store says why."""
    try:
        return parts.events.statistics()
    except StoreError:
        return []


@router.get("/assets")
def list_assets(visitor: Reader, parts: Parts) -> Inventory:
    """Units, systems, networks and assets that are registered."""
    plan = parts.state.plan()
    return Inventory(
        units=[
            Unit(id=each.id, name=each.name, responsible=each.responsible) for each in plan.units
        ],
        systems=[
            FiledSystem(
                id=each.id,
                name=each.name,
                unit=each.unit,
                level=each.level,
                s_level=each.s_level,
                a_level=each.a_level,
                filing_number=each.filing_number,
            )
            for each in plan.systems
        ],
        networks=[
            Network(cidr=each.cidr, zone=each.zone, plane=each.plane, unit=each.unit)
            for each in plan.networks
        ],
        assets=[asset_shown(each) for each in plan.assets],
    )


@router.get(
    "/stream",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": '`event: incidents|jobs|health`, `data: {"changed":[ids]}`',
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def stream_changes(visitor: Operator, request: Request) -> StreamingResponse:
    """What changed, as server-sent events; ends after ten minutes, then the client comes back."""
    live: Live = request.app.state.live
    live.check_room()
    return StreamingResponse(live.stream(), media_type="text/event-stream")


@router.get("/openapi.json", include_in_schema=False)
def read_openapi(visitor: Operator, request: Request) -> dict[str, object]:
    """This API, described."""
    document: dict[str, object] = request.app.openapi()
    return document
