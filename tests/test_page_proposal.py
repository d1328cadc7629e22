"""The first draft of the officer's words: their own lines kept, results made anew from the verdicts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.__main__ import main
from pipeline.model import frozen_mapping
from pipeline.report import page, page_text
from pipeline.report.blocks import blocks
from tests import fakes

EDITION = fakes.edition()
LAST = """# 令和3年度 協働アンケートの結果

市では、令和元年から協働を進めています。
対象は{{response.returns.base}}人（前回は{{response.returns.base wave=2019}}人）です。

[[outline]]

## 言葉の意味

知っている人は{{meaning.know.percent}}%で、前回（{{meaning.know.percent wave=2019}}%）から増えました。
研修を続けます。

[[meaning]]

## 昔の設問

昔の言葉です。

[[gone]]

[[notes]]

## お問い合わせ

協働課 電話 000-0000-0000
"""


def edition(**pages):
    return replace(EDITION, survey=replace(EDITION.survey, pages=frozen_mapping(pages)))


def with_page(text):
    """Return the edition whose newest page is ``text``."""
    return edition(**{EDITION.wave.key: text})


@pytest.mark.parametrize("pages", [{}, {"2021": LAST}, {"2019": LAST}], ids=["never", "last", "earlier"])
def test_a_draft_is_a_page_without_errors(pages):
    text = page.draft(edition(**pages))
    by_name = {block.id: block for block in blocks(EDITION)}
    title, sections, problems = page_text.sections(with_page(text), by_name)
    assert title.startswith("令和5年度") or "2019" in pages
    assert not [problem for problem in problems if problem.is_error]
    assert not any("TODO" in section.words or "TODO" in section.heading for section in sections)


def test_the_officers_lines_stay_and_results_are_made_anew():
    lines = page.draft(edition(**{"2021": LAST})).splitlines()
    assert lines[0] == "# 令和5年度 協働アンケートの結果"
    assert "市では、令和元年から協働を進めています。" in lines
    assert lines[lines.index("市では、令和元年から協働を進めています。") + 1].startswith("TODO 上の行の年度")
    assert "対象は{{response.returns.base}}人（前回は{{response.returns.base wave=2021}}人）です。" in lines
    assert "研修を続けます。" in lines and "協働課 電話 000-0000-0000" in lines
    old = "TODO 前回の文: 知っている人は{{meaning.know.percent}}%で、前回（{{meaning.know.percent wave=2019}}%）から増えました。"
    assert old in lines and "TODO 前回: 昔の言葉です。" in lines and "[[gone]]" not in lines
    assert "「知っている（計）」は{{meaning.know.percent}}%で、前回（令和3年度{{meaning.know.percent wave=2021}}%）から低下しました（{{meaning.know.change}}ポイント）。" in lines


def test_questions_that_are_new_stand_after_the_last_one():
    lines = page.draft(edition(**{"2019": LAST})).splitlines()
    assert lines.index("[[meaning]]") < lines.index("[[reason]]") < lines.index("[[notes]]")
    assert "[[experience]]" not in lines  # asked before, and not chosen for the page


@pytest.mark.parametrize(
    ("question", "words"),
    [("meaning", "から低下しました"), ("experience", "との差は、偶然の範囲内です"), ("reason", "から上昇しました"), ("necessity", "とは比べられません")],
)  # fmt: skip
def test_a_sentence_says_the_verdict(question, words):
    text = page.draft(edition())
    own = next(line for line in text.splitlines() if f"{{{{{question}." in line)
    assert words in own


def test_propose_page_never_writes_over_and_its_draft_is_read(nagaokakyo_workspace, capsys):
    (target,) = (nagaokakyo_workspace / "surveys/nagaokakyo/page").glob("*.md")
    root = ["--root", str(nagaokakyo_workspace)]
    written = target.read_bytes()
    assert main(["propose", "nagaokakyo", "--page", *root]) == 2
    assert target.read_bytes() == written and "上書きしません" in capsys.readouterr().out
    target.unlink()
    assert main(["propose", "nagaokakyo", "--page", *root]) == 0
    assert "ページの文章の下書きを書きました" in capsys.readouterr().out
    assert "{{meaning.know.percent}}%" in target.read_text(encoding="utf-8")
    assert main(["check", "nagaokakyo", *root]) == 0
    assert "確かめていない行（TODO）があります" in capsys.readouterr().out
