"""Every parser of the shelf under mutated conversations: a short part of `make fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sensors.shelf import all_protocols
from tests.sensors.protocols.talk_mutants import Fuzz, grows
from tests.sensors.protocols.talks import spoken

# Carried only beside another protocol, which their own tests hold.
BESIDE = {"ftp_data", "irc_data", "nbss", "syslog"}


NAMES = sorted({talk.protocol for talk in spoken()})


def test_every_protocol_has_a_conversation() -> None:
    assert set(all_protocols()) - BESIDE <= set(NAMES)


@pytest.mark.parametrize("protocol", NAMES)
def test_mutants_break_no_law(tmp_path: Path, protocol: str) -> None:
    fuzz = Fuzz([talk for talk in spoken() if talk.protocol == protocol], 3, tmp_path)
    for _ in range(80):
        fuzz.step()
    assert fuzz.broken == []


@pytest.mark.parametrize("protocol", NAMES)
def test_no_parser_grows_with_its_flow(protocol: str) -> None:
    shelf = all_protocols()
    for talk in spoken():
        if talk.protocol == protocol:
            assert grows(talk, shelf, 120) == []
