"""Where the finished page of a survey lies: the newest release of a wave, else the folder of its last build."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

from pipeline import register
from pipeline.workspace import Workspace

PAGE = "page.html"


@dataclass(frozen=True)
class Built:
    """One finished set: ``folder`` holds page.html; ``number`` is that of the release, "" for a draft."""

    survey: str
    wave: str
    folder: Path
    number: str = ""

    @property
    def name(self) -> str:
        return f"{self.survey} {self.wave} " + (f"公表 第{self.number}版" if self.number else "案")

    @property
    def page(self) -> str:
        return (self.folder / PAGE).read_text(encoding="utf-8")

    @property
    def title(self) -> str:
        """The title of the page, which stands in index.html only; "" without it."""
        index = self.folder / "index.html"
        found = (
            re.search(r"<h1[^>]*>(.*?)</h1>", index.read_text(encoding="utf-8")) if index.is_file() else None
        )
        return html.unescape(found.group(1)) if found else ""


def all_released(workspace: Workspace, survey: str, wave: str) -> list[Built]:
    """Return the releases of a wave, oldest first."""
    return [
        Built(survey, wave, release.folder / register.PUBLIC, str(release.number))
        for release in register.recorded(workspace.releases(survey, wave))
    ]


def released(workspace: Workspace, survey: str, wave: str) -> Built | None:
    """Return the newest release of a wave, None where there is none."""
    return next(reversed(all_released(workspace, survey, wave)), None)


def built(workspace: Workspace, survey: str, wave: str) -> Built | None:
    """Return the public set of the last build of a wave, None where there is none."""
    folder = workspace.reports(survey, wave) / "public"
    return Built(survey, wave, folder) if (folder / PAGE).is_file() else None


def all_built(workspace: Workspace, surveys: list[str]) -> list[Built]:
    """Return the page of every wave of ``surveys``: as released, else as last built."""
    found = []
    for survey in surveys:
        places = (workspace.releases(survey, "*"), workspace.reports(survey, "*"))
        waves = sorted({path.name for place in places for path in place.parent.glob("*") if path.is_dir()})
        found += [released(workspace, survey, wave) or built(workspace, survey, wave) for wave in waves]
    return [page for page in found if page]
