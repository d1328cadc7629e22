"""The twins of themes.xlsx written anew, once everything in the workbook is right."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pipeline.coding.codebook import check_book
from pipeline.coding.theme_sheets import THEMES, Rows
from pipeline.coding.twins import BOOK, current_twin, read_book, read_twins, twin_texts
from pipeline.model import Problem, ProblemsFound


def write_twins(folder: Path, place: str) -> tuple[str, ...]:
    """Write the twins of themes.xlsx; return the names of those that changed.

    Raises ProblemsFound with every mistake of the workbook, also for a code that disappeared: decisions
    rest on it. Then nothing is written.
    """
    problems: list[Problem] = []
    rows = read_book(folder / BOOK, f"{place}/{BOOK}", problems)
    if THEMES.name in rows:
        lost = _lost_codes(folder, rows, place)
        problems += lost
        check_book(rows, folder / BOOK, place, problems, [problem.key for problem in lost])
    if problems:
        raise ProblemsFound(problems)
    texts = twin_texts(rows)
    changed = tuple(name for name, text in texts.items() if current_twin(folder / name) != text)
    for name in changed:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(texts[name].encode("utf-8"))
    return changed


def _lost_codes(folder: Path, rows: Mapping[str, Rows], place: str) -> list[Problem]:
    """Return a problem for each code of the last twin that has gone, or has come back with another name."""
    themes = {row["code"]: row for _, row in rows[THEMES.name]}
    problems = []
    for _, before in read_twins(folder, place)[THEMES.name]:
        now = themes.get(before["code"])
        if now is None:
            what, step = (
                "コードの行がなくなりました",
                "行を戻し、廃止版（と統合先）を書いてください。コードは消しません。",
            )
        elif before["until"] and not now["until"] and now["name"] != before["name"]:
            what, step = (
                "廃止したコードを別の主題に使っています",
                "まだ使ったことのないコードを付けてください。",
            )
        else:
            continue
        problems.append(
            Problem(
                what,
                file=f"{place}/{BOOK}",
                sheet=THEMES.name,
                key=before["code"],
                found=before["name"],
                next_step=step,
            )
        )
    return problems
