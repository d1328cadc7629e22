"""What the cells of matched columns hold besides the options: codes, states, other spellings.

Words that people typed freely never leave this module: an unknown text is named only when several
people wrote it and it is almost an option; of the rest the number and the lengths are told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.ingest.proposal.columns import Match
from pipeline.ingest.proposal.likeness import (
    STATE_WORDS,
    is_tick,
    likeness,
    number_of,
    spellings,
    without_enumeration,
)
from pipeline.ingest.proposal.reading import Table
from pipeline.ingest.splitting import cover
from pipeline.matching import fold_tight
from pipeline.model import INVALID, NO_ANSWER, NOT_APPLICABLE, Question

#: An unknown spelling is shown when so many rows hold it and it is so like an option.
FEWEST_ROWS, ALIKE = 3, 0.7
_LONGEST_LABEL = 40


@dataclass(frozen=True)
class Spelling:
    """A label as received and the option it is taken for; ``likeness`` 1.0 = only a ① in front."""

    text: str
    option: str
    label: str
    likeness: float
    rows: int


@dataclass
class Findings:
    """What one file says about its spellings. ``typed``: questions with words that are no option."""

    states: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, list[Spelling]] = field(default_factory=dict)
    typed: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    has_codes: bool = False


def findings(table: Table, matches: Iterable[Match], wave: str) -> Findings:
    """Return the spellings of all matched columns of a file."""
    result, matches = Findings(), tuple(matches)
    result.has_codes = _has_codes(matches)
    for match in matches:
        if match.unit.is_ticked:
            _read_headers(match, wave, result)
        elif not match.question.is_free_text:
            _read_cells(match, table, wave, result)
        _read_states(match, result)
    return result


def _has_codes(matches: tuple[Match, ...]) -> bool:
    """True when single answers are numbers that no option is called."""
    cells: Counter[bool] = Counter()
    for match in matches:
        if match.question.kind != "single" or match.unit.is_ticked:
            continue
        labels = {fold_tight(option.label) for option in match.question.options}
        for text in match.unit.columns[0].filled:
            bare = fold_tight(text)
            if bare not in labels and bare not in STATE_WORDS:
                cells[bare.isdigit()] += 1
    return cells[True] > cells[False]


def _read_headers(match: Match, wave: str, result: Findings) -> None:
    """Note option columns whose header is not the label."""
    offered = match.question.offered(wave)
    known = spellings((option.id, option.label) for option in offered)
    for column in match.unit.columns:
        text = column.header.lower
        if fold_tight(text) not in known and not _is_order(text, len(offered)):
            _note_spelling(match.question, wave, text, len(column.filled), known, result)


def _is_order(text: str, count: int) -> bool:
    bare = fold_tight(text)
    return bare.isdigit() and 1 <= int(bare) <= count


def _read_cells(match: Match, table: Table, wave: str, result: Findings) -> None:
    question = match.question
    offered = question.offered(wave)
    known = spellings((option.id, option.label) for option in offered)
    counts: Counter[str] = Counter()
    originals: dict[str, str] = {}
    for cell in match.unit.columns[0].filled:
        for text in _unknown_parts(cell, question, known, table.separators, result.has_codes, len(offered)):
            counts[fold_tight(text)] += 1
            originals.setdefault(fold_tight(text), " ".join(text.split()))
    typed: Counter[str] = Counter()
    for key, rows in counts.items():
        if not _note_spelling(question, wave, originals[key], rows, known, result):
            typed[key] = rows
    if not typed:
        return
    codes = sorted(key for key in typed if not any(c.isalpha() for c in key) and len(key) <= 4)
    words = [key for key in typed if key not in codes]
    if codes:
        shown = "、".join(f"{key}（{typed[key]}件）" for key in codes)
        result.remarks.append(f"{question.id}: 選択肢は{len(offered)}個です。意味の分からない符号 {shown}")
    if not words:
        return
    sizes = sorted(map(len, words))
    text = f"{question.id}: 選択肢にない記入 {len(words)}種類、{sum(typed[w] for w in words)}件（{sizes[0]}～{sizes[-1]}文字）"
    result.remarks.append(text)
    result.typed.append(question.id)


def _unknown_parts(cell: str, question: Question, known, separators, has_codes: bool, count: int) -> Iterable[str]:
    """Yield what a cell holds that is neither an option nor a state nor a code in range."""
    bare = fold_tight(cell)
    if bare in known or bare in STATE_WORDS:
        return ()
    if has_codes and all(_is_order(part, count) for part in bare.replace("、", ",").split(",")):
        return ()
    if question.kind == "multiple":
        ways = cover(cell, known, separators, has_gaps=True)
        return [gap for gap in ways[0].gaps if gap not in STATE_WORDS] if ways else [cell]
    ways = cover(cell, known, separators, has_gaps=False)
    return () if any(len(way.options) > 1 for way in ways) else (cell,)


def _note_spelling(question: Question, wave: str, text: str, rows: int, known, result: Findings) -> bool:
    """Note ``text`` as another spelling of an option; False when it may be somebody's own words."""
    found = result.labels.setdefault(question.id, [])
    if option := known.get(without_enumeration(text)):
        found.append(Spelling(text, option, question.option(option).label, 1.0, rows))
        return True
    retired = {fold_tight(o.label) for o in question.options if not o.is_offered(wave)}
    if fold_tight(text) in retired:
        result.remarks.append(f"{question.id}:「{text}」は、この年度の用紙にない選択肢です（survey.toml の since・until）")
        return True
    if len(text) > _LONGEST_LABEL or rows < FEWEST_ROWS:
        return False
    best = max(question.offered(wave), key=lambda option: likeness(text, option.label), default=None)
    if best is None or likeness(text, best.label) < ALIKE:
        return False
    found.append(Spelling(text, best.id, best.label, likeness(text, best.label), rows))
    return True


def _read_states(match: Match, result: Findings) -> None:
    question = match.question
    is_order = {str(n) for n in range(1, len(question.options) + 1)} if result.has_codes else set()
    found: dict[str, str] = {}
    for column in match.unit.columns:
        for text in column.filled:
            bare = fold_tight(text)
            if bare in STATE_WORDS and bare not in is_order and not is_tick(text):
                found.setdefault(bare, text.strip())
    for bare, text in found.items():
        state = STATE_WORDS[bare]
        if bare == "-" and (question.route is None or _is_beside_ticks(match)):
            # Somebody may mean 無回答 by it; in a free answer it is what was written.
            if not question.is_free_text:
                result.remarks.append(f"{question.id}:「{text}」の意味が分かりません（無回答か、印なしか）")
            continue
        spelled = result.states.setdefault(state, [])
        if bare not in map(fold_tight, spelled):
            spelled.append(text)


def _is_beside_ticks(match: Match) -> bool:
    """True when "-" stands in a row with ticks: there it means that nothing is ticked."""
    rows = zip(*(column.cells for column in match.unit.columns), strict=True)
    return match.unit.is_ticked and any(
        any(map(is_tick, row)) and any(fold_tight(text) == "-" for text in row) for row in rows
    )


STATE_ORDER = (NO_ANSWER, INVALID, NOT_APPLICABLE)
#: Columns that belong to no question wherever they appear.
_ASIDE = ("備考", "メモ", "その他の内容", "その他内容", "その他（具体的に）", "その他の記述", "その他自由記述")
_TIMES = ("登録日時", "受付日時", "回答日時", "送信日時", "開始時刻", "完了時刻", "タイムスタンプ", "更新日時", "作成日時")
_PERSONS = ("メール", "メールアドレス", "名前", "氏名", "お名前", "回答者", "IPアドレス", "電話番号", "email", "name")


def is_aside(header: str) -> bool:
    """True for a column that no question can own: a note, a time, a person, the words behind その他."""
    bare = fold_tight(header.split(" / ")[-1])
    behind = fold_tight(without_enumeration(header.split(" / ")[-1]))
    known = set(map(fold_tight, (*_ASIDE, *_TIMES, *_PERSONS)))
    if bare in known or behind in known:
        return True
    return bool(number_of(header)) and bare.endswith(tuple(map(fold_tight, _ASIDE[2:])))
