"""One question by the groups of one attribute, as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pipeline.model import ALL_GROUP, TOTAL_BANNER, UNKNOWN_GROUP, Question
from pipeline.numerals import float_number
from pipeline.report import tables, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.exhibits import Table


def cross_table(edition: Edition, question: Question, banner: Question) -> Table | None:
    """Return the row percentages of ``question`` by the groups of ``banner``, 全体 first."""
    groups = edition.groups(question.id, banner.id)
    if not groups:
        return None
    key = edition.wave.key
    entries = [
        (item, question.option(item).short_label if item in {o.id for o in question.options} else label)
        for item, label in tables.items(edition, question, (edition.wave,))
    ]
    places = [(TOTAL_BANNER, ALL_GROUP, "全体"), *((banner.id, group, label) for group, label in groups)]
    rows, evidence = [], []
    for banner_id, group, label in places:
        found = [edition.estimate(question.id, item, key, banner_id, group) for item, _ in entries]
        base = wording.base_cell(tables.any_row(edition, question, key, banner_id, group))
        rows.append((label, base, *(wording.percent_cell(row) for row in found)))
        evidence += [row for row in found if row is not None]
    association = edition.association(question.id, banner.id)
    return Table(
        caption=f"{question.label}（{banner.label}別、{edition.wave.label}、単位は%、nは人）",
        columns=(banner.label, "n", *(label for _, label in entries)),
        rows=tuple(rows),
        notes=(*tables.sign_notes(rows), *_association_notes(edition, association, dict(groups))),
        evidence=(*evidence, *((association,) if association is not None else ())),
    )


def _association_notes(edition: Edition, association: Row | None, groups: Mapping[str, str]) -> Iterator[str]:
    if association is None or association["status"] != "shown" or not wording.is_number(association["p"]):
        return
    is_beyond = association["p"] <= edition.survey.parameters.significance_level
    words = "偶然とは考えにくい違いです" if is_beyond else "偶然の範囲内の違いです"
    test = wording.TEST_WORDS[str(association["test"])]
    yield (
        f"{association['banner_label']}による回答の違いは、{words}（{test}のp値 {wording.p_text_or_floor(association['p'])}、"
        f"クラメールのV {float_number(association['effect'], 2)}。{_tested(groups)}）。"
    )


def _tested(groups: Mapping[str, str]) -> str:
    """Say who is not in the test: 属性不明 only where it is a group by itself.

    groups: group id → label.
    """
    if UNKNOWN_GROUP in groups:
        return "無回答・無効と、属性不明だけの区分を除いて計算"
    merged = [label for group, label in groups.items() if UNKNOWN_GROUP in group.split("+")]
    remark = "".join(f"。属性不明の人は「{label}」に含む" for label in merged)
    return f"無回答・無効を除いて計算{remark}"
