"""A compliance officer in a browser: matrix → system → failed item → fact → repair → re-check → report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from console.compliance.demonstration import SAMPLES
from tests.journeys.browsing import browsing, enter, opened, shot
from tests.journeys.conftest import Run, Up, chromium_or_skip, running

pytestmark = pytest.mark.journey
FAULTY = SAMPLES / "core-switch.cfg"
TELNET = "\ntelnet server enable"


@pytest.fixture(scope="module")
def console(fengsui: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """An installation with one filed system and a switch that lets Telnet in."""
    chromium_or_skip()
    home = tmp_path_factory.mktemp("year") / "home"
    for words in (
        (
            "add",
            "portal",
            "--name",
            "区政务门户",
            "--unit",
            "大数据中心",
            "--profile",
            "S3A3",
            "--set",
            "assessed=2026-01-10",
        ),
        ("bring", "portal", str(FAULTY)),
        ("run", "portal"),
    ):
        done = fengsui("system", *words, home=home)
        assert done.status == 0, done.err
    with running(home) as up:
        yield up


@pytest.fixture(scope="module")
def page(console: Up, fengsui: Run) -> Iterator[Page]:
    with browsing() as browser, opened(browser) as page:
        enter(page, console, fengsui)
        yield page


def test_the_matrix_leads_to_the_system_by_keyboard(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/compliance")
    expect(page.get_by_role("link", name="区政务门户", exact=True)).to_be_visible()
    shot(page, "40-systems")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="区政务门户")).to_be_visible()
    expect(page.get_by_text("2025 版报告模板")).to_be_visible()
    shot(page, "41-system")


def test_a_failed_item_is_followed_to_its_fact_and_given_out(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/compliance/systems/portal?tab=items&unit=L3-CES1-03")
    card = page.locator("[data-check=device_remote_management]")
    expect(card.get_by_text("core-switch.cfg:", exact=False).first).to_be_visible()
    expect(card.get_by_text("Telnet", exact=False).first).to_be_visible()
    shot(page, "42-item")
    card.get_by_role("button", name="下达整改").click()
    form = card.locator("form")
    form.locator("input").first.fill("网络运维组")
    form.get_by_role("button", name="下达整改").click()
    expect(page.locator("[data-task]").get_by_text("网络运维组", exact=False).first).to_be_visible()


def test_what_is_mended_is_closed_by_the_same_check(
    page: Page, console: Up, tmp_path: Path
) -> None:
    mended = tmp_path / "core-switch.cfg"
    text = FAULTY.read_text("utf-8").replace(TELNET, "\nundo telnet server enable")
    text = text.replace("snmp-agent community read cipher %^%#sample%^%#\n", "")
    mended.write_text(text.replace("sys-info version v2c", "sys-info version v3"), "utf-8")
    page.goto(f"{console.address}/compliance/systems/portal?tab=evidence")
    page.locator("input[type=file]").set_input_files(str(mended))
    page.goto(f"{console.address}/compliance/systems/portal?tab=tasks")
    expect(page.get_by_text("已销号")).to_be_visible(timeout=120_000)
    expect(page.get_by_text("复测通过")).to_be_visible()
    shot(page, "44-repairs")
    page.goto(f"{console.address}/compliance/systems/portal?tab=runs")
    expect(page.get_by_text("变更触发").first).to_be_visible()
    shot(page, "43-runs")


def test_the_report_is_downloaded(page: Page, console: Up, tmp_path: Path) -> None:
    page.goto(f"{console.address}/compliance/systems/portal")
    page.get_by_role("button", name="下载文书").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="等级测评报告草稿（Word）").click()
    target = tmp_path / "report.docx"
    download.value.save_as(target)
    assert target.read_bytes()[:2] == b"PK"


def test_a_register_is_kept_by_keyboard(page: Page, console: Up) -> None:
    page.goto(f"{console.address}/compliance/systems/portal?tab=registers")
    page.get_by_role("button", name="增加一行").first.click()
    page.get_by_label("账号 1").fill("zhangsan")
    page.get_by_label("终止时间 1").fill("上周")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("第 1 行“终止时间”未填写或格式不对")).to_be_visible()
    page.get_by_label("终止时间 1").fill("2026-10-30")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 行 · 有效")).to_be_visible()
    shot(page, "45-registers")


def test_what_a_person_saw_is_signed_with_its_document(
    page: Page, console: Up, tmp_path: Path
) -> None:
    photo = tmp_path / "门禁记录.txt"
    photo.write_text("2026-11-20 09:12 刷卡 李四")
    page.goto(f"{console.address}/compliance/systems/portal?tab=items&unit=L3-PES1-03")
    page.get_by_role("button", name="登记步骤记录").click()
    form = page.locator("form.panel")
    page.keyboard.type("机房门口查看电子门禁，刷卡有记录")
    form.locator("input[type=file]").set_input_files(photo)
    expect(form.get_by_text("门禁记录.txt")).to_be_visible()
    shot(page, "46-form")
    form.locator("button[type=submit]").click()
    expect(form).to_have_count(0)
    expect(page.get_by_text("机房门口查看电子门禁", exact=False).first).to_be_visible()
    shot(page, "47-signed")
