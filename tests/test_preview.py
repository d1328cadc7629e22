"""preview opens what lies there and makes nothing."""

from __future__ import annotations

import webbrowser

import pytest

from pipeline.__main__ import main
from tests.conftest import copy_survey


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace with definitions and no page, on a machine with a screen."""
    monkeypatch.setenv("DISPLAY", ":0")
    return copy_survey("nagaokakyo", tmp_path / "workspace")


@pytest.fixture
def addresses(monkeypatch):
    """What the browser was asked to open."""
    opened = []
    monkeypatch.setattr(webbrowser, "open", lambda address: opened.append(address) or True)
    return opened


def _page(workspace, wave):
    page = workspace / "reports" / "nagaokakyo" / wave / "public" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<!DOCTYPE html>", encoding="utf-8")
    return page


def _files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_newest_page_is_opened_and_nothing_is_made(workspace, addresses, capsys):
    _page(workspace, "2017")
    newest = _page(workspace, "2019")
    before = _files(workspace)
    assert main(["preview", "--root", str(workspace)]) == 0
    assert addresses == [newest.as_uri()]
    assert "reports/nagaokakyo/2019/public/index.html" in capsys.readouterr().out
    assert _files(workspace) == before


def test_an_older_page_is_opened_where_the_newest_wave_has_none(workspace, addresses):
    older = _page(workspace, "2017")
    assert main(["preview", "nagaokakyo", "--root", str(workspace)]) == 0
    assert addresses == [older.as_uri()]


def test_without_a_screen_the_page_is_named(workspace, addresses, monkeypatch, capsys):
    _page(workspace, "2019")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    assert main(["preview", "--root", str(workspace)]) == 0
    assert addresses == []
    assert (
        "次のファイルを開いてください: reports/nagaokakyo/2019/public/index.html" in capsys.readouterr().out
    )


def test_without_a_browser_the_page_is_named(workspace, monkeypatch, capsys):
    _page(workspace, "2019")
    monkeypatch.setattr(webbrowser, "open", lambda address: False)
    assert main(["preview", "--root", str(workspace)]) == 0
    assert "ブラウザーを開けません" in capsys.readouterr().out


def test_without_a_page_the_next_step_is_said(workspace, addresses, capsys):
    assert main(["preview", "--root", str(workspace)]) == 2
    said = capsys.readouterr().out
    assert "結果ページがまだありません" in said and "make report" in said
    assert addresses == [] and not (workspace / "reports").exists()
