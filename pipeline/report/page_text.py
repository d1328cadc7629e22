"""``page/<wave>.md`` and the blocks → the sections of the page, in the officer's order.

The text starts with ``# title``. A line that is only ``[[block]]`` inserts a block. Where the
officer's own ``## heading`` (and words) stand right before a block, they take the place of the
block's heading, so that one section is one thing to paste.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from markupsafe import Markup

from pipeline.model import Problem
from pipeline.report import figures, typed
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Block, Sentence
from pipeline.report.figures import Place
from pipeline.report.page_form import SECTION, TITLE, Line, block_name, form_problems, reader
from pipeline.report.widths import plain_width

#: A line that begins so is for the officer: no page shows it.
TODO = "TODO"


@dataclass(frozen=True)
class Section:
    """One thing to paste: ``name`` is the block id or ``text-1`` …; ``words`` is rendered HTML."""

    name: str
    heading: str
    words: Markup
    block: Block | None = None


def default_text(edition: Edition, blocks: Mapping[str, Block]) -> str:
    """Return the page of a wave for which nobody has written one: every block in order."""
    survey = edition.survey
    greeting = f"{survey.organisation}では、{survey.respondents}を対象に「{survey.title}」を行いました。"
    lines = [
        f"# {edition.wave.label} {survey.title}の結果",
        f"{greeting}{edition.wave.label}の結果をお知らせします。",
        *(f"[[{name}]]" for name in blocks),
    ]
    return "\n\n".join(lines) + "\n"


def sections(edition: Edition, blocks: Mapping[str, Block]) -> tuple[str, list[Section], list[Problem]]:
    """Return (title, sections, problems) of the edition's page."""
    file = f"surveys/{edition.survey.id}/page/{edition.wave.key}.md"
    written = edition.survey.pages.get(edition.wave.key, "")
    text = written if written.strip() else default_text(edition, blocks)
    lines = [Line(number, line) for number, line in enumerate(text.splitlines(), start=1)]
    notes = _todo_notes(lines, file)
    lines = [line for line in lines if not line.text.startswith(TODO)]
    empty = _empty_blocks(edition, blocks, lines)
    blocks = {**blocks, **empty}
    problems = [*notes, *_quotation_notes(lines, file), *form_problems(lines, blocks, file)]
    problems += [_empty_note(line, file) for line in lines if block_name(line.text) in empty]
    used = [blocks[name] for line in lines if (name := block_name(line.text)) in blocks]
    problems += [] if used else [_no_block_note(file)]
    names = (edition.survey.title, *(wave.label for wave in edition.waves))
    printed = typed.printed_numbers(used, names)
    filled = []
    for line in lines:
        place = Place(file, line.number)
        problems += typed.typed_problems(line.text, printed, place)
        content, unknown = figures.fill(edition, line.text, place)
        problems += [*unknown, *typed.unit_problems(content, place)]
        filled.append(Line(line.number, plain_width(content)))
    title, body = _title(filled)
    fallback = f"{edition.wave.label} {edition.survey.title}の結果"
    return title or fallback, list(_cut(body, blocks)), problems


def _empty_blocks(edition: Edition, blocks: Mapping[str, Block], lines: list[Line]) -> dict[str, Block]:
    """Return a block with one sentence for each name on the page that the survey knows and that has no figures.

    Nobody was asked, the answers are not classified yet, or the groups were too small to be shown:
    that must not stop a page, and must not pass in silence either.
    """
    survey, found = edition.survey, {}
    known = {question.id: question.heading for question in survey.questions if not question.is_attribute}
    for cross in survey.crosses:
        for question in cross.questions:
            banner = survey.question(cross.banner)
            known[f"{question}-{banner.id}"] = f"{survey.question(question).heading}（{banner.label}別）"
    for line in lines:
        name = block_name(line.text)
        if name in known and name not in blocks:
            found[name] = Block(name, known[name], (Sentence("この項目には、掲載できる数値がありません。"),))
    return found


def _empty_note(line: Line, file: str) -> Problem:
    what = "掲載できる数値のないブロックがあります（その旨の1文だけを載せます）"
    expected = "聞いた人がいて、分類が終わり、公表できる人数のある設問"
    step = "載せないときは、この行を消してください。"
    return replace(Place(file, line.number).problem(what, line.text.strip(), expected, step), severity="note")


def _no_block_note(file: str) -> Problem:
    what, step = "ページにブロックがありません（表も図も載りません）", "載せる設問の [[設問のID]] の行を書いてください。"
    return Problem(what, file=file, next_step=step, severity="note")


def _todo_notes(lines: list[Line], file: str) -> list[Problem]:
    """Return a note where lines for the officer are left: they are not shown, and what they say is not done."""
    places = [f"{line.number}行目" for line in lines if line.text.startswith(TODO)]
    if not places:
        return []
    what, step = "ページの文章に、確かめていない行（TODO）があります（ページには出しません）", "確かめて直し、その行を消してください。"
    return [Problem(what, file=file, cell="、".join(places), next_step=step, severity="note")]


def _quotation_notes(lines: list[Line], file: str) -> list[Problem]:
    """Return a note on numbers of other sources: no table of this survey can tell whether they are right."""
    found = [(line, quotation) for line in lines for quotation in figures.quotations(line.text)]
    if not found:
        return []
    places = "、".join(dict.fromkeys(f"{line.number}行目" for line, _ in found))
    numbers = "、".join(f"{number}（{source}）" for _, (number, source) in found)
    what = "ページの文章に、ほかの資料の数値があります（この調査の表では確かめられません）"
    return [Problem(what, file=file, cell=places, found=numbers, next_step="出典と見くらべてください。", severity="note")]


def _title(lines: list[Line]) -> tuple[str, list[Line]]:
    for place, line in enumerate(lines):
        if line.text.strip():
            match = TITLE.match(line.text)
            return (match.group(1), lines[place + 1 :]) if match else ("", lines[place:])
    return "", []


def _cut(lines: list[Line], blocks: Mapping[str, Block]) -> Iterator[Section]:
    """Yield the sections: text cut at ``##``, the last piece before a block joined to it."""
    waiting: list[Line] = []
    count = 0
    for line in (*lines, None):
        name = block_name(line.text) if line is not None else ""
        if line is not None and not name:
            waiting.append(line)
            continue
        *pieces, last = _pieces(waiting)
        is_joined = bool(name) and bool(last) and bool(SECTION.match(last[0].text))
        for piece in pieces if is_joined else (*pieces, last):
            if any(entry.text.strip() for entry in piece):
                count += 1
                yield Section(f"text-{count}", *_heading_and_words(piece))
        if name in blocks:
            block = blocks[name]
            own = _heading_and_words(last) if is_joined else (plain_width(block.heading), Markup(""))
            yield Section(name, *own, block=block)
        waiting = []


def _pieces(lines: list[Line]) -> list[list[Line]]:
    pieces: list[list[Line]] = [[]]
    for line in lines:
        if SECTION.match(line.text):
            pieces.append([])
        pieces[-1].append(line)
    return pieces


def _heading_and_words(piece: list[Line]) -> tuple[str, Markup]:
    match = SECTION.match(piece[0].text)
    body = piece[1:] if match else piece
    return (match.group(1) if match else ""), Markup(
        reader().render("\n".join(line.text for line in body))
    )
