"""Which playbooks fit an incident, and why."""

from __future__ import annotations

from collections.abc import Sequence

from fengsui.attack import TACTICS, in_order
from fengsui.incident import Incident
from fengsui.playbook import Playbook
from fengsui.text import Text
from playbooks.cacao import EXTENSION


def match(incident: Incident, playbooks: Sequence[Playbook]) -> list[tuple[Playbook, Text]]:
    """Playbooks for a stage that the incident has reached, the most stages in common first.

    A playbook may need an entity in a role (such as `c2`); without it there is nothing to act on.
    """
    reached = {stage.tactic for stage in incident.stages}
    roles = {entity.role for entity in incident.entities}
    found: list[tuple[int, Playbook, Text]] = []
    for playbook in playbooks:
        common = in_order(reached & set(playbook.tactics))
        needs = playbook.document.get("playbook_extensions", {}).get(EXTENSION, {}).get("needs", [])
        if not common or not roles.issuperset(needs):
            continue
        values = {
            "tactics": "、".join(TACTICS[tactic][2] for tactic in common),
            "tactics_en": ", ".join(TACTICS[tactic][1] for tactic in common),
        }
        found.append((len(common), playbook, Text("playbooks.match", values)))
    found.sort(key=lambda item: (-item[0], item[1].id))
    return [(playbook, why) for _, playbook, why in found]
