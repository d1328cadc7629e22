"""The last wave's page and this wave's verdicts → a first draft of ``page/<wave>.md``.

The officer's own words stay as they are. A sentence about a question is made anew from its verdict,
with figures as ``{{…}}``, and the old one stands before it as a line ``TODO``, which no page shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.model import MEAN, RESPONSE, Question, Wave
from pipeline.report import figures
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Block
from pipeline.report.page_text import TODO
from pipeline.report.sentences import Comparison, comparison, headline_item

_BLOCK = re.compile(r"^\s*\[\[\s*(.*?)\s*\]\]\s*$")
_FIELD = re.compile(r"\{\{(.*?)\}\}")
_WAVE_IN_FIELD = re.compile(r"(wave=)(\S+?)(?=[\s}])")
_PERIOD = re.compile(r"(?:令和|平成)(?:元|\d+)年|(?<!\d)20\d\d年")
_UNCLEAR = {
    "small": "との差は小さく、変わったとは判定しません",
    "base": "とは、回答者が少ないため、変わったかどうかを判定しません",
    "rounding": "とは、公表値の丸めのため、変わったかどうかを判定できません",
}
_NEW = "今回から新しくたずねた質問です。"
_FIRST_BLOCKS, _LAST_BLOCK = ("outline", "findings"), "notes"


@dataclass(frozen=True)
class Piece:
    """A heading with its words, up to the next heading or the block they stand before ("" = no block)."""

    lines: tuple[str, ...]
    block: str = ""


def draft(edition: Edition, blocks: Mapping[str, Block]) -> str:
    """Return the text of a first draft. Every figure in it can be filled from the edition's tables."""
    last = max((key for key in edition.survey.pages if key < edition.wave.key), default="")
    text = edition.survey.pages.get(last, "")
    pieces = _pieces(text) if text.strip() else list(_fresh(edition, blocks))
    earlier = next((wave for wave in edition.waves if wave.key == last), None)
    known = [line for piece in pieces for line in _drafted(edition, blocks, piece, earlier)]
    if text.strip():
        known = _with_new_questions(edition, blocks, known, earlier)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(known)).strip() + "\n"


def _pieces(text: str) -> list[Piece]:
    pieces, lines = [], []
    for line in text.splitlines():
        match = _BLOCK.match(line)
        if match:
            pieces.append(Piece(tuple(lines), match.group(1)))
            lines = []
        elif line.startswith("## ") and lines:
            pieces.append(Piece(tuple(lines)))
            lines = [line]
        elif not line.startswith(TODO):
            lines.append(line)
    return [*pieces, Piece(tuple(lines))]


def _fresh(edition: Edition, blocks: Mapping[str, Block]) -> Iterator[Piece]:
    """Yield the page of a survey that never had one: every question under its own heading, then the contact."""
    survey = edition.survey
    greeting = f"{survey.organisation}では、{survey.respondents}を対象に「{survey.title}」を行いました。"
    title = f"# {edition.wave.label} {survey.title}の結果"
    rate = "対象の{{response.returns.base}}人のうち{{response.returns.count}}人から回答がありました（回答率{{response.returns.percent}}%）。ご協力ありがとうございました。"
    opening = [title, "", greeting]
    if not figures.fill(edition, rate, figures.Place("", 0))[1]:
        opening.append(rate)
    yield Piece((*opening, ""))
    for name in blocks:
        question = _question(edition, name)
        heading = ("", f"## {question.label}", "") if question else ("",)
        yield Piece(heading, name)
    yield Piece(
        (
            "",
            "## お問い合わせ",
            "",
            f"{survey.organisation}",
            f"{TODO} 担当の部署と電話番号を書いてください。",
        )
    )


def _question(edition: Edition, block: str) -> Question | None:
    return next((q for q in edition.survey.questions if q.id == block and not q.is_attribute), None)


def _drafted(edition: Edition, blocks: Mapping[str, Block], piece: Piece, last: Wave | None) -> Iterator[str]:
    """Yield the lines of one piece as this wave's page may have them."""
    if piece.block and piece.block not in blocks:
        yield from (f"{TODO} 前回: {line}" for line in piece.lines if line.strip())
        yield f"{TODO} 前回の [[{piece.block}]] は、今回は載せる数値がないので外しました。"
        return
    question = _question(edition, piece.block)
    body = [line for line in _kept(edition, piece.lines, last, question is not None)]
    if question is not None and not question.is_free_text and (told := sentence(edition, question)):
        at = next((place for place, line in enumerate(body) if line.startswith("## ")), -1) + 1
        body[at:at] = ["", told]
    yield from body
    if piece.block:
        yield from ("", f"[[{piece.block}]]", "")


def _kept(edition: Edition, lines: Sequence[str], last: Wave | None, is_question: bool) -> Iterator[str]:
    """Yield the officer's lines: a result of the last wave as TODO, all else as it was."""
    for line in lines:
        if line.startswith("# "):
            yield line.replace(last.label, edition.wave.label) if last else line
            continue
        if is_question and _has_result(line):
            yield f"{TODO} 前回の文: {line}"
            continue
        moved = _moved(edition, line, last)
        if figures.fill(edition, moved, figures.Place("", 0))[1]:
            yield f"{TODO} 前回の文（今回は入らない数値があります）: {line}"
            continue
        yield moved
        if _PERIOD.search(_FIELD.sub("", line)):
            yield f"{TODO} 上の行の年度（年）を確かめてください。"
        if any(figures.quotations(line)):
            yield f"{TODO} 上の行の、ほかの資料の数値を確かめてください。"


def _has_result(line: str) -> bool:
    return (
        _NEW.rstrip("。") in line
        or "今回から" in line
        or any(not field.strip().startswith(f"{RESPONSE}.") for field in _FIELD.findall(line))
    )


def _moved(edition: Edition, line: str, last: Wave | None) -> str:
    """Return a line whose fields name the last wave where they named the one before it; other words stay."""
    keys = [wave.key for wave in edition.waves]
    place = keys.index(last.key) if last else 0
    before = keys[place - 1] if place else ""

    def moved(field: re.Match) -> str:
        return _WAVE_IN_FIELD.sub(
            lambda m: m.group(1) + (last.key if m.group(2) == before else m.group(2)), field.group(0)
        )

    return _FIELD.sub(moved, line) if before else line


def _with_new_questions(
    edition: Edition, blocks: Mapping[str, Block], lines: list[str], last: Wave | None
) -> list[str]:
    """Return the page with the questions that the last wave did not ask, after the last question."""
    present = {match.group(1): place for place, line in enumerate(lines) if (match := _BLOCK.match(line))}
    new = [
        name
        for name in blocks
        if _question(edition, name) and name not in present and not (last and last.asks(name))
    ]
    inner = [place for name, place in present.items() if name not in (*_FIRST_BLOCKS, _LAST_BLOCK)]
    at = max(inner, default=len(lines) - 1) + 1
    more = [
        line
        for name in new
        for line in _drafted(edition, blocks, Piece(("", f"## {_question(edition, name).label}"), name), last)
    ]
    return [*lines[:at], *more, *lines[at:]]


# ---- one sentence from a verdict ---------------------------------------------------------


def sentence(edition: Edition, question: Question) -> str:
    """Return what the verdict of the question's headline allows to say, figures as fields; "" if nothing."""
    item = headline_item(edition, question)
    if not item:
        return ""
    compared = comparison(edition, question, item)
    unit = "" if item == MEAN else "%"
    now = f"「{compared.label}」は{{{{{question.id}.{item}.percent}}}}{unit}"
    if compared.verdict == "not_comparable" and compared.last_wave:
        return f"{now}でした。設問などが変わったため、前回（{compared.last_wave.label}）とは比べられません。"
    for text in (f"{now}で、{_told(question.id, item, unit, compared)}", f"{now}でした。"):
        if not figures.fill(edition, text, figures.Place("", 0))[1]:
            return text if compared.last_wave else f"{_NEW}{now}でした。"
    return ""


def _told(question: str, item: str, unit: str, compared: Comparison) -> str:
    """Return the clause about the last wave; it may name figures that cannot be filled."""
    last = compared.last_wave
    if last is None or compared.change is None:
        return "{{}}"
    share = f"{{{{{question}.{item}.percent wave={last.key}}}}}{unit}"
    before, step = f"前回（{last.label}{share}）", f"{{{{{question}.{item}.change}}}}{compared.change['unit']}"
    if compared.verdict in ("up", "down"):
        return f"{before}から{'上昇' if compared.verdict == 'up' else '低下'}しました（{step}）。"
    if compared.verdict == "same":
        return f"{before}と比べて、変化なしといえる範囲の差です（{step}）。"
    words = _UNCLEAR.get(str(compared.change["verdict_reason"]), "との差は、偶然の範囲内です")
    return f"{before}{words}。"
