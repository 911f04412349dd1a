"""What would be kept."""

from __future__ import annotations

import hashlib

from playbooks.actions.collect_evidence import evidence_query, make


def test_count_query_and_hash(incident, surround):
    values = make(surround(incident, count=7)).rehearse({}, 0).effect.values
    assert values["events"] == 7
    assert values["hash"] == hashlib.sha256(b"e1\ne2").hexdigest()
    assert values["query"] == 'source.ip:("10.3.4.17") OR destination.ip:("10.3.4.17")'


def test_both_stacks_are_asked_for():
    assert '"2001:db8::1"' in evidence_query(["10.0.0.1", "2001:db8::1"])
