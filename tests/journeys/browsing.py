"""Chromium as an analyst at a laptop sees it; a page on which a script broke fails its journey."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.journeys.conftest import CHROMIUM, Run, Up

SHOTS = Path(__file__).resolve().parents[2] / "screenshots"
PASSWORD = "a-password-for-one-journey"
PATIENCE = 60_000  # ms: a slow machine is no fault of the pages


@contextmanager
def browsing() -> Iterator[Browser]:
    """Chromium without a window."""
    SHOTS.mkdir(exist_ok=True)
    expect.set_options(timeout=PATIENCE)
    words = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    words.append("--disable-background-networking")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=words)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser) -> Iterator[Page]:
    """An empty page of 1366 × 768 in Chinese; no script on it may have failed at its end."""
    page = browser.new_page(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()
    assert not problems


def shot(page: Page, name: str) -> None:
    page.wait_for_load_state("load")
    page.wait_for_timeout(600)
    page.screenshot(path=str(SHOTS / f"{name}.png"))


def one_time_password(fengsui: Run, home: Path) -> str:
    done = fengsui("users", "reset", "admin", home=home)
    assert done.status == 0, done.err
    return done.out.split()[-1]


def enter(page: Page, console: Up, fengsui: Run, password: str = PASSWORD) -> None:
    """Logs in with a new one-time password and sets `password`; each visit needs another one."""
    once = one_time_password(fengsui, console.home)
    page.goto(console.address)
    page.locator("#name").fill("admin")
    page.locator("#password").fill(once)
    page.keyboard.press("Enter")
    change(page, once, password)


def change(page: Page, once: str, password: str) -> None:
    """The form that a one-time password leads to, up to the first page behind it."""
    page.locator("#old").fill(once)
    page.locator("#new").fill(password)
    page.locator("#again").fill(password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/situation*")
