"""決裁: the set that an approver signs. What differs, what an officer must have seen, the files.

It speaks of the edition that is to be published, and lies beside the internal one: the notes name
places in received files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from textwrap import wrap

from pipeline.model import Problem
from pipeline.numerals import count_text, date_text
from pipeline.register import PUBLIC, Recorded
from pipeline.report import differing
from pipeline.report.blocks import FINDINGS
from pipeline.report.differing import Difference
from pipeline.report.documents.nouns import Chapter, Paper, PaperPart
from pipeline.report.documents.tables_on_paper import fitting
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Block, Bullets, Sentence, Table

NAME = "approval"
_SHOWN_HASH = 16
_NOTHING = "（なし）"
_NAME_ROOM = "　" * 8
_SIGNATURES = ("起案（担当）", "確認（分析）", "確認（秘匿）", "決裁")


def approval(
    edition: Edition,
    blocks: Sequence[Block],
    folder: Path,
    notes: Sequence[Problem],
    mark: str,
    last: Recorded | None = None,
) -> Paper:
    """Return the set for ``edition`` whose files lie in ``folder``; ``notes`` are those of the run.

    last: the release of the same wave that this edition would take the place of.
    """
    survey, wave = edition.survey, edition.wave
    findings = next((block.parts for block in blocks if block.id == FINDINGS), ())
    chapters = (
        Chapter("承認を受けること", tuple(_request(edition))),
        Chapter("主な結果", tuple(findings)),
        *([Chapter(f"前の公表（第{last.number}版）との違い", tuple(_since_release(edition, folder, last)))] if last else []),
        Chapter("前回の調査との違い", tuple(_since_wave(edition, folder))),
        Chapter("確認した注意", tuple(_notes(notes))),
        Chapter("公表するファイル", tuple(_files(folder))),
    )
    title = f"{wave.label} {survey.title} 結果の公表について"
    return Paper(NAME, "決裁資料", title, mark, (survey.organisation,), chapters)


def _request(edition: Edition) -> Iterator[PaperPart]:
    yield Sentence(
        f"{edition.survey.organisation}「{edition.survey.title}」{edition.wave.label}の結果（{edition.label}、"
        f"作成番号 {edition.build}）を公表すること。公表するファイルは、終わりの一覧のとおりです。"
    )
    rows = tuple((who, _NAME_ROOM, "年　　月　　日") for who in _SIGNATURES)
    yield Table("確認と決裁", ("役割", "氏名", "日付"), (*rows, ("文書番号", _NAME_ROOM, "年　　月　　日")))


# ---- what differs ------------------------------------------------------------------------


def _since_release(edition: Edition, folder: Path, last: Recorded) -> Iterator[PaperPart]:
    """Yield every number and sentence that is another one than in the last release of the wave."""
    unit = edition.survey.unit
    found = differing.between_sets(*(differing.finished_set(at, unit) for at in (last.folder / PUBLIC, folder)))
    day = date_text(date.fromisoformat(last.record["date"]))
    yield Sentence(
        f"{day}に公表した第{last.number}版と比べます。すでに公表した内容を変えるので、1つずつ確かめてください。"
        "信頼区間とp値だけの違いは、訂正版の正誤表に載ります。"
    )
    if not found:
        yield Sentence("公表した数値と文に、変わったところはありません。")
    sides = (f"第{last.number}版", "今回")
    yield from _listed("全体の数値と設問", sides, [entry for entry in found if not entry.group])
    yield from _listed("区分ごとの数値", sides, [entry for entry in found if entry.group])


def _since_wave(edition: Edition, folder: Path) -> Iterator[PaperPart]:
    """Yield what the whole staff's numbers and the form have different from the wave before."""
    now, wave = differing.finished_set(folder, edition.survey.unit), edition.wave
    earlier = [key for key in now.waves if key < wave.key]
    if not earlier:
        yield Sentence("前回の調査がないため、比べるものはありません。")
        return
    last = edition.survey.wave(earlier[-1])
    found = [entry for entry in differing.between_waves(now, last.key, wave.key) if not entry.group]
    bases = {entry.question for entry in found if entry.kind == differing.BASE}
    told = [entry for entry in found if entry.kind != differing.BASE]
    yield Sentence(
        f"{last.label}の調査と比べます。前回と比べてよいかどうかは、主な結果と、資料2の判定によります。"
    )
    yield Sentence(f"基数（n）が前回と違う設問は{len(bases)}です。")
    if not any(entry.kind == differing.WORDING for entry in told):
        yield Sentence("設問の文は、どちらの記録もあるものについては、前回と同じです。")
    yield from _listed("全体の数値と設問", (last.label, wave.label), told)


def _listed(caption: str, sides: tuple[str, str], found: Sequence[Difference]) -> Iterator[PaperPart]:
    """Yield the differences as tables: numbers and the form, then what is long as prose."""
    prose = [entry for entry in found if entry.kind in (differing.WORDING, differing.SENTENCE)]
    short = [entry for entry in found if entry not in prose]
    if short:
        rows = tuple(map(_cells, short))
        about = f"{caption}の違い（{len(rows)}か所。差は、割合ではポイント）"
        yield from fitting(Table(about, ("項目", *sides, "差", "判定"), rows))
    if prose:
        rows = tuple((entry.question, entry.old or _NOTHING, entry.new or _NOTHING) for entry in prose)
        yield from fitting(Table(f"文の違い（{len(rows)}か所）", ("設問", *sides), rows))


def _cells(entry: Difference) -> tuple[str, ...]:
    """Return the cells of one row; the first tells all of what it is about, should the table be cut."""
    kind = "" if entry.kind == differing.VALUE else entry.kind
    option = f"「{entry.option}」" if entry.option else ""
    item = " ".join(filter(None, (f"{entry.question}{option}", entry.group, kind)))
    step = entry.change.removesuffix("ポイント")
    return item, entry.old or _NOTHING, entry.new or _NOTHING, step, entry.verdict


# ---- notes and files ---------------------------------------------------------------------


def _notes(notes: Sequence[Problem]) -> Iterator[PaperPart]:
    if not notes:
        yield Sentence("集計のときに出た注意はありません。")
        return
    yield Sentence(
        f"集計のときに、次の注意が{count_text(len(notes))}件出ています。それぞれ確かめたうえで公表します。"
    )
    yield Bullets(tuple(Sentence(_note(note)) for note in notes))


def _note(note: Problem) -> str:
    facts = (
        ("ファイル", note.file),
        ("シート", note.sheet),
        ("セル", note.cell),
        ("項目", note.key),
        ("見つかったもの", note.found),
        ("直し方", note.next_step),
    )
    said = "、".join(f"{name}：{fact.removesuffix('。')}" for name, fact in facts if fact)
    return f"{note.what}（{said}）" if said else note.what


def _files(folder: Path) -> Iterator[PaperPart]:
    yield Sentence(
        f"ハッシュ値は、SHA-256のはじめの{_SHOWN_HASH}文字です。全体は provenance.json にあります。"
        "公表の前に、同じ値であることを確かめてください。"
    )
    rows = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        digest = " ".join(wrap(hashlib.sha256(content).hexdigest()[:_SHOWN_HASH], 4))
        rows.append((path.relative_to(folder).as_posix(), count_text(-(-len(content) // 1024)), digest))
    columns = ("ファイル", "大きさ（KB）", "ハッシュ値")
    yield Table(f"公表するファイル（{len(rows)}個）", columns, tuple(rows))
