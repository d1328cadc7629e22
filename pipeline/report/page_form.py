"""How the officer's text may be written, and what is wrong with its headings, blocks, links and signs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt

from pipeline.matching import nearest
from pipeline.model import Problem
from pipeline.report.exhibits import Block
from pipeline.report.figures import FIGURE, Place

TITLE = re.compile(r"^#\s+(.*?)\s*$")
SECTION = re.compile(r"^##\s+(.*?)\s*$")
_BLOCK = re.compile(r"^\s*\[\[\s*(.*?)\s*\]\]\s*$")
_HEADING = re.compile(r"^\s{0,3}(#{1,6})(?:\s|$)")
_LINK = re.compile(r"(?<!!)\[(?P<words>[^\]]*)\]\((?P<address>[^)]*)\)")
#: Words that do not say where a link leads; not those of こころ and ここち.
_VAGUE = re.compile(r"こちら|ここ(?![ちろ])|^クリック$")
#: How the address of a link begins: any other leads nowhere once the page lies in the content system.
_ADDRESSES = ("https://", "http://", "mailto:")
#: A sign that is meant as itself: \\[ \\* \\<
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
#: Titles and section headings are printed as they are: what is read as a sign everywhere else.
_SIGNS_IN_HEADING = re.compile(rf"\*+[^*]+\*+|\]\(|{_ESCAPED.pattern}")
#: What the reader leaves in the text because it does not read it, or because it was not closed.
_SIGNS_LEFT = re.compile(
    "|".join(
        (
            r"^[#＃]{2,}|^[#＃]\s|^[>|]|^\[[^\]]+\]:|^(?:[-=*_]\s*){3,}$",
            r"\*\*|~~|`+|\]\[",
            r"</?[A-Za-z][^<>]*>|<!--|&(?:[A-Za-z]\w*|#\d+|#x[0-9A-Fa-f]+);",
        )
    )
)
_READ = "段落、見出し（## と ###、あとに半角の空白）、箇条書き（- と 1.）、強調（**言葉**）、リンク（[言葉](アドレス)）だけ"


@dataclass(frozen=True)
class Line:
    """A line of the officer's text; ``number`` counts from 1."""

    number: int
    text: str


def block_name(text: str) -> str:
    """Return the name in a line that is only ``[[name]]``, else ""."""
    match = _BLOCK.match(text)
    return match.group(1) if match else ""


def reader() -> MarkdownIt:
    """Return a reader of paragraphs, headings, lists, emphasis and links; HTML stays text."""
    made = MarkdownIt("zero").enable(["heading", "list", "emphasis", "link", "newline", "escape"])
    made.options["breaks"] = True  # an officer's line end is a line end on the page
    made.options["xhtmlOut"] = False
    return made


def form_problems(lines: Sequence[Line], blocks: Mapping[str, Block], file: str) -> Iterator[Problem]:
    """Yield what is wrong with the page apart from its numbers."""
    seen: set[str] = set()
    has_section = False
    has_text = False
    for line in lines:
        place = Place(file, line.number)
        if _BLOCK.match(line.text):
            yield from _block_problems(line.text, blocks, seen, place)
            has_section = True
        heading = _HEADING.match(line.text)
        if heading:
            level = len(heading.group(1))
            yield from _heading_problems(line.text, level, has_section, has_text, place)
            has_section = has_section or level == 2
        yield from _unclosed_problems(line.text, place)
        if "![" in line.text:
            expected = "文章とブロック（画像はブロックの図だけ）"
            yield place.problem("文章の中に画像は置けません", "![ ]( )", expected)
        yield from _link_problems(line.text, place)
        has_text = has_text or bool(line.text.strip())
    for number, sign in _signs_left(lines):
        yield Place(file, number).problem("ページでは使えない書き方です", sign, _READ)


def _block_problems(text: str, blocks: Mapping[str, Block], seen: set[str], place: Place) -> Iterator[Problem]:
    """Yield what is wrong with a block, and add its name to ``seen``."""
    name = block_name(text)
    if name not in blocks:
        close = nearest(name, blocks)
        expected = f"[[{close}]]" if close else "、".join(blocks)
        yield place.problem("ページに置けないブロックです", f"[[{name}]]", expected)
    elif name in seen:
        yield place.problem("同じブロックが2回あります", f"[[{name}]]", "1つのページに1回だけ")
    seen.add(name)


def _heading_problems(
    text: str, level: int, has_section: bool, has_text: bool, place: Place
) -> Iterator[Problem]:
    """has_section, has_text: whether a section, or anything at all, stands before the heading."""
    if level not in (2, 3) and (level != 1 or has_text):
        expected = "題名は最初の行の #、見出しは ## と ###"
        yield place.problem("見出しの段階が違います", "#" * level, expected)
    if level == 3 and not has_section:
        yield place.problem("見出しの段階が違います", "###", "先に ## の見出し")
    if not text.strip(" \t\u3000#"):
        yield place.problem("言葉のない見出しです", text.strip(), "見出しの言葉（いらない行なら消す）")
    if level <= 2 and (sign := _SIGNS_IN_HEADING.search(text)):
        yield place.problem("題名と ## の見出しでは使えない書き方です", sign.group(0), "強調もリンクもない言葉")


def _unclosed_problems(text: str, place: Place) -> Iterator[Problem]:
    """Yield the brackets of a block or a figure that is none: they would be printed as they stand."""
    rest = unicodedata.normalize("NFKC", _ESCAPED.sub(" ", FIGURE.sub(" ", text)))
    if not _BLOCK.match(text) and re.search(r"\[\[|\]\]", rest):
        yield place.problem("ブロックの書き方が違います", text.strip(), "[[ブロックの名前]] だけの行（半角）")
    if re.search(r"\{\{|\}\}", rest):
        yield place.problem("数値の書き方が違います", text.strip(), "{{ と }} の組（半角で、1行の中）")


def _link_problems(text: str, place: Place) -> Iterator[Problem]:
    for link in _LINK.finditer(text):
        words, address = link["words"].strip(" \u3000*_"), link["address"].strip(" <>")
        if not words or _VAGUE.search(words) or words.lower().startswith(_ADDRESSES):
            expected = "リンク先の分かる言葉（「こちら」「ここ」のない、アドレスでない言葉）"
            yield place.problem("リンク先の分からないリンクです", link["words"] or "（なし）", expected)
        if not address.lower().startswith(_ADDRESSES) or address.lower() in _ADDRESSES or " " in address:
            expected = f"{'、'.join(_ADDRESSES)} のどれかで始まり、空白のないアドレス"
            yield place.problem("リンクのアドレスが違います", link["address"] or "（なし）", expected)


def _signs_left(lines: Sequence[Line]) -> Iterator[tuple[int, str]]:
    """Yield (number of the line, sign) of what would be printed as a sign."""
    # Titles, section headings and blocks are not given to the reader when the page is made, either.
    texts = [
        "" if _BLOCK.match(line.text) or TITLE.match(line.text) or SECTION.match(line.text) else line.text
        for line in lines
    ]
    # The reader gives an escaped sign back as the sign itself: one that is looked for nowhere stands for it.
    for token in reader().parse("\n".join(_ESCAPED.sub(r"\-", text) for text in texts)):
        at = token.map[0] if token.map else 0
        for child in token.children or ():
            if child.type in ("softbreak", "hardbreak"):
                at += 1
            elif sign := _SIGNS_LEFT.search(child.content):
                yield lines[at].number, sign.group(0)
