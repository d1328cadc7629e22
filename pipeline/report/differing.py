"""Two sets of open data, or two waves of one → what changed: shares, bases, questions, words.

Everything is taken from the finished files as they are printed, so that the list shows what a
reader of the old and of the new page sees.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from pipeline.model import ALL_GROUP, EMPTY, TOTAL_BANNER
from pipeline.numerals import points_number, signed_text
from pipeline.report import wording
from pipeline.report.announcement import ERRATA, is_opening
from pipeline.report.verifying.content import content
from pipeline.report.verifying.passages import paired

Record = Mapping[str, str]
_TABLES = ("estimates", "changes", "codebook")
_PAGE = "page.html"
#: Kinds that a reader of the list tells apart: numbers, n, wordings of the form, sentences of the page.
VALUE, BASE, WORDING, SENTENCE = "値", "基数", "設問文", "文"
#: What must be kept of an edition to compare with it later.
FILES = (_PAGE, *(f"opendata/{name}.csv" for name in _TABLES))
_STATUS_WORDS = {"shown": "掲載", "withheld": "秘匿", "not_asked": "聞いていない", "": "なし"}
#: Heading of differences that belong to no question.
PAGE_WORDS = "ページの文章"
COLUMNS = ("種類", "設問", "調査回", "区分", "選択肢", "前", "今", "差", "判定")


@dataclass(frozen=True)
class FinishedSet:
    """The tables of one finished edition as text cells, and its page; ``unit`` is what the survey counts."""

    tables: Mapping[str, Sequence[Record]]
    page: str = ""
    unit: str = "人"

    def rows(self, name: str, **wanted: str) -> list[Record]:
        """Return the rows of a table whose cells are ``wanted``."""
        return [row for row in self.tables[name] if all(row[key] == value for key, value in wanted.items())]

    @property
    def waves(self) -> list[str]:
        return sorted({row["wave"] for row in self.tables["estimates"]})


@dataclass(frozen=True)
class Difference:
    """One thing that changed. ``old`` and ``new`` are printed texts, "" where there is none."""

    kind: str
    question: str
    old: str
    new: str
    wave: str = ""
    group: str = ""
    option: str = ""
    change: str = ""
    verdict: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """Return the cells of one line of the list, in the order of COLUMNS."""
        about = (self.kind, self.question, self.wave, self.group, self.option)
        return (*about, self.old, self.new, self.change, self.verdict)


def finished_set(folder: Path, unit: str = "人") -> FinishedSet:
    """Return the finished edition in ``folder`` (with opendata/). Raises OSError where a file is missing."""
    tables = {}
    for name in _TABLES:
        text = (folder / "opendata" / f"{name}.csv").read_bytes().decode("utf-8-sig")
        tables[name] = list(csv.DictReader(io.StringIO(text, newline="")))
    page, errata = (_text(folder / name) for name in (_PAGE, f"fragments/{ERRATA}.html"))
    # A release tells its corrections, a draft does not; they are no difference between the two.
    return FinishedSet(tables, page.replace(errata, "") if errata else page, unit)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def between_sets(old: FinishedSet, new: FinishedSet) -> list[Difference]:
    """Return what changed between two builds: the same waves row by row, then verdicts, words and the page."""
    found = [Difference("調査回", "", "", wave, wave) for wave in new.waves if wave not in old.waves]
    found += [Difference("調査回", "", wave, "", wave) for wave in old.waves if wave not in new.waves]
    shared = [wave for wave in new.waves if wave in old.waves]
    key = ("wave", "question", "measure", "banner", "group", "option")
    sides = [[row for row in part.tables["estimates"] if row["wave"] in shared] for part in (old, new)]
    found += _of_rows(*sides, key, lambda row: _printed(row, new.unit), new.unit)
    found += _verdicts(old, new)
    found += _wordings(
        *(
            {(r["wave"], r["question"]): r for r in part.tables["codebook"] if r["wave"] in shared}
            for part in (old, new)
        )
    )
    return found + list(_sentences(old.page, new.page))


def between_waves(build: FinishedSet, before: str, now: str) -> list[Difference]:
    """Return what wave ``now`` has different from wave ``before``, both as told in one build.

    A share is compared as it is printed: as many others never answer, its people always differ. A
    wording that was not recorded in one of them differs from nothing.
    """
    key = ("question", "measure", "banner", "group", "option")
    sides = [
        [row for row in build.rows("estimates", wave=wave) if row["status"] != "not_asked"]
        for wave in (before, now)
    ]
    changes = {
        tuple(row[column] for column in key): row
        for row in build.rows("changes", wave_from=before, wave_to=now)
    }
    found = [*_of_rows(*sides, key, _share, build.unit, changes)]
    wordings = _wordings(
        *({("", row["question"]): row for row in build.rows("codebook", wave=w)} for w in (before, now))
    )
    return found + [reworded for reworded in wordings if reworded.old and reworded.new]


def _of_rows(
    before: Sequence[Record],
    now: Sequence[Record],
    key: Sequence[str],
    compared: Callable[[Record], str],
    unit: str,
    changes: Mapping[tuple[str, ...], Record] = EMPTY,
) -> Iterator[Difference]:
    """Yield the differences of estimates rows, in the order of the new rows, then of those that are gone.

    compared: what of a row must be equal for its value to be the same; changes: key → changes row.
    """
    old = {tuple(row[column] for column in key): row for row in before}
    new = {tuple(row[column] for column in key): row for row in now}
    yield from _questions(before, now)
    both = {row["question"] for row in before} & {row["question"] for row in now}
    based: set[tuple[str, ...]] = set()
    for place, row in {**new, **{k: r for k, r in old.items() if k not in new}}.items():
        if row["question"] not in both:
            continue
        if place not in old or place not in new:
            sides = ("", "あり") if place in new else ("あり", "")
            yield _difference("項目", row, *sides)
            continue
        yield from _places(old[place], row, unit, based)
        if compared(old[place]) != compared(row):
            ends = [_printed(side, unit) for side in (old[place], row)]
            change = changes.get(place)
            verdict = wording.verdict_word({"note": "", **change}) if change else ""
            yield _difference(VALUE, row, *ends, _step(old[place], row, change), verdict)


def _questions(before: Sequence[Record], now: Sequence[Record]) -> Iterator[Difference]:
    names = [{row["question"]: row["question_label"] for row in rows} for rows in (before, now)]
    for question, label in names[1].items():
        if question not in names[0]:
            yield Difference("設問", label, "", "新しい設問")
        elif names[0][question] != label:
            yield Difference("設問", label, names[0][question], label)
    for question, label in names[0].items():
        if question not in names[1]:
            yield Difference("設問", label, "なくなった設問", "")


def _places(old: Record, new: Record, unit: str, based: set[tuple[str, ...]]) -> Iterator[Difference]:
    """Yield what differs around the value of one row; the base once per question, group and wave."""
    if old["option_label"] != new["option_label"]:
        yield _difference("選択肢の名前", new, old["option_label"], new["option_label"])
    if old["status"] != new["status"]:
        yield _difference(
            "掲載", new, *(_STATUS_WORDS.get(row["status"], row["status"]) for row in (old, new))
        )
    place = (new["wave"], new["question"], new["banner"], new["group"], new["base_kind"])
    if old["base"] != new["base"] and place not in based:
        based.add(place)
        ends = [f"{row['base']}{unit}" if row["base"] else "" for row in (old, new)]
        step = signed_text(Decimal(new["base"]) - Decimal(old["base"])) if all(ends) else ""
        yield _difference(BASE, new, *ends, step)


def _share(row: Record) -> str:
    """Return the share or mean as printed, the people where nothing else is told."""
    return row["value"] or row["percent"] or f"{row['count_low']}{wording.RANGE}{row['count_high']}"


def _printed(row: Record, unit: str) -> str:
    """Return ``82.1%（366人）``, with a range where one count is not known, or a mean with its unit."""
    if row["value"]:
        return f"{row['value']}{row['unit']}"
    low, high = row["count_low"], row["count_high"]
    people = f"{low}{unit}" if low == high else f"{low}{wording.RANGE}{high}{unit}"
    if not row["percent"]:
        return people if low else ""
    return f"{row['percent']}%（{people}）"


def _step(old: Record, new: Record, change: Record | None) -> str:
    """Return the change from unrounded shares in points, "" where a count is not known.

    Of a mean only the changes table knows it unrounded.
    """
    if old["value"] and new["value"]:
        step = Decimal(change["change"]) if change and change["change"] else Decimal(new["value"]) - Decimal(old["value"])
        return signed_text(step) + new["unit"]
    cells = [row[column] for row in (old, new) for column in ("count", "base")]
    if not all(cells) or "0" in (old["base"], new["base"]):
        return ""
    return signed_text(points_number(*map(int, cells))) + "ポイント"


def _difference(
    kind: str, row: Record, old: str, new: str, change: str = "", verdict: str = ""
) -> Difference:
    is_whole = (row["banner"], row["group"]) == (TOTAL_BANNER, ALL_GROUP)
    group = "" if is_whole else f"{row['banner_label']} {row['group_label']}"
    option = "" if kind == BASE else row["option_label"]
    return Difference(kind, row["question_label"], old, new, row["wave"], group, option, change, verdict)


def _verdicts(old: FinishedSet, new: FinishedSet) -> Iterator[Difference]:
    key = ("question", "measure", "banner", "group", "option", "wave_from", "wave_to")
    before = {tuple(row[column] for column in key): row for row in old.tables["changes"]}
    for row in new.tables["changes"]:
        earlier = before.get(tuple(row[column] for column in key))
        ends = [wording.verdict_word({"note": "", **side}) for side in (earlier or row, row)]
        if ends[0] != ends[1]:
            yield _difference("判定", {**row, "wave": f"{row['wave_from']}→{row['wave_to']}"}, *ends)


def _wordings(before: Mapping[tuple, Record], now: Mapping[tuple, Record]) -> list[Difference]:
    return [
        Difference(WORDING, row["question_label"], before[place]["wording"], row["wording"], row["wave"])
        for place, row in now.items()
        if place in before and before[place]["wording"] != row["wording"]
    ]


def _sentences(old: str, new: str) -> Iterator[Difference]:
    """Yield the sentences of the page that changed, that are gone and that are new; the opening always differs."""
    if not old or not new:
        return
    sides = ([p for p in content(page).passages if not is_opening(p.text)] for page in (old, new))
    pairing = paired(*sides)
    ends = [*((a.text, b.text) for a, b in pairing.pairs)]
    ends += [(lost.text, "") for lost in pairing.missing] + [("", more.text) for more in pairing.added]
    for before, now in ends:
        yield Difference(SENTENCE, PAGE_WORDS, before, now)


# ---- the list as text --------------------------------------------------------------------


def lines(found: Sequence[Difference], has_groups: bool = False) -> Iterator[str]:
    """Yield the list question by question; the groups only where asked for (they are in the CSV)."""
    left = 0
    for question in dict.fromkeys(difference.question for difference in found):
        own = [difference for difference in found if difference.question == question]
        told = [difference for difference in own if has_groups or not difference.group]
        left += len(own) - len(told)
        if told:
            yield f"  {question or '全体'}"
            yield from (f"    {_line(difference)}" for difference in told)
    if left:
        yield f"  ほかに、区分ごとの違いが{left}件あります（一覧のファイルにあります）"


def _line(found: Difference) -> str:
    if found.kind == SENTENCE:
        return f"前 | {found.old or '（なし）'}\n    今 | {found.new or '（なし）'}"
    about = " ".join(filter(None, (found.group, found.option)))
    more = "、".join(filter(None, (found.change, found.verdict)))
    ends = f"{found.old or '（なし）'} → {found.new or '（なし）'}"
    return f"{found.kind} {about + ': ' if about else ''}{ends}" + (f"（{more}）" if more else "")


def csv_bytes(found: Sequence[Difference]) -> bytes:
    """Return the list as CSV for Excel: UTF-8 with BOM, CRLF, nothing that begins a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_unformed(cell) for cell in difference.cells] for difference in found)
    return text.getvalue().encode("utf-8-sig")


def _unformed(cell: str) -> str:
    return f" {cell}" if cell.startswith(("=", "@", "+", "-")) else cell
