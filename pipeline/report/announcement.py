"""What an edition says of itself: a draft, or the release it is and what it corrected."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.numerals import date_text
from pipeline.register import WITHDRAWN, Correction, Erratum
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Block, Bullets, Part, Sentence, Table

ERRATA, ERRATA_FILE = "errata", "errata.csv"
_DRAFT, _RELEASED = "案", "公表"
_OPENING = re.compile(
    r"【案】この内容は公表前の案です（.*）。|.*日(?:公表|訂正)（第\d+版、作成番号 \w+）。|訂正した数値は「訂正のお知らせ」のとおりです。"
)
_FIELDS = {
    "count": "人数",
    "base": "基数",
    "percent": "割合（%）",
    "value": "値",
    "change": "変化（ポイント）",
}
#: Tables whose numbers stand on the page; what belongs to groups is in errata.csv.
_ON_PAGE = {"estimates": "", "changes": "年度間の差"}


def status(edition: Edition) -> str:
    """Return 案 until a person has released the edition."""
    return _DRAFT if edition.release is None else _RELEASED


def opening(edition: Edition) -> str:
    """Return the words with which every output starts: a draft and its build number, or the release."""
    release = edition.release
    if release is None:
        return f"【案】この内容は公表前の案です（{edition.label}、作成番号 {edition.build}）。"
    corrected = (
        "訂正" if release.corrections and release.corrections[-1].release == release.number else "公表"
    )
    words = f"{date_text(release.date)}{corrected}（第{release.number}版、作成番号 {edition.build}）。"
    return words + ("訂正した数値は「訂正のお知らせ」のとおりです。" if release.corrections else "")


def is_opening(sentence: str) -> bool:
    """Return True for a sentence of ``opening``, of whatever edition."""
    return bool(_OPENING.fullmatch(sentence))


def errata_block(edition: Edition) -> Block | None:
    """Return 訂正のお知らせ with all corrections up to this release, or None."""
    corrections = edition.release.corrections if edition.release else ()
    parts = tuple(part for correction in corrections for part in _parts(edition, correction))
    return Block(ERRATA, "訂正のお知らせ", parts) if parts else None


def _parts(edition: Edition, correction: Correction) -> Iterator[Part]:
    day = date_text(correction.date)
    yield Bullets(
        (Sentence(f"訂正日：{day}（第{correction.release}版）"), Sentence(f"理由：{correction.reason}"))
    )
    rows = list(_rows(edition, correction.errata))
    if not correction.errata:
        yield Sentence("数値に変わったところはありません。")
    elif not rows:
        yield Sentence(f"訂正した数値は {ERRATA_FILE} にあります。")
    else:
        yield Sentence(
            f"次の表は、訂正した全体の数値です。属性別も含むすべての訂正は {ERRATA_FILE} にあります。"
        )
        yield Table(
            f"訂正した数値（第{correction.release}版、{day}）", ("項目", "数値", "誤", "正"), tuple(rows)
        )


def _rows(edition: Edition, errata: tuple[Erratum, ...]) -> Iterator[tuple[str, ...]]:
    labels = {wave.key: wave.label for wave in edition.survey.waves}
    for erratum in errata:
        keys = erratum.key.split("|")
        waves = [labels[key] for key in keys if key in labels]
        if erratum.table in _ON_PAGE and "total" in keys and erratum.field in _FIELDS:
            kind = "・".join(filter(None, (_ON_PAGE[erratum.table], _FIELDS[erratum.field])))
            name = f"{erratum.question}「{erratum.option}」（{'から'.join(waves)}）"
            yield (
                name,
                kind,
                erratum.old or "（省略）",
                erratum.new if erratum.new != WITHDRAWN else "取り下げました",
            )
