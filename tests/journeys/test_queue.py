"""The queue by keyboard: two incidents become one and are parted again, nothing is hidden below the line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsing import browsing, enter, opened, shot
from tests.journeys.conftest import Run, Up

pytestmark = pytest.mark.journey
ROWS = "table.dense tbody tr"


@pytest.fixture(scope="module")
def page(console: Up, fengsui: Run) -> Iterator[Page]:
    with browsing() as browser, opened(browser) as page:
        enter(page, console, fengsui)
        yield page


def test_merge_undo_split_undo(page: Page, console: Up, drill: Any) -> None:
    page.goto(f"{console.address}/queue")
    count = len(drill["incidents"])
    assert count >= 2
    expect(page.locator(ROWS)).to_have_count(count)

    for key in "jxjxm":
        page.keyboard.press(key)
    expect(page.locator(".ant-modal")).to_contain_text("合并为一个")
    shot(page, "41-queue-merge")
    page.keyboard.press("Control+Enter")
    expect(page.locator(ROWS)).to_have_count(count - 1)
    page.keyboard.press("u")
    expect(page.locator(ROWS)).to_have_count(count)

    page.goto(f"{console.address}/queue?sort=-score")
    expect(page.locator(ROWS)).to_have_count(count)
    page.keyboard.press("j")
    page.keyboard.press("d")
    boxes = page.locator(".ant-modal tbody .ant-checkbox-input")
    boxes.nth(0).check()
    boxes.nth(1).check()
    expect(page.locator(".ant-modal")).to_contain_text("拆出 2 条")
    shot(page, "42-queue-split")
    page.locator(".ant-modal .ant-btn-primary").click()
    expect(page.locator(ROWS)).to_have_count(count + 1)
    page.keyboard.press("u")
    expect(page.locator(ROWS)).to_have_count(count)

    page.goto(f"{console.address}/queue?sort=-score")
    expect(page.locator(ROWS)).to_have_count(count)
    for key in ("j", "o", "o"):
        page.keyboard.press(key)
    page.wait_for_url("**/incidents/**")
    page.goto(page.url.partition("?")[0] + "?tab=alerts")
    last = page.get_by_role("button", name="撤销并入").last
    last.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".ant-modal")).to_contain_text("共 1 条")
    page.keyboard.type("另一台设备")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("已成为单独的事件")).to_be_visible()
    shot(page, "44-incident-unjoined")
    page.keyboard.press("u")
    expect(page.get_by_text("撤销：已完成 1 条")).to_be_visible()
    page.goto(f"{console.address}/queue")
    expect(page.locator(ROWS)).to_have_count(count)

    page.goto(f"{console.address}/queue?tab=below")
    expect(page.get_by_text("未构成安全事件的告警").first).to_be_visible()
    shot(page, "43-queue-below")
