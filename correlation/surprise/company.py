"""Company: alerts of one site, grave or new to the fleet, that chance would not have brought so near.

An attack that hops between hosts leaves on each what was never seen there, and nothing that two hosts share.
How seldom something of the sort begins at all says how far apart two such may be and still belong together:
with n episodes in T hours, one more within g hours by chance is to be expected n·g/T times.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping
from typing import Any

from correlation.surprise.case import Case, Item
from correlation.surprise.neighbours import Neighbours
from correlation.surprise.open_cases import is_apart
from correlation.surprise.parameters import Parameters

_EPISODE = 7_200  # s that an episode lasts at most; what goes on longer is no rarity
_LEAST_GAP = 60  # s
_NONE: Mapping[int, float] = {}


class Company:
    """How often something of one sort begins, baseline included.

    Args:
        parameters: the weights.
        sort: `grave` or `new`, as an item tells them (`Item.sorts`).

    Attributes:
        episodes: begun so far.
    """

    def __init__(self, parameters: Parameters, sort: str) -> None:
        self._weights = parameters
        self._sort = sort
        self._start: int | None = None
        self._last: int | None = None  # when the latest episode began
        self.episodes = 0

    def see(self, item: Item) -> None:
        """An item began, in order of time."""
        if self._start is None:
            self._start = item.first
        over = self._last is None or item.first - self._last > _EPISODE
        if over and self._sort in item.sorts(self._weights):
            self.episodes += 1
            self._last = item.first

    def of(
        self,
        item: Item,
        cases: Iterable[Case],
        near: Neighbours,
        known: Container[int],
        hopped: Mapping[int, float] = _NONE,
    ) -> list[tuple[float, int, Case, str]]:
        """Cases that an item belongs to: −bits, number, case, why.

        Args:
            item: that began.
            cases: that are open.
            near: who stands near whom.
            known: numbers of cases that it belongs to already.
            hopped: by number of case that it comes from by a hop, wherever that is (`Hops`), bits for
                its being this host of all that it might be.
        """
        if self._sort not in item.sorts(self._weights):
            return []
        if self._sort == "new" and not near.agree:
            return []  # sites are less sure then, and what is new says less than what is grave
        found = [
            (-self.strength(item, case, near, hopped.get(case.number)), case.number, case, "site")
            for case in cases
            if self._sort in case.latest and case.number not in known
        ]
        return [
            one
            for one in found
            if -one[0] >= self._weights.theta
            and (one[1] in hopped or not is_apart(one[2], item.host, near))
        ]

    def strength(self, item: Item, case: Case, near: Neighbours, hop: float | None) -> float:
        """Bits by which an item of the sort belongs to a case that holds another; −∞ where it cannot."""
        latest = case.latest.get(self._sort)
        if latest is None or (hop is None and not self._one_place(item, case, near)):
            return -math.inf
        watched = max(_EPISODE, item.first - (self._start or 0))
        expected = max(1, self.episodes) * max(_LEAST_GAP, item.first - latest) / watched
        return min(self._weights.link_cap, (hop or 0.0) - math.log2(expected))

    def _one_place(self, item: Item, case: Case, near: Neighbours) -> bool:
        """Whether a host of the case is known to stand near the item's, and neither may be elsewhere."""
        site = near.site(item.host)
        if item.host in near.sites.hubs or site in near.sites.loose:
            return False
        for host in case.asked(item.host, near.around(item.host)):
            if host in near.sites.hubs or near.site(host) in near.sites.loose:
                continue
            if site is not None and near.site(host) == site:
                return True
            if near.closeness(item.host, host, item.first) is not None:
                return not near.are_apart(item.host, host)
        return False

    def state(self) -> dict[str, Any]:
        """What is known, for JSON."""
        return {"start": self._start, "last": self._last, "episodes": self.episodes}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave."""
        self._start, self._last = state["start"], state["last"]
        self.episodes = int(state["episodes"])
