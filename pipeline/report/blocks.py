"""One edition → the blocks of its page: 調査の概要, 主な結果, each question, 注."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pipeline.model import EMPTY, Question
from pipeline.report import predicted, sentences, tables, themes, widths
from pipeline.report.answered import answered_table
from pipeline.report.asking import asked_people
from pipeline.report.cross_tables import cross_table
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Block, Bullets, Heading, Part, Picture, Sentence
from pipeline.report.footnotes import notes
from pipeline.report.headlines import cross_heading, question_heading
from pipeline.report.outline import outline

OUTLINE, FINDINGS, NOTES = "outline", "findings", "notes"
#: Charts by question id; a chart has name, kind, alt, width, height.
Charts = Mapping[str, Sequence]
#: Headings of the findings, in the order they are spoken.
_FINDING_GROUPS = (
    ("up", "前回より上昇した項目"),
    ("down", "前回より低下した項目"),
    ("same", "変化なしといえる項目"),
    ("unclear", "変化したとも、しなかったともいえない項目"),
    ("not_comparable", "前回と比べられない項目"),
    ("", "今回から聞いた項目"),
)


def blocks(edition: Edition, charts: Charts = EMPTY) -> tuple[Block, ...]:
    """Return every block the page could show, in default order."""
    asked = questions_on_page(edition)
    made = [
        Block(OUTLINE, "調査の概要", tuple(outline(edition))),
        Block(FINDINGS, "主な結果", tuple(_findings(edition, asked))),
    ]
    for question in asked:
        parts = _theme_parts if question.is_free_text else _question_parts
        drawn = charts.get(question.id, ())
        made.append(
            Block(question.id, question_heading(edition, question), tuple(parts(edition, question, drawn)))
        )
        made += [_cross_block(edition, question, banner, drawn) for banner in _banners(edition, question)]
    page = tuple(made)
    return (*page, Block(NOTES, "注", tuple(notes(edition))))


def questions_on_page(edition: Edition) -> tuple[Question, ...]:
    """Return the questions of this wave that the edition shows, attributes apart, in survey order."""
    return tuple(
        question
        for question in edition.survey.questions
        if not question.is_attribute
        and edition.wave.asks(question.id)
        and edition.wave in edition.waves_asking(question.id)
    )


# ---- 主な結果 ----------------------------------------------------------------------------


def _findings(edition: Edition, asked: Sequence[Question]) -> Iterator[Part]:
    """Every headline item is spoken, grouped by verdict; none is left out for being small."""
    found: dict[str, list[Sentence]] = {verdict: [] for verdict, _ in _FINDING_GROUPS}
    for question in asked:
        item = sentences.headline_item(edition, question)
        if not item:
            continue
        compared = sentences.comparison(edition, question, item)
        spoken = sentences.change_sentence(compared)
        verdict = compared.verdict if compared.last_wave is None or compared.verdict else "not_comparable"
        found[verdict].append(Sentence(f"{question.label}：{spoken.text}", spoken.evidence))
    spoken_groups = [(heading, found[verdict]) for verdict, heading in _FINDING_GROUPS if found[verdict]]
    if not spoken_groups:
        return
    total = sum(len(items) for _, items in spoken_groups)
    counts = "、".join(f"{heading}は{_things(len(items))}" for heading, items in spoken_groups)
    yield Sentence(f"設問ごとに1つずつ選んだ主な項目{_things(total)}のうち、{counts}です。")
    for heading, items in spoken_groups:
        yield Heading(heading)
        yield Bullets(tuple(items))


def _things(number: int) -> str:
    return f"{number}つ" if number < 10 else f"{number}項目"


# ---- 設問 --------------------------------------------------------------------------------


def _question_parts(edition: Edition, question: Question, charts: Sequence) -> Iterator[Part]:
    yield from _opening(edition, question)
    yield from _pictures(charts, "band", "bar")
    last = edition.previous(question.id)
    beside = f"と前回（{last.label}）" if last else ""
    yield Sentence(
        f"次の表は、{question.label}の選択肢ごとの人数（人）と割合（%）です。{edition.wave.label}{beside}の値を示します。"
    )
    yield tables.shares_table(edition, question)
    if (without_blanks := answered_table(edition, question)) is not None:
        yield Sentence(f"次の表は、{question.label}に答えた人だけを100%とした割合です。無回答と無効を除いて、前回とくらべます。")
        yield without_blanks
    yield from _years(edition, question, charts)


def _opening(edition: Edition, question: Question) -> Iterator[Part]:
    """The finding and its change, then how it was asked."""
    ranking = sentences.ranking_sentence(edition, question)
    if ranking is not None:
        yield ranking
    if item := sentences.headline_item(edition, question):
        yield sentences.change_sentence(sentences.comparison(edition, question, item))
    yield from _asking(edition, question)


def _asking(edition: Edition, question: Question) -> Iterator[Sentence]:
    """The question as asked and who was asked it."""
    if asked := edition.wave.wording[question.id]:
        number = f"（{question.number}）" if question.number else ""
        yield Sentence(f"設問{number}：{asked}")
    if remarks := _asked_whom(edition, question):
        yield Sentence(remarks)


def _asked_whom(edition: Edition, question: Question) -> str:
    people = asked_people(edition.survey, question)
    said = [f"{people}に聞きました。"] if people else []
    if question.is_free_text:
        said.append(predicted.sorting_words(edition, question))
    if question.takes_many:
        many = "1人の回答が2つ以上の内容に入ることがある" if question.is_free_text else "いくつでも選べる"
        limit = f"{question.limit}つまで選べる" if question.limit else many
        said.append(f"{limit}ため、割合の合計は100%を超えることがあります。")
    return "".join(said)


def _years(edition: Edition, question: Question, charts: Sequence) -> Iterator[Part]:
    series, changes = tables.series_table(edition, question), tables.changes_table(edition, question)
    if series is None and changes is None:
        return
    yield Heading("経年の変化")
    yield from _pictures(charts, "series")
    if series is not None:
        yield Sentence(
            f"次の表は、{question.label}の推移です。これまでの調査の割合（%）を、左から新しい順に示します。最後の行は人数（人）です。"
        )
        yield series
    if changes is not None:
        yield Sentence(
            f"次の表は、{tables.changes_subject(edition, question)}の経年の変化です。2つの年度の割合（%）の差（ポイント）、"
            "後の年度の基数でその差が何人（人）にあたるか、差が偶然の範囲かどうかの判定を示します。"
        )
        yield changes


def _banners(edition: Edition, question: Question) -> list[Question]:
    return [
        edition.survey.question(cross.banner)
        for cross in edition.survey.crosses
        if question.id in cross.questions and edition.groups(question.id, cross.banner)
    ]


def _cross_block(edition: Edition, question: Question, banner: Question, charts: Sequence) -> Block:
    """A cross is a block of its own, so that a page shows the ones that matter and not all of them."""
    heading = cross_heading(edition, question, banner)
    return Block(f"{question.id}-{banner.id}", heading, tuple(_cross(edition, question, banner, charts)))


def _cross(edition: Edition, question: Question, banner: Question, charts: Sequence) -> Iterator[Part]:
    spread = sentences.spread_sentence(edition, question, banner.id)
    if spread is not None:
        yield spread
    yield from _pictures([chart for chart in charts if chart.name == f"{question.id}-{banner.id}"], "cross")
    yield Sentence(
        f"次の表は、{question.label}を{banner.label}別にみた、回答者数（n、人）とその中での割合（%）です。"
    )
    yield cross_table(edition, question, banner)


def _pictures(charts: Sequence, *kinds: str) -> Iterator[Picture]:
    for chart in charts:
        if chart.kind in kinds:
            yield Picture(chart.name, widths.plain_width(chart.alt), chart.width, chart.height)


# ---- 自由記述 ----------------------------------------------------------------------------


def _theme_parts(edition: Edition, question: Question, charts: Sequence) -> Iterator[Part]:
    """Each theme says its own change, so that the opening has no headline."""
    ranking, wrote = sentences.ranking_sentence(edition, question), themes.wrote_sentence(edition, question)
    yield from (sentence for sentence in (ranking, wrote) if sentence is not None)
    yield from _asking(edition, question)
    yield from themes.stars(edition, question)
    yield Heading("内容ごとの人数と割合")
    yield from _pictures(charts, "band", "bar")
    yield from themes.table_parts(edition, question)
    yield from _years(edition, question, charts)
