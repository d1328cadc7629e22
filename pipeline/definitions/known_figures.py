"""published.csv, comparability.csv and themes.tsv of a survey."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

from pipeline.definitions.csv_table import CsvRow, read_rows
from pipeline.definitions.toml_section import NEXT_STEP
from pipeline.matching import fold, nearest
from pipeline.model import (
    EVERY_QUESTION,
    RESPONSE,
    RETURNS_OPTION,
    Population,
    Problem,
    PublishedFigure,
    Question,
    SignedGrade,
    Theme,
    Wave,
    frozen_mapping,
)
from pipeline.numerals import counts_rounding_to, read_day

PUBLISHED_COLUMNS = [
    "fiscal_year",
    "wave_label",
    "item",
    "option",
    "percent",
    "decimals",
    "count",
    "count_low",
    "count_high",
    "base",
    "population",
    "source_page",
    "how_known",
]
COMPARABILITY_COLUMNS = ["question", "wave_from", "wave_to", "grade", "reason", "decided_by", "date"]
THEME_COLUMNS = ["code", "box", "name", "public_name", "definition"]
OPTIONAL_THEME_COLUMNS = ["star_heading", "includes", "excludes", "coarse", "since", "until", "merged_into"]
GRADES = ("same", "flagged", "broken")
_WHOLE = ("decimals", "count", "count_low", "count_high", "base", "population")


class Table:
    """Where a row of an officer's table stands, to report problems."""

    def __init__(self, name: str, problems: list[Problem]):
        self.name, self.problems = name, problems

    def note(self, line: int, what: str, key: str, found: str, expected: str = "") -> None:
        self.problems.append(
            Problem(
                what,
                file=self.name,
                cell=f"{line}行目",
                key=key,
                found=found or "（空欄）",
                expected=expected,
                next_step=NEXT_STEP,
            )
        )

    def day(self, line: int, row: dict[str, str]) -> None:
        """Write ``date`` as 2026-02-03; note one that is none."""
        if row["date"] and not (found := read_day(row["date"])):
            self.note(line, "日付の書き方が違います", "date", row["date"], "2026-02-03 のような日付")
        elif row["date"]:
            row["date"] = found

    def one_of(self, line: int, key: str, found: str, allowed) -> bool:
        allowed = tuple(allowed)
        if found in allowed:
            return True
        close = nearest(found, allowed)
        expected = f"「{close}」ではありませんか" if close else "、".join(allowed)
        self.note(line, "知らない値です", key, found, expected)
        return False


def themes(path: Path, name: str, problems: list[Problem]) -> tuple[Theme, ...]:
    """Return the themes of free answers; () when the survey has none.

    The file is the twin of themes.xlsx, which coding checks it against.
    """
    table, found = Table(name, problems), []
    for line, row in read_rows(path, name, THEME_COLUMNS, problems, "\t", OPTIONAL_THEME_COLUMNS):
        table.one_of(line, "box", row["box"], ("good", "hard", "both"))
        if row["code"] in {theme.code for theme in found}:
            table.note(line, "同じコードが2回以上あります", "code", row["code"], "1回だけ")
        if not row["public_name"] or not row["code"]:
            table.note(line, "空欄にできません", "code, public_name", "")
        for key in ("since", "until"):
            if row.get(key) and not row[key].isdigit():
                table.note(line, "版の番号ではありません", key, row[key], "1以上の整数")
        went = tuple(code for code in row.pop("merged_into", "").split("+") if code)
        found.append(Theme(**row, merged_into=went))
    return tuple(found)


def signed_grades(
    path: Path, name: str, questions: tuple, waves: list[Wave], keys: list[str], problems: list[Problem]
) -> tuple[SignedGrade, ...]:
    """Return the signed rows; every cell filled, every id known, both waves asking the question.

    keys: of the waves, and of one that is being drafted and whose questions are not known yet.
    """
    table, found = Table(name, problems), []
    ids, known_keys = [question.id for question in questions], [wave.key for wave in waves]
    for line, row in read_rows(path, name, COMPARABILITY_COLUMNS, problems):
        for key, value in row.items():
            if not value:
                table.note(line, "空欄にできません（署名の行です）", key, "", "理由・決めた人・日付のすべて")
        table.day(line, row)
        table.one_of(line, "question", row["question"], (*ids, EVERY_QUESTION))
        table.one_of(line, "grade", row["grade"], GRADES)
        known = [table.one_of(line, key, row[key], keys) for key in ("wave_from", "wave_to")]
        asking = [wave.key for wave in waves if wave.asks(row["question"])]
        for key in ("wave_from", "wave_to"):
            if row[key] in known_keys and row["question"] in ids and row[key] not in asking:
                table.note(line, "その調査回では聞いていない設問です", key, row[key], "、".join(asking))
        if all(known) and row["wave_from"] >= row["wave_to"]:
            table.note(line, "調査回の順が逆です", "wave_to", row["wave_to"], "wave_from より後の調査回")
        grade = SignedGrade(**row)
        pair = (grade.question, grade.wave_from, grade.wave_to)
        if pair in {(g.question, g.wave_from, g.wave_to) for g in found}:
            table.note(line, "同じ組の行が2回以上あります", "question", grade.question, "1行だけ")
        found.append(grade)
    return tuple(found)


def published(
    path: Path, name: str, questions: tuple[Question, ...], problems: list[Problem]
) -> tuple[tuple[PublishedFigure, ...], dict[str, Wave]]:
    """Return the printed figures and the waves they make (key → Wave, no received files).

    A given count inside the range that rounds to the printed percent is trusted.
    """
    table, figures, waves = Table(name, problems), [], {}
    for line, row in read_rows(path, name, PUBLISHED_COLUMNS, problems):
        numbers = _numbers(table, line, row)
        figure = numbers and _figure(table, line, row, numbers, questions)
        if not figure:
            continue
        if (figure.wave, figure.question, figure.option) in {(f.wave, f.question, f.option) for f in figures}:
            table.note(line, "同じ数値が2回以上あります", "item, option", f"{row['item']} {row['option']}")
        figures.append(figure)
        _add_to_wave(table, line, row, numbers, figure, waves)
    for figure in figures:
        returns = next((f for f in figures if f.wave == figure.wave and f.question == RESPONSE), None)
        if returns and figure is not returns and figure.base > returns.count_high:
            problems.append(
                Problem(
                    "基数が回答数より大きくなっています",
                    file=name,
                    key=f"{figure.wave} {figure.question} {figure.option}",
                    found=str(figure.base),
                    expected=f"{returns.count_high}以下",
                    next_step=NEXT_STEP,
                )
            )
    return tuple(figures), waves


def _numbers(table: Table, line: int, row: Mapping[str, str]) -> dict[str, int | None] | None:
    wrong = [key for key in _WHOLE if row[key] and not row[key].isdigit()]
    if not re.fullmatch(r"\d{4}(-[2-9])?", row["fiscal_year"]):
        wrong.append("fiscal_year")
    if row["percent"] and not re.fullmatch(r"\d+(\.\d+)?", row["percent"]):
        wrong.append("percent")
    for key in wrong:
        table.note(line, "数の書き方が違います", key, row[key], "半角の数字（%や桁区切りなし）")
    if wrong:
        return None
    return {key: int(row[key]) if row[key] else None for key in _WHOLE}


def _figure(
    table: Table, line: int, row: CsvRow, numbers: dict, questions: tuple[Question, ...]
) -> PublishedFigure | None:
    is_response = row["item"] == RESPONSE
    if is_response:
        option, base = RETURNS_OPTION, numbers["population"]
    elif not table.one_of(line, "item", row["item"], [question.id for question in questions]):
        return None
    else:
        question = next(question for question in questions if question.id == row["item"])
        option, base = _option_id(table, line, row["option"], question), numbers["base"]
    if not base:
        table.note(line, "基数がありません", "population" if is_response else "base", "", "1以上の整数")
    if not option or not base:
        return None
    if numbers["population"] and base > numbers["population"]:
        table.note(
            line, "基数が対象者数より大きくなっています", "base", str(base), f"{numbers['population']}以下"
        )
    fitting = _counts(table, line, row, numbers, base)
    if fitting is None:
        return None
    return PublishedFigure(
        wave=row["fiscal_year"],
        question=row["item"],
        option=option,
        count_low=fitting[0],
        count_high=fitting[1],
        base=base,
        percent=float(row["percent"]) if row["percent"] else None,
        decimals=numbers["decimals"] if row["percent"] else None,
        source=row["source_page"],
        note=row["how_known"],
    )


def _option_id(table: Table, line: int, label: str, question: Question) -> str:
    """Return the id of the option, or of the net named by itself or by its members (A+B)."""
    by_label = {fold(option.label): option.id for option in question.options}
    labels = {option.id: option.label for option in question.options}
    for net in question.nets:
        members = "+".join(labels.get(option, "") for option in net.options)
        by_label |= {fold(net.label): net.id, fold(members): net.id}
    if fold(label) not in by_label:
        close = nearest(label, [entry.label for entry in (*question.options, *question.nets)])
        table.note(
            line, "選択肢にも計にもありません", "option", label, f"似たもの「{close}」" if close else ""
        )
    return by_label.get(fold(label), "")


def _counts(table: Table, line: int, row: Mapping[str, str], numbers: dict, base: int):
    """Return (low, high) of the counts that the row allows, or None after a problem."""
    low, high = numbers["count_low"], numbers["count_high"]
    if row["percent"]:
        decimals = numbers["decimals"]
        if decimals is None or not 0 <= decimals <= 2:
            table.note(line, "小数の桁数がありません", "decimals", row["decimals"], "0、1、2のどれか")
            return None
        fitting = counts_rounding_to(Decimal(row["percent"]), decimals, base)
        if fitting is None:
            table.note(line, "この割合になる人数がありません", "percent", row["percent"], f"基数{base}人")
            return None
        low, high = fitting[0] if low is None else low, fitting[1] if high is None else high
        if not fitting[0] <= low <= high <= fitting[1]:
            found = f"{low}～{high}人"
            table.note(line, "人数が割合と合いません", "count_low", found, f"{fitting[0]}～{fitting[1]}人")
            return None
    if numbers["count"] is not None:
        count = numbers["count"]
        low, high = count if low is None else low, count if high is None else high
        if not low <= count <= high:
            table.note(line, "人数が割合と合いません", "count", str(count), f"{low}～{high}人")
            return None
        return count, count
    if low is None or high is None or not low <= high <= base:
        found = f"{row['count_low']}～{row['count_high']}"
        table.note(line, "割合も人数の範囲も分かりません", "percent", found, f"0～{base}人の範囲")
        return None
    return low, high


def _add_to_wave(table, line: int, row, numbers, figure: PublishedFigure, waves: dict[str, Wave]) -> None:
    """Keep one Wave per fiscal year; label and population must be the same in all its rows."""
    before = waves.get(figure.wave)
    wording = dict(before.wording) if before else {}
    if figure.question != RESPONSE:
        wording[figure.question] = ""
    size = numbers["population"]
    population = Population(size) if size else (before.population if before else None)
    if before and before.label != row["wave_label"]:
        table.note(line, "同じ年度で調査回の名前が違います", "wave_label", row["wave_label"], before.label)
    if before and before.population and size and before.population.total != size:
        table.note(
            line, "同じ年度で対象者数が違います", "population", str(size), str(before.population.total)
        )
    sources = [before.source] if before and before.source else []
    if row["source_page"] and row["source_page"] not in "、".join(sources):
        sources.append(row["source_page"])
    waves[figure.wave] = Wave(
        key=figure.wave,
        label=row["wave_label"],
        wording=frozen_mapping(wording),
        population=population,
        source="、".join(sources),
    )
