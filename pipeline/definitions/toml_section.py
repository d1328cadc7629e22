"""One table of a TOML file, read key by key; every mistake is noted, none stops the reading."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.decoding import read_text
from pipeline.matching import is_formula, nearest
from pipeline.model import Problem, ProblemsFound

#: What is wrong with words that would be published and calculated, and what to write instead.
FORMULA = ("計算式として読まれる文字で始まっています", "= + - @ で始まらない文（全角も。「-」1文字と数は使えます）")
NEXT_STEP = "ファイルを直して、もう一度 python -m pipeline check を実行してください。"
_ID = re.compile(r"[a-z0-9][a-z0-9_]*")


@dataclass
class Section:
    """A table at ``path`` of ``file``; takes note of problems and of the keys that were read."""

    content: Mapping[str, Any]
    file: str
    path: str
    problems: list[Problem]
    is_readable: bool = True
    _read: set[str] = field(default_factory=set)

    def note(self, what: str, key: str = "", found: Any = "", expected: str = "", **more: str) -> None:
        """Add one problem at ``key`` of this table."""
        place = ".".join(part for part in (self.path, key) if part)
        shown = found if isinstance(found, str) else repr(found)
        more.setdefault("next_step", NEXT_STEP)
        self.problems.append(Problem(what, file=self.file, key=place, found=shown, expected=expected, **more))

    def _value(self, key: str, kind: type | tuple[type, ...], default: Any, expected: str) -> Any:
        self._read.add(key)
        if key not in self.content:
            if default is ...:
                self.note("必要な項目がありません", key, "（なし）", expected)
                return None
            return default
        value = self.content[key]
        is_wrong_bool = isinstance(value, bool) and kind is not bool
        if not isinstance(value, kind) or is_wrong_bool:
            self.note("値の書き方が違います", key, value, expected)
            return None if default is ... else default
        return value

    def text(self, key: str, default: Any = "") -> str:
        return self._value(key, str, default, '文字（"…" で囲む）') or ""

    def words(self, key: str, default: Any = "") -> str:
        """Return a text that is published in tables: one that a spreadsheet would calculate is a problem."""
        value = self.text(key, default)
        if is_formula(value):
            self.note(FORMULA[0], key, value, FORMULA[1])
        return value

    def flag(self, key: str, default: bool = False) -> bool:
        return self._value(key, bool, default, "true または false")

    def number(self, key: str, default: Any) -> Any:
        return self._value(key, (int, float), default, "数")

    def whole(self, key: str, default: Any, lowest: int = 0) -> int | None:
        value = self._value(key, int, default, "整数")
        if isinstance(value, int) and value < lowest:
            self.note("値が小さすぎます", key, value, f"{lowest}以上の整数")
            return None
        return value

    def day(self, key: str) -> date | None:
        value = self._value(key, date, None, "日付（例: 2026-01-15、引用符なし）")
        return value if isinstance(value, date) else None

    def word(self, key: str, allowed: Iterable[str], default: Any = ...) -> str:
        """Return one of ``allowed``."""
        value, allowed = self.text(key, default), tuple(allowed)
        if value and value not in allowed:
            self.unknown(key, value, allowed, "使えない言葉です")
            return ""
        return value

    def identifier(self, key: str = "id") -> str:
        """Return an id: lower-case letters, digits and _; reserved words are refused elsewhere."""
        value = self.text(key, ...)
        if value and not _ID.fullmatch(value):
            self.note("IDに使えない文字があります", key, value, "半角の英小文字・数字・_")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        values = self._value(key, list, [], '文字の一覧（["…", "…"]）')
        wrong = [value for value in values if not isinstance(value, str)]
        if wrong:
            self.note("一覧に文字でないものがあります", key, wrong[0], '"…" で囲んだ文字')
        return tuple(value for value in values if isinstance(value, str))

    def mapping(self, key: str, kind: type = str) -> dict[str, Any]:
        """Return a table of plain values of ``kind``, in file order."""
        section = self.table(key)
        result = {}
        for name in section.content:
            value = section._value(name, kind, ..., "文字" if kind is str else "整数")
            if value is not None:
                result[name] = value
        return result

    def table(self, key: str) -> Section:
        content = self._value(key, dict, {}, "表（[...] または { ... }）")
        place = ".".join(part for part in (self.path, key) if part)
        return Section(content, self.file, place, self.problems)

    def entries(self, key: str) -> list[Section]:
        """Return a list of tables ([[key]] or [{…}, {…}]) as sections."""
        values = self._value(key, list, [], f"[[{key}]] の一覧")
        sections = []
        for position, value in enumerate(values, start=1):
            if not isinstance(value, dict):
                self.note("値の書き方が違います", f"{key}[{position}]", value, "{ id = …, label = … }")
                continue
            place = f"{self.path}.{key}" if self.path else key
            name = value.get("id") or value.get("file") or position
            sections.append(Section(value, self.file, f"{place}[{name}]", self.problems))
        return sections

    def finish(self) -> None:
        """Report every key that nothing read: a mistyped key must not be ignored in silence."""
        for key in self.content:
            if key not in self._read:
                self.unknown(key, key, sorted(self._read), "知らない項目です", is_key=True)

    def unknown(self, key: str, found: str, allowed: Iterable[str], what: str, is_key: bool = False) -> None:
        """Report a word that is not in a closed list, with the nearest one that is."""
        allowed = tuple(allowed)
        close = nearest(found, allowed)
        expected = "、".join(allowed) if len(allowed) <= 12 else f"{len(allowed)}種類のどれか"
        hint = f"「{close}」の間違いではありませんか。{NEXT_STEP}" if close else NEXT_STEP
        self.note(what, key, "" if is_key else found, f"使えるもの: {expected}", next_step=hint)


def read_toml(path: Path, name: str, problems: list[Problem]) -> Section:
    """Return the top table of a TOML file (UTF-8 with or without BOM, or cp932)."""
    before = len(problems)
    try:
        content = tomllib.loads(read_text(path, name))
    except FileNotFoundError:
        problems.append(
            Problem("ファイルがありません", file=name, expected="調査定義のファイル", next_step=NEXT_STEP)
        )
        content = {}
    except ProblemsFound as unreadable:
        problems.extend(unreadable.problems)
        content = {}
    except tomllib.TOMLDecodeError as error:
        problems.append(
            Problem(
                "TOMLの書き方に誤りがあります",
                file=name,
                found=_in_japanese(str(error)),
                expected='key = "値" の形（文字は "…" で囲み、表は [名前]）',
                next_step=NEXT_STEP,
            )
        )
        content = {}
    return Section(content, name, "", problems, is_readable=len(problems) == before)


def _in_japanese(message: str) -> str:
    place = re.search(r"line (\d+), column (\d+)", message)
    return f"{place[1]}行目の{place[2]}文字目" if place else "ファイルの終わりで文が閉じていない"
