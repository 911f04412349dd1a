"""The situation page by keyboard, and the wall at 1080p and 4K: nothing overlaps, scrolls or is cut."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.browsing import SHOTS, browsing, enter, opened
from tests.journeys.conftest import Run, Up

pytestmark = pytest.mark.journey

VIEWS = ("overall", "assets", "weaknesses", "attacks", "incidents", "notices")

FAULTS = (Path(__file__).parent / "wall_faults.js").read_text("utf-8")


@pytest.fixture(scope="module")
def browser(console: Up) -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def page(browser: Browser, console: Up, fengsui: Run) -> Iterator[Page]:
    with opened(browser) as page:
        enter(page, console, fengsui)
        yield page


def test_nothing_live_reads_unknown_and_leads_to_the_drill(page: Page, drill: Any) -> None:
    expect(page.locator(".gauge .numeral").first).to_have_text("未知")
    page.locator(".notice a").click()
    page.wait_for_url(f"**run={drill['drill']}*")
    expect(page.get_by_text("演练数据，不是实际情况")).to_be_visible()
    expect(page.locator(".gauge.critical .numeral").first).to_be_visible()
    page.wait_for_timeout(500)
    page.screenshot(path=str(SHOTS / "21-situation.png"))


def test_a_gauge_opens_into_what_it_sums_by_keyboard(page: Page) -> None:
    page.keyboard.press("1")
    drawer = page.locator("aside.drawer")
    expect(drawer).to_be_visible()
    assert "open=threat" in page.url
    told = drawer.locator("ol.items .score").all_inner_texts()
    total = float(drawer.locator(".total .score").inner_text())
    assert abs(sum(map(float, told)) - total) < 0.05 * len(told) + 0.1
    page.screenshot(path=str(SHOTS / "22-situation-threat.png"))
    page.keyboard.press("Escape")
    expect(drawer).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**kind=unit*")


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (3840, 2160)])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_wall(
    page: Page, console: Up, drill: Any, width: int, height: int, language: str
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    for run in (drill["drill"], ""):
        for view in VIEWS:
            page.goto(f"{console.address}/wall?view={view}&run={run}&lang={language}&paused=1")
            expect(page.locator(".wall-grid")).to_be_visible()
            page.wait_for_timeout(900)
            assert page.evaluate(FAULTS) == [], (view, run)
            if run and width == 1920 and language == "zh":
                page.screenshot(path=str(SHOTS / f"wall-{view}.png"))


def test_the_wall_turns_by_itself_and_by_keyboard(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/wall?view=overall&views=overall,notices&seconds=5&lang=zh")
    expect(page.locator(".wall[data-view=overall]")).to_be_visible()
    expect(page.locator(".wall[data-view=notices]")).to_be_visible(timeout=20_000)
    page.keyboard.press(" ")
    expect(page.locator(".wall[data-paused]")).to_be_visible()
    before = page.locator(".wall").get_attribute("data-view")
    page.keyboard.press("ArrowRight")
    expect(page.locator(f".wall:not([data-view={before}])")).to_be_visible()
    page.keyboard.press("1")
    expect(page.locator(".wall[data-view=overall]")).to_be_visible()
    page.keyboard.press("Escape")
    page.wait_for_url("**/situation*")
