"""Parameters of the surprise correlation, with what each is measured in.

They were chosen on the five networks of the AIT alert data set, each network judged with the others
left out; all of them are flat around their value (benchmarks/correlation_surprise.py prints by how much).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Parameters:
    """All weights in one place; times in seconds, surprise and scores in bits.

    Attributes:
        half_life: after which what a host has shown counts half.
        prior: host-hours that the fleet's rate weighs beside the host's own.
        fleet_floor: active host-hours that a kind never seen is given.
        cap: most bits of one item.
        learning: from the first alert of a zone until its bits count in full.
        quiet: silence after which the same kind on the same host is a new item.
        link_floor: bits below which an item neither opens nor joins an incident by itself.
        seed: bits from which an item may open an incident.
        theta: bits that must remain after distance in time and place are taken off.
        high_at: score from which an incident is of high severity.
        raise_at: score that no benign case comes to: it teaches nothing, and subnets are bound for it.
        many: the j-th host of a kind adds its bits / j^many.
        rare: fleet surprise from which a kind is evidence on any host.
        own: bits from which a kind is evidence on a host that never showed it.
        corroborated: bits of rare kinds on one host that make its common kinds evidence too.
        grave: bits by its tool's severity from which a kind is evidence.
        gravest: the same, from which what begins seldom belongs together (`Company`).
        new: bits from which a kind that nobody has shown before belongs together with another.
        trail: bits from which kinds new to the fleet are no chance together (`Trails`).
        stage: bits for each stage of an attack that the kinds of a case speak of, but the first.
        cold_link: bits that a common host or address is worth before anything is learned.
    """

    half_life: float = 7 * 86_400
    prior: float = 2.0
    fleet_floor: float = 0.25
    cap: float = 16.0
    learning: float = 86_400
    quiet: int = 3_600

    link_floor: float = 4.0
    seed: float = 6.0
    theta: float = 6.0
    link_cap: float = 10.0
    heat_base: float = 32.0
    heat_weight: float = 2.0
    heat_most: float = 256.0
    heat_elsewhere: float = 3.0
    heat_half_life: float = 4 * 3_600
    cooled: int = 86_400

    time_weight: float = 2.0
    time_same: float = 300.0
    time_other: float = 60.0
    far_zone: float = 3.0
    same_zone: float = 2.0
    affinity_weight: float = 4.0
    affinity_least: float = 0.2
    together: float = 1.0
    together_for: int = 300
    same_address: float = 1.0

    onset_window: int = 5
    ripening: int = 3_600
    site_affinity: float = 0.7
    site_least: int = 3
    periodic_spread: float = 0.2

    weak: float = 30.0
    pull_back: int = 1_800
    aside_within: int = 300
    continues: float = 40.0
    continues_on: float = 100.0

    high_at: float = 105.0
    raise_at: float = 175.0
    many: float = 2.0
    rare: float = 5.85
    own: float = 7.0
    corroborated: float = 128.0
    grave: float = 3.0
    gravest: float = 6.0
    new: float = 8.0
    trail: float = 12.0
    stage: float = 4.0
    cold_link: float = 12.0
