"""What a file is, told without loading what reads it."""

from __future__ import annotations

import subprocess
import sys


def test_reading_alerts_does_not_load_the_packet_sensor() -> None:
    code = "import sensors.alerts.reader, sys; print('sensors.packet.capture' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "False"
