"""Facts before acts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from playbooks.action import RefusedError
from playbooks.actions.confirm_facts import make


def test_it_counts_what_can_be_checked(incident, surround):
    values = make(surround(incident)).rehearse({}, 0).effect.values
    assert (values["host"], values["alerts"], values["events"]) == ("10.3.4.17", 1, 2)


def test_no_host_or_no_events_is_refused(incident, surround):
    with pytest.raises(RefusedError):
        make(surround(incident, [])).rehearse({}, 0)
    with pytest.raises(RefusedError):
        make(surround(replace(incident, alerts=("gone",)))).rehearse({}, 0)
