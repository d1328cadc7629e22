"""The codebook: themes, rules, examples and spellings of one survey, checked as a whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from pipeline.coding.rules import Rule, RuleError, RuleSet, parse
from pipeline.coding.theme_sheets import ALIASES, EXAMPLES, RULES, SHEETS, THEMES, VERSIONS, Rows, Sheet
from pipeline.coding.tokens import normalised
from pipeline.coding.twins import read_book, read_twins
from pipeline.decoding import read_text
from pipeline.matching import nearest
from pipeline.model import EMPTY, Problem, ProblemsFound, Theme, frozen_mapping

BOXES = ("good", "hard", "both")


@dataclass(frozen=True)
class Example:
    """A sentence written for a theme; with ``is_true`` False one that seems to belong to it and does not."""

    code: str
    text: str
    is_true: bool = True


@dataclass(frozen=True)
class Version:
    """One version of the themes and why it was made."""

    number: str
    date: str
    reason: str
    responsible: str


@dataclass(frozen=True)
class Codebook:
    """One version of the themes with everything that helps to find them."""

    version: str
    themes: tuple[Theme, ...]
    rules: tuple[Rule, ...] = ()
    examples: tuple[Example, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=lambda: EMPTY)
    versions: tuple[Version, ...] = ()

    def offered(self, box: str) -> tuple[Theme, ...]:
        """Return the themes of one side that can be decided today, X0, X1 and X9 included."""
        return tuple(t for t in self.themes if t.box in (box, "both") and t.is_offered(self.version))

    def codes(self, box: str) -> tuple[str, ...]:
        """Return the codes of the themes of one side only, without X0, X1 and X9."""
        return tuple(theme.code for theme in self.offered(box) if theme.box == box)

    def rule_set(self, box: str) -> RuleSet:
        """Return the active rules of one side, ready for many sentences."""
        return self._rule_sets[box]

    @cached_property
    def _rule_sets(self) -> dict[str, RuleSet]:
        return {box: RuleSet(r for r in self.rules if r.code in self.codes(box)) for box in ("good", "hard")}


def read_codebook(path: Path, place: str = "") -> Codebook:
    """Return the codebook of a themes.xlsx, or of the twins beside a themes.tsv or in a folder.

    KH Coder coding-rule files in ``codebook/*.txt`` beside it add rules. Raises ProblemsFound with
    every problem of the workbook and the rules; place: what messages call the folder.
    """
    folder = path if path.is_dir() else path.parent
    place = place or folder.as_posix()
    problems: list[Problem] = []
    if path.suffix == ".xlsx":
        codebook = check_book(read_book(path, f"{place}/{path.name}", problems), path, place, problems)
    else:
        codebook = _checked(read_twins(folder, place), folder, _Desk(place, "", problems))
    if problems:
        raise ProblemsFound(problems)
    return codebook


def check_book(
    rows: Mapping[str, Rows], path: Path, place: str, problems: list[Problem], gone: Sequence[str] = ()
) -> Codebook | None:
    """Add what is wrong in the rows of the workbook ``path``, as ``read_book`` gives them, to ``problems``.

    Return the codebook; None where a sheet could not be read. gone: codes whose rows are missing, as is
    told already.
    """
    if len(rows) < len(SHEETS):
        return None
    return _checked(rows, path.parent, _Desk(place, path.name, problems), gone)


def _checked(rows: Mapping[str, Rows], folder: Path, desk: _Desk, gone: Sequence[str] = ()) -> Codebook:
    return _with_kh_rules(_codebook(rows, desk, gone), folder, desk.place, desk.problems)


def _codebook(rows: Mapping[str, Rows], desk: _Desk, gone: Sequence[str]) -> Codebook:
    versions = tuple(Version(**row) for _, row in rows[VERSIONS.name])
    for line, row in rows[VERSIONS.name]:
        if not row["number"].isdigit():
            desk.note(VERSIONS, line, "number", "版の番号は1から始まる整数です", row["number"])
    numbers = [int(version.number) for version in versions if version.number.isdigit()]
    themes = _themes(rows[THEMES.name], desk)
    codes = [*(theme.code for theme in themes), *gone]
    spellings = {normalised(row["spelling"]): normalised(row["standard"]) for _, row in rows[ALIASES.name]}
    aliases = {
        spelling: standard for spelling, standard in spellings.items() if spelling and spelling != standard
    }
    examples = []
    for line, row in rows[EXAMPLES.name]:
        desk.is_known(EXAMPLES, line, row["code"], codes)
        examples.append(Example(row["code"], row["text"], row["is_true"] != "no"))
    rules = _rules(rows[RULES.name], codes, aliases, desk)
    return Codebook(
        str(max(numbers, default=1)), themes, rules, tuple(examples), frozen_mapping(aliases), versions
    )


class _Desk:
    """Where problems are noted with their cells in a workbook ``book``, or without one with the lines of twins."""

    def __init__(self, place: str, book: str, problems: list[Problem]):
        self.place, self.book, self.problems = place, book, problems

    def where(self, sheet: Sheet, line: int, key: str) -> tuple[str, str, str]:
        """Return file, sheet and cell of a message."""
        if self.book:
            return f"{self.place}/{self.book}", sheet.name, f"{sheet.letter(key)}{line}"
        return f"{self.place}/{sheet.twin}", "", f"{line}行目の{key}"

    def is_told(self, sheet: Sheet, line: int, key: str) -> bool:
        """Return whether something is wrong with the cell already: one mistake is told once."""
        where = self.where(sheet, line, key)
        return any((found.file, found.sheet, found.cell) == where for found in self.problems)

    def note(
        self, sheet: Sheet, line: int, key: str, what: str, found: str, expected: str = "", step: str = ""
    ) -> None:
        if not self.is_told(sheet, line, key):
            step = step or "直して、保存してください。"
            where = self.where(sheet, line, key)
            self.problems.append(Problem(what, *where, "", found or "（空欄）", expected, step))

    def is_known(self, sheet: Sheet, line: int, code: str, codes: list[str]) -> None:
        if code not in codes:
            close = nearest(code, codes)
            step = f"「{close}」の間違いではありませんか。" if close else ""
            self.note(sheet, line, "code", "主題にないコードです", code, "、".join(codes), step)


def _themes(rows: Rows, desk: _Desk) -> tuple[Theme, ...]:
    codes = [row["code"] for _, row in rows]
    themes = []
    for line, row in rows:
        for key in ("code", "name", "public_name"):
            if not row[key]:
                desk.note(THEMES, line, key, "空欄にできません", "")
        if codes.count(row["code"]) > 1:
            desk.note(THEMES, line, "code", "同じコードが2回以上あります", row["code"], "1回だけ")
        if row["box"] not in BOXES:
            expected = "よかったこと、たいへんだったこと、どちらも"
            desk.note(THEMES, line, "box", "設問の側がありません", row["box"], expected)
        themes.append(Theme(**{**row, "merged_into": _went(line, row, codes, desk)}))
    return tuple(themes)


def _went(line: int, row: Mapping[str, str], codes: list[str], desk: _Desk) -> tuple[str, ...]:
    """Return where a retired theme went, after a look at its versions."""
    for key in ("since", "until"):
        if row[key] and not row[key].isdigit():
            desk.note(THEMES, line, key, "版の番号は1から始まる整数です", row[key])
    went = tuple(code for code in row["merged_into"].split("+") if code)
    for code in went:
        if code not in codes or code == row["code"]:
            desk.note(THEMES, line, "merged_into", "統合先のコードがありません", code, "、".join(codes))
    if went and not row["until"]:
        desk.note(THEMES, line, "until", "統合先があるのに廃止版がありません", "", "最後に使った版の番号")
    return went


def _rules(rows: Rows, codes: list[str], aliases: Mapping[str, str], desk: _Desk) -> tuple[Rule, ...]:
    rules, seen = [], set()
    for line, row in rows:
        desk.is_known(RULES, line, row["code"], codes)
        try:
            rule = parse(row["rule"], row["code"], row["is_active"] != "no", row["memo"], aliases)
        except RuleError as error:
            if not desk.is_told(RULES, line, "rule"):
                desk.problems.append(error.problem(*desk.where(RULES, line, "rule"), row["code"]))
            continue
        if (rule.code, rule.parts) in seen:
            desk.note(RULES, line, "rule", "同じ規則が2回以上あります", row["rule"], "1回だけ")
        seen.add((rule.code, rule.parts))
        rules.append(rule)
    return tuple(rules)


def _with_kh_rules(codebook: Codebook, folder: Path, place: str, problems: list[Problem]) -> Codebook:
    """Return the codebook with the rules of every KH Coder file; a code is a theme's by its code or name."""
    from pipeline.coding.kh_coder import read_kh_rules

    themes = {name: theme.code for theme in codebook.themes for name in (theme.code, theme.name)}
    added = []
    for path in sorted((folder / "codebook").glob("*.txt")):
        name = f"{place}/codebook/{path.name}"
        rules, errors = read_kh_rules(read_text(path, name))
        problems += [error.problem(name) for error in errors]
        known = [
            replace(rule, code=themes[rule.name], memo=path.name) for rule in rules if rule.name in themes
        ]
        if rules and not known:
            expected = "、".join(theme.name for theme in codebook.themes)
            step = "「＊」のあとを主題のコードか名称にしてください。"
            problems.append(
                Problem("主題になるコードがありません", name, "", "", "", rules[0].name, expected, step)
            )
        added += known
    return replace(codebook, rules=(*codebook.rules, *added))
