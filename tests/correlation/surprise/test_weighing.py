"""What a case comes to: an evening of changes is no attack, however many hosts it is on."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from correlation.surprise.case import Case, Item
from correlation.surprise.parameters import Parameters
from correlation.surprise.rarity import Rarity
from correlation.surprise.weighing import Weighed, is_high, weigh

WEIGHTS = Parameters()


def weighed(hosts: int, rare: int, *, stage: int = 0) -> tuple[Case, Weighed]:
    """Three kinds on many hosts, and rare ones that one host each of them shows."""
    case = Case(0, 0, 0)
    for number in range(3 * hosts + rare):
        once = number >= 3 * hosts
        kind, host = (number, number % hosts) if once else (number // hosts, number % hosts)
        item = Item(number, host, kind, 0, 0, 14.0, 8.0, 0.0, 0.0, "")
        item.stage = stage if once else 0
        case.add(item, WEIGHTS)
    return case, weigh(case, WEIGHTS, Rarity(WEIGHTS))


@given(st.integers(6, 40), st.integers(0, 12))
def test_rare_kinds_beside_a_change_count_less_the_more_hosts_it_is_on(
    hosts: int, rare: int
) -> None:
    _, less = weighed(hosts, rare)
    _, more = weighed(2 * hosts, rare)
    assert more.narrow <= less.narrow + 1e-6 <= less.score + 2e-6
    assert weighed(hosts, rare, stage=1)[1].narrow + 1e-6 >= less.narrow


def test_an_evening_of_upgrades_on_hundreds_of_hosts_is_not_high_and_an_attack_within_it_is() -> (
    None
):
    assert not is_high(*weighed(300, 12), WEIGHTS)
    assert is_high(*weighed(300, 12, stage=1), WEIGHTS)
