"""review: the workbook in which an officer sorts free answers into themes, written and taken back."""

from __future__ import annotations

import argparse
import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline import definitions
from pipeline.hall.reading import chosen_surveys, read_all, say, show_all
from pipeline.hall.writing import alone, tidy
from pipeline.model import Problem, ProblemsFound, Survey
from pipeline.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.coding.review_desk import Desk
    from pipeline.coding.review_row_reading import Difference, TakenBack

#: How many differences the console lists; all of them are counted.
_MOST_LISTED = 200


@dataclass(frozen=True)
class _Files:
    """Where the review of one wave lies, and what messages call the places."""

    root: Path
    book: Path
    decisions: Path
    coding: Path
    masked: Path

    def name(self, path: Path) -> str:
        return path.relative_to(self.root).as_posix()


def review(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Take back what was decided on the workbook, if there is one; then write it anew."""
    tidy(workspace)
    _copy_themes(workspace, arguments.surveys)
    survey = _survey(workspace, arguments)
    read = read_all(workspace, [survey])[0]
    files = _files(workspace, survey, arguments.second)
    _refuse_open(files)
    from pipeline.coding import review_desk

    with alone(workspace):
        desk = review_desk.Desk(survey, read.comments, files.coding, arguments.second)
        _refuse_nothing(desk, survey)
        if files.book.exists():
            desk.carried = _take_back(files, desk)
        else:
            print(f"作業表がまだないので、新しく作ります: {files.name(files.book)}")
        _write(files, desk)
    return 0


def _copy_themes(workspace: Workspace, named: list[str]) -> None:
    """Write the text twins of themes.xlsx anew where an officer has changed it."""
    from pipeline.coding.twin_writing import write_twins
    from pipeline.coding.twins import BOOK

    place = f"surveys/{named[0]}" if len(named) == 1 else ""
    if not place or not (workspace.root / place / BOOK).exists():
        return
    with alone(workspace):
        if changed := write_twins(workspace.root / place, place):
            say(f"{place}/{BOOK} の写しを書き直しました: {'、'.join(changed)}")


def _survey(workspace: Workspace, arguments: argparse.Namespace) -> Survey:
    if len(arguments.surveys) == 1:
        return chosen_surveys(workspace, arguments.surveys, arguments.wave)[0]
    what, step = "どの調査の自由記述を分類するか、1つだけ書いてください", "python -m pipeline review 調査名"
    found, expected = "、".join(arguments.surveys), "、".join(definitions.survey_ids(workspace.root))
    raise ProblemsFound([Problem(what, file="surveys", found=found, expected=expected, next_step=step)])


def _files(workspace: Workspace, survey: Survey, is_second: bool) -> _Files:
    coding = workspace.decisions(survey.id).parent / survey.newest.key
    name = f"{survey.newest.key}{'_second' if is_second else ''}.xlsx"
    decisions = coding / "second_coder.csv" if is_second else workspace.decisions(survey.id)
    book = workspace.root / "data" / "review" / survey.id / name
    return _Files(workspace.root, book, decisions, coding, workspace.masked(survey))


def _refuse_open(files: _Files) -> None:
    """Stop while the workbook is open: what is typed and not saved would be lost."""
    book = files.book
    marks = (book.with_name(f"~${book.name}"), book.with_name(f".~lock.{book.name}#"))
    if any(mark.exists() for mark in marks):
        what, step = "作業表をExcelなどで開いているようです", "保存して閉じてから、もう一度実行してください。"
        raise ProblemsFound([Problem(what, file=files.name(book), next_step=step)])


def _refuse_nothing(desk: Desk, survey: Survey) -> None:
    if desk.texts:
        return
    what = "分類する自由記述がありません"
    step = "survey.toml の自由記述の設問に box を書き、回答を受け取ってから、もう一度実行してください。"
    raise ProblemsFound([Problem(what, file=f"surveys/{survey.id}", key=survey.newest.label, next_step=step)])


def _take_back(files: _Files, desk: Desk):
    """Add what was decided to the decisions; return what was typed beside. Lists it before it writes."""
    from pipeline.coding.decisions import added
    from pipeline.ingest.officer_book import read_officer_book

    name = files.name(files.book)
    print(f"作業表があるので、決定を取り込みます: {name}")
    taken: TakenBack = desk.take_back(read_officer_book(files.book.read_bytes(), name), name)
    if not taken.differences:
        say("新しい決定はありません")
        return taken.carried
    _list(taken.differences)
    _replace(files.decisions, added(files.decisions, (d.decision for d in taken.differences)))
    desk.decided(taken.differences)
    say(f"{len(taken.differences)}件の決定を取り込みました: {files.name(files.decisions)}")
    return taken.carried


def _list(differences: tuple[Difference, ...]) -> None:
    kinds = Counter(difference.kind for difference in differences)
    print("  取り込む決定: " + "、".join(f"{kind}{kinds[kind]}件" for kind in ("新規", "変更", "取り消し")))
    for difference in differences[:_MOST_LISTED]:
        before, after = (
            ";".join(codes) or "（未決定）" for codes in (difference.before, difference.decision.codes)
        )
        decision = difference.decision
        print(f"  {difference.kind} {difference.id} {before} → {after}  {decision.coder} {decision.date}")
    if len(differences) > _MOST_LISTED:
        print(f"  ほか{len(differences) - _MOST_LISTED}件")


def _write(files: _Files, desk: Desk) -> None:
    """Write the predictions and the workbook anew, each whole or not at all."""
    predictions: pd.DataFrame | None = desk.predict()
    show_all(desk.notes())
    if predictions is not None:
        from pipeline.coding.machine import predictions_bytes

        _replace(files.coding / "predictions.csv", predictions_bytes(predictions))
    if desk.new_audit:
        _replace(files.coding / "audit.csv", desk.audit_file())
        drawn = sum(row.stratum == "S" for row in desk.new_audit)
        say(
            f"機械の案を固定し、確かめる回答を{drawn}件抜き取りました: {files.name(files.coding / 'audit.csv')}"
        )
    if (masked := desk.masked_file()) is not None:
        _replace(files.masked, masked)
    _replace(files.book, desk.workbook())
    undecided, total = desk.progress()
    say(
        f"作業表を書きました: {files.name(files.book)}（回答{total}件のうち、まだ決まっていないもの{undecided}件）"
    )
    for line in desk.words():
        print(line)
    survey = desk.survey
    verb = f"make review SURVEY={survey.id} WAVE={survey.newest.key}" + (
        " SECOND=1" if desk.is_second else ""
    )
    if undecided:
        print(
            f"次にすること: 「読み方」のシートを読んで決め、保存して閉じてから、もう一度 {verb} を実行します。"
        )
    else:
        print("次にすること: 全部決まっています。集計は make report です。")


def _replace(target: Path, content: bytes) -> None:
    """Put a file in its place; an interrupted run leaves the one that was there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.part")
    with aside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(target)
