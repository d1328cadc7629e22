"""Files that are not what their place says: another year's file, or a copy of other answers."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations

import numpy as np

from pipeline.ingest.nouns import Source, cell_name, listed
from pipeline.ingest.respondents import SheetRead
from pipeline.ingest.tables import FileRead
from pipeline.matching import fold
from pipeline.model import Problem

#: Paper is keyed after the fieldwork and forms are tried out before it.
_MARGIN = timedelta(days=31)
_ERA_STARTS = {"R": 2018, "令和": 2018, "H": 1988, "平成": 1988}
_YEARS = re.compile(
    r"(?<![A-Za-z0-9])(?P<era>R|H|令和|平成)(?P<number>\d{1,2}|元)(?!\d)|(?<!\d)(?P<year>20\d{2})(?:\d{4})?(?!\d)"
)
#: Two sheets of answers of different people hardly share this part of them.
_LEAST_SHARE = 0.5
#: So improbable by chance that it is none, however many pairs of sheets are compared.
_CHANCE = 1e-9
#: An odd number that spreads hashes over all bits.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def odd_year_in_name(source: Source) -> list[Problem]:
    """Return a note when the years in the file name are all other years than the wave's.

    Only a note: offices copy the form of last time together with its name.
    """
    years = _years(source.received.file)
    wave = source.wave
    allowed = {wave.fiscal_year, wave.fiscal_year + 1}
    allowed |= {day.year for day in (wave.fieldwork_start, wave.fieldwork_end) if day}
    if not years or years & allowed:
        return []
    found = "、".join(f"{year}年" for year in sorted(years))
    expected = f"{wave.fiscal_year}年度のファイル"
    step = "ほかの年度のファイルでないか、中身を確かめてください。この年度のものなら、このままで構いません。"
    what = "ファイル名の年が調査回の年度と違います"
    return [Problem(what, file=source.file, found=found, expected=expected, next_step=step, severity="note")]


def _years(name: str) -> set[int]:
    years = set()
    for found in _YEARS.finditer(fold(name)):
        if found["year"]:
            years.add(int(found["year"]))
        else:
            number = 1 if found["number"] == "元" else int(found["number"])
            years.add(_ERA_STARTS[found["era"]] + number)
    return years


def outside_fieldwork(file: FileRead) -> list[Problem]:
    """Return an error when most times of a file lie far outside the fieldwork, a note for single ones."""
    wave = file.source.wave
    if wave.fieldwork_start is None or wave.fieldwork_end is None:
        return []
    first, last = wave.fieldwork_start - _MARGIN, wave.fieldwork_end + _MARGIN
    dated = [
        (read.sheet, place + 1, moment.date())
        for read in file.sheets
        if read.sheet.moment is None  # where the service names the column, its reader has looked
        for place, moment in file.moments[read.sheet.number].items()
    ]
    odd = [(sheet, row, day) for sheet, row, day in dated if not first <= day <= last]
    if not odd:
        return []
    days = sorted(day for _, _, day in odd)
    is_other_year = len(odd) * 2 > len(dated)
    what = "回答の日付が調査期間と合いません" + ("（ほかの年度のファイルの疑い）" if is_other_year else "")
    fix = (
        f"この年度のファイルを受け取り直すか、{file.source.definition} の fieldwork を直してください。"
        if is_other_year
        else "試しに送った回答や、ほかの年度の回答でないか確かめてください。除くときは corrections.csv に書きます。"
    )
    problem = file.source.problem(
        what,
        fix,
        sheet=listed(dict.fromkeys(sheet.name for sheet, _, _ in odd if sheet.name)),
        cell=listed(cell_name(row, None) for _, row, _ in odd),
        found=f"{days[0]}～{days[-1]}（日付のある{len(dated)}件のうち{len(odd)}件）",
        expected=f"{wave.fieldwork_start}～{wave.fieldwork_end}（前後{_MARGIN.days}日まで）",
        severity="error" if is_other_year else "note",
    )
    return [problem]


@dataclass(frozen=True)
class _Answers:
    """The answers of one sheet without what the sheet itself says of everybody on it."""

    file: FileRead
    read: SheetRead
    questions: frozenset[str]

    def profiles(self, questions: tuple[str, ...]) -> Counter[int]:
        """Return how often each combination of answers (as its hash) was given; blank ones apart."""
        accepted = self.read.accepted
        mixed, is_given = np.zeros(len(accepted), dtype=np.uint64), np.zeros(len(accepted), dtype=bool)
        for question in questions:
            answers = self.read.answers[question]
            hashes = np.array([hash(answer) for answer in answers.known], dtype=np.int64).view(np.uint64)
            mixed = mixed * _FACTOR + hashes[answers.codes[accepted]]
            is_given |= answers.where(lambda answer: answer.is_given)[accepted]
        found, counts = np.unique(mixed[is_given], return_counts=True)
        return Counter(dict(zip(found.tolist(), counts.tolist(), strict=True)))


def copies(files: list[FileRead]) -> list[Problem]:
    """Return an error for each pair of files whose sheets hold nearly the same answers.

    Two sheets of answers agree now and then where questions are few. How often is seen in the
    larger sheet itself: the share of its answers that somebody else on it gave as well. Only what
    lies beyond any chance is a copy.
    """
    sheets = [_answers(file, read) for file in files for read in file.sheets]
    found: dict[tuple[str, str], list[tuple[_Answers, _Answers, int]]] = {}
    made: dict[tuple[int, tuple[str, ...]], Counter[int]] = {}
    for earlier, later in combinations(sheets, 2):
        asked = tuple(q for q in earlier.read.answers if q in earlier.questions & later.questions)
        for side in (earlier, later):
            if (id(side), asked) not in made:
                made[id(side), asked] = side.profiles(asked)
        same = _same(made[id(earlier), asked], made[id(later), asked])
        if same:
            pair = (earlier.file.source.file, later.file.source.file)
            found.setdefault(pair, []).append((earlier, later, same))
    return [_copied(pairs) for pairs in found.values()]


def _answers(file: FileRead, read: SheetRead) -> _Answers:
    fixed = {question for constants in file.source.received.sheets.values() for question in constants}
    return _Answers(file, read, frozenset(read.answers) - fixed)


def _same(one: Counter[int], other: Counter[int]) -> int:
    """Return how many answers of the smaller sheet stand on the larger one, 0 where chance may do that."""
    small, large = sorted((one, other), key=Counter.total)
    size = small.total()
    same = sum(count for row, count in small.items() if row in large)
    if not same:
        return 0
    share = same / size
    chance = max(sum(count for count in large.values() if count > 1), 1) / large.total()
    if share < _LEAST_SHARE or share <= chance:
        return 0
    # Chernoff's bound of the binomial tail, from the divergence of the share from chance.
    rest = (1 - share) * math.log((1 - share) / (1 - chance)) if share < 1 else 0.0
    divergence = share * math.log(share / chance) + rest
    return same if math.exp(-size * divergence) < _CHANCE else 0


def _copied(pairs: list[tuple[_Answers, _Answers, int]]) -> Problem:
    earlier, later, _ = pairs[0]
    same, size = sum(count for *_, count in pairs), sum(len(pair[1].read.accepted) for pair in pairs)
    there = earlier.file.source.file
    if earlier.file is later.file:
        there = "同じファイルのシート " + listed(dict.fromkeys(pair[0].read.sheet.name for pair in pairs))
    return later.file.source.problem(
        "ほかの場所とほとんど同じ回答が並んでいます（写しの疑い）",
        "どちらかがほかの年度や部局の写しでないか確かめ、正しいファイルを受け取り直してください。",
        sheet=listed(dict.fromkeys(pair[1].read.sheet.name for pair in pairs if pair[1].read.sheet.name)),
        found=f"{size}件のうち{same}件が {there} と同じ",
        expected="別の人たちの回答",
    )
