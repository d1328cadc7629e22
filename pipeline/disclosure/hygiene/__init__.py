"""What must not lie in a folder that is published: hidden parts, live parts, traces of people and machines.

Reads finished files of any origin, so that what a web team sends back can be looked at as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.disclosure.hygiene import markup, packed, pictures, plain
from pipeline.model import Problem

#: What a file's check finds: what it is, where in the file, what to do.
Finding = tuple[str, str, str]
Check = Callable[[bytes], Iterator[Finding]]
#: The file types a public folder may hold, and nothing else.
CHECKS: dict[str, Check] = {
    ".html": markup.html,
    ".svg": markup.svg,
    ".png": pictures.png,
    ".pdf": pictures.pdf,
    ".xlsx": packed.workbook,
    ".docx": packed.document,
    ".csv": plain.csv,
    ".json": plain.text,
    ".txt": plain.text,
}
_PACKED = (".xlsx", ".docx", ".pdf", ".png")
_OPEN = "だれかが開いている印のファイルです（開いた人の名前が入っています）"
NEXT_STEP = "公開する前に取り除いてください。"


def problems(folder: Path, scripts: frozenset[str] = frozenset()) -> list[Problem]:
    """Return a Problem for everything found in ``folder`` and below that must not be published.

    scripts: SHA-256 of the inline scripts that are known and allowed.
    """
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() or p.is_symlink()):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found.append(Problem("リンク（ショートカット）があります", file=name, next_step=NEXT_STEP))
            continue
        check = CHECKS.get(path.suffix.lower())
        if check is None:
            allowed = "、".join(sorted(CHECKS))
            found.append(
                Problem("公開しない種類のファイルです", file=name, expected=allowed, next_step=NEXT_STEP)
            )
            continue
        if path.name.startswith("~$"):
            found.append(Problem(_OPEN, file=name, next_step=NEXT_STEP))
            continue
        content = path.read_bytes()
        checks = [check(content), plain.stored(content)]
        # What is packed is searched part by part: compressed bytes may spell anything by chance.
        if path.suffix.lower() not in _PACKED:
            checks.append(plain.traces(content))
        if check is markup.html:
            checks.append(markup.scripts(content, scripts))
        for what, where, step in (finding for findings in checks for finding in findings):
            found.append(Problem(what, file=name, cell=where, next_step=step or NEXT_STEP))
    return found
