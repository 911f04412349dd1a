"""A recorded database gives the findings that the live one gave; a changed record gives none."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from detections.compliance.assets.database.recorded import record_database
from detections.compliance.assets.judging import judge_asset
from detections.compliance.assets.reading import read_evidence
from fengsui.errors import InputError
from tests.detections.compliance.assets.database.conftest import Server


@pytest.mark.parametrize("engine", ["postgresql", "mariadb"])
def test_the_record_judges_as_the_server(
    engine: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    server: Server = request.getfixturevalue(engine)
    data = record_database(server.url, name="db-1")
    path = tmp_path / "db.json"
    path.write_bytes(data)
    recorded = read_evidence(path)
    live = read_evidence(server.url)
    assert (recorded.name, recorded.kind, recorded.level) == ("db-1", "database", "E1")
    assert recorded.collected
    assert recorded.problems == live.problems

    def shown(evidence: object) -> list[tuple[str, str, str]]:
        found = judge_asset(evidence)  # type: ignore[arg-type]
        return [(f.check.id, f.verdict.value, f.reason().render("en")) for f in found]

    # Sessions of the moment differ from one look to the next; all else is of the settings.
    assert [row[:2] for row in shown(recorded)] == [row[:2] for row in shown(live)]
    assert shown(recorded) == shown(read_evidence(path))
    body = orjson.loads(data)
    body["asset"] = "other"
    path.write_bytes(orjson.dumps(body))
    with pytest.raises(InputError) as caught:
        read_evidence(path)
    assert caught.value.code == "forged_record"
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(InputError):
        read_evidence(path)
