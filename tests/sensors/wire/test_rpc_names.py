from __future__ import annotations

import csv
import uuid
from pathlib import Path

from sensors.wire import rpc_names

TABLE = Path(rpc_names.__file__).with_name("rpc_interfaces.csv")


def test_the_table_is_sound() -> None:
    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    names = [row["uuid"] for row in rows]
    assert len(names) == len(set(names))
    for row in rows:
        assert str(uuid.UUID(row["uuid"])) == row["uuid"]
        assert row["endpoint"]
        last = -1
        for word in row["operations"].split():
            if word.startswith("@"):
                assert int(word[1:]) > last
                last = int(word[1:])


def test_names() -> None:
    drsuapi = "e3514235-4b06-11d1-ab04-00c04fc2dcd2"
    assert rpc_names.endpoint(drsuapi) == "drsuapi"
    assert rpc_names.operation(drsuapi, 3) == "DRSGetNCChanges"
    assert rpc_names.operation("9556dc99-828c-11cf-a37e-00aa003240c7", 24) == "ExecMethod"
    assert rpc_names.operation(drsuapi, 999) == "unknown-999"
    assert rpc_names.endpoint("0" * 8) == "unknown-00000000"
    assert rpc_names.of_pipe("\\PIPE\\svcctl") == "367abb81-9844-35f1-ad32-98f038001003"
    assert rpc_names.of_pipe("other") == ""
