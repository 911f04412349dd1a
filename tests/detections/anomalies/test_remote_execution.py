"""Remote execution on workstations, and what servers are asked for all day."""

from __future__ import annotations

from collections.abc import Callable

from fengsui.alert import Alert

Feed = Callable[..., list[Alert]]
WORKSTATION = {"destination_ip": "10.1.7.7"}


def test_mapper_and_dynamic_port_in_either_order(make, feed: Feed) -> None:
    mapper = make.flow(0, destination_port=135, **WORKSTATION)
    dynamic = make.flow(1, destination_port=49_700, **WORKSTATION)
    for events in ([mapper, dynamic], [dynamic, mapper]):
        [alert] = feed("remote_execution", events)
        assert alert.reason.key == "anomaly.remote_execution.reason"


def test_minutes_apart_is_none(make, feed: Feed) -> None:
    mapper = make.flow(0, destination_port=135, **WORKSTATION)
    assert not feed(
        "remote_execution", [mapper, make.flow(900, destination_port=49_700, **WORKSTATION)]
    )


def test_several_services_of_two_workstations(make, feed: Feed) -> None:
    events = [
        make.flow(n, destination_ip=f"10.1.7.{n % 2}", destination_port=(445, 445, 5985, 5985)[n])
        for n in range(4)
    ]
    [alert] = feed("remote_execution", events)
    assert alert.reason.key == "anomaly.remote_execution.services"
    assert len(alert.entities) == 3


def test_domain_controller_is_asked_by_rpc_all_day(make, feed: Feed) -> None:
    controller = {"destination_ip": "10.1.0.53"}
    events = [
        make.flow(n, destination_port=port, **controller)
        for n, port in enumerate((389, 135, 49_700, 445, 5985))
    ]
    assert not feed("remote_execution", events)


def test_file_server_of_many_is_none(make, feed: Feed) -> None:
    server = {"destination_ip": "10.1.0.9", "destination_port": 445}
    learned = [make.flow(n, source_ip=f"10.1.3.{n}", **server) for n in range(1, 8)]
    dynamic = make.flow(9, destination_ip="10.1.0.9", destination_port=50_000)
    assert not feed("remote_execution", [*learned, make.flow(8, **server), dynamic])
