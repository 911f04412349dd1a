"""Weak signs: alone they say nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fengsui.alert import Alert
from fengsui.severity import Severity

Feed = Callable[..., list[Alert]]
PROGRAM = {"http_response_mime_type": "application/x-dosexec", "url_path": "/setup.exe"}


def test_one_sign_alone_is_none(make, feed: Feed) -> None:
    assert not feed("infection", [make.http(0, **PROGRAM)])
    assert not feed("infection", [make.http(n, user_agent_original=None) for n in range(9)])
    assert not feed("infection", [make.tls(n, "") for n in range(50)])


def test_signs_together(make, feed: Feed) -> None:
    events = [
        make.http(0, user_agent_original=None, **PROGRAM),
        make.http(60, url_domain="api.ipify.org"),
    ]
    [alert] = feed("infection", events)
    assert alert.reason.key == "anomaly.infection.executable"
    assert {"executable", "agentless"} <= {fact.name for fact in alert.facts}


def test_strong_signs_are_high(make, feed: Feed) -> None:
    names = {"http_response_headers_content_type": "image/png", "url_path": "/a.png"}
    event = make.http(0, url_domain="198.51.100.7", user_agent_original=None, **(PROGRAM | names))
    assert feed("infection", [event])[0].severity == Severity.HIGH


def test_signs_far_apart_do_not_meet(make, feed: Feed) -> None:
    events = [
        make.http(0, **PROGRAM),
        make.http(4000, user_agent_original=None),
        make.http(8000, url_domain="api.ipify.org"),
    ]
    assert not feed("infection", events)


def test_certificate_status_is_routine(make, feed: Feed) -> None:
    events = [
        make.http(
            n,
            url_domain=None,
            user_agent_original=None,
            http_request_method="POST",
            http_request_mime_type="application/ocsp-request",
        )
        for n in range(20)
    ]
    assert not feed("infection", events)


def test_updates_are_routine(make, feed: Feed) -> None:
    events = [
        make.http(n, url_domain="dl.windowsupdate.com", user_agent_original=None, **PROGRAM)
        for n in range(20)
    ]
    assert not feed("infection", events)


def test_cut_head_is_no_sign(make, feed: Feed) -> None:
    event = make.http(
        0,
        url_domain=None,
        user_agent_original=None,
        http_request_method="POST",
        fengsui_parse="cut",
    )
    assert not feed("infection", [event])


@pytest.mark.parametrize("servers", [3, 5])
def test_one_path_on_many_servers(make, feed: Feed, servers: int) -> None:
    events = [
        make.http(60 * n, url_domain=f"shop{n}.example", url_path="/iz/", user_agent_original=None)
        for n in range(servers)
    ]
    assert bool(feed("infection", events)) == (servers >= 4)
