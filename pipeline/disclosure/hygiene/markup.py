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
#: What the copy buttons of index.html carry: names of parts of the page.
_OF_THE_BUTTONS = {"data-copy", "data-from"}
_AUTHORS = {"author", "generator", "creator"}


def html(content: bytes) -> Iterator[Finding]:
    """Find what must not be in a published page, but for its scripts."""
    yield from _looked_through(content, is_svg=False)


def svg(content: bytes) -> Iterator[Finding]:
    """Find what must not be in a published drawing; no script at all is allowed."""
    yield from _looked_through(content, is_svg=True)
    yield from scripts(content, frozenset())


def scripts(content: bytes, allowed: frozenset[str]) -> Iterator[Finding]:
    """Find inline scripts whose SHA-256 is not among ``allowed``, and all that are loaded."""
    for match in re.finditer(
        r"<script\b([^>]*)>(.*?)</script\s*>", _text(content), re.IGNORECASE | re.DOTALL
    ):
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


class _Looking(HTMLParser):
    def __init__(self, is_svg: bool):
        super().__init__(convert_charrefs=True)
        self.found: list[Finding] = []
        self._is_svg = is_svg

    def _add(self, what: str, step: str = "") -> None:
        self.found.append((what, f"{self.getpos()[0]}行目", step))

    def handle_starttag(self, tag, attrs):
        if tag in _LIVE and not (tag == "link" and not dict(attrs).get("href")):
            self._add(f"外部の部品を読み込む要素（{tag}）があります")
        for name, value in attrs:
            self._attribute(tag, name, value or "")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on"):
            self._add(f"スクリプトを動かす属性（{name}）があります")
        elif name in _LINKS and _FOREIGN.search(value) and tag != "a":
            self._add("外部のファイルか、埋め込まれたデータを読み込みます")
        elif name == "href" and value.lower().lstrip().startswith(("javascript:", "data:", "file:")):
            self._add("ページ以外を開くリンクがあります")
        elif name == "hidden" or (
            name == "style" and re.search(r"display\s*:\s*none|visibility\s*:\s*hidden", value)
        ):
            self._add("見えない部分があります")
        elif tag == "meta" and name == "name" and value.lower() in _AUTHORS:
            self._add(f"作成者などの情報（{value}）があります")
        elif name.startswith("data-") and name not in _OF_THE_BUTTONS:
            self._add(f"画面に出ない値（{name}）があります")

    def handle_comment(self, data):
        self._add("コメント（画面に出ない文）があります")

    def handle_decl(self, decl):
        # Matplotlib's drawings name their document type; an entity would be a hiding place.
        if "[" in decl:
            self._add("文書型の中に定義があります")

    def handle_pi(self, data):
        if not self._is_svg or not data.startswith("xml"):
            self._add("処理命令があります")
