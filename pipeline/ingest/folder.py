"""The folder of received files: what lies there, what is missing, what nobody mentions."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from pipeline.ingest.content import Content, content_of
from pipeline.ingest.nouns import Source, listed
from pipeline.matching import nearest
from pipeline.model import Problem, Survey, Wave

#: What operating systems and Excel leave behind; git's own files are nobody's debris.
_DEBRIS, _KEPT = ("thumbs.db", "desktop.ini"), (".gitkeep", ".gitignore")
_WAVE = re.compile(r"\d{4}(-[2-9])?")


def _is_debris(name: str) -> bool:
    return name.startswith(("~$", ".")) or name.lower() in _DEBRIS


def _name(text: str) -> str:
    # Some systems store か + ゛ where the wave file has が.
    return unicodedata.normalize("NFC", text)


def files_of(folder: Path) -> dict[str, Path]:
    """Return file name → path of what lies directly in ``folder``, sorted, debris apart."""
    if not folder.is_dir():
        return {}
    return {
        _name(path.name): path
        for path in sorted(folder.iterdir())
        if path.is_file() and not _is_debris(path.name)
    }


def read_content(source: Source, folder: Path) -> Content | Problem:
    """Return the content of a received file, or why they cannot be had."""
    present = files_of(folder)
    path = present.get(_name(source.received.file))
    if path is None:
        close = nearest(source.received.file, present)
        place = f"data/raw/{source.survey.id}/{source.wave.key}/"
        return source.problem(
            "受け取ったファイルがありません",
            f"{place} に置くか、{source.definition} の file を直してください。",
            found=f"似た名前「{close}」" if close else "（なし）",
            expected=source.received.file,
        )
    try:
        return content_of(path)
    except OSError as error:
        fix = "ほかのソフトで開いていれば閉じ、読み取りの権限を確かめてください。"
        return source.problem(
            "ファイルを開けません", fix, found=type(error).__name__, expected="読めるファイル"
        )


def _is_later(name: str, survey: Survey) -> bool:
    return bool(_WAVE.fullmatch(name)) and name > survey.newest.key


def unmentioned(survey: Survey, wave: Wave, folder: Path) -> list[Problem]:
    """Return a note for each file of a wave that no definition mentions, and one for all debris."""
    known = {_name(received.file) for received in wave.files}
    if wave.population:
        known.add(_name(wave.population.source))
    place = f"data/raw/{survey.id}/{wave.key}"
    left = (
        sorted(
            _name(path.name) for path in folder.iterdir() if _is_debris(path.name) and path.name not in _KEPT
        )
        if folder.is_dir()
        else []
    )
    debris = Problem(
        "パソコンやExcelが残したファイルを読み飛ばしました",
        file=place,
        found=listed(left),
        next_step="そのままで構いません。「~$」で始まるものは、だれかがExcelで開いている印です。",
        severity="note",
    )
    return [
        *([debris] if left else ()),
        *_unlisted(survey, wave, folder, known),
    ]


def _unlisted(survey: Survey, wave: Wave, folder: Path, known: set[str]) -> list[Problem]:
    place = f"data/raw/{survey.id}/{wave.key}"
    return [
        Problem(
            "どこにも書かれていないファイルがあります（読んでいません）",
            file=f"{place}/{name}",
            expected=f"surveys/{survey.id}/waves/{wave.key}.toml の [[files]] か roster",
            next_step="回答のファイルなら [[files]] に加え、そうでなければ別の場所に移してください。",
            severity="note",
        )
        for name in files_of(folder)
        if name not in known
    ]


def unknown_folders(survey: Survey, folder: Path) -> list[Problem]:
    """Return a note for each folder of received files that belongs to no wave of the survey.

    Folders later than the newest wave are left alone: the survey may be read as it stood earlier.
    """
    known = {wave.key for wave in survey.waves}
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [
        Problem(
            "調査回のないフォルダーやファイルがあります（読んでいません）",
            file=f"data/raw/{survey.id}/{path.name}",
            expected="、".join(sorted(known)),
            next_step=f"surveys/{survey.id}/waves/ に調査回のファイルを作るか、別の場所に移してください。",
            severity="note",
        )
        for path in paths
        if path.name not in known and not _is_debris(path.name) and not _is_later(path.name, survey)
    ]
