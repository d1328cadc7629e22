"""The sheets of themes.xlsx: their columns, their twins and the closed words an officer writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.model import EMPTY

THEMES_TWIN = "themes.tsv"
#: (sheet row from 1, column → text) of each row of a sheet.
Rows = Sequence[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its twin and (column, header, width) of its columns."""

    name: str
    twin: str
    columns: tuple[tuple[str, str, int], ...]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key, _, _ in self.columns)

    def letter(self, key: str) -> str:
        return chr(ord("A") + self.keys.index(key))


VERSIONS = Sheet(
    "版",
    "codebook/versions.tsv",
    (("number", "番号", 8), ("date", "日付", 14), ("reason", "変更理由", 60), ("responsible", "責任者", 20)),
)
THEMES = Sheet(
    "主題",
    THEMES_TWIN,
    (
        ("code", "コード", 8),
        ("box", "設問", 18),
        ("name", "名称", 24),
        ("public_name", "公表名", 36),
        ("definition", "定義", 60),
        ("star_heading", "星見出し", 36),
        ("includes", "含む", 40),
        ("excludes", "含まない", 40),
        ("coarse", "上位区分", 22),
        ("since", "開始版", 8),
        ("until", "廃止版", 8),
        ("merged_into", "統合先", 10),
    ),
)
RULES = Sheet(
    "規則",
    "codebook/rules.tsv",
    (("code", "コード", 8), ("rule", "規則", 80), ("is_active", "有効", 8), ("memo", "メモ", 40)),
)
EXAMPLES = Sheet(
    "例文", "codebook/examples.tsv", (("code", "コード", 8), ("text", "文", 90), ("is_true", "真偽", 8))
)
ALIASES = Sheet(
    "別表記", "codebook/aliases.tsv", (("spelling", "別表記", 30), ("standard", "標準の表記", 30))
)
SHEETS = (VERSIONS, THEMES, RULES, EXAMPLES, ALIASES)

#: Column → what an officer writes → what the twin holds. The first spelling is the one written.
_WORDS = {
    "box": {
        "よかったこと": "good",
        "たいへんだったこと": "hard",
        "どちらも": "both",
        "good": "good",
        "hard": "hard",
        "both": "both",
    },
    "is_active": {
        "○": "yes",
        "×": "no",
        "": "yes",
        "true": "yes",
        "false": "no",
        "yes": "yes",
        "no": "no",
        "1": "yes",
        "0": "no",
    },
    "is_true": {
        "○": "yes",
        "×": "no",
        "": "yes",
        "true": "yes",
        "false": "no",
        "yes": "yes",
        "no": "no",
        "1": "yes",
        "0": "no",
    },
}


def words_of(key: str) -> Mapping[str, str]:
    """Return what an officer may write in a column of closed words → what its twin holds; {} for others."""
    return _WORDS.get(key, EMPTY)
