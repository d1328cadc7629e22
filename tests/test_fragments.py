"""Every page, fragment and method page of the sample surveys, as a content system would look at it."""

from __future__ import annotations

import hashlib
import re

import pytest

from pipeline.report import inline_scripts
from tests.content_checks import Reader, content_findings, pasted_findings, stripped_findings

EDITIONS = [
    (survey, edition) for survey in ("staff/2025", "nagaokakyo/2019") for edition in ("public", "internal")
]
#: A change of shares called a percentage: 5.2%増. Only a level is reached: 43.7%に上昇.
PERCENT_CHANGE = re.compile(r"\d%(?:の)?(?:増|減|上昇|低下|アップ|ダウン)|\d%(?:高|低|多|少な)く")


@pytest.fixture(scope="module", params=EDITIONS, ids="-".join)
def written(request, sample_reports):
    """Path below the edition's folder → HTML, of one edition."""
    survey, edition = request.param
    folder = sample_reports / "reports" / survey / edition
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*.html"))
    }


def _pasted(written):
    return {
        name: html for name, html in written.items() if name == "page.html" or name.startswith("fragments/")
    }


def test_a_content_system_finds_nothing(written):
    assert len(_pasted(written)) >= 5
    findings = {name: content_findings(html) for name, html in written.items()}
    findings |= {name: pasted_findings(html) for name, html in _pasted(written).items()}
    assert {name: found for name, found in findings.items() if found} == {}


def test_a_fragment_starts_at_h2_or_with_words(written):
    for name, html in _pasted(written).items():
        headings = [element[0] for element in Reader(html).of("h1", "h2", "h3", "h4")]
        assert headings[:1] in ([], ["h2"]), name
        assert set(headings) <= {"h2", "h3"}, name


def test_the_text_reads_right_without_captions_and_attributes(written):
    findings = {name: stripped_findings(html) for name, html in _pasted(written).items()}
    assert {name: found for name, found in findings.items() if found} == {}


def test_every_row_of_a_table_has_a_cell_for_every_column(written):
    for name, html in written.items():
        for table in re.findall(r"<table>(.*?)</table>", html, re.DOTALL):
            widths = {
                row.count("</th>") + row.count("</td>")
                for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
            }
            assert len(widths) == 1, name


def test_differences_of_shares_are_points(written):
    for name, html in written.items():
        assert PERCENT_CHANGE.findall(Reader(html).text) == [], name


def test_the_one_script_is_the_one_that_is_known(written):
    scripts = {
        name: re.findall(r"<script[^>]*>(.*?)</script>", html, re.DOTALL) for name, html in written.items()
    }
    assert [name for name, found in scripts.items() if found] == ["index.html"]
    (script,) = scripts["index.html"]
    assert hashlib.sha256(script.encode("utf-8")).hexdigest() in inline_scripts()


def test_nothing_unseen_is_in_a_page(written):
    for name, html in written.items():
        assert "<!--" not in html, name
        names = {attribute for _, attributes, _ in Reader(html).elements for attribute in attributes}
        assert not any(
            entry.startswith(("data-", "on")) or entry in ("style", "hidden") for entry in names
        ), name


@pytest.mark.parametrize(
    ("html", "finding"),
    [
        ("<table><caption>表</caption><tr><th>年</th></tr></table>", "th"),
        ('<table><tr><th scope="col">年</th></tr></table>', "caption"),
        ("<h2>一</h2><h4>二</h4>", "headings"),
        ("<h3>一</h3>", "headings"),
        (
            '<img src="a.png" width="1" height="1" alt="最も高いのは5%です。数値は次の表のとおりです。写真">',
            "alt",
        ),
        (
            '<img src="a.png" width="1" height="1" alt="年齢別の帯グラフです。数値は次の表のとおりです。">',
            "alt",
        ),
        (
            '<img src="data:image/png;base64,AA" width="1" height="1" alt="甲が5%です。数値は次の表のとおりです。">',
            "src",
        ),
        ("<p>2026/1/15に行いました。</p>", "date"),
        ("<p>１０人</p>", "１"),
        ("<p>ｱﾝｹｰﾄ</p>", "ｱ"),
        ("<p>令和7年度　Webアンケート</p>", "\u3000"),
        ('<p><a href="https://example.jp/">こちら</a></p>', "link"),
        ('<table><caption>表</caption><tr><th scope="col" colspan="2">年</th></tr></table>', "colspan"),
    ],
)
def test_each_check_finds_its_error(html, finding):
    assert any(found.startswith(finding) for found in content_findings(html))


def test_a_table_nobody_introduced_is_found():
    table = '<table><caption>協働の経験（単位は%）</caption><tr><th scope="col">年</th></tr></table>'
    assert stripped_findings(f"<p>次の表は、割合です。</p>{table}")
    assert stripped_findings(f"<p>次の表は、協働の経験の割合（%）です。</p>{table}") == []
