"""First intrusion: an office morning, and one workstation that follows a link.

Ground truth is what was played, written while it was played. The windows (`within`) are what a duty
analyst could be asked for, set before any detector was run on the capture.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from fengsui.clock import MINUTE, SECOND, from_iso
from fengsui.drill import Drill, Expectation, Injection
from fengsui.errors import InputError
from fengsui.ids import digest_id
from fengsui.text import Text
from playbooks.drills.intrusion.actors import Step, cast_actors
from playbooks.drills.intrusion.control import beacon, tunnel, upload
from playbooks.drills.intrusion.delivery import download, lure
from playbooks.drills.intrusion.inside import guess, lateral, scan
from playbooks.drills.scenario import Inventory, Progress
from playbooks.drills.traffic.district import NETWORKS, SYSTEMS, UNITS, district
from playbooks.drills.traffic.office import office
from playbooks.drills.traffic.operations import operations
from playbooks.drills.traffic.scene import Scene
from playbooks.drills.traffic.video import video

_MORNING: Final = from_iso("2026-03-10T00:40:00Z")  # a Tuesday, 08:40 in Beijing
_FULL_MINUTES: Final = 50

# Step: techniques played; techniques of an alert that would mean it; minutes an analyst may wait.
_TRUTH: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...], int]]] = {
    "lure": (
        ("T1566.002", "T1204.001"),
        ("T1566.002", "T1204.001", "T1189", "T1583.001"),
        10,
    ),
    "download": (
        ("T1105", "T1204.002"),
        ("T1105", "T1204.002", "T1036.008", "T1608.001"),
        5,
    ),
    "beacon": (
        ("T1071.001", "T1573.002"),
        ("T1071.001", "T1573.001", "T1573.002", "T1008", "T1132"),
        20,
    ),
    "scan": (("T1046",), ("T1046", "T1018", "T1135"), 5),
    "guessing": (
        ("T1110.001", "T1021", "T1078"),
        ("T1110.001", "T1110.003", "T1110.004", "T1021.001", "T1021.004", "T1078"),
        10,
    ),
    "lateral": (
        ("T1021.002", "T1569.002", "T1570"),
        ("T1021.002", "T1569.002", "T1570", "T1543.003"),
        10,
    ),
    "tunnel": (
        ("T1071.004", "T1572"),
        ("T1071.004", "T1572", "T1048.003", "T1132"),
        10,
    ),
    "upload": (
        ("T1041", "T1048.002"),
        ("T1041", "T1048.001", "T1048.002", "T1048.003", "T1567", "T1020", "T1030"),
        15,
    ),
}


@dataclass(frozen=True, slots=True)
class FirstIntrusion:
    """The scenario; shorter for tests, when the intruder does less of everything."""

    id: str = "first-intrusion"
    name: Text = field(default_factory=lambda: Text("drills.first_intrusion.name"))
    description: Text = field(default_factory=lambda: Text("drills.first_intrusion.description"))
    steps: int = len(_TRUTH)
    minutes: int = _FULL_MINUTES

    def plan(self, seed: int) -> Inventory:
        """Units, systems, networks and assets of the hosts that this seed gives."""
        return Inventory(UNITS, SYSTEMS, NETWORKS, tuple(district(seed).assets))

    def make(self, seed: int, folder: Path, on_progress: Progress) -> Drill:
        """Write the capture into `folder` and say what is in it.

        Raises:
            InputError: the folder cannot be written.
        """
        path = folder / f"{self.id}-{seed}.pcap"
        with _writing(path):
            folder.mkdir(parents=True, exist_ok=True)
            path.touch()
        scene = self._scene(seed)
        for percent, activity in ((0, office), (45, operations), (60, video)):
            on_progress(percent, 100)
            activity(scene)
        on_progress(75, 100)
        played = self._play(scene)
        with _writing(path):
            scene.wire.write(path, lambda done, total: on_progress(85 + 15 * done // total, 100))
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Drill(
            id=digest_id(self.id, seed, digest),
            scenario=self.id,
            seed=seed,
            capture=str(path),
            capture_sha256=digest,
            start=scene.start,
            end=scene.end,
            steps=tuple(_injection(name, step) for name, step in played.items()),
        )

    def _scene(self, seed: int) -> Scene:
        made = district(seed)
        scene = Scene(seed, made, (0, 0))
        late = scene.rng("morning").randrange(40 * 60) * SECOND
        start = _MORNING + late
        return Scene(seed, made, (start, start + self.minutes * MINUTE))

    def _play(self, scene: Scene) -> dict[str, Step]:
        """The intruder's morning: later steps keep their place, whatever the earlier ones took."""
        size = min(1.0, self.minutes / _FULL_MINUTES)
        span = scene.end - scene.start
        rng = scene.rng("timeline")

        def moment(share: float) -> int:
            return scene.start + int((share + rng.uniform(-0.012, 0.012)) * span)

        actors = cast_actors(scene)
        clicked = lure(scene, actors, moment(0.09))
        fetch = clicked.end + int(rng.uniform(20, 80) * size * SECOND)
        fetched = download(scene, actors, fetch)
        call = fetched.end + int(rng.uniform(25, 70) * size * SECOND)
        return {
            "lure": clicked,
            "download": fetched,
            "beacon": beacon(scene, actors, call),
            "scan": scan(scene, actors, moment(0.27), size),
            "guessing": guess(scene, actors, moment(0.38), size),
            "lateral": lateral(scene, actors, moment(0.54), size),
            "tunnel": tunnel(scene, actors, moment(0.68), size),
            "upload": upload(scene, actors, moment(0.85), size),
        }


@contextmanager
def _writing(path: Path) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(
            f"The drill's capture cannot be written: {error.strerror or error}",
            where=str(path),
            next="Give a folder with 100 MB of room that this user may write",
        ) from error


def _injection(name: str, step: Step) -> Injection:
    techniques, accepted, minutes = _TRUTH[name]
    return Injection(
        name=name,
        title=Text(f"drills.first_intrusion.{name}"),
        techniques=techniques,
        start=step.start,
        end=step.end,
        expect=Expectation(accepted, step.entities, minutes * MINUTE),
    )


SCENARIO = FirstIntrusion()
