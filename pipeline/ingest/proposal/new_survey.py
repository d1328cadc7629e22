"""A survey nobody has defined yet: its questions as far as the columns of the first files tell.

Only what many people wrote the same way is taken for an option; everything else stays unread.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import PurePath

from pipeline.ingest.option_headers import code_of
from pipeline.ingest.proposal.answers import is_aside
from pipeline.ingest.proposal.columns import is_option_column
from pipeline.ingest.proposal.likeness import STATE_WORDS, likeness, number_of, without_number, wording_of
from pipeline.ingest.proposal.reading import Column, Table, groups
from pipeline.ingest.proposal.roster import Roster, is_count
from pipeline.ingest.proposal.toml_text import comment, entry, todo, value
from pipeline.matching import fold, fold_tight
from pipeline.model import Option, Question, Survey, Wave

#: Words of a header → id of the attribute it asks for.
_ATTRIBUTES = (
    ("section", "部局|所属|部署|課名"),
    ("age", "年代|年齢"),
    ("gender", "性別"),
    ("grade", "職級|職位|役職|職階"),
    ("tenure", "勤続|在職|経験年数"),
    ("employment", "雇用形態|任用形態|職種"),
)
#: Asks for the person's own words, whatever the cells look like.
_FREE = re.compile(r"自由|ご意見|記述|具体的|お書き|感想")
#: An option is what so many rows hold, and such a share of them: what two friends typed under その他
#: must not become one. Groups of people may be smaller than that; nobody types them.
_FEWEST_ROWS, _FEWEST_SHARE = 3, 0.03
#: Together the options make so much of a column, or it is text.
_MOSTLY_OPTIONS, _MOST_OPTIONS, _LONGEST_OPTION = 0.8, 40, 60
#: So much of the cells must hold a separator before a question is taken for one with many answers.
_MANY = 0.1
#: Microsoft Forms ends every answer to a question with many answers so, one alone too.
_ENDING = ";"
_SEPARATORS = (_ENDING, "\n", ", ", "、", ",")
_SAME_QUESTION = 0.9
_MOST_GROUPS = 100
_COUNTS = re.compile(r"[(（]\d+[-~～]\d+[)）]$")
_MISSING_LABEL = "TODO 選択肢"


def new_survey(survey_id: str, wave: str, tables: Sequence[Table]) -> Survey:
    """Return a survey with one question per column that several people answered alike, and no waves."""
    questions: list[Question] = []
    # Files that say what they ask come before those that number it only.
    for table in sorted(tables, key=lambda table: sum(not without_number(c.path) for c in table.columns)):
        earlier = tuple(questions)
        for header, columns in _units(table):
            if not any(_is_same(header, known) for known in earlier):
                questions.append(_question(header, columns, questions))
    if group := _sheet_question(tables, questions):
        questions.insert(0, group)
    name = _COUNTS.sub("", PurePath(tables[0].file).stem).strip() if tables else survey_id
    # The wave makes the matcher look at the options as they stand on the form of this wave.
    return Survey(survey_id, name, "", tuple(questions), (Wave(wave, ""),))


def _sheet_question(tables: Sequence[Table], questions: list[Question]) -> Question | None:
    """Return the attribute that the names of sheets answer, unless a column does."""
    sheets = next((table.sheets for table in tables if len(table.sheets) > 1), ())
    labels = {fold_tight(option.label) for question in questions for option in question.options}
    if not sheets or 2 * sum(fold_tight(sheet) in labels for sheet in sheets) >= len(sheets):
        return None
    options = tuple(Option(f"o{n}", sheet.strip()) for n, sheet in enumerate(sheets, start=1))
    return Question("section", "部局", "single", options=options, is_attribute=True, is_public=False)


def with_groups(survey: Survey, roster: Roster) -> Survey:
    """Return the survey with the groups of the roster as options, in its order: a list of all groups there are."""
    labels = dict.fromkeys(roster.groups) | dict.fromkeys(
        option.label for option in roster.attribute.options if fold(option.label) not in map(fold, roster.groups)
    )
    options = tuple(Option(f"o{n}", label.strip()) for n, label in enumerate(labels, start=1))
    changed = replace(roster.attribute, options=options)
    return replace(survey, questions=tuple(changed if q == roster.attribute else q for q in survey.questions))


def _is_same(header: str, known: Question) -> bool:
    """True when another file asks the same: in the same words, or under the same bare number."""
    if not without_number(header):
        return bool(known.number) and number_of(header) == number_of(known.number)
    return likeness(header, known.text) >= _SAME_QUESTION


def is_headcount(table: Table) -> bool:
    """True for a short list of names and numbers: a roster, not answers."""
    counts = [column for column in table.columns if column.filled and all(map(is_count, column.cells))]
    return bool(counts) and len(table.columns) <= 3 and table.height <= _MOST_GROUPS and len(counts) < len(table.columns)


def _units(table: Table) -> Iterator[tuple[str, tuple[Column, ...]]]:
    """Yield (header, its columns) of what may be a question, in the order of the file."""
    ticked = {}
    for header, columns in groups(table.columns):
        under = tuple(column for column in columns if is_option_column(column))
        if len(under) > 1:
            ticked |= {column.position: (header, under) for column in under}
    done = set()
    for column in table.columns:
        header, columns = ticked.get(column.position, (column.path, (column,)))
        if header not in done and not is_aside(column.path):
            done.add(header)
            yield header, columns


def _question(header: str, columns: tuple[Column, ...], known: Iterable[Question]) -> Question:
    ids = {question.id for question in known}
    attribute = next((i for i, words in _ATTRIBUTES if re.search(words, header) and i not in ids), "")
    kind, labels = _answers(header, columns, bool(attribute))
    numbered = number_of(header)
    options = [Option(f"o{n}", label, is_other=label == "その他") for n, label in enumerate(labels, start=1)]
    text = wording_of(header.split(" / ")[-1]).strip() or header
    return Question(
        id=attribute or f"q{sum(not q.is_attribute for q in known) + 1}",
        label=text.rstrip("。？?"),
        kind=kind,
        text=text,
        number=f"問{numbered}" if numbered else "",
        options=tuple(options),
        is_attribute=bool(attribute) and kind == "single",
        is_public=not attribute,
    )


def _answers(header: str, columns: tuple[Column, ...], is_group: bool) -> tuple[str, list[str]]:
    """Return (kind, labels of options)."""
    if len(columns) > 1:
        labels = [column.header.lower for column in columns]
        return "multiple", [f"{_MISSING_LABEL}{label}" if code_of(label) else label for label in labels]
    cells = [" ".join(text.split(" ")) for text in columns[0].filled if fold_tight(text) not in STATE_WORDS]
    if _FREE.search(header) or not cells:
        return "text", []
    codes = [int(fold_tight(text)) for text in cells if fold_tight(text).isdigit()]
    if len(codes) >= _MOSTLY_OPTIONS * len(cells) and max(codes) <= _MOST_OPTIONS:
        return "single", [f"{_MISSING_LABEL}{n}" for n in range(1, max(codes) + 1)]
    fewest = _FEWEST_ROWS if is_group else max(_FEWEST_ROWS, _FEWEST_SHARE * len(cells))
    if all(text.endswith(_ENDING) for text in cells):
        labels, _ = _options([part.strip() for text in cells for part in text.split(_ENDING) if part.strip()], fewest)
        return ("multiple", labels) if labels else ("text", [])
    found = [_split(cells, separator) for separator in _SEPARATORS if _is_many(cells, separator)]
    ranked = [(coverage, labels) for pieces in found for labels, coverage in [_options(pieces, fewest)] if labels]
    labels, coverage = _options(cells, fewest)
    best = max(ranked, key=lambda pair: (pair[0], -len(pair[1])), default=(0.0, []))
    if best[0] > coverage or (best[1] and len(best[1]) < len(labels)):
        return "multiple", best[1]
    return ("single", labels) if labels else ("text", [])


def _is_many(cells: list[str], separator: str) -> bool:
    return sum(separator in text.rstrip(separator) for text in cells) >= _MANY * len(cells)


def _split(cells: list[str], separator: str) -> list[str]:
    """Return the parts of all cells; parts that only ever stand side by side are one label."""
    rows = [[part.strip() for part in text.split(separator) if part.strip()] for text in cells]
    while pair := _inseparable(rows):
        rows = [_joined(row, pair, separator) for row in rows]
    return [part for row in rows for part in row]


def _inseparable(rows: list[list[str]]) -> tuple[str, str] | None:
    """Return two different parts of which none is ever without the other beside it."""
    counts = Counter(part for row in rows for part in row)
    pairs = Counter(pair for row in rows for pair in pairwise(row))
    return next(
        (
            pair
            for pair, rows in pairs.items()
            if rows >= _FEWEST_ROWS and rows == counts[pair[0]] == counts[pair[1]] and pair[0] != pair[1]
        ),
        None,
    )


def _joined(row: list[str], pair: tuple[str, str], separator: str) -> list[str]:
    if pair[0] not in row:
        return row
    place = row.index(pair[0])
    return [*row[:place], separator.join(pair), *row[place + 2 :]]


def _options(cells: list[str], fewest: float) -> tuple[list[str], float]:
    """Return what enough people wrote alike, in a likely order, and its share of all; [] for too little."""
    counts = Counter(map(fold_tight, cells))
    first: dict[str, str] = {}
    for text in cells:
        first.setdefault(fold_tight(text), text)
    common = [key for key, rows in counts.items() if rows >= fewest and len(key) <= _LONGEST_OPTION]
    coverage = sum(counts[key] for key in common) / len(cells)
    if not 1 < len(common) <= _MOST_OPTIONS or coverage < _MOSTLY_OPTIONS:
        return [], coverage
    digits = {key: re.search(r"\d+", key) for key in common}
    if all(digits.values()):
        common.sort(key=lambda key: (int(digits[key][0]), "未満" not in key, key))
    else:
        common.sort(key=lambda key: (-counts[key], key))
    return [first[key] for key in common], coverage


def survey_text(survey: Survey, typed: Collection[str]) -> str:
    """Return the draft of survey.toml; ``typed``: questions with answers that are no option."""
    lines = [
        comment("調査定義の下書きです。受け取ったファイルの列から作りました。"),
        comment("「TODO」の行は、プログラムが決められなかったところです。確かめて直し、TODO を消してください。"),
        comment("id は、あとで変えると前の年度とつながらなくなります。意味の分かる英語の名前に、いま決めてください。"),
        comment("選択肢は調査票の順に並べ、だれも選ばなかったものも加えてください（選んだ人が少ないものは出てきません）。"),
        "",
        entry("title", survey.title, "TODO 調査の名前"),
        todo('organisation = "○○市"'),
        entry("respondents", survey.respondents),
        entry("unit", survey.unit),
        "",
    ]
    for question in survey.questions:
        lines += [*_question_lines(question, question.id in typed), ""]
    singles = [question.id for question in survey.questions if not question.is_attribute]
    lines.append(comment("クロス集計（属性 = その属性別に集計する設問）"))
    lines.append("[crosses]")
    lines += [todo(entry(question.id, singles[:3])) for question in survey.attributes if singles]
    return "\n".join(lines) + "\n"


def _question_lines(question: Question, is_typed: bool) -> Iterator[str]:
    yield "[[questions]]"
    yield entry("id", question.id)
    if question.number:
        yield entry("number", question.number)
    yield entry("label", question.label, "TODO 表や図に出る短い名前")
    yield entry("kind", question.kind, "single（1つ）、multiple（いくつでも）、text（自由記述）")
    if question.kind == "multiple":
        yield todo(entry("limit", 3, "「3つまで」のとき"))
    if question.is_attribute:
        yield entry("is_attribute", True)
        yield entry("is_public", False, "TODO 公表版でこの属性別に集計するなら true")
    yield entry("text", question.text)
    if question.options:
        yield "options = ["
        for option in question.options:
            fields = {"id": option.id, "label": option.label} | ({"is_other": True} if option.is_other else {})
            yield f"  {value(fields)},"
        is_complete = all(not o.is_other and not o.label.startswith(_MISSING_LABEL) for o in question.options)
        if is_typed and is_complete and not question.is_attribute:
            other = {"id": "other", "label": "その他", "is_other": True}
            yield "  " + todo(f"{value(other)},  # 「その他」の記述があれば。調査回の typed_other にも加える")
        yield "]"
