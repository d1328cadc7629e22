"""Checks of HTML and SVG: scripts, handlers, foreign resources, comments, words nobody sees."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser

Finding = tuple[str, str, str]
_LINKS = {"src", "href", "xlink:href", "action", "formaction", "poster", "srcset", "data"}
_FOREIGN = re.compile(r"^\s*(?:https?:)?//|^\s*(?:javascript|data|file|vbscript):", re.IGNORECASE)
_LIVE = {"iframe", "object", "embed", "form", "base", "foreignobject", "applet", "link"}
#: One that is not closed runs as well.
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)(?:</script\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_STYLE_LOADS = re.compile(r"@import|url\(\s*[\"']?\s*(?:(?:https?:)?//|data:|file:)", re.IGNORECASE)
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*(?:0|0?\.0+)(?![.\d])"
)
#: Words for screen readers stand so, by a rule of the style sheet; written at one place they are hidden.
_AWAY = re.compile(r"(?:left|top|text-indent)\s*:\s*-\d{3,}|clip-path\s*:\s*inset|clip\s*:\s*rect")
#: Rules of a style sheet for paper: one block with blocks inside.
_PRINTED = re.compile(r"@media print\s*\{(?:[^{}]|\{[^{}]*\})*\}")
#: The same as attributes of a drawing: name → what makes words on it unseen.
_UNSEEN_ATTRIBUTES = {
    "display": {"none"},
    "visibility": {"hidden", "collapse"},
    "opacity": {"0", "0.0"},
    "fill-opacity": {"0", "0.0"},
    "font-size": {"0", "0px", "0pt"},
}
#: What a link of a page may begin with.
_SCHEMES = {"", "http", "https", "mailto", "tel"}
#: Elements whose words no reader sees.
_UNSEEN_ELEMENTS = {"template", "noscript", "datalist"}
#: What the one allowed script reads off the buttons of index.html: ids, never a number.
_BUTTONS = {"data-copy", "data-from"}
_AUTHORS = {"author", "generator", "creator"}


def html(content: bytes) -> Iterator[Finding]:
    """Find what must not be in a published page, but for its scripts."""
    yield from _looked_through(content, is_svg=False)


def svg(content: bytes) -> Iterator[Finding]:
    """Find what must not be in a published drawing; no script at all is allowed."""
    for match in re.finditer(
        r"<dc:(?:creator|rights|publisher|contributor)>(.*?)</dc:", _text(content), re.DOTALL
    ):
        if re.sub(r"<[^>]*>|\s", "", match[1]) not in ("", "pipeline"):
            yield "作成者などの情報があります", _line(content, match.start()), ""
    yield from _looked_through(content, is_svg=True)
    yield from scripts(content, frozenset())


def scripts(content: bytes, allowed: frozenset[str]) -> Iterator[Finding]:
    """Find inline scripts whose SHA-256 is not among ``allowed``, and all that are loaded."""
    for match in _SCRIPT.finditer(_text(content)):
        digest = hashlib.sha256(match[2].encode()).hexdigest()
        if "src" in match[1].lower() or digest not in allowed:
            yield "このプログラムのものではないスクリプトがあります", _line(content, match.start()), ""


def _text(content: bytes) -> str:
    return content.decode("utf-8-sig", errors="replace")


def _line(content: bytes, start: int) -> str:
    return f"{_text(content).count(chr(10), 0, start) + 1}行目"


def _looked_through(content: bytes, is_svg: bool) -> Iterator[Finding]:
    looking = _Looking(is_svg)
    looking.feed(_text(content))
    looking.close()
    yield from looking.found


def _scheme(address: str) -> str:
    """Return what stands before the colon of an address, "" where it is relative; browsers drop blanks and breaks."""
    match = re.match(r"([a-z][a-z0-9+.-]*):", re.sub(r"[\x00-\x20]", "", address).lower())
    return match[1] if match else ""


def _is_unseen(name: str, value: str) -> bool:
    if name == "style":
        return bool(_UNSEEN.search(value) or _AWAY.search(value))
    return name == "hidden" or value.strip().lower() in _UNSEEN_ATTRIBUTES.get(name, ())


class _Looking(HTMLParser):
    def __init__(self, is_svg: bool):
        super().__init__(convert_charrefs=True)
        self.found: list[Finding] = []
        self._is_svg = is_svg
        self._is_style = False

    def _add(self, what: str, step: str = "") -> None:
        self.found.append((what, f"{self.getpos()[0]}行目", step))

    def handle_starttag(self, tag, attrs):
        self._is_style = tag == "style"
        if tag == "meta" and any(
            (name, (value or "").lower()) == ("http-equiv", "refresh") for name, value in attrs
        ):
            self._add("ほかのページへ移るしかけがあります")
        if tag in _LIVE and not (tag == "link" and not dict(attrs).get("href")):
            self._add(f"外部の部品を読み込む要素（{tag}）があります")
        is_unseen_text = self._is_svg and tag == "text" and dict(attrs).get("fill") in ("none", "transparent")
        is_unseen_input = tag == "input" and (dict(attrs).get("type") or "").lower() == "hidden"
        if tag in _UNSEEN_ELEMENTS or is_unseen_text or is_unseen_input:
            self._add("見えない部分があります")
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self._add(f"スクリプトを動かす属性（{name}）があります")
        elif name in _LINKS and _FOREIGN.search(value) and tag != "a":
            self._add("外部のファイルか、埋め込まれたデータを読み込みます")
        elif name == "href" and _scheme(value) not in _SCHEMES:
            self._add("ページ以外を開くリンクがあります")
        elif _is_unseen(name, value):
            self._add("見えない部分があります")
        elif tag == "meta" and name == "name" and value.lower() in _AUTHORS:
            self._add(f"作成者などの情報（{value}）があります")
        elif name == "style" and _STYLE_LOADS.search(value):
            self._add("外部のファイルか、埋め込まれたデータを読み込みます")
        elif name.startswith("data-") and not (name in _BUTTONS and re.fullmatch(r"[a-z0-9-]+", value)):
            self._add(f"画面に出ない値（{name}）があります")

    def handle_data(self, data):
        if self._is_style and _STYLE_LOADS.search(data):
            self._add("外部のファイルか、埋め込まれたデータを読み込みます")
        # What only paper or only the screen leaves out is a choice of layout; the rest is hidden.
        if self._is_style and _UNSEEN.search(_PRINTED.sub("", data)):
            self._add("見えない部分があります")

    def handle_endtag(self, tag):
        self._is_style = False

    def handle_comment(self, data):
        self._add("コメント（画面に出ない文）があります")

    def handle_decl(self, decl):
        # Matplotlib's drawings name their document type; an entity would be a hiding place.
        if "[" in decl:
            self._add("文書型の中に定義があります")

    def handle_pi(self, data):
        if not self._is_svg or not data.startswith("xml"):
            self._add("処理命令があります")
