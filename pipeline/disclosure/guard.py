"""What must not enter the repository: what people answered, tables nobody knows, notebooks with outputs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator

from pipeline.model import Problem

BOOKS = (
    ".xlsx",
    ".xlsm",
    ".xlsb",
    ".xls",
    ".ods",
    ".fods",
    ".numbers",
    ".docx",
    ".doc",
    ".odt",
    ".mdb",
    ".accdb",
)
TEXTS = (".csv", ".tsv", ".tab")
_CONFIDENTIAL = re.compile(r"data/(?:raw|review|processed)/|reports/|surveys/[^/]+/names/")
#: Tables of the definitions and the register; whatever else lies in a survey's folder nobody knows.
_KNOWN = re.compile(
    r"surveys/[^/]+/(?:"
    r"(?:comparability|corrections|lineage|plausibility|published)\.csv|themes\.(?:tsv|xlsx)|codebook/[^/]+\.tsv"
    r"|coding/decisions\.csv|coding/[^/]+/(?:predictions|audit|lines|second_coder)\.csv"
    r"|releases/[^/]+/\d+/(?:register\.csv|errata\.csv|public/.+))"
)
#: Fictional by the rules of the tests.
_TESTS = re.compile(r"(?:tests|benchmarks)/.+\.(?:csv|tsv)")
_STEP = "git rm --cached でファイルを登録から外してください。すでに送ってしまったときは、担当の技術者に知らせてください。"


def problems(paths: Iterable[str], samples: Iterable[str], content: Callable[[str], bytes]) -> list[Problem]:
    """Return a Problem per committed path that must not be there.

    samples: ids of the fictional surveys; content: returns the bytes of a path as committed.
    """
    own = (f"{start}{name}/" for name in samples for start in ("data/raw/", "surveys/"))
    fictional = ("tests/exports/", *own)
    return [
        problem
        for path in sorted(paths)
        if not path.startswith(fictional)
        for problem in _problems(path, content)
    ]


def _problems(path: str, content: Callable[[str], bytes]) -> Iterator[Problem]:
    name = path.lower()
    if path.rsplit("/", 1)[-1].startswith("~$"):
        yield Problem("だれかが開いている印のファイルが git に登録されています", file=path, next_step=_STEP)
    elif _CONFIDENTIAL.match(path):
        yield Problem("外に出さないファイルが git に登録されています", file=path, next_step=_STEP)
    elif name.endswith((*BOOKS, *TEXTS)) and not _KNOWN.fullmatch(path) and not _TESTS.fullmatch(path):
        expected = "見本の調査、tests/exports/、surveys/調査/themes.xlsx、調査定義の表、公表台帳"
        yield Problem("表のファイルが git に登録されています", file=path, expected=expected, next_step=_STEP)
    elif name.endswith(".ipynb") and _has_outputs(content(path)):
        step = "出力を消して（Clear All Outputs）保存してから、登録し直してください。"
        yield Problem(
            "ノートブックに出力が残っています", file=path, expected="出力のないノートブック", next_step=step
        )


def _has_outputs(content: bytes) -> bool:
    """Return whether a cell has outputs or was run; what cannot be read passes for one that has."""
    try:
        cells = json.loads(content).get("cells", [])
    except (ValueError, AttributeError):
        return True
    return any(cell.get("outputs") or cell.get("execution_count") for cell in cells)
