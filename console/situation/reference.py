"""Makes docs/reference/situation.md: how the gauges are made, with every weight and its mark.

python -m console.situation.reference
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Final

from correlation.situation.weights import weights

FILE: Final = Path(__file__).resolve().parents[2] / "docs/reference/situation.md"
REMAKE: Final = "python -m console.situation.reference"

_HEAD: Final = """# The situation: gauges, levels, forecasts, fair rates, warnings

Made by `{remake}` from `correlation/situation/weights.toml`. The arithmetic is in
`correlation/situation`, pure and under laws; what it is fed is gathered in `console/situation`.
GB/T 42453-2023 asks for such views and leaves the arithmetic open: it is ours.

## What is measured

- **Telemetry and clock.** Live telemetry by the wall clock, or a replay or drill by its own
  (`run=`). A drill's alerts are kept apart from all others; a replay is told from live telemetry
  by its time alone. Only live gauges have a history; a day is a day of UTC.
- **Scopes.** The whole, and each unit, zone, plane and system of the register
  (`docs/operating/register.md`). An incident counts in each scope that one of our hosts in it
  belongs to. What belongs to no unit stands under "no unit".
- **Threat** (high is bad): open incidents by their score and alerts that stand in none, added as
  a power sum. It is at least the greatest of them, many small ones never look like a great one,
  and one low alert adds at most a point. An alert that makes correlation *raise an incident*
  brings that incident's score: that is an incident, not an alert.
- **Exposure** (high is bad): failed controls (of the installation as a whole), hosts of ours that
  answered somebody outside, hosts managed in clear text, addresses that talk and stand in no
  register, assets without unit or responsible person.
- **Visibility** (high is good): the share of what should be seen that was: registered assets (in
  traffic or by their own records), log sources (those the register expects, and those that sent
  something in the last week), planes, and the sensors themselves with what they lost. What is
  missing is named.
- **Response** (high is good): incidents taken and closed, and warnings answered, within their
  limits. Live incidents are noticed when a detection first spoke; those of a run when the run had
  ended.
- **Unknown.** Below {least} % visibility the other three read *unknown*, never good. A risk then
  shows what was seen as a lower bound ("at least"). Where nothing is registered or expected,
  visibility is unknown itself.
- **Levels**: steady, watch, strained, critical. A level rises past its threshold by a margin at
  once; it falls only past a larger margin and after it has stood for a day.

Every gauge is the sum of its parts and every part the sum of its items; beyond a hundred items
the rest is one. The shares of a power sum are proportional to strength^power.

## Forecasts

The median of the same hour of earlier weeks (of earlier days with less than two weeks of
history), with a band from the errors that such forecasts, made a day ahead, would have had in the
last days. The mean error, that of "as much as a day before" and the share inside the band stand
beside each forecast. Traffic is counted from flows as they pass, a flow's bytes laid evenly over
its hours, so a value is the *mean* of an hour: peaks within it are higher. Traffic of the same
capture replayed twice counts twice.

## Units side by side

(alerts + k × mean) / (size + k), where k is the prior below, but no more than the average unit
has: a unit without a
known size reads the mean. An alert that names two hosts of a unit counts twice for it. A trend is
told only where both weeks were seen whole and the difference passes what chance makes of two
counts (twice the root of their sum).

## Warnings

Red, orange, yellow, blue by the harm of an open incident and the importance of what it touches.
They are proposed by the worker (every five minutes, and for each replay or drill that has ended),
confirmed in any colour, dismissed or lifted by a responder with a reason; each step stands in the
audit trail. A worse proposal about the same incident overtakes one that nobody answered; a
lighter one is never made. What nobody answers in time is escalated once.

## Weights

V: read in the text named. M: remembered of it and not yet compared. J: our own judgement.

| weight | value | mark | why |
|---|---|---|---|
"""


def page() -> str:
    """The page."""
    known = weights()
    least = known["visibility.unknown_below"].value
    rows = [
        f"| `{each.name}` | {_shown(each.value)} | {each.mark} | {each.why} |"
        for each in known.values()
    ]
    return _HEAD.format(remake=REMAKE, least=least) + "\n".join(rows) + "\n"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        pairs: dict[str, Any] = value
        return ", ".join(f"{name} {_shown(each)}" for name, each in pairs.items())
    if isinstance(value, list):
        each_one: list[Any] = value
        return " / ".join(str(each) or "–" for each in each_one)
    return str(value)


def main(words: list[str]) -> None:
    """Write the page where it belongs, or to the path given."""
    target = Path(words[0]) if words else FILE
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(page(), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
