"""Keeping: what a worker keeps, from the folders that it gets at while it may to what it tells of them.

What cannot be kept is told and counted, and decoding goes on without it.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fengsui.errors import FengsuiError
from fengsui.loss import Losses
from sensors.files.keeping import FileStore
from sensors.live.kept import KeptFiles, KeptPackets, give_folder
from sensors.live.messages import Task

if TYPE_CHECKING:
    from sensors.keeping.keeper import Keeper

log = logging.getLogger(__name__)


class Keeping:
    """The keeper of packets and the store of files of one worker; nothing of both at first."""

    def __init__(self) -> None:
        self.keeper: Keeper | None = None
        self.store: FileStore | None = None
        self._begin: Callable[[], Keeper] | None = None
        self._given: dict[str, Any] = {}
        self._losses = Losses()

    def prepare(self, task: Task) -> None:
        """Get at folders and keys: needs the rights that are dropped afterwards."""
        if task.files is not None:
            try:
                self.store = _file_store(task.files, task.user, self._losses)
            except FengsuiError as error:
                log.error("Files cannot be kept", extra={"problem": error.as_json()})
                self._losses.add("files.unusable_folder")
        if task.packets is not None:
            given = task.packets
            self._given = {"writer": task.writer, "folder": given.folder}
            self._guarded(lambda: self._get_at(given, task))

    def _get_at(self, given: KeptPackets, task: Task) -> None:
        """Load keys and code, and be in the folder: its path may be closed to whom we become."""
        # A process that keeps no packets does without what they need: numba, some 100 MB.
        from sensors.keeping.keeper import Keeper  # noqa: PLC0415
        from sensors.keeping.passes import warm_up  # noqa: PLC0415
        from sensors.keeping.ring import Limits  # noqa: PLC0415
        from sensors.keeping.sealing import load_key, make_keyring  # noqa: PLC0415

        key = load_key(Path(given.key_file).expanduser()) if given.key_file else None
        old = make_keyring(load_key(Path(path).expanduser()) for path in given.old_key_files)
        warm_up()
        give_folder(Path(given.folder), task.user)
        os.chdir(given.folder)
        limits = Limits(given.size, given.age, given.segment, given.reserve)
        self._begin = lambda: Keeper(Path(), limits, key=key, old_keys=old, writer=task.writer)

    def start(self) -> None:
        """Begin to write: a thread, which has the rights of whoever starts it."""
        begin = self._begin
        if begin is not None:
            self._guarded(lambda: setattr(self, "keeper", begin()))

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
        except (FengsuiError, OSError) as error:
            problem = error.as_json() if isinstance(error, FengsuiError) else {"what": str(error)}
            log.error("Packets cannot be kept", extra={"problem": problem})
            self._given |= {"state": "failed", "why": problem["what"]}
            self._losses.add("packets.unusable_folder")

    def all_losses(self) -> Losses:
        """What was not kept, so far."""
        losses = Losses(self._losses.as_json())
        if self.keeper is not None:
            losses.merge(self.keeper.losses)
        return losses

    def status(self) -> dict[str, Any]:
        """Of packets: as the keeper tells, `failed` where there is none; nothing where none is wanted."""
        return (self.keeper.status() if self.keeper is not None else {}) | self._given

    def close(self) -> None:
        """Write what waits."""
        if self.keeper is not None:
            self.keeper.close()


def _file_store(given: KeptFiles, user: str, losses: Losses) -> FileStore:
    folder = Path(given.folder)
    give_folder(folder, user)
    return FileStore(folder, given.types, most=given.most, most_each=given.most_each, losses=losses)
