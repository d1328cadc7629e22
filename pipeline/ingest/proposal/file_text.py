"""The [[files]] part of a draft: one received file, what was matched and what was not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.ingest.proposal.answers import STATE_ORDER, Findings, is_aside
from pipeline.ingest.proposal.columns import Match, Matcher, claimed
from pipeline.ingest.proposal.reading import Table
from pipeline.ingest.proposal.recognition import UNMAPPED
from pipeline.ingest.proposal.roster import is_known
from pipeline.ingest.proposal.toml_text import comment, entry, key, todo, value
from pipeline.matching import fold_tight
from pipeline.model import Question, ReceivedFile

#: Services that write typed words in place of the label その他, and need no serial.
_SERVICES = frozenset({"microsoft_forms", "google_forms"})


@dataclass(frozen=True)
class Answers:
    """One file of answers with everything found out about it."""

    table: Table
    matches: tuple[Match, ...]
    findings: Findings
    sheets: tuple[Question, dict[str, tuple[str, float]]] | None
    before: ReceivedFile | None = None

    @property
    def supplied(self) -> dict[str, bool]:
        """Question id → is it sure where its answers stand in this file?"""
        found = {match.question.id: match.is_sure for match in self.matches}
        return found | ({self.sheets[0].id: True} if self.sheets else {})


def file_lines(answers: Answers, asked: tuple[Question, ...], matcher: Matcher) -> Iterator[str]:
    """Yield the lines of one received file; ``asked`` are all questions of the wave."""
    table = answers.table
    yield "[[files]]"
    yield entry("file", table.file)
    yield entry("layout", table.layout, f"見分けた形（{table.height}行の回答）" if table.height else "見分けた形")
    # Paper is also keyed into a CSV file, or into one column per option.
    is_guess = table.layout in ("csv", "option_columns")
    yield entry("mode", table.mode, "TODO 紙 か Web" if is_guess else "紙 か Web")
    if table.layout in UNMAPPED:
        return
    if table.heading.serial:
        yield entry("serial", table.heading.serial, f"見出しは{table.heading.row}行目")
    elif table.layout not in _SERVICES:
        yield comment("通し番号の列が見つからないため、見出しの行の数だけで読みます")
    if table.heading.rows > 1:
        yield entry("header_rows", table.heading.rows)
    if answers.findings.has_codes:
        yield entry("has_codes", True, "1、2、3…を選択肢の順番と読みます。調査票の番号と同じか確かめてください")
    for state in STATE_ORDER:
        if spelled := answers.findings.states.get(state):
            yield entry(state, spelled)
    yield from _aside_lines(answers)
    yield from _other_lines(answers)
    yield from _remark_lines(answers, matcher)
    yield ""
    yield from _column_lines(answers, asked)
    yield from _sheet_lines(answers)
    yield from _label_lines(answers)


def _aside_lines(answers: Answers) -> Iterator[str]:
    aside = dict.fromkeys(column.path for column in _unclaimed(answers) if is_aside(column.path))
    if aside:
        yield entry("ignore_columns", list(aside))
    if answers.table.ignored and answers.table.sheets:
        yield entry("ignore_sheets", list(answers.table.ignored), "回答の見出しのないシート")


def _unclaimed(answers: Answers) -> list:
    owners = claimed(answers.matches)
    return [column for column in answers.table.columns if column.position not in owners]


def _other_lines(answers: Answers) -> Iterator[str]:
    """Yield typed_other: as the service or the last wave had it, else for the officer to decide."""
    before = answers.before.typed_other if answers.before else ()
    with_other = {m.question.id for m in answers.matches if any(o.is_other for o in m.question.options)}
    typed = [question for question in answers.findings.typed if question in with_other]
    usual = [question for question in typed if answers.table.layout in _SERVICES or question in before]
    unusual = [question for question in typed if question not in usual]
    if usual:
        yield entry("typed_other", usual, "選択肢にない記入を「その他」とします")
    if unusual:
        yield todo(entry("typed_other", usual + unusual, "選択肢にない記入が「その他」の記述なら、この行を使う"))


def _remark_lines(answers: Answers, matcher: Matcher) -> Iterator[str]:
    for remark in answers.findings.remarks:
        yield comment(remark)
    for column in _unclaimed(answers):
        if is_aside(column.path):
            continue
        question, alike = matcher.nearest(column.path)
        close = f"もっとも近いもの: {question.id}「{question.label}」（類似度{alike:.2f}）"
        fix = "設問なら [files.columns] に、集計しないなら ignore_columns に加える"
        yield todo(f"設問に対応しない列「{column.path}」。{close if alike else '似た設問もありません'}。{fix}")
    for sheet, headers in answers.table.differing:
        yield todo(f"シート「{sheet}」だけにある見出し: {'、'.join(headers)}")


def _column_lines(answers: Answers, asked: tuple[Question, ...]) -> Iterator[str]:
    yield "[files.columns]"
    paths = [fold_tight(column.path) for column in answers.table.columns]
    for match in answers.matches:
        reason = f"、{match.reason}" if match.reason else ""
        shape = f"、選択肢ごとの{len(match.unit.columns)}列" if match.unit.is_ticked else ""
        line = entry(match.question.id, match.unit.header, f"類似度{match.likeness:.2f}{reason}{shape}")
        if not match.unit.is_ticked and paths.count(fold_tight(match.unit.header)) > 1:
            line += "、同じ見出しの列がほかにもあります"
            yield todo(line)
        else:
            yield line if match.is_sure else todo(line)
    for question in asked:
        if question.id not in answers.supplied:
            yield todo(f'{question.id} = "（見出し）"  # 「{question.label}」の列が見つかりません')
    yield ""


def _sheet_lines(answers: Answers) -> Iterator[str]:
    if not answers.table.sheets:
        return
    yield "[files.sheets]"
    for sheet in answers.table.sheets:
        if not answers.sheets:
            yield entry(sheet, {})
            continue
        question, groups = answers.sheets
        option, score = groups[sheet]
        line = f"{key(sheet)} = {value({question.id: option})}"
        if not is_known(score):
            line = todo(f"{line}  # 似た選択肢「{question.option(option).label}」（類似度{score:.2f}）")
        elif score < 1:
            line += f"  # 類似度{score:.2f}「{question.option(option).label}」"
        yield line
    yield ""


def _label_lines(answers: Answers) -> Iterator[str]:
    for question, found in answers.findings.labels.items():
        if not found:
            continue
        yield f"[files.labels.{key(question)}]"
        for spelling in found:
            line = f"{key(spelling.text)} = {value(spelling.option)}"
            if spelling.likeness < 1:
                remark = f"「{spelling.label}」か（類似度{spelling.likeness:.2f}、{spelling.rows}件）"
                line = todo(f"{line}  # {remark}")
            yield line
        yield ""
