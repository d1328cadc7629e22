"""Problems at cells, grouped: the same problem in many cells is one message that lists them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pipeline.ingest.nouns import Sheet, Source, cell_name, listed
from pipeline.model import Problem

_RESAVE = "Excelで開き、"
#: kind of flaw → (what, expected, fix, severity)
KINDS = {
    "uncalculated": (
        "計算されていない数式があります",
        "計算結果の入った数式か、値",
        f"{_RESAVE}計算させて保存し直してください。",
        "error",
    ),
    "error_value": (
        "エラー値（#N/A など）のセルがあります",
        "回答の値",
        f"{_RESAVE}もとの調査票を見て入力し直してください。",
        "error",
    ),
    "merged": (
        "回答のセルが結合されています",
        "1人分の回答が1行に並ぶこと",
        f"{_RESAVE}セルの結合を解除して入力し直してください。",
        "error",
    ),
    "ragged": (
        "列の数が見出しと違う行があります",
        "見出しと同じ列の数",
        '引用符（"）や区切りの「,」が抜けていないか、書き出し元を確かめてください。',
        "error",
    ),
    "struck": (
        "取り消し線の引かれた回答があります",
        "取り消し線のない、生きている回答だけ",
        f"{_RESAVE}取り消した回答なら消し、生きている回答なら取り消し線を外してください。",
        "error",
    ),
    "private": (
        "外字（ほかのパソコンでは読めない文字）があります",
        "文字コードの決まった文字",
        "もとの回答を見て、何の文字かを確かめてください。このままでも集計の数値は変わりません。",
        "note",
    ),
    "hidden_column": (
        "非表示の列も回答として読みました",
        "読まない列なら、消してから受け取ること",
        "",
        "note",
    ),
    "hidden": (
        "非表示の行も回答として読みました",
        "読まない行なら、消してから受け取ること",
        "",
        "note",
    ),
}


class CellReports:
    """Collects problems of one file with the cells where they stand."""

    def __init__(self, source: Source):
        self.source = source
        self._places: dict[Problem, list[tuple[str, str]]] = {}

    def add(self, problem: Problem, sheet: Sheet, row: int, column: int | None = None) -> None:
        """Note ``problem`` (without a place) at one cell, or at a whole row."""
        self._places.setdefault(problem, []).append((sheet.name, cell_name(row, column)))

    def add_flaw(self, kind: str, sheet: Sheet, row: int, column: int | None) -> None:
        self.add(self.flaw(kind), sheet, row, column)

    def flaw(self, kind: str) -> Problem:
        """Return the problem of a kind of flaw, without a place."""
        what, expected, fix, severity = KINDS[kind]
        return self.source.problem(what, fix, expected=expected, severity=severity)

    def problems(self) -> list[Problem]:
        """Return one problem per kind and value, with its cells (at most ten named) and how many."""
        return [_placed(problem, places) for problem, places in self._places.items()]


def merged(problems: Iterable[Problem]) -> list[Problem]:
    """Return the problems with those that differ only in their sheet and cell made one."""
    places: dict[Problem, list[Problem]] = {}
    for problem in problems:
        places.setdefault(replace(problem, sheet="", cell=""), []).append(problem)
    return [_merged(group) for group in places.values()]


def _merged(group: list[Problem]) -> Problem:
    first = group[0]
    if len(group) == 1:
        return first
    sheets = list(dict.fromkeys(problem.sheet for problem in group))
    if len(sheets) == 1:
        return replace(first, cell=listed(problem.cell for problem in group if problem.cell))
    cells = listed(f"{problem.sheet}!{problem.cell}" for problem in group if problem.cell)
    return replace(first, sheet=f"{listed(sheets)}（{len(sheets)}シート）", cell=cells)


def _placed(problem: Problem, places: list[tuple[str, str]]) -> Problem:
    sheets = list(dict.fromkeys(sheet for sheet, _ in places))
    if len(sheets) == 1:
        cells, sheet = [cell for _, cell in places], sheets[0]
    else:
        cells = [f"{sheet}!{cell}" for sheet, cell in places]
        sheet = f"{sheets[0]} ほか{len(sheets) - 1}シート"
    count = f"{len(places)}件"
    found = f"{problem.found}（{count}）" if problem.found else count
    if problem.found and len(places) == 1:
        found = problem.found
    return replace(problem, sheet=sheet, cell=listed(cells), found=found)
