"""The zone lines that would be added."""

from __future__ import annotations

import pytest

from fengsui.alert import Entity
from fengsui.clock import SECOND
from playbooks.action import RefusedError
from playbooks.actions.dns_sinkhole import make

NOW = 1_790_000_000 * SECOND


def test_the_zone_covers_the_name_and_all_below(incident, surround):
    effect = make(surround(incident)).rehearse({}, NOW)
    assert effect.effect.values["zone"] == (
        "$ORIGIN rpz.fengsui.\nevil.example 60 IN CNAME .\n*.evil.example 60 IN CNAME ."
    )
    assert "update delete *.evil.example.rpz.fengsui. CNAME" in effect.undo.render("en")


def test_nothing_to_close_is_skipped(incident, surround):
    assert make(surround(incident, [])).rehearse({}, NOW).skipped


@pytest.mark.parametrize(
    "value",
    [
        "evil.example. IN A 1.2.3.4",
        "a\n@ IN NS x.example",
        "gov.cn",
        "a..example",
        "中.example",
        "com",
    ],
)
def test_no_name_that_could_write_into_the_zone(incident, surround, value):
    with pytest.raises(RefusedError):
        make(surround(incident, [Entity("domain", value, "c2")])).rehearse({}, NOW)
