"""Shares of those who answered, without 無回答 and 無効: told beside the others where the way of asking changed.

A Web form that allows no blanks has no 無回答, so each of its shares stands higher than on paper. The
published share keeps 無回答 in its base; this one tells how much of a change the blanks make.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import INVALID, MEAN, NO_ANSWER, Question, Wave
from pipeline.numerals import count_text, percent_number, percent_text, points_number, signed_text
from pipeline.report import wording
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Table
from pipeline.report.sheets import Cell, Column, Grid, grid, questions
from pipeline.report.tables import items

#: Shares of 無回答 and 無効 this far apart, in points, move the other shares by as much as a change.
_FAR_APART = 3.0


def answered_table(edition: Edition, question: Question) -> Table | None:
    """Return the shares of this wave and the last one without 無回答; None where the blanks make no difference."""
    last = edition.previous(question.id)
    if question.base != "asked" or last is None or _modes(last) == _modes(edition.wave):
        return None
    waves = (edition.wave, last)
    told = [_answered(edition, question, wave) for wave in waves]
    if None in told or abs(points_number(*told[0], *told[1])) < _FAR_APART:
        return None
    people = [answered for answered, _ in told]
    rows = list(_rows(edition, question, waves, people))
    if not rows:
        return None
    years = "と".join(wave.label for wave in waves)
    ways = "、".join(f"{wave.label}は{'と'.join(_modes(wave))}" for wave in waves)
    return Table(
        caption=f"{question.label}（{years}、無回答・無効を除いた割合、単位は%）",
        columns=("選択肢", *(f"{wave.label}（%）" for wave in waves), "差（ポイント）"),
        rows=(*rows, ("答えた人（n）", *(count_text(count) for count in people), "")),
        notes=(
            f"回答の集め方が違い（{ways}）、無回答の割合も違うため、答えた人だけを100%とした割合も示します。"
            "判定は、無回答を含む割合で行っています。",
        ),
    )


def _rows(edition: Edition, question: Question, waves: tuple[Wave, Wave], people: list[int]) -> Iterator[tuple[str, ...]]:
    for item, label in items(edition, question, waves):
        found = [edition.estimate(question.id, item, wave.key) for wave in waves]
        if item in (NO_ANSWER, INVALID, MEAN) or not all(map(wording.is_exact, found)):
            continue
        now, before = ((int(row["count"]), whole) for row, whole in zip(found, people, strict=True))
        yield label, *(percent_text(*side) for side in (now, before)), signed_text(points_number(*before, *now))


def answered_grid(edition: Edition) -> Grid | None:
    """Return the shares without 無回答 of every wave; None where all waves were asked in the same way."""
    if len({_modes(wave) for wave in edition.waves} - {()}) < 2:
        return None
    rows = []
    for question in (asked for asked in questions(edition) if asked.base == "asked" and not asked.is_attribute):
        told = {wave.key: _answered(edition, question, wave) for wave in edition.waves}
        for item, label in items(edition, question, edition.waves):
            if item not in (NO_ANSWER, INVALID, MEAN):
                cells = [_cell(edition, question, item, wave, told[wave.key]) for wave in edition.waves]
                rows.append((question.number, question.label, label, *cells))
    about = (Column("設問番号", 9), Column("設問", 33), Column("項目", 33))
    columns = (*about, *(Column(f"{wave.label}（%）", 15) for wave in edition.waves))
    return grid("answered", "無回答・無効を除いた割合の推移（単位は%。集め方の違う年度を比べるとき）", columns, rows)


def _cell(edition: Edition, question: Question, item: str, wave: Wave, told: tuple[int, int] | None) -> Cell:
    row = edition.estimate(question.id, item, wave.key)
    if told is None or not told[0] or not wording.is_exact(row):
        return wording.status_sign(row) if not wording.is_shown(row) else wording.NOT_ASKED
    return percent_number(int(row["count"]), told[0]) if row["count"] else 0


def _modes(wave: Wave) -> tuple[str, ...]:
    return tuple(sorted({received.mode for received in wave.files} - {""}))


def _answered(edition: Edition, question: Question, wave: Wave) -> tuple[int, int] | None:
    """Return (people who answered, people asked); None where a count is not told."""
    states = [edition.estimate(question.id, state, wave.key) for state in (NO_ANSWER, INVALID)]
    known = [row for row in states if row is not None]
    if not known or not all(map(wording.is_exact, known)):
        return None
    asked = int(known[0]["base"])
    return asked - sum(int(row["count"]) for row in known), asked
