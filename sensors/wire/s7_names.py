"""S7comm's numbers by name, as ICS tools write them (Siemens has not published the protocol).

After the Wireshark dissector's documentation and the ICSNPP parser's log descriptions.
"""

from __future__ import annotations

from typing import Final

ROSCTR: Final = {1: "JOB", 2: "ACK", 3: "ACK-DATA", 7: "USERDATA"}
FUNCTIONS: Final = {
    0x00: "CPU Services", 0x04: "Read Variable", 0x05: "Write Variable", 0x1A: "Request Download",
    0x1B: "Download Block", 0x1C: "Download Ended", 0x1D: "Start Upload", 0x1E: "Upload",
    0x1F: "End Upload", 0x28: "PLC Control", 0x29: "PLC Stop", 0xF0: "Setup Communication",
}  # fmt: skip
GROUPS: Final = {
    0: "Mode Transition", 1: "Programmer Commands", 2: "Cyclic Services", 3: "Block Functions",
    4: "CPU Functions", 5: "Security", 6: "PBC", 7: "Time Functions", 15: "NC Programming",
}  # fmt: skip
SUBFUNCTIONS: Final = {
    (3, 1): "List Blocks", (3, 2): "List Blocks of Type", (3, 3): "Get Block Info",
    (4, 1): "Read SZL", (4, 2): "Message Service", (4, 3): "Transition to STOP",
    (5, 1): "Set PLC Session Password", (5, 2): "Clear PLC Session Password",
    (7, 1): "Read Clock", (7, 2): "Set Clock", (7, 3): "Read Clock (following)",
    (7, 4): "Set Clock",
}  # fmt: skip
ERRORS: Final = {
    0x81: "Application Relationship Error", 0x82: "Object Definition Error",
    0x83: "No Resources Available", 0x84: "Service Processing Error", 0x85: "Supplies Error",
    0x87: "Access Error",
}  # fmt: skip
AREAS: Final = {
    0x03: "SYS INFO", 0x05: "SYS FLAGS", 0x06: "ANALOG IN", 0x07: "ANALOG OUT", 0x1C: "C",
    0x1D: "T", 0x80: "P", 0x81: "I", 0x82: "Q", 0x83: "M", 0x84: "DB", 0x85: "DI", 0x86: "L",
}  # fmt: skip
