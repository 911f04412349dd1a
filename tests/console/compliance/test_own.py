"""Fengsui's own self-check: gaps are findings, and the program alone never says "conforms"."""

from __future__ import annotations

from dataclasses import replace

import pytest

from console.compliance.own import OWN_UNITS, own_findings
from console.wiring import Stores
from detections.compliance.profile.items import item_of
from fengsui.control import Conformity
from fengsui.settings import Settings
from fengsui.store.state import User
from tests.console.compliance.conftest import NOW


def found(settings: Settings, stores: Stores) -> dict[str, dict[str, bool | None]]:
    findings = own_findings(settings, stores.state, NOW)
    assert all(each.verdict is not Conformity.CONFORMS for each in findings)
    assert {each.check.unit for each in findings} == OWN_UNITS
    for each in findings:
        item_of(each.check.unit)
        assert "own." not in each.reason().render("zh") + each.reason().render("en")
    return {each.check.unit: {step.name: step.state for step in each.steps} for each in findings}


def test_gaps_are_named(settings: Settings, stores: Stores) -> None:
    steps = found(settings, stores)
    gaps = {name for each in steps.values() for name, state in each.items() if state is False}
    assert gaps == {"rotation", "idle", "factors", "audit_backup", "encrypted"}


@pytest.mark.parametrize(
    ("host", "state"), [("127.0.0.1", True), ("::1", True), ("0.0.0.0", False)]
)
def test_a_console_that_others_reach_by_http_fails(
    settings: Settings, stores: Stores, host: str, state: bool
) -> None:
    open_to = settings.model_copy(
        update={"console": settings.console.model_copy(update={"host": host})}
    )
    assert found(open_to, stores)["L3-CES1-03"]["remote"] is state


def test_roles_of_people_and_the_chain(settings: Settings, stores: Stores) -> None:
    assert found(settings, stores)["L3-SMC1-03"]["auditor"] is None
    both = User("ann", ("auditor", "system_admin"), "hash")
    stores.state.put_user(both)
    stores.state.audit("ann", "something")
    steps = found(settings, stores)
    assert (steps["L3-SMC1-03"]["auditor"], steps["L3-CES1-08"]["roles"]) == (True, False)
    assert steps["L3-CES1-12"]["chain"] is True
    stores.state.put_user(replace(both, disabled=True))
    assert found(settings, stores)["L3-CES1-08"]["roles"] is True


def test_a_folder_that_others_read_fails(settings: Settings, stores: Stores) -> None:
    settings.home.chmod(0o755)
    assert found(settings, stores)["L3-CES1-10"]["folder"] is False
    settings.home.chmod(0o700)
    assert found(settings, stores)["L3-CES1-10"]["folder"] is True
