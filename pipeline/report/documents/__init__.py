"""What is asked for after the page: 資料1 調査票, 資料2 結果, 概要, 掲載ファイル一覧, the set for approval.

Everything is made of the blocks of the page; each document is a tagged PDF and a docx.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipeline.model import Problem
from pipeline.register import Recorded
from pipeline.report import announcement
from pipeline.report.blocks import blocks
from pipeline.report.documents import listing
from pipeline.report.documents.approval import approval
from pipeline.report.documents.nouns import Paper
from pipeline.report.documents.questionnaire import questionnaire
from pipeline.report.documents.results import results
from pipeline.report.documents.summary import AMOUNTS, NAME, summary
from pipeline.report.edition import Edition
from pipeline.report.page import Page

FOLDER = "documents"


def write(edition: Edition, page: Page, folder: Path, can_typeset: bool = True) -> list[Problem]:
    """Write the documents and the list of files to upload into ``folder``/documents; charts lie there already.

    can_typeset: the packages of the extra ``documents`` are there; without them only the list is made.
    A wave known by printed figures only has no questionnaire.
    Returns a note where 概要 does not fit its one page.
    """
    target = folder / FOLDER
    target.mkdir(exist_ok=True)
    titles, notes = {}, []
    if can_typeset:
        # Of a wave known by printed figures only nobody knows all that its form offered.
        asked = () if edition.wave.is_published_only else (questionnaire(edition, mark(edition)),)
        papers = (*asked, results(edition, page.blocks, page.notice, mark(edition)))
        for paper in papers:
            _save(edition, paper, folder, target)
        sheet, notes = _save_sheet(edition, page, folder, target)
        titles = {f"{FOLDER}/{paper.name}.pdf": paper.full_title for paper in (*papers, sheet)}
    listing.write(edition, page, folder, target, titles)
    return notes


def write_approval(
    edition: Edition,
    made: Path,
    folder: Path,
    notes: Sequence[Problem],
    last: Recorded | None = None,
    can_typeset: bool = True,
) -> None:
    """Write approval.pdf and approval.docx for ``edition``, whose files lie in ``made``, into ``folder``/documents.

    last: the release of the same wave before this edition, None before the first.
    """
    if can_typeset:
        target = folder / FOLDER
        target.mkdir(exist_ok=True)
        _save(edition, approval(edition, blocks(edition), made, notes, mark(edition), last), folder, target)


def mark(edition: Edition) -> str:
    """Return what the head of every page says: 案 or 公表, the edition, the build number."""
    return f"【{announcement.status(edition)}】{edition.label} 作成番号 {edition.build}"


def _save(edition: Edition, paper: Paper, folder: Path, target: Path) -> None:
    from pipeline.report.documents import typesetting, word

    (target / f"{paper.name}.pdf").write_bytes(typesetting.pdf(paper, folder))
    (target / f"{paper.name}.docx").write_bytes(word.docx(paper, folder))


def _save_sheet(edition: Edition, page: Page, folder: Path, target: Path) -> tuple[Paper, list[Problem]]:
    """Write the one sheet with as much on it as fits one page; return it, and a note where nothing fits."""
    from pipeline.report.documents import typesetting, word

    for amount in AMOUNTS:
        sheet = summary(edition, page, mark(edition), amount)
        content = typesetting.pdf(sheet, folder, is_sheet=True)
        if typesetting.page_count(content) == 1:
            notes = []
            break
    else:
        notes = [_too_long(edition, typesetting.page_count(content))]
    (target / f"{sheet.name}.pdf").write_bytes(content)
    (target / f"{sheet.name}.docx").write_bytes(word.docx(sheet, folder, is_sheet=True))
    return sheet, notes


def _too_long(edition: Edition, pages: int) -> Problem:
    """Return the note on a sheet that is fuller than one page with everything left out that may be."""
    wave = edition.wave.key
    step = (
        f"長いものを短くしてください: page/{wave}.md のお問い合わせの節、survey.toml の notice、"
        f"waves/{wave}.toml の method・scope。"
    )
    return Problem(
        "概要がA4で1枚に収まりません",
        file=f"{edition.label}の {FOLDER}/{NAME}.pdf",
        found=f"{pages}枚",
        expected="1枚",
        next_step=step,
        severity="note",
    )
