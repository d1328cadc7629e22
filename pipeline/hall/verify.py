"""verify: a saved copy of the published page beside what was released. Nothing is written."""

from __future__ import annotations

import argparse
import email
import email.policy
from dataclasses import replace
from pathlib import Path

from pipeline import definitions
from pipeline.decoding import decode
from pipeline.hall.built import Built, all_built, all_released
from pipeline.hall.reading import say, show_all
from pipeline.model import Problem, ProblemsFound
from pipeline.workspace import Workspace

USAGE = (
    "python -m pipeline verify 保存したページ（調査名を前に付けてもよい）の形で、もう一度実行してください。"
)
#: A copy that holds less of a page than this share of its sentences is another page.
LEAST_LIKENESS = 0.2


def verify(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Print every number of a saved page that is not as released, and what was reworded; 2 when there is any."""
    from pipeline.messages import console_text
    from pipeline.report import verifying

    *surveys, file = arguments.surveys or [""]
    path = _found(workspace, file)
    saved = _html(path)
    page = _most_alike(workspace, saved, surveys, arguments.wave, path.name)
    found = verifying.verified(page.page, saved, path.name, page.title)
    show_all(found.problems)
    if found.rewordings:
        print(
            f"言い回しの違い {len(found.rewordings)}件（取り入れるものは surveys/{page.survey}/page/{page.wave}.md に写してください）"
        )
    for change in found.rewordings:
        lines = [f"  {change.section or 'はじめに'}", f"    公表 | {change.old or '（なし）'}"]
        print(console_text("\n".join([*lines, f"    今   | {change.new or '（なし）'}"])))
    compared = f"{page.name} の{found.of}文と表{found.tables}つ"
    if found.is_clean:
        say(f"{path.name}: {compared}と同じです")
        return 0
    print(
        f"{path.name}: {compared}とくらべて、数値など {len(found.problems)}件、言い回し {len(found.rewordings)}件の違いがあります。"
    )
    if earlier := _earlier(workspace, page, saved):
        print(
            f"{path.name}: 第{earlier}版の写しです。第{page.number}版に差し替えるよう、ホームページの担当に伝えてください。"
        )
    return 2


def _earlier(workspace: Workspace, page: Built, saved: str) -> str:
    """Return the number of the release before ``page`` that ``saved`` is a true copy of, "" for none."""
    from pipeline.report import verifying

    for release in all_released(workspace, page.survey, page.wave)[:-1]:
        if verifying.verified(release.page, saved, "", release.title).is_clean:
            return release.number
    return ""


def _found(workspace: Workspace, file: str) -> Path:
    for path in (Path(file), workspace.root / file):
        if file and path.is_file():
            return path
    problem = Problem("保存したページがありません", file=file or "（なし）", next_step=USAGE)
    raise ProblemsFound([problem])


def _html(path: Path) -> str:
    """Return the HTML of a saved page, also of one saved as a single file (.mht, .mhtml)."""
    raw = path.read_bytes()
    try:
        if path.suffix.lower() in (".mht", ".mhtml"):
            message = email.message_from_bytes(raw, policy=email.policy.default)
            part = message.get_body(("html",)) or message
            raw = part.get_payload(decode=True) or raw
        return decode(raw, path.name)
    except ProblemsFound as found:
        expected = "ブラウザーで保存した HTML（UTF-8 または cp932）"
        step = "ブラウザーで「名前を付けて保存」→「Webページ、完全」を選び、保存し直してください。"
        raise ProblemsFound(replace(p, expected=expected, next_step=step) for p in found.problems) from None


def _most_alike(workspace: Workspace, saved: str, surveys: list[str], wave: str, file: str) -> Built:
    """Return the page of which ``saved`` is a copy: the one it shares the most sentences with."""
    from pipeline.report import verifying

    names = surveys or definitions.survey_ids(workspace.root)
    pages = [page for page in all_built(workspace, names) if not wave or page.wave == wave]
    if not pages:
        step = "先に python -m pipeline report を実行してください。"
        raise ProblemsFound(
            [Problem("くらべる結果ページがありません", found="、".join(names) or "（なし）", next_step=step)]
        )
    scores = [verifying.likeness(page.page, saved) for page in pages]
    if max(scores) < LEAST_LIKENESS:
        known = "、".join(page.name for page in pages)
        step = "結果ページを開いて保存したファイルかどうか、確かめてください。"
        raise ProblemsFound(
            [Problem("どの結果ページの写しでもないファイルです", file=file, expected=known, next_step=step)]
        )
    return pages[scores.index(max(scores))]
