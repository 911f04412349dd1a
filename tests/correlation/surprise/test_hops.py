"""Attacks that hop between sites that nothing links: an alert that names both hosts joins them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from correlation.surprise.correlating import Correlated, correlate
from correlation.surprise.incidents import SurpriseIncident
from fengsui.severity import Severity
from tests.correlation.surprise.streams import ATTACK, START, Raw, noise, table_of
from tests.correlation.surprise.test_stream import run, told

SITES = ("10.1.0", "10.2.0", "10.3.0")  # of one /16 each
QUIET = [raw for net in SITES for raw in noise(net)]


def grave(host: str, at: int, *kinds: str, names: str = "") -> list[Raw]:
    """Steps on one host a minute apart; the last names another."""
    steps = [Raw(at + 60 * n, host, kind, Severity.HIGH) for n, kind in enumerate(kinds)]
    return [*steps[:-1], replace(steps[-1], peer=names)]


def attack(*, apart: int, named: bool = True) -> list[Raw]:
    """Three steps on a host of each site, one site after another."""
    hosts = [f"{net}.{2 + n}" for n, net in enumerate(SITES)]
    found: list[Raw] = []
    for n, host in enumerate(hosts):
        after = hosts[n + 1] if named and n + 1 < len(hosts) else ""
        kinds = (f"step {n} one", f"step {n} two", f"step {n} three")
        found += grave(host, ATTACK + apart * n, *kinds, names=after)
    return found


def high(found: Correlated) -> list[SurpriseIncident]:
    return [one for one in found.incidents if one.severity >= Severity.HIGH]


@pytest.mark.parametrize("apart", [300, 1_800, 4 * 3_600])
def test_what_names_the_next_host_takes_one_incident_over_all_sites(apart: int) -> None:
    alerts = QUIET + attack(apart=apart)
    (incident,) = high(correlate(table_of(alerts)))
    held = {alerts[n].kind for n in incident.alerts.tolist()}
    assert held >= {raw.kind for raw in attack(apart=apart)}
    apart_still = high(correlate(table_of(QUIET + attack(apart=apart, named=False))))
    assert len(apart_still) == len(SITES)


def test_a_server_that_many_name_is_no_hop() -> None:
    server = "10.2.0.3"
    asked = [Raw(START + 60 * n, f"10.1.0.{n}", "query", peer=server) for n in range(1, 7)]
    assert len(high(correlate(table_of(QUIET + attack(apart=1_800))))) == 1
    split = high(correlate(table_of(QUIET + asked + attack(apart=1_800))))
    assert len(split) == 2  # the hop from the server on is still seen


def test_a_low_alert_that_names_two_sites_joins_nothing() -> None:
    alerts = attack(apart=1_800, named=False)
    seen = Raw(ATTACK + 240, "10.1.0.2", "usual 3", peer="10.2.0.3")
    assert len(high(correlate(table_of([*QUIET, *alerts, seen])))) == len(SITES)


def test_a_stream_taken_up_anew_goes_on_with_the_hops() -> None:
    alerts = sorted(QUIET + attack(apart=1_800), key=lambda raw: raw.time)
    assert told(run(alerts, restart_every=101)) == told(run(alerts))
    (incident,) = high(correlate(table_of(alerts)))
    assert incident.id in run(alerts)
