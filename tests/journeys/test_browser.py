"""An analyst's way through the console in a real browser: login → queue → incident → flow → packets →
hunt → compliance → drill. Screenshots are kept in `screenshots/`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsing import (
    PASSWORD,
    browsing,
    change,
    one_time_password,
    opened,
    shot,
)
from tests.journeys.conftest import Run, Up

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def page(console: Up) -> Iterator[Page]:
    with browsing() as browser, opened(browser) as page:
        yield page


def test_login_with_the_one_time_password(page: Page, console: Up, fengsui: Run) -> None:
    once = one_time_password(fengsui, console.home)
    page.goto(console.address)
    page.locator("#name").fill("admin")
    page.locator("#password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert").first).to_be_visible()
    shot(page, "01-login")
    page.locator("#password").fill(once)
    page.keyboard.press("Enter")
    change(page, once, PASSWORD)


def test_the_queue_by_keyboard(page: Page, console: Up, drill: Any) -> None:
    page.goto(f"{console.address}/queue")
    expect(page.locator("table.dense tbody tr")).to_have_count(len(drill["incidents"]))
    shot(page, "02-queue")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("aside.drawer")).to_be_visible()
    shot(page, "03-queue-drawer")
    page.keyboard.press("?")
    shot(page, "04-keys")
    page.keyboard.press("Escape")


def test_the_incident_explains_itself(page: Page, console: Up, drill: Any) -> None:
    worst = max(drill["incidents"], key=lambda incident: incident["score"])
    page.goto(f"{console.address}/incidents/{worst['id']}")
    expect(page.get_by_text(worst["title"]["zh"]).first).to_be_visible()
    shot(page, "05-incident")
    for tab, name in (
        ("alerts", "06-incident-alerts"),
        ("graph", "06-incident-graph"),
        ("history", "06-incident-history"),
        ("playbooks", "07-incident-playbooks"),
    ):
        page.goto(f"{console.address}/incidents/{worst['id']}?tab={tab}")
        shot(page, name)


def focused(page: Page) -> str:
    """What the element that has the keyboard says of itself."""
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def test_story_and_graph_by_keyboard(page: Page, console: Up, drill: Any) -> None:
    worst = max(drill["incidents"], key=lambda incident: incident["score"])
    drawer = page.locator("aside.drawer article.alert-item")
    page.goto(f"{console.address}/incidents/{worst['id']}")
    expect(page.locator("ol.paragraph li").first).to_contain_text("条告警")
    for key in ("j", "j", "o"):
        page.keyboard.press(key)
    expect(drawer.first).to_be_visible()
    page.wait_for_url("**pick=t*")
    shot(page, "31-incident-story-alerts")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)

    page.locator(".time-bars").focus()
    for key in ("ArrowRight", "ArrowRight", *["Shift+ArrowRight"] * 9, "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**time=1-10*")
    expect(page.get_by_role("button", name="看全部时间")).to_be_visible()
    page.locator(".time-bars").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="看全部时间")).to_have_count(0)

    page.keyboard.press("]")
    page.wait_for_url("**tab=graph*")
    page.locator(".attack-graph [tabindex='0']").focus()
    node = focused(page)
    page.keyboard.press("ArrowRight")
    assert focused(page).startswith(node.split("，")[0])  # an act of that node
    page.keyboard.press("Enter")
    expect(drawer.first).to_be_visible()
    page.wait_for_url("**pick=e*")
    shot(page, "32-incident-graph-alerts")
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)

    page.goto(f"{console.address}/incidents/{worst['id']}?tab=graph&view=table")
    expect(page.locator("table.dense tbody tr").first).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(drawer.first).to_be_visible()
    page.keyboard.press("Escape")
    page.locator(".stage-row button").first.press("Enter")
    page.wait_for_url("**tactic=*")
    shot(page, "33-incident-graph-table")


def test_a_playbook_is_rehearsed_and_approved(page: Page, console: Up, drill: Any) -> None:
    worst = max(drill["incidents"], key=lambda incident: incident["score"])
    page.goto(f"{console.address}/incidents/{worst['id']}?tab=playbooks")
    page.get_by_role("button", name="预演").first.click()
    page.get_by_role("button", name="批准").first.click()
    shot(page, "08-playbook-approve")
    expect(page.get_by_text("撤销").first).to_be_visible()


def test_flow_and_packets(page: Page, console: Up, fengsui: Run) -> None:
    found = fengsui(
        "hunt",
        "event.dataset:http AND http.request.method:GET",
        "--limit",
        "1",
        "--json",
        home=console.home,
    ).json
    page.goto(f"{console.address}/flows/{found['events'][0]['zeek.session_id']}")
    shot(page, "09-flow")
    page.goto(f"{page.url}?tab=packets")
    if shutil.which("tshark"):
        expect(page.locator("table.dense tbody tr").first).to_be_visible()
        page.locator("table.dense tbody tr").nth(3).click()
        expect(page.get_by_text("Transmission Control Protocol").first).to_be_visible()
    else:
        expect(page.get_by_text("tshark").first).to_be_visible()
    shot(page, "10-packets")


def test_hunt_keeps_its_state_in_the_address(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/hunt")
    page.locator("input[role=combobox]").click()
    page.keyboard.type("event.dataset:dns AND dns.question.type:TXT")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    expect(page.locator("table.dense tbody tr").first).to_be_visible()
    shot(page, "11-hunt")
    address = page.url
    page.goto(f"{console.address}/queue")
    page.goto(address)
    expect(page.locator("table.dense tbody tr").first).to_be_visible()
    page.goto(f"{console.address}/hunt?q=source.ip%3A(")
    shot(page, "12-hunt-error")


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("compliance", "13-compliance"),
        ("drills", "14-drills"),
        ("detections", "16-detections"),
        ("assets", "17-assets"),
        ("system/health", "18-health"),
        ("playbooks", "19-playbooks"),
    ],
)
def test_other_pages_open(page: Page, console: Up, path: str, name: str) -> None:
    page.goto(f"{console.address}/{path}")
    expect(page.locator("nav.rail")).to_be_visible()
    shot(page, name)


def test_the_scorecard(page: Page, console: Up, drill: Any) -> None:
    page.goto(f"{console.address}/drills/{drill['drill']}")
    for step in drill["steps"]:
        expect(page.get_by_text(step["title"]["zh"]).first).to_be_visible()
    shot(page, "15-scorecard")


def test_english_at_once(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/queue")
    page.get_by_label("用户菜单").click()
    page.get_by_text("English", exact=True).click()
    expect(page.get_by_text("Queue").first).to_be_visible()
    shot(page, "20-queue-english")
    page.get_by_label("User menu").click()
    page.get_by_text("中文", exact=True).click()
