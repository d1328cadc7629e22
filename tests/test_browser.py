"""The results page in a real browser. Run by .ci/run: python -m pytest -m browser.

Chromium is the system's; nothing is downloaded. Left out of the plain test run because a
machine that only makes reports has no browser to drive.
"""

from __future__ import annotations

import shutil

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.browser
SIZES = {"desktop": (1280, 900), "phone": (375, 800)}
PAGES = ("staff/2025", "nagaokakyo/2019")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    assert program, "chromium is not installed; .ci/run installs it"
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(params=[(page, size) for page in PAGES for size in SIZES], ids="-".join)
def opened(request, browser, sample_reports):
    """Yield (playwright page, messages of the console, addresses asked for)."""
    name, size = request.param
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    messages, asked = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((sample_reports / "reports" / name / "public" / "index.html").as_uri())
    yield page, messages, asked
    context.close()


def test_the_page_opens_offline_and_nothing_is_wider_than_the_screen(opened):
    page, messages, asked = opened
    assert messages == []
    assert all(address.startswith("file:") for address in asked)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    broken = page.evaluate("Array.from(document.images).filter(i => !i.complete || !i.naturalWidth).map(i => i.src)")
    assert broken == []


def test_every_button_copies_its_section(opened):
    page, messages, _ = opened
    buttons = page.locator("button[data-copy]")
    assert buttons.count() >= 10
    for place in range(buttons.count()):
        button = buttons.nth(place)
        kind, section = button.get_attribute("data-copy"), button.get_attribute("data-from")
        button.click()
        copied = page.evaluate("navigator.clipboard.readText()")
        words = page.locator(f"#{section} .paste").first.inner_text().strip().splitlines()[0]
        assert words[:20] in copied
        assert ("<h2>" in copied or "<p>" in copied) is (kind == "source")
        assert 'class="' not in copied and "style=" not in copied and "data:" not in copied
    assert messages == []


def test_rich_text_carries_tables_with_scopes(opened):
    page, _, _ = opened
    page.locator("button[data-copy=rich][data-from=main]").click()
    html = page.evaluate(
        "navigator.clipboard.read().then(items => items[0].getType('text/html')).then(blob => blob.text())"
    )
    assert "<caption>" in html and 'scope="row"' in html and "<img" in html


def test_the_keyboard_reaches_every_button_and_focus_is_seen(opened):
    page, _, _ = opened
    for _ in range(3):
        page.keyboard.press("Tab")
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    assert page.evaluate("Array.from(document.querySelectorAll('button')).every(b => b.tabIndex === 0)")


def test_pictures_of_the_pages_are_kept_for_looking_at(opened, request):
    page, _, _ = opened
    folder = ROOT / "reports" / ".pictures"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{request.node.callspec.id.replace('/', '-')}.png"
    page.screenshot(path=target, full_page=True)
    assert target.stat().st_size > 10_000
