"""掲載ファイル一覧: what the web team uploads, with size, format, title and alt text."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

from pipeline.report import front_matter, methods, opendata, workbook
from pipeline.report.edition import Edition
from pipeline.report.page import Page
from pipeline.report.templating import render
from pipeline.report.widths import plain_width

CSV_FILE, PAGE_FILE = "upload.csv", "upload.html"
COLUMNS = ("ファイル", "大きさ（KB）", "形式", "題名", "代替テキスト")
_FORMATS = {
    ".pdf": "PDF",
    ".xlsx": "Excel",
    ".csv": "CSV",
    ".json": "JSON",
    ".html": "HTML",
    ".png": "PNG画像",
    ".docx": "Word",
}


@dataclass(frozen=True)
class Upload:
    """One file to upload; ``file`` is its path below the edition's folder, ``alt`` that of an image."""

    file: str
    kilobytes: int
    format: str
    title: str
    alt: str = ""


def uploads(edition: Edition, page: Page, folder: Path, documents: Mapping[str, str]) -> list[Upload]:
    """Return what is uploaded beside the pasted page: documents, tables, open data, images of the page.

    documents: path below ``folder`` → title.
    """
    return [
        upload(folder, file, title, alt)
        for file, title, alt in (
            *((file, title, "") for file, title in documents.items()),
            (workbook.FILE, front_matter.title(edition), ""),
            (methods.FILE, "数値の作り方", ""),
            *_open_data(folder),
            *((f"charts/{picture.name}.png", "ページの図", picture.alt) for picture in page.pictures),
        )
    ]


def upload(folder: Path, file: str, title: str, alt: str = "") -> Upload:
    """Return the entry of one file with its size, rounded up to whole kilobytes of 1,024 bytes."""
    size = -(-(folder / file).stat().st_size // 1024)
    return Upload(file, size, _FORMATS[Path(file).suffix], plain_width(title), plain_width(alt))


def _open_data(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Yield the files of the open data as their own description names them."""
    described = folder / opendata.FOLDER / "datapackage.json"
    package = json.loads(described.read_text(encoding="utf-8"))
    for resource in package["resources"]:
        yield f"{opendata.FOLDER}/{resource['path']}", f"オープンデータ：{resource['title']}", ""
    yield f"{opendata.FOLDER}/{described.name}", "オープンデータの説明（項目の意味と型）", ""


def write(edition: Edition, page: Page, folder: Path, target: Path, documents: Mapping[str, str]) -> None:
    """Write upload.csv (UTF-8 with BOM, CRLF) and upload.html into ``target``."""
    found = uploads(edition, page, folder, documents)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(astuple(entry) for entry in found)
    (target / CSV_FILE).write_bytes(text.getvalue().encode("utf-8-sig"))
    title = f"{edition.survey.title} {edition.wave.label} 掲載ファイル一覧"
    rows = [(e.file, f"{e.kilobytes:,}", e.format, e.title, e.alt or "（なし）") for e in found]
    html = render(PAGE_FILE, title=title, notice=page.notice, columns=COLUMNS, rows=rows)
    (target / PAGE_FILE).write_bytes(html.encode("utf-8"))
