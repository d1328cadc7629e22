"""決裁: the set that an approver signs. What differs, what an officer must have seen, the files.

It speaks of the edition that is to be published, and lies beside the internal one: the notes name
places in received files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipeline.model import TOTAL_BANNER, Problem, Question
from pipeline.numerals import count_text
from pipeline.report.blocks import FINDINGS
from pipeline.report.documents.differences import KIND_WORDS, Difference, differences, printed
from pipeline.report.documents.nouns import Chapter, Paper, PaperPart
from pipeline.report.documents.tables_on_paper import fitting
from pipeline.report.edition import Edition, Row
from pipeline.report.exhibits import Block, Bullets, Sentence, Table

NAME = "approval"
_SHOWN_HASH = 16
_NAME_ROOM = "　" * 8
_SIGNATURES = ("起案（担当）", "確認（分析）", "確認（秘匿）", "決裁")


def approval(
    edition: Edition, blocks: Sequence[Block], folder: Path, notes: Sequence[Problem], mark: str
) -> Paper:
    """Return the set for ``edition`` whose files lie in ``folder``; ``notes`` are those of the run."""
    survey, wave = edition.survey, edition.wave
    findings = next((block.parts for block in blocks if block.id == FINDINGS), ())
    chapters = (
        Chapter("承認を受けること", tuple(_request(edition))),
        Chapter("主な結果", tuple(findings)),
        Chapter("前回の調査との違い", tuple(_differences(edition))),
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


def _differences(edition: Edition) -> Iterator[PaperPart]:
    earlier = [wave for wave in edition.waves if wave.key < edition.wave.key]
    if not earlier:
        yield Sentence("前回の調査がないため、比べるものはありません。")
        return
    last = earlier[-1]
    yield Sentence(
        f"{last.label}の調査と比べます。前回と比べてよいかどうかは、主な結果と、資料2の判定によります。"
    )
    yield from _form(edition)
    before, after = (_whole(edition, key) for key in (last.key, edition.wave.key))
    found = list(differences(before, after))
    counts = "、".join(
        f"{word}項目は{sum(entry.kind == kind for entry in found)}" for kind, word in KIND_WORDS.items()
    )
    yield Sentence(f"全体の数値のうち、{counts}です。")
    if found:
        columns = (
            "設問",
            "項目",
            "違い",
            f"{last.label}（%）",
            "n",
            f"{edition.wave.label}（%）",
            "n（今回）",
        )
        caption = f"{last.label}と{edition.wave.label}の数値の違い（全体、割合は%、nは人）"
        yield from fitting(Table(caption, columns, tuple(map(_difference_cells, found))))


def _whole(edition: Edition, wave: str) -> list[Row]:
    rows = edition.estimates
    return edition.rows(rows[(rows["wave"] == wave) & (rows["banner"] == TOTAL_BANNER)])


def _difference_cells(entry: Difference) -> tuple[str, ...]:
    (before, _, base_before), (after, _, base_after) = printed(entry.before), printed(entry.after)
    row = entry.row
    named = (str(row["question_label"]), str(row["option_label"]), KIND_WORDS[entry.kind])
    return (*named, before, base_before, after, base_after)


def _form(edition: Edition) -> Iterator[PaperPart]:
    """Yield the questions that were worded otherwise the last time they were asked, are new, or were dropped."""
    rows = []
    for question in edition.survey.questions:
        now, before = _asked_text(edition, question)
        if now != before:
            rows.append((question.heading, before, now))
    if rows:
        caption = "設問の違い（前に聞いたときの文と、今回の文）"
        yield from fitting(Table(caption, ("設問", "前の文", "今回の文"), tuple(rows)))
    else:
        yield Sentence("設問の文は、前に聞いたときと同じです。")


def _asked_text(edition: Edition, question: Question) -> tuple[str, str]:
    """Return the wording now and the last time, or what stands for it."""
    wave = edition.wave
    earlier = [w for w in edition.waves if w.key < wave.key and w.asks(question.id)]
    now = (wave.wording[question.id] or _UNKNOWN) if wave.asks(question.id) else "（聞いていません）"
    before = (earlier[-1].wording[question.id] or _UNKNOWN) if earlier else "（聞いていません）"
    return now, before


_UNKNOWN = "（設問文の記録なし）"


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
        digest = hashlib.sha256(content).hexdigest()[:_SHOWN_HASH]
        rows.append((path.relative_to(folder).as_posix(), count_text(-(-len(content) // 1024)), digest))
    columns = ("ファイル", "大きさ（KB）", "ハッシュ値")
    yield Table(f"公表するファイル（{len(rows)}個）", columns, tuple(rows))
