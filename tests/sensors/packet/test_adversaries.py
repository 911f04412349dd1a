"""What is made to be slow is not: time grows with the bytes, and memory does not grow at all."""

from __future__ import annotations

import io
import time

import pytest

from tests.sensors.packet.adversaries import CASES, capture
from tests.sensors.packet.judging import Run

BASE = 1.0  # seconds of processor
A_PACKET = 100e-6
A_BYTE = 4e-6


@pytest.mark.parametrize("case", CASES)
def test_time_grows_with_the_bytes_only(case: str) -> None:
    data, packets = capture(case)
    begun = time.process_time()
    run = Run(io.BytesIO(data))
    seconds = time.process_time() - begun
    assert run.faults(every=50) == []
    assert not run.refused
    assert seconds < BASE + packets * A_PACKET + len(data) * A_BYTE
    assert not [name for name in run.sensor.summary.losses.as_json() if "parser_error" in name]
