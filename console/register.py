"""The register of what is ours, as people write it: `assets.toml` with units, systems, networks, assets."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fengsui.asset import Asset, Network, System, Unit
from fengsui.ecs import DATASETS
from fengsui.errors import InputError
from fengsui.store.state import Plan
from sensors.enrich.address_plan import AddressPlan

MOST_BYTES = 32 << 20


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", str_max_length=500)


class UnitRow(_Row):
    """`[[unit]]`; `users`: people who work there with the network, 0 unknown."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    responsible: str = ""
    users: int = Field(default=0, ge=0)


class SystemRow(_Row):
    """`[[system]]`, filed with level 1 to 5 and its S and A parts."""

    id: str = Field(min_length=1)
    name: str = Field(min_length=1)
    unit: str
    level: int = Field(ge=1, le=5)
    s_level: int = Field(ge=1, le=5)
    a_level: int = Field(ge=1, le=5)
    filing_number: str = ""


class NetworkRow(_Row):
    """`[[network]]`: a block of addresses, or `vlan:200`."""

    cidr: str = Field(min_length=1)
    zone: str = ""
    plane: str = ""
    unit: str = ""


class AssetRow(_Row):
    """`[[asset]]`; `logs`: datasets that it is expected to send."""

    id: str = Field(min_length=1)
    name: str = ""
    addresses: list[str] = Field(default_factory=list[str], max_length=64)
    unit: str = ""
    zone: str = ""
    plane: str = ""
    kind: str = ""
    criticality: int = Field(default=1, ge=1, le=4)
    system: str = ""
    responsible: str = ""
    logs: list[str] = Field(default_factory=list[str], max_length=64)


class _Register(_Row):
    unit: list[UnitRow] = Field(default_factory=list[UnitRow])
    system: list[SystemRow] = Field(default_factory=list[SystemRow])
    network: list[NetworkRow] = Field(default_factory=list[NetworkRow])
    asset: list[AssetRow] = Field(default_factory=list[AssetRow])


def read_register(path: Path) -> Plan:
    """Read and check a register.

    Raises:
        InputError: it cannot be read, is no register, names something twice or what is not there.
        RuleError: a network or address is none.
    """
    plan = _plan(_parsed(path), path)
    AddressPlan(plan)  # names the address or network that is none
    return plan


def _parsed(path: Path) -> _Register:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _bad(path, f"larger than {MOST_BYTES >> 20} MiB")
        return _Register.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise _bad(path, error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(path, str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise _bad(path, f"{place}: {first['msg']}") from error


def _plan(given: _Register, path: Path) -> Plan:
    units, systems = {row.id for row in given.unit}, {row.id for row in given.system}
    for what, ids in (
        ("unit", [row.id for row in given.unit]),
        ("system", [row.id for row in given.system]),
        ("network", [row.cidr for row in given.network]),
        ("asset", [row.id for row in given.asset]),
        ("address", [address for row in given.asset for address in row.addresses]),
    ):
        _once(path, what, ids)
    named = [("unit", row.unit, units) for row in given.system]
    named += [("unit", row.unit, units) for row in given.network]
    named += [("unit", row.unit, units) for row in given.asset]
    named += [("system", row.system, systems) for row in given.asset]
    named += [("dataset", name, set(DATASETS)) for row in given.asset for name in row.logs]
    for what, name, known in named:
        if name and name not in known:
            raise _bad(path, f"{what} {name!r} is named and does not stand in the register")
    return Plan(
        tuple(Unit(**row.model_dump()) for row in given.unit),
        tuple(System(**row.model_dump()) for row in given.system),
        tuple(Network(**row.model_dump()) for row in given.network),
        tuple(_asset(row) for row in given.asset),
    )


def _asset(row: AssetRow) -> Asset:
    plain: dict[str, Any] = row.model_dump()
    plain |= {"addresses": tuple(row.addresses), "logs": tuple(row.logs)}
    plain["name"] = row.name or row.id
    return Asset(**plain)


def _once(path: Path, what: str, ids: Sequence[str]) -> None:
    twice: Iterable[str] = (name for name, count in Counter(ids).items() if count > 1)
    if found := next(iter(twice), ""):
        raise _bad(path, f"{what} {found!r} stands there twice")


def _bad(path: Path, why: str) -> InputError:
    return InputError(
        "The register cannot be used; nothing was changed",
        where=f"{path}: {why}",
        next="Mend it; docs/operating/register.md shows its form",
        code="bad_register",
    )
