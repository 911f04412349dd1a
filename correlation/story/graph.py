"""Graph: who did what to whom, like neighbours folded into one node, laid out the same each time.

An edge stands for all activities from one node upon another; an activity upon several nodes stands on
an edge to each of them, and counts once in the whole. What names no object, as most alerts of other
tools, leads to a node of its own: the act, by its tactic.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from fengsui.ids import digest_id

# So many like neighbours become one node, by how many things there are in all.
ALIKE: Final = ((25, 12), (100, 8), (2**31, 4))
READABLE: Final = 60  # nodes in sight before folding gets coarser
MEMBERS: Final = 200  # of a node that are named
COLUMNS: Final = {
    "attacker": 0,
    "pivot": 1,
    "controlled": 1,
    "source": 1,
    "target": 2,
    "server": 2,
    "c2": 3,
    "outside": 3,
    "thing": 2,
    "act": 2,
}
ACT: Final = "act"


@dataclass(frozen=True, slots=True)
class Dot:
    """A thing as the graph knows it. `many`: it stands for so many already."""

    number: int
    kind: str
    internal: bool
    role: str
    label: str
    many: int


@dataclass(frozen=True, slots=True)
class Line:
    """An activity as the graph knows it: numbers of things, alerts in each slot."""

    number: int
    actor: int
    objects: tuple[int, ...]
    rule: int
    severity: int
    first: int
    last: int
    tactics: tuple[str, ...]
    slots: Mapping[int, int]

    @property
    def alerts(self) -> int:
        """How many."""
        return sum(self.slots.values())


@dataclass(frozen=True, slots=True)
class GraphNode:
    """One thing, or several that are alike.

    Attributes:
        members: numbers of the things, at most `MEMBERS`; `many` is how many there are.
        column, row: where it stands; columns are roles from the outside in and out again.
        group: which folding it comes from, to be opened; "" for a single thing.
        alerts: distinct alerts that name it.
    """

    id: str
    kind: str
    role: str
    internal: bool
    label: str
    members: tuple[int, ...]
    many: int
    severity: int
    alerts: int
    column: int
    row: int
    group: str


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """What one node did upon another. `lines`: numbers of the activities, each counted once."""

    id: str
    source: str
    target: str
    lines: tuple[int, ...]
    alerts: int
    severity: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes by column and row, edges in the order of their nodes.

    `alone`: lines that lead to no other node; with those of edges they are all lines.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    alone: tuple[int, ...]


def graph(dots: Sequence[Dot], lines: Sequence[Line], opened: Collection[str] = ()) -> Graph:
    """The graph with like neighbours folded, but those of the groups `opened`."""
    home: dict[int, str] = {}
    for coarse in (0, 1, 2):
        home = _homes(dots, lines, coarse)
        if len(set(home.values())) <= READABLE:
            break
    # How coarse is decided before anything is opened: opening one group folds no other anew.
    home = {number: f"n{number}" if name in opened else name for number, name in home.items()}
    edges, alone = _edges(lines, home)
    members: defaultdict[str, list[Dot]] = defaultdict(list)
    for dot in dots:
        members[home[dot.number]].append(dot)
    touched: defaultdict[str, set[int]] = defaultdict(set)
    for line in lines:
        for number in (line.actor, *line.objects):
            touched[home[number]].add(line.number)
    by_number = {line.number: line for line in lines}
    nodes = [
        _node(name, group, [by_number[n] for n in touched[name]]) for name, group in members.items()
    ]
    nodes += _acts(lines)
    return Graph(tuple(_placed(nodes, edges)), tuple(edges), tuple(alone))


def _homes(dots: Sequence[Dot], lines: Sequence[Line], coarse: int) -> dict[int, str]:
    """Node of each thing: alike is of one kind and role, with the same neighbours (or nearly)."""
    neighbours: defaultdict[int, set[tuple[bool, int]]] = defaultdict(set)
    for line in lines:
        for number in line.objects:
            neighbours[line.actor].add((True, number))
            neighbours[number].add((False, line.actor))
    groups: defaultdict[tuple[object, ...], list[Dot]] = defaultdict(list)
    for dot in dots:
        around = sorted(neighbours[dot.number])
        like: tuple[object, ...] = tuple(around) if coarse == 0 else tuple(around[:1])
        near = like if coarse < 2 else ()
        shape: tuple[object, ...] = (dot.kind, dot.internal, dot.role, near)
        groups[shape].append(dot)
    many = next(size for most, size in ALIKE if len(dots) <= most)
    home: dict[int, str] = {}
    for shape, group in groups.items():
        name = "g" + digest_id(repr(shape))[:12]
        fold = len(group) >= many
        for dot in group:
            home[dot.number] = name if fold else f"n{dot.number}"
    return home


def _edges(lines: Sequence[Line], home: Mapping[int, str]) -> tuple[list[GraphEdge], list[int]]:
    by_pair: defaultdict[tuple[str, str], list[Line]] = defaultdict(list)
    alone: list[int] = []
    for line in lines:
        source = home[line.actor]
        targets = dict.fromkeys(home[number] for number in line.objects)
        targets.pop(source, None)
        if not line.objects:
            targets[_act_of(line)] = None
        if not targets:
            alone.append(line.number)
        for target in targets:
            by_pair[source, target].append(line)
    edges = [
        GraphEdge(
            id="e" + digest_id(*pair)[:12],
            source=pair[0],
            target=pair[1],
            lines=tuple(line.number for line in group),
            alerts=sum(line.alerts for line in group),
            severity=max(line.severity for line in group),
            first=min(line.first for line in group),
            last=max(line.last for line in group),
        )
        for pair, group in sorted(by_pair.items())
    ]
    return edges, alone


def _act_of(line: Line) -> str:
    """The node of an act without object."""
    return "a" + digest_id(_tactic_of(line))[:12]


def _tactic_of(line: Line) -> str:
    return line.tactics[0] if line.tactics else ""


def _acts(lines: Sequence[Line]) -> list[GraphNode]:
    """A node for each tactic of the lines without objects; its label is the tactic, "" for none."""
    found: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if not line.objects:
            found[_tactic_of(line)].append(line)
    return [
        GraphNode(
            id=_act_of(mine[0]),
            kind=ACT,
            role=ACT,
            internal=False,
            label=tactic,
            members=(),
            many=1,
            severity=max(line.severity for line in mine),
            alerts=sum(line.alerts for line in mine),
            column=COLUMNS[ACT],
            row=0,
            group="",
        )
        for tactic, mine in sorted(found.items())
    ]


def _node(name: str, group: Sequence[Dot], lines: Iterable[Line]) -> GraphNode:
    found = list(lines)
    first = group[0]
    many = sum(dot.many for dot in group)
    single = len(group) == 1 and many == 1
    return GraphNode(
        id=name,
        kind=first.kind,
        role=first.role,
        internal=first.internal,
        label=first.label if single else "",
        members=tuple(dot.number for dot in group[:MEMBERS]),
        many=many,
        severity=max((line.severity for line in found), default=0),
        alerts=sum(line.alerts for line in found),
        column=COLUMNS.get(first.role, 2),
        row=0,
        group=name if len(group) > 1 else "",
    )


def _placed(nodes: Sequence[GraphNode], edges: Sequence[GraphEdge]) -> list[GraphNode]:
    """Rows within columns: near the neighbours in the columns before, the worst first among equals."""
    columns = {number: at for at, number in enumerate(sorted({node.column for node in nodes}))}
    neighbours: defaultdict[str, set[str]] = defaultdict(set)
    for edge in edges:
        neighbours[edge.source].add(edge.target)
        neighbours[edge.target].add(edge.source)
    row: dict[str, int] = {}
    placed: list[GraphNode] = []

    def rank(node: GraphNode) -> tuple[float, int, int, str, str]:
        known = [row[other] for other in neighbours[node.id] if other in row]
        middle = sum(known) / len(known) if known else float(len(nodes))
        return middle, -node.severity, -node.alerts, node.label, node.id

    for column, shown in columns.items():
        for at, node in enumerate(sorted((n for n in nodes if n.column == column), key=rank)):
            row[node.id] = at
            placed.append(replace(node, column=shown, row=at))
    return placed
