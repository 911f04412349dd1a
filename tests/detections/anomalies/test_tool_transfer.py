"""Programs written over SMB to workstations, and what file servers are given all day."""

from __future__ import annotations

from collections.abc import Callable

from fengsui.alert import Alert

Feed = Callable[..., list[Alert]]
PROGRAM = {"destination_port": 445, "client_bytes": 380_000, "server_bytes": 12_000}


def test_a_program_to_two_workstations(make, feed: Feed) -> None:
    events = [make.flow(60 * n, destination_ip=f"10.1.7.{n}", **PROGRAM) for n in range(2)]
    [alert] = feed("tool_transfer", events)
    assert alert.reason.key == "anomaly.tool_transfer.reason"
    assert {"T1570", "T1021.002"} <= set(alert.techniques)
    assert [e.role for e in alert.entities] == ["attacker", "victim", "victim"]


def test_one_workstation_alone_is_a_colleague_who_gets_a_file(make, feed: Feed) -> None:
    events = [make.flow(60 * n, destination_ip="10.1.7.1", **PROGRAM) for n in range(5)]
    assert not feed("tool_transfer", events)


def test_reading_files_is_none(make, feed: Feed) -> None:
    read = {**PROGRAM, "client_bytes": 90_000, "server_bytes": 4_000_000}
    assert not feed(
        "tool_transfer", [make.flow(60 * n, destination_ip=f"10.1.7.{n}", **read) for n in range(4)]
    )


def test_file_servers_are_none(make, feed: Feed) -> None:
    learned = [
        make.flow(
            n, source_ip=f"10.1.3.{n}", destination_ip=f"10.1.0.{n % 2 + 9}", destination_port=445
        )
        for n in range(1, 15)
    ]
    events = [make.flow(100 + n, destination_ip=f"10.1.0.{n + 9}", **PROGRAM) for n in range(2)]
    assert not feed("tool_transfer", [*learned, *events])
