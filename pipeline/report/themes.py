"""The section of a coded free answer: themes under stars by the number of people, with approved lines.

Every theme says how many people, which share of those whose answer has content, and how that
changed; the table holds the share of everyone asked as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from pipeline.model import Option, Problem, Question, Wave
from pipeline.numerals import count_text
from pipeline.report import predicted, tables, widths, wording
from pipeline.report.edition import Edition, Row
from pipeline.report.exhibits import Bullets, Heading, Part, Sentence, Table
from pipeline.report.of_asked import content_row, filter_rows, of_asked
from pipeline.report.sentences import change_words, comparison, share_words

STAR = "★"
ASKED_LABEL = "この設問を聞いた人（n）"
#: A line that stands for fewer answers is published without their number.
FEWEST_ANSWERS = 3
_FEW_WORDS = "少数の意見"
_LINES_LEAD = (
    "見出しの下に並べた文は、寄せられた回答を担当者が要約したものです。"
    f"かっこ内はその趣旨の回答の数で、{FEWEST_ANSWERS}件に満たないものは「{_FEW_WORDS}」としています。"
)
_TABLE_LEAD = "次の表は、{label}の内容ごとの人数（人）と割合（%）です。"
_TWO_BASES = (
    "割合は、内容のある回答をした人に占める割合と、この設問を聞いた人全員に占める割合の2つを示します。"
)
_NONE_WORDS = {"good": "よかったことは特になかった", "hard": "たいへんだったことは特になかった"}


def wrote_sentence(edition: Edition, question: Question) -> Sentence | None:
    """Return how many of the people asked wrote an answer with content, now and last time; None where not known."""
    now = content_row(edition, question, tables.any_row(edition, question, edition.wave.key))
    if not _is_told(now):
        return None
    last = edition.previous(question.id)
    before = content_row(edition, question, tables.any_row(edition, question, last.key)) if last else None
    earlier = f"（前回の{last.label}は{wording.percent_words(before)}）" if _is_told(before) else ""
    rows = tuple(row for row in (now, before) if row is not None)
    return Sentence(
        f"この設問を聞いた人のうち、内容のある回答をした人は{share_words(now)}でした{earlier}。", rows
    )


def _is_told(row: Row | None) -> bool:
    return wording.is_exact(row) or predicted.is_predicted(row)


def stars(edition: Edition, question: Question) -> Iterator[Part]:
    """Yield the themes by the number of people, each under a star; その他 and "なかった" by themselves."""
    ordered = tables.reading_order(edition, question)
    has_lines = not edition.lines[edition.lines["question"] == question.id].empty
    shares = f"★は、書かれた内容を人数の多い順に並べたものです。割合の基数は「{wording.BASE_WORDS[question.base]}」です。"
    yield Sentence(shares + (_LINES_LEAD if has_lines else ""))
    if how := predicted.how_words(edition, question):
        yield Sentence(how)
    usual = [option for option in ordered if not (option.is_other or option.is_exclusive)]
    yield from chain.from_iterable(_star(edition, question, option) for option in usual)
    rest = [option for option in ordered if option not in usual and _has_people(edition, question, option)]
    if rest:
        yield Heading("そのほかの回答")
    yield from chain.from_iterable(_plain(edition, question, option) for option in rest)


def _has_people(edition: Edition, question: Question, option: Option) -> bool:
    row = edition.estimate(question.id, option.id)
    if predicted.is_predicted(row):
        return predicted.people(row) > 0
    return wording.is_exact(row) and bool(row["count"])


def _star(edition: Edition, question: Question, option: Option) -> Iterator[Part]:
    if not _has_people(edition, question, option):
        return
    compared = comparison(edition, question, option.id)
    is_estimate = predicted.is_predicted(compared.now)
    people = predicted.heading_words(compared.now) if is_estimate else f"{wording.count_cell(compared.now)}人"
    yield Heading(f"{STAR} {option.label}（{people}）")
    lines = list(_lines(edition, question, option))
    about = f"「{option.note}」という内容です。" if option.note and not lines else ""
    # The same proviso of the other reading under star after star would bury what people wrote.
    yield Sentence(f"{about}{change_words(compared, is_brief=True)}", compared.evidence)
    yield from lines


def _plain(edition: Edition, question: Question, option: Option) -> Iterator[Part]:
    row = edition.estimate(question.id, option.id)
    words = f"（{wording.people_words(row)}、{wording.percent_words(row)}）"
    if predicted.is_predicted(row):
        words = f"（{predicted.heading_words(row)}、{predicted.share_words(row)}）"
    if option.is_exclusive:
        none = _NONE_WORDS.get(question.box, option.label)
        yield Sentence(f"「{none}」という趣旨の回答もありました{words}。", (row,))
    else:
        yield Sentence(f"どの内容にもあてはまらない「{option.label}」の回答もありました{words}。", (row,))
    yield from _lines(edition, question, option)


def _lines(edition: Edition, question: Question, option: Option) -> Iterator[Bullets]:
    found = edition.lines_of(question.id, option.id)
    if found:
        yield Bullets(tuple(Sentence(f"{line_words(row)}（{answers_words(row)}）") for row in found))


def line_words(line: Row) -> str:
    """Return an approved line as it is printed."""
    return widths.plain_width(str(line["line"])).removesuffix("。")


def answers_words(line: Row) -> str:
    """Return ``8件``, or words for a line that stands for so few that their number is not told."""
    return f"{int(line['stands_for'])}件" if line["stands_for"] >= FEWEST_ANSWERS else _FEW_WORDS


def problems(edition: Edition) -> list[Problem]:
    """Return the approved lines that stand for more answers than their theme has people."""
    return [
        Problem(
            "公表文が代表する回答の数が、主題の人数より多くなっています",
            file=f"surveys/{edition.survey.id}/coding/{edition.wave.key}/lines.csv",
            key=f"{line['question']} {line['code']} 順番{int(line['order'])}",
            found=f"{int(line['stands_for'])}件",
            expected=f"{int(row['count'])}件まで",
            next_step="分類をやり直したときは、公表文が代表する数も数え直してください。",
        )
        for line in edition.lines.to_dict("records")
        if wording.is_exact(row := edition.estimate(line["question"], line["code"]))
        and line["stands_for"] > row["count"]
    ]


# ---- the table ---------------------------------------------------------------------------


def table_parts(edition: Edition, question: Question) -> Iterator[Part]:
    """Yield the table of counts and shares after what it holds."""
    yield Sentence(
        _TABLE_LEAD.format(label=question.label) + (_TWO_BASES if filter_rows(edition, question) else "")
    )
    yield themes_table(edition, question)


def themes_table(edition: Edition, question: Question) -> Table:
    """Return ``tables.shares_table`` with one more column, the share of everyone asked, and their number."""
    made = tables.shares_table(edition, question)
    last = edition.previous(question.id)
    waves = (edition.wave, last) if last else (edition.wave,)
    asked = {wave.key: filter_rows(edition, question, wave.key) for wave in waves}
    if not asked[edition.wave.key]:
        return made
    at = made.columns.index(f"{edition.wave.label}（%）") + 1
    shares = iter(_asked_shares(edition, question, waves))
    base_label = tables.N_LABELS[question.base]
    rows, evidence = [], [row for found in asked.values() for row in found]
    for cells in made.rows:
        row = next(shares)
        evidence += [row] if row is not None else []
        rows.append((*cells[:at], wording.percent_cell(row), *cells[at:]))
        if cells[0] == base_label:
            rows.append(_asked_cells(waves, asked, len(made.columns) + 1))
    return Table(
        caption=made.caption,
        columns=(*made.columns[:at], f"{edition.wave.label}（全員の%）", *made.columns[at:]),
        rows=tuple(rows),
        notes=(
            "「全員の%」は、この設問を聞いた人全員に占める割合です。ほかの割合と変化は、内容のある回答をした人に占める割合によるものです。",
            *made.notes,
        ),
        evidence=(*made.evidence, *evidence),
    )


def _asked_shares(edition: Edition, question: Question, waves: Sequence[Wave]) -> Iterator[Row | None]:
    """Yield the share of everyone asked for each row of the table, in its order."""
    options = {option.id for option in question.options}
    listed = [item for item, _ in tables.items(edition, question, waves)]
    nets = [item for item in listed if item not in options]
    for item in (item for item in listed if item in options):
        yield of_asked(edition, question, edition.estimate(question.id, item))
    yield content_row(edition, question, tables.any_row(edition, question, edition.wave.key))
    for item in nets:
        yield of_asked(edition, question, edition.estimate(question.id, item))


def _asked_cells(waves: Sequence[Wave], asked: Mapping[str, tuple[Row, ...]], width: int) -> tuple[str, ...]:
    """Return the row of the people asked: their number now and last time, all of them 100 %."""
    people = [
        count_text(sum(int(row["count"]) for row in asked[wave.key]))
        if asked[wave.key]
        else wording.NOT_ASKED
        for wave in waves
    ]
    cells = [ASKED_LABEL, people[0], "", "100.0", *people[1:]]
    return (*cells, *[""] * (width - len(cells)))
