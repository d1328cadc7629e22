"""Columns of a sheet → questions. Every column must have an owner; nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from pipeline.ingest.nouns import Claim, Sheet, Source, cell_name, column_name, listed
from pipeline.matching import fold_tight, nearest
from pipeline.model import Problem, Question


def option_keys(source: Source, question: Question, has_codes: bool) -> dict[str, set[str]]:
    """Return folded spelling → ids of the options it may mean, codes included when asked for."""
    offered = question.offered(source.wave.key)
    keys: dict[str, set[str]] = {}
    for option in offered:
        keys.setdefault(fold_tight(option.label), set()).add(option.id)
    ids = {option.id for option in offered}
    for spelling, option_id in source.received.labels.get(question.id, {}).items():
        # A spelling of an option that was not on the form stays unknown: nobody can have chosen it.
        if option_id in ids:
            keys.setdefault(fold_tight(spelling), set()).add(option_id)
    # Codes that the wave file spells out mean what it says, not what their order says.
    has_codes = has_codes and not declares_codes(source, question)
    for code, option in enumerate(offered if has_codes else (), start=1):
        keys.setdefault(str(code), set()).add(option.id)
    return keys


def declares_codes(source: Source, question: Question) -> bool:
    """True when the wave file says what every code of ``question`` means."""
    declared = {fold_tight(spelling) for spelling in source.received.labels.get(question.id, {})}
    codes = range(1, len(question.offered(source.wave.key)) + 1)
    return bool(codes) and all(str(code) in declared for code in codes)


class _Columns:
    """The columns of one sheet by folded header, and who owns each."""

    def __init__(self, sheet: Sheet, source: Source):
        self.sheet, self.source = sheet, source
        self.problems: list[Problem] = []
        self.owners: dict[int, list[str]] = {}
        self.fix = f"{source.definition} の [files.columns] か ignore_columns を直してください。"
        for column in sheet.system:
            self.owners[column] = ["system"]
        if sheet.serial is not None:
            self.owners[sheet.serial] = ["serial"]

    def named(self, header: str) -> list[int]:
        key = fold_tight(header)
        return [
            c for c, found in enumerate(self.sheet.headers) if found.path and fold_tight(found.path) == key
        ]

    def under(self, header: str) -> list[int]:
        key = fold_tight(header)
        return [
            c for c, found in enumerate(self.sheet.headers) if found.group and fold_tight(found.group) == key
        ]

    def report(self, what: str, columns=(), **more: str) -> None:
        cell = listed(cell_name(self.sheet.header_row, column) for column in columns)
        self.problems.append(
            self.source.problem(what, more.pop("fix", self.fix), sheet=self.sheet.name, cell=cell, **more)
        )


def claim_columns(sheet: Sheet, source: Source) -> tuple[list[Claim], list[Problem]]:
    """Return the claims of the wave's questions on this sheet, in the order of the survey file."""
    if sheet.claims:
        return list(sheet.claims), []
    columns = _Columns(sheet, source)
    ignored = {c for header in source.received.ignore_columns for c in columns.named(header)}
    constants = _constants(sheet, source)
    claims = []
    for question in source.asked:
        header = source.received.columns.get(question.id, "")
        if question.id in constants and header:
            what = "シートで決まっている項目に、列も指定されています"
            columns.report(what, key=question.id, found=header, expected="sheets か columns のどちらか一方")
        elif question.id in constants:
            claims.append(Claim(question, constant=constants[question.id]))
        elif not header:
            what = "この調査回の設問なのに、列もシートの値も指定されていません"
            columns.report(what, key=question.id, expected="[files.columns] か [files.sheets] の指定")
        elif claim := _claim(columns, question, header, ignored):
            claim = _with_later(columns, claim)
            claims.append(claim)
            for column in claim.columns:
                columns.owners.setdefault(column, []).append(question.id)
    _report_shared(columns)
    _report_unclaimed(columns, ignored)
    return claims, columns.problems


def _constants(sheet: Sheet, source: Source) -> Mapping[str, str]:
    key = fold_tight(sheet.name)
    return next((found for name, found in source.received.sheets.items() if fold_tight(name) == key), {})


def _claim(columns: _Columns, question: Question, header: str, ignored: set[int]) -> Claim | None:
    """Return the claim of one question, or None after reporting why there is none."""
    named, under = columns.named(header), columns.under(header)
    if question.kind == "multiple" and under and not named:
        return _claim_ticks(columns, question, header, [column for column in under if column not in ignored])
    if len(named) == 1 and not (question.kind == "multiple" and under):
        return Claim(question, tuple(named))
    if named:
        what = "同じ見出しの列が2つ以上あります"
        fix = "どれを読むのかが分かるように、見出しを直してから受け取ってください。"
        columns.report(
            what, [*named, *under], key=question.id, found=f"「{header}」", expected="1列だけ", fix=fix
        )
        return None
    paths = [found.path for found in columns.sheet.headers if found.path]
    close = nearest(header, dict.fromkeys([*paths, *(h.group for h in columns.sheet.headers if h.group)]))
    columns.report(
        "設問の列の見出しがありません",
        key=f"{question.id} {question.label}",
        found=f"似た見出し「{close}」" if close else "似た見出しもありません",
        expected=f"「{header}」（見出しの行は{columns.sheet.header_row}行目）",
    )
    return None


def _with_later(columns: _Columns, claim: Claim) -> Claim:
    """Return the claim with the columns that a question edited after the start has besides its first."""
    question = claim.question
    later = columns.source.received.later_columns.get(question.id, ())
    if later and claim.options:
        what, expected = "選択肢ごとの列の設問に、見出しが2つ以上指定されています", "見出しを1つだけ"
        columns.report(what, key=question.id, found="、".join(later), expected=expected)
        return claim
    claims = (_claim(columns, question, header, set()) for header in later)
    return replace(claim, columns=(*claim.columns, *(c for more in claims if more for c in more.columns)))


def _claim_ticks(columns: _Columns, question: Question, header: str, under: list[int]) -> Claim | None:
    keys = option_keys(columns.source, question, has_codes=True)
    owners: dict[str, list[int]] = {}
    offered = question.offered(columns.source.wave.key)
    labels = [option.label for option in offered]
    is_right = True
    for column in under:
        lower = columns.sheet.headers[column].lower
        meant = keys.get(fold_tight(lower), set())
        if len(meant) == 1:
            owners.setdefault(next(iter(meant)), []).append(column)
            continue
        is_right = False
        close = nearest(lower, labels)
        hint = f"似た選択肢「{close}」。" if close else ""
        columns.owners.setdefault(column, [question.id])
        columns.report(
            "選択肢の列の見出しが、選択肢にありません",
            [column],
            key=question.id,
            found=f"「{lower}」",
            expected=f"{hint}選択肢の文か番号（1～{len(offered)}）",
            fix=f"{columns.source.definition} の [files.labels.{question.id}] に加えるか、ignore_columns に「{header} / {lower}」を加えてください。",
        )
    for option in offered:
        found = owners.get(option.id, [])
        if len(found) != 1 and (found or is_right):
            what = "同じ選択肢の列が2つ以上あります" if found else "選択肢の列がありません"
            shown = f"{len(found)}列" if found else "（なし）"
            columns.report(
                what, found, key=f"{question.id}.{option.id}", found=shown, expected=f"「{option.label}」の列"
            )
            is_right = False
    is_right = _are_numbers_in_order(columns, question, under) and is_right
    if not is_right:
        for column in under:
            columns.owners.setdefault(column, [question.id])
        return None
    return Claim(question, tuple(owners[o.id][0] for o in offered), tuple(o.id for o in offered))


def _are_numbers_in_order(columns: _Columns, question: Question, under: list[int]) -> bool:
    """Return False, reported, where bare numbers stand in another order than options would: they may be ids."""
    spelled = option_keys(columns.source, question, has_codes=False)
    lowers = {column: fold_tight(columns.sheet.headers[column].lower) for column in under}
    codes = {column: int(key) for column, key in lowers.items() if key not in spelled and key.isdigit()}
    if list(codes.values()) == sorted(codes.values()):
        return True
    columns.report(
        "選択肢の列の番号が、順に並んでいません",
        list(codes),
        key=question.id,
        found="、".join(map(str, codes.values())),
        expected="1から順の番号（選択肢の順番を表すとき）",
        fix=f"番号が選択肢の順番とは限りません。調査票と見比べ、{columns.source.definition} の "
        f"[files.labels.{question.id}] に、すべての番号の意味（\"1\" = \"選択肢のID\"）を書いてください。",
    )
    return False


def _report_shared(columns: _Columns) -> None:
    for column, owners in columns.owners.items():
        if len(owners) > 1:
            what = "1つの列が2つ以上の項目に指定されています"
            found = "、".join(owners)
            columns.report(
                what, [column], key=columns.sheet.headers[column].path, found=found, expected="1つだけ"
            )


def _report_unclaimed(columns: _Columns, ignored: set[int]) -> None:
    sheet, source = columns.sheet, columns.source
    known = [*source.received.headers, *source.received.ignore_columns]
    # Without any header the first answers stand in its place.
    is_headed = any(owners != ["system"] for owners in columns.owners.values()) or bool(ignored)
    for column, header in enumerate(sheet.headers):
        if column in columns.owners or column in ignored:
            continue
        if header.path:
            close = nearest(header.path, known)
            expected = (
                f"columns か ignore_columns にある見出し（似たもの「{close}」）"
                if close
                else "columns か ignore_columns にある見出し"
            )
            found = f"「{header.path}」" if is_headed else f"{len(header.path)}文字（見出しのない表なら、1行目は回答です）"
            columns.report("設問に対応しない列があります", [column], found=found, expected=expected)
        elif filled := _filled(sheet, column):
            cells = listed(f"{column_name(column)}{number}" for number in filled)
            fix = "見出しを付けるか、その列を消してから受け取ってください。"
            what, found = "見出しのない列に記入があります", f"{len(filled)}件"
            problem = source.problem(what, fix, sheet=sheet.name, cell=cells, found=found)
            columns.problems.append(problem)


def _filled(sheet: Sheet, column: int) -> list[int]:
    """Return the numbers of the rows that may be answers and have something in the column."""
    is_there = sheet.rows.table.columns[column].where(lambda text: bool(text.strip()))
    return (np.flatnonzero(is_there & sheet.rows.is_open) + 1).tolist()
