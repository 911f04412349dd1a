"""An analyst's way with rules in a real browser: list → guidance → a copy, wrong and mended → tried on
recent events → saved → back-tested → on trial → parked and back; then the coverage of ATT&CK.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.browsing import browsing, enter, opened, shot
from tests.journeys.conftest import Run, Up

pytestmark = pytest.mark.journey

RULE = "9937ff5a-43a9-4bfc-9253-d3991335e5ec"  # a program that is none, over HTTP: one of ours
ROWS = "table.dense tbody tr[aria-rowindex]"
CONDITION = "condition: selection"
TEXT = """title: Names Asked In This Drill
id: 0f6a2f3e-6a0b-4a56-9d0e-2f9d1c1d7a11
status: experimental
author: a journey
logsource:
    product: fengsui
    service: dns
taxonomy: ecs
detection:
    selection:
        dns.question.type: A
    condition: selection
level: low
title_zh: 本次演练查询的域名
"""


@pytest.fixture(scope="module")
def page(console: Up, fengsui: Run) -> Iterator[Page]:
    with browsing() as browser, opened(browser) as page:
        enter(page, console, fengsui)
        yield page


def give_reason(page: Page, reason: str) -> None:
    """Answer the dialog that asks why; it must go away."""
    page.get_by_role("textbox", name="理由").fill(reason)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("textbox", name="理由")).to_have_count(0)


def written(page: Page, text: str) -> None:
    """Replace the editor's text."""
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def test_the_list_is_filtered_by_keyboard_and_address(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/detections")
    expect(page.locator(ROWS).first).to_be_visible()
    page.get_by_role("button", name=re.compile("^命令与控制")).click()
    page.wait_for_url("**tactic=command-and-control*")
    page.keyboard.press("/")
    page.keyboard.type("T1071")
    page.keyboard.press("Enter")
    page.wait_for_url("**text=T1071*")
    expect(page.locator(ROWS).first).to_contain_text("T1071")
    address = page.url
    shot(page, "21-rules")
    page.goto(f"{console.address}/queue")
    page.goto(address)
    expect(page.locator(ROWS).first).to_contain_text("T1071")
    page.keyboard.press("j")
    page.keyboard.press("o")
    expect(page.locator("aside.drawer h2")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/detections/rules/*")


def test_a_rule_tells_what_to_do(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/detections/rules/{RULE}")
    for told in ("意味着什么", "通常无害的情形", "先查什么", "怎么处置"):
        expect(page.get_by_role("heading", name=told)).to_be_visible()
    shot(page, "22-rule")
    page.keyboard.press("]")
    page.wait_for_url("**tab=source*")
    expect(page.locator(".cm-content")).to_contain_text(RULE)
    shot(page, "23-rule-source")
    page.goto(f"{console.address}/detections/rules/{RULE}?tab=samples")
    expect(page.get_by_text("全部符合")).to_be_visible()


def test_a_copy_names_where_it_comes_from(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/detections/rules/{RULE}")
    expect(page.get_by_role("button", name="复制")).to_be_visible()
    page.keyboard.press("c")
    page.wait_for_url(re.compile(r"/detections/editor\?copy="))
    expect(page.locator(".cm-content")).to_contain_text("type: derived")
    expect(page.get_by_text("可以保存")).to_be_visible()


def test_what_is_wrong_stands_at_its_line(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/detections/editor")
    expect(page.locator(".cm-content")).to_be_visible()
    written(page, TEXT.replace(CONDITION, "condition: selection and nothing"))
    problem = page.locator(".problems button").first
    expect(problem).to_contain_text("nothing")
    line = 1 + TEXT.splitlines().index(f"    {CONDITION}")
    expect(problem).to_contain_text(re.compile(rf"^✕{line}:"))
    expect(page.locator(".cm-lint-marker-error")).to_have_count(1)
    expect(page.get_by_role("button", name="保存")).to_be_disabled()
    shot(page, "24-editor-problem")
    written(page, TEXT)
    expect(page.get_by_text("可以保存")).to_be_visible()
    expect(page.locator(".problems")).to_have_count(0)


def test_it_is_tried_before_it_is_saved(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.locator("aside .counts")).to_be_visible()
    expect(page.locator("aside .counts strong").first).not_to_have_text("0")
    shot(page, "25-editor-tried")
    page.keyboard.press("Control+s")
    give_reason(page, "看看谁在查询")
    page.wait_for_url("**/detections/rules/0f6a2f3e*")
    expect(page.get_by_role("heading", name="本次演练查询的域名")).to_be_visible()
    expect(page.locator("header .mark", has_text="草稿")).to_be_visible()


def test_it_is_back_tested(page: Page) -> None:
    page.get_by_role("status").get_by_role("button", name="回测").click()
    page.get_by_role("button", name="开始回测").click()
    expect(page.locator("section .counts strong").first).not_to_have_text("0")
    expect(page.locator("section h2 .mark", has_text="完成")).to_be_visible()
    page.locator("table[aria-label='命中的日志'] tbody tr").first.click()
    expect(page.locator("pre.sample-event")).to_contain_text("dns.question.type: A")
    shot(page, "26-back-test")


def test_it_goes_on_trial_is_parked_and_comes_back(page: Page) -> None:
    page.keyboard.press(".")
    page.get_by_role("menuitem", name="转为“试验”").click()
    give_reason(page, "回测良好")
    expect(page.locator("header .mark", has_text="试验")).to_be_visible()
    page.keyboard.press("p")
    give_reason(page, "太吵")
    expect(page.locator("header .mark", has_text="已停用")).to_be_visible()
    page.keyboard.press("u")
    expect(page.locator("header .mark", has_text="有效")).to_be_visible()
    page.goto(f"{page.url.split('?')[0]}?tab=history")
    expect(page.locator("table.dense")).to_contain_text("太吵")
    shot(page, "27-rule-history")


def test_a_second_version_is_compared_with_the_first(page: Page) -> None:
    page.keyboard.press("e")
    page.wait_for_url(re.compile(r"/detections/editor\?rule="))
    expect(page.locator(".cm-content")).to_contain_text("a journey")
    written(page, TEXT.replace("level: low", "level: medium"))
    expect(page.get_by_text("可以保存")).to_be_visible()
    page.keyboard.press("Control+s")
    give_reason(page, "更重一些")
    page.wait_for_url("**tab=versions*")
    expect(page.locator(".code-diff .cm-changedText").first).to_be_visible()
    shot(page, "28-versions")


def test_many_are_parked_at_once_and_taken_back(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/detections?text=dns&kind=sigma")
    expect(page.locator(ROWS).first).to_be_visible()
    for key in ("j", "x", "j", "x"):
        page.keyboard.press(key)
    expect(page.get_by_text("已选 2 条").first).to_be_visible()
    page.keyboard.press("p")
    give_reason(page, "检修")
    parked = page.locator(ROWS).locator(".mark", has_text="已停用")
    expect(parked).to_have_count(2)
    page.keyboard.press("u")
    expect(parked).to_have_count(0)


def test_the_coverage_map_opens_into_the_rules(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/detections/coverage")
    first = page.locator(".technique").first
    expect(first).to_be_visible()
    shot(page, "29-coverage")
    first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    named = page.locator(".technique:focus .mono").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**technique={named}*")
    page.goto(f"{console.address}/detections/coverage?view=table&only=none")
    expect(page.locator(ROWS).first).to_contain_text("无规则")


def test_packs_show_origin_and_licence(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/detections/packs")
    expect(page.get_by_text("烽燧自带").first).to_be_visible()
    shot(page, "30-packs")


def test_an_incident_says_what_to_check_first(page: Page, console: Up, drill: Any) -> None:
    worst = max(drill["incidents"], key=lambda incident: incident["score"])
    page.goto(f"{console.address}/incidents/{worst['id']}")
    expect(page.get_by_role("heading", name="先查什么")).to_be_visible()
    page.goto(f"{console.address}/incidents/{worst['id']}?tab=alerts")
    first = page.locator("article.alert-item").first
    expect(first).to_contain_text("规则作者")
    first.get_by_role("button", name="处置指引").click()
    expect(first.get_by_role("button", name="收起指引")).to_be_visible()
