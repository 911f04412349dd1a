"""What the sensor role keeps beside events: recent packets of interfaces and of followed captures, and
carried files that the settings name. Replays and drills leave no packets: their captures are kept.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from console.packets import make_keeper, packet_limits
from console.wiring import make_file_store
from fengsui.clock import to_iso
from fengsui.errors import FengsuiError
from fengsui.loss import Losses
from fengsui.settings import Settings
from sensors.keeping.captures import KeptStream, keep_capture
from sensors.keeping.segments import list_segments, size_of
from sensors.live.growing import GrowingFile
from sensors.live.kept import KeptFiles, KeptPackets, writer_name

log = logging.getLogger(__name__)

_LOOK: Final = 10.0  # seconds between looks at how much is kept
_COMPRESSED: Final = (b"\x1f\x8b", b"\x28\xb5")


def kept_packets(settings: Settings) -> KeptPackets | None:
    """What capture workers are told of the packet store; None where no packets are to be kept."""
    given = settings.packets
    if not given.keep:
        return None
    limits = packet_limits(settings)
    return KeptPackets(
        str(settings.packets_folder.absolute()),
        limits.size,
        limits.age,
        limits.segment,
        limits.reserve,
        given.key_file,
        list(given.old_key_files),
    )


def kept_files(settings: Settings) -> KeptFiles | None:
    """What capture workers are told of the folder of carried files; None where none is kept."""
    given = settings.files
    if not given.kept_types:
        return None
    return KeptFiles(
        str(settings.files_folder.absolute()),
        list(given.kept_types),
        given.max_megabytes << 20,
        given.max_file_megabytes << 20,
    )


class SensorKeeping:
    """The store of files and the keeper of packets of the sensor's own process.

    Raises:
        SettingsError, StoreError: a folder or key of the settings cannot be used.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._losses = Losses()
        self.hashes = tuple(settings.files.hashes)
        self.files = make_file_store(settings, self._losses)
        self._writer = writer_name(settings.sensor.name, "files")
        self._keeper = make_keeper(settings, self._writer)
        self._looked = 0.0
        self._held: dict[str, Any] = {}

    def whole(self, path: Path) -> None:
        """Keep the packets of a capture that was read."""
        if self._keeper is None:
            return
        try:
            keep_capture(self._keeper, path)
        except (FengsuiError, OSError):
            log.exception("Packets of a capture are not kept to its end")
            self._losses.add("packets.unkept_captures")

    def beside(self, growing: GrowingFile, path: Path, taken: int) -> BinaryIO:
        """A growing capture as a stream whose packets are kept as it is read.

        One that is compressed while it grows is not kept, counted.

        Args:
            growing: the capture, from its beginning.
            path: of it.
            taken: bytes at its beginning that were read before.
        """
        stream = cast("BinaryIO", growing)
        if self._keeper is None:
            return stream
        with path.open("rb") as file:
            compressed = file.read(2) in _COMPRESSED
        if compressed:
            self._losses.add("packets.unkept_captures")
            return stream
        return cast("BinaryIO", KeptStream(stream, self._keeper, path.name, taken))

    @property
    def losses(self) -> Losses:
        """What was not kept here, so far."""
        losses = Losses(self._losses.as_json())
        if self._keeper is not None:
            losses.merge(self._keeper.losses)
        return losses

    def report(self, live: list[dict[str, Any]]) -> dict[str, Any]:
        """For the sensor's report: each writer of packets, and what they hold together.

        Args:
            live: what the workers of interfaces have told.
        """
        if self._keeper is None:
            return {"packets": [], "packet_store": None}
        own = self._keeper.status() | {"writer": self._writer, "interface": ""}
        if time.monotonic() - self._looked > _LOOK or not self._held:
            self._looked = time.monotonic()
            self._held = self._look()
        return {"packets": [own, *live], "packet_store": self._held}

    def _look(self) -> dict[str, Any]:
        given = self._settings.packets
        document: dict[str, Any] = {
            "folder": str(self._settings.packets_folder),
            "max_bytes": int(given.max_gigabytes * 1e9),
            "max_hours": given.max_hours,
            "sealed": bool(given.key_file),
        }
        try:
            segments = list_segments(self._settings.packets_folder)
            oldest = to_iso(segments[0].opened) if segments else None
            size = sum(size_of(segment) for segment in segments)
        except OSError:
            return document | {"segments": 0, "bytes": 0, "oldest": None}
        return document | {"segments": len(segments), "bytes": size, "oldest": oldest}

    def close(self) -> None:
        """Write what waits."""
        if self._keeper is not None:
            self._keeper.close()
