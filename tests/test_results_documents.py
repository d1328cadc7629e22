"""Documents of an edition: 資料1, 資料2, 概要, 掲載ファイル一覧, 決裁. (The manual's own tests: test_documents.)"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
import zlib
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from textwrap import wrap

import docx
import openpyxl
import pytest

from pipeline import register, report
from pipeline.model import Problem
from pipeline.register import Correction, Erratum, Recorded, Release
from pipeline.report import announcement, blocks, differing, documents, page
from pipeline.report.documents import tables_on_paper, typesetting
from pipeline.report.documents.questionnaire import questionnaire
from pipeline.report.exhibits import Picture, Table
from pipeline.report.widths import plain_width
from tests import data_package, fakes

NAMES = ("questionnaire", "results", "summary")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WORDS = "# 題\n\n[[meaning]]\n\n## お問い合わせ\n\n市民協働課\n電話 000\n"


def make(edition, folder):
    report.write(edition, folder, {}, {}, "code", {})
    note = Problem("対象外の人の回答があります", file="data/raw/x.csv", cell="B2", found="1件", severity="note")
    report.write_approval(edition, folder, folder, [note])
    return folder


@pytest.fixture(scope="module")
def edition():
    return fakes.edition(WORDS)


@pytest.fixture(scope="module")
def made(edition, tmp_path_factory):
    return make(edition, tmp_path_factory.mktemp("public"))


def pdf(made, name):
    return (made / "documents" / f"{name}.pdf").read_bytes()


def word(made, name):
    return docx.Document(str(made / "documents" / f"{name}.docx"))


def unpacked(content):
    """The objects of a PDF as text, compressed streams opened."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", content, re.S)
    opened = [content]
    for stream in streams:
        try:
            opened.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(opened)


@pytest.mark.parametrize("name", [*NAMES, "approval"])
def test_a_pdf_is_tagged_a4_japanese_and_without_a_clock(made, name):
    content = unpacked(pdf(made, name))
    assert b"/MarkInfo<</Marked true" in content and b"/Lang(ja-JP)" in content and b"pdfuaid:part>1<" in content
    sizes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", content)
    assert {(round(float(w)), round(float(h))) for w, h in sizes} == {(595, 842)}
    assert b"/CreationDate" not in content and b"CreateDate" not in content


@pytest.mark.parametrize("name", NAMES)
def test_the_only_font_of_a_pdf_is_embedded(made, name):
    content = unpacked(pdf(made, name))
    fonts = set(re.findall(rb"/BaseFont/([^/\s]+)", content))
    assert fonts and all(font.endswith(b"+IPAexGothic") for font in fonts)
    assert b"/FontFile2" in content


@pytest.mark.skipif(shutil.which("pdffonts") is None, reason="pdffonts（poppler）がありません")
def test_poppler_says_so_too(made):
    listed = subprocess.run(
        ["pdffonts", made / "documents" / "results.pdf"], capture_output=True, text=True, check=True
    ).stdout.splitlines()[2:]
    assert listed and all(line.split()[-5] == "yes" for line in listed)


def test_the_sheet_is_one_page_with_response_results_reading_and_contact(made):
    assert typesetting.page_count(pdf(made, "summary")) == 1
    headings = [p.text for p in word(made, "summary").paragraphs if p.style.name == "Heading 1"]
    assert headings[:2] == ["調査の概要", "主な結果"] and headings[-2:] == ["数値の見方", "お問い合わせ"]
    text = "\n".join(p.text for p in word(made, "summary").paragraphs)
    assert "市民協働課" in text and "電話 000" in text


def test_a_full_sheet_gives_way_until_it_is_one_page(edition, monkeypatch, tmp_path):
    long = ("とても長い見方の説明です。" * 40,) * 12
    notes = blocks.Block(blocks.NOTES, "注", (blocks.Bullets(tuple(map(blocks.Sentence, long))),))
    composed = page.compose(edition, {})
    crowded = replace(composed, blocks=(*composed.blocks[:-1], notes))
    fullest, barest = (documents.summary(edition, crowded, "案", documents.AMOUNTS[at]) for at in (0, -1))
    assert typesetting.page_count(typesetting.pdf(fullest, tmp_path, is_sheet=True)) > 1
    assert typesetting.page_count(typesetting.pdf(barest, tmp_path, is_sheet=True)) == 1


@pytest.mark.parametrize("name", [*NAMES, "approval"])
def test_headings_of_a_docx_are_real_and_skip_no_level(made, name):
    document = word(made, name)
    levels = [int(p.style.name[-1]) for p in document.paragraphs if p.style.name.startswith("Heading")]
    assert levels[0] == 1 and all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
    assert [p.style.name for p in document.paragraphs].count("Title") == 1


def test_the_results_hold_every_block_table_and_chart_of_the_edition(edition, made):
    document = word(made, "results")
    headings = [p.text for p in document.paragraphs if p.style.name.startswith("Heading")]
    drawn = {picture.get("name") for picture in document.element.body.iter() if picture.tag.endswith("}docPr")}
    captions = " ".join(p.text for p in document.paragraphs if p.style.name == "Caption")
    shown = blocks.blocks(edition, _charts(edition))
    for block in shown:
        assert plain_width(block.heading) in headings
        assert {picture.name for picture in block.of(Picture)} <= drawn
        assert all(plain_width(table.caption) in captions for table in block.of(Table))
    assert "[[experience]]" not in WORDS and "experience" in {block.id for block in shown}


def _charts(edition):
    from pipeline.report import charts

    return {q.id: charts.charts_for(edition, q) for q in blocks.questions_on_page(edition)}


@pytest.mark.parametrize("name", NAMES)
def test_tables_repeat_their_header_row_and_pictures_have_alternative_texts(made, name):
    body = word(made, name).element.body
    for table in body.iter(f"{W}tbl"):
        rows = table.findall(f"{W}tr")
        is_frame = len(rows) == 1
        assert is_frame or rows[0].find(f"{W}trPr/{W}tblHeader") is not None
        assert table.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val")
        assert not any(row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows[1:])
    alts = [element.get("descr") for element in body.iter() if element.tag.endswith("}docPr")]
    where = {"results": "数値は次の表のとおり", "summary": "数値は資料2の表のとおり"}
    assert name == "questionnaire" or (alts and all(where[name] in alt for alt in alts))


def test_a_docx_is_japanese_and_names_nobody(made):
    for name in (*NAMES, "approval"):
        document = word(made, name)
        properties = document.core_properties
        assert not (properties.author or properties.comments or properties.last_modified_by)
        assert properties.created == properties.modified and properties.created.year == 2000
        fonts = document.styles["Normal"].element.rPr.rFonts
        assert fonts.get(f"{W}eastAsia") == fonts.get(f"{W}ascii") == "游ゴシック"
        with zipfile.ZipFile(made / "documents" / f"{name}.docx") as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert not any("thumbnail" in entry or "vba" in entry for entry in archive.namelist())


def test_two_makings_are_the_same_bytes(edition, made, tmp_path):
    again = make(edition, tmp_path)
    for path in sorted((made / "documents").iterdir()):
        assert (again / "documents" / path.name).read_bytes() == path.read_bytes(), path.name


# ---- 調査票 --------------------------------------------------------------------------------


def _form(edition, question):
    paper = questionnaire(edition, "案")
    chapter = next(c for c in paper.chapters if c.heading == question.number)
    return [getattr(part, "text", None) or getattr(part, "items", None) or part for part in chapter.parts]


def test_the_form_asks_as_the_wave_asked(edition):
    for question in edition.survey.questions:
        if edition.wave.asks(question.id) and question.number and question.options and not question.is_free_text:
            said = _form(edition, question)
            assert edition.wave.wording[question.id] in said or not edition.wave.wording[question.id]
            labels = [option.label for option in question.offered(edition.wave.key)]
            assert [item.split("（　")[0] for item in said[-1]] == labels


def test_the_form_of_the_sample_routes_limits_and_leaves_room_to_write(sample_reports):
    text = [
        p.text
        for p in docx.Document(
            str(sample_reports / "reports/staff/2025/public/documents/questionnaire.docx")
        ).paragraphs
    ]
    assert "【問2で「協働した経験はない」と答えた方にお聞きします】" in text
    assert "〔3つまでに○〕" in text and "〔あてはまるものすべてに○〕" in text and "〔1つに○〕" in text
    assert "〔自由にお書きください〕" in text
    assert not any("環境経済部" in line for line in text)  # an option of earlier forms


# ---- tables on paper ---------------------------------------------------------------------


def _wide(columns):
    rows = tuple((f"区分{n}", *(str(n) for _ in range(columns))) for n in range(3))
    return Table("表", ("属性", *(f"とても長い選択肢の名前{n}" for n in range(columns))), rows)


def test_a_wide_table_is_turned_and_a_wider_one_is_cut_without_losing_a_cell():
    (turned,) = tables_on_paper.fitting(_wide(20))
    assert turned.columns == ("属性", "区分0", "区分1", "区分2") and len(turned.rows) == 20
    square = Table("表", ("a", *map(str, range(40))), tuple((str(r), *["100.0"] * 40) for r in range(40)))
    parts = tables_on_paper.fitting(square)
    assert len(parts) > 1
    assert all(sum(tables_on_paper.shares(part)) <= 1.001 for part in (turned, *parts))
    assert [column for part in parts for column in part.columns[1:]] == list(map(str, range(40)))
    assert parts[0].caption == f"表（1/{len(parts)}）"


# ---- list of files, approval -------------------------------------------------------------


def test_the_upload_list_is_true(made):
    text = (made / "documents" / "upload.csv").read_bytes()
    assert text.startswith(b"\xef\xbb\xbf") and b"\r\n" in text
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8-sig"))))
    for row in rows:
        size = (made / row["ファイル"]).stat().st_size
        assert int(row["大きさ（KB）"]) == -(-size // 1024)
        assert bool(row["代替テキスト"]) == (row["形式"] == "PNG画像") and row["題名"]
    images = {row["ファイル"] for row in rows if row["形式"] == "PNG画像"}
    assert images == set(re.findall(r'src="([^"]+)"', (made / "page.html").read_text(encoding="utf-8")))


def test_the_upload_page_has_captions_and_scopes(made):
    class Reader(HTMLParser):
        found: list = []

        def handle_starttag(self, tag, attributes):
            self.found.append((tag, dict(attributes)))

    reader = Reader()
    reader.feed((made / "documents" / "upload.html").read_text(encoding="utf-8"))
    tags = [tag for tag, _ in reader.found]
    assert tags.count("caption") == tags.count("table") == 1
    assert all(attributes.get("scope") for tag, attributes in reader.found if tag == "th")


def test_the_approval_names_files_notes_and_what_changed(edition, made):
    document = word(made, "approval")
    text = "\n".join(p.text for p in document.paragraphs)
    cells = {cell.text for table in document.tables for cell in table._cells}
    assert "対象外の人の回答があります（ファイル：data/raw/x.csv、セル：B2、見つかったもの：1件）" in text
    outputs = json.loads((made / "provenance.json").read_text(encoding="utf-8"))["outputs"]
    assert " ".join(wrap(outputs["page.html"][:16], 4)) in cells and "page.html" in cells
    assert any(cell.startswith("全体の数値と設問の違い") for cell in text.split("\n")) and "前の公表" not in text


def test_waves_differ_in_shares_and_not_in_people(made):
    build = differing.finished_set(made)
    before, now = build.waves[-2:]
    same = [{**row, "wave": now} for row in build.rows("estimates", wave=before)]
    more = [{**row, "base": "999", "count_low": "998", "count_high": "998"} for row in same]
    codebook = [{**row, "wave": now, "wording": ""} for row in build.rows("codebook", wave=before)]

    def found(rows):
        tables = {**build.tables, "changes": []}
        tables["estimates"] = [*build.rows("estimates", wave=before), *rows]
        tables["codebook"] = [*build.rows("codebook", wave=before), *codebook]
        return differing.between_waves(differing.FinishedSet(tables), before, now)

    assert found(same) == [], "a wording nobody recorded is no other wording"
    assert {entry.kind for entry in found(more)} == {differing.BASE}
    (row,) = (row for row in more if (row["question"], row["option"], row["banner"]) == ("meaning", "know", "total"))
    row["percent"] = "1.0"
    (told,) = (entry for entry in found(more) if entry.kind == "値")
    assert told.new == "1.0%（998人）" and told.old != told.new


def _released(made, folder, number=1):
    """The set as it would lie in the register."""
    shutil.copytree(made, folder / str(number) / register.PUBLIC)
    record = {"date": "2026-04-01", "correction": ""}
    (folder / str(number) / register.RECORD).write_text(json.dumps(record), encoding="utf-8")
    return Recorded(folder / str(number), number)


def test_the_approval_of_a_correction_shows_what_was_published(edition, made, tmp_path):
    last = _released(made, tmp_path)
    public = last.folder / register.PUBLIC
    table = public / "opendata" / "estimates.csv"
    lines = table.read_bytes().decode("utf-8-sig").split("\r\n")
    header = lines[0].split(",")
    where = {"wave": edition.wave.key, "question": "meaning", "option": "know", "banner": "total"}
    (place,) = (n for n, line in enumerate(lines) if all(dict(zip(header, line.split(","), strict=False)).get(k) == v for k, v in where.items()))
    cells = lines[place].split(",")
    new = cells[header.index("percent")]
    cells[header.index("percent")] = "12.3"
    lines[place] = ",".join(cells)
    table.write_bytes("\r\n".join(lines).encode("utf-8-sig"))
    web = public / "page.html"
    said = announcement.opening(replace(edition, release=Release(1, date(2026, 4, 1))))
    words = web.read_text(encoding="utf-8").replace(announcement.opening(edition), said)
    assert said in words
    web.write_text(words.replace("市民協働課", "協働推進課"), encoding="utf-8")
    report.write_approval(edition, made, tmp_path, [], last)
    document = docx.Document(str(tmp_path / "documents" / "approval.docx"))
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings[2:4] == ["前の公表（第1版）との違い", "前回の調査との違い"]
    rows = [[cell.text for cell in row.cells] for found in document.tables for row in found.rows]
    (told,) = (row for row in rows if row[1].startswith("12.3%"))
    assert told[2].startswith(f"{new}%") and "知っている（計）" in told[0]
    assert ["ページの文章", "協働推進課", "市民協働課"] in rows
    assert not any("作成番号" in cell for row in rows for cell in row), "案 and 公表 are no difference of words"


def test_an_approval_of_the_same_again_says_so(edition, made, tmp_path):
    report.write_approval(edition, made, tmp_path, [], _released(made, tmp_path))
    document = docx.Document(str(tmp_path / "documents" / "approval.docx"))
    assert "公表した数値と文に、変わったところはありません。" in [p.text for p in document.paragraphs]


@pytest.fixture(scope="module")
def corrected(edition, tmp_path_factory):
    folder = tmp_path_factory.mktemp("corrected")
    number = (2, "2026-05-01", "入力の誤り", "estimates", "2023|meaning|share|total|all|know")
    errata = (Erratum(*number, "認知", "全体", "知っている（計）", "percent", "35.0", "45.0"),)
    release = Release(2, date(2026, 5, 1), (Correction(2, date(2026, 5, 1), "入力の誤り", errata),))
    assert report.write(replace(edition, release=release), folder, {}, {}, "code", {}) == []
    return folder


def test_a_correction_is_told_wherever_it_is_referred_to(corrected):
    document = word(corrected, "results")
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert headings[0] == "訂正のお知らせ"
    cells = [cell.text for found in document.tables for cell in found._cells]
    assert "35.0" in cells and "45.0" in cells
    where = f"結果ページの「訂正のお知らせ」と、オープンデータの {announcement.ERRATA_FILE}"
    book = openpyxl.load_workbook(corrected / "tables.xlsx")
    assert where in book["表紙"]["A2"].value
    for name in ("page.html", "methods.html", "documents/upload.html"):
        assert where in (corrected / name).read_text(encoding="utf-8")


def test_every_public_file_is_in_the_upload_list(made, corrected):
    """But for what is pasted, what only this office uses, and pictures of blocks the page does not show."""
    for folder in (made, corrected):
        listed = {row["ファイル"] for row in csv.DictReader(io.StringIO((folder / "documents/upload.csv").read_text(encoding="utf-8-sig")))}
        there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
        shown = set(re.findall(r'src="([^"]+)"', (folder / "page.html").read_text(encoding="utf-8")))
        own = {"page.html", "index.html", "provenance.json", "documents/upload.csv", "documents/upload.html"}
        own |= {name for name in there if name.startswith("fragments/") or name.endswith((".svg", ".docx"))}
        own |= {name for name in there if name.endswith(".png")} - shown
        own |= {"documents/approval.pdf"}
        assert listed == there - own
    assert "opendata/errata.csv" in listed and "opendata/errata.csv" in there


def test_the_errata_are_described_like_every_table(corrected):
    package = json.loads((corrected / "opendata/datapackage.json").read_text(encoding="utf-8"))
    files = {path.name: path.read_bytes() for path in (corrected / "opendata").glob("*.csv")}
    assert list(data_package.package_faults(package, files)) == []
    (described,) = (resource for resource in package["resources"] if resource["name"] == "errata")
    assert described["schema"]["primaryKey"] == ["release", "table", "key", "field"]


def test_a_sheet_that_cannot_be_one_page_is_noted(edition, tmp_path):
    wave = replace(edition.wave, method="とても長い方法の説明です。" * 400)
    waves = tuple(wave if other.key == wave.key else other for other in edition.survey.waves)
    long = replace(edition, wave=wave, survey=replace(edition.survey, waves=waves))
    (note,) = report.write(long, tmp_path, {}, {}, "code", {})
    assert note.severity == "note" and "A4で1枚に収まりません" in note.what and note.expected == "1枚"
    assert "waves/2023.toml の method" in note.next_step and "page/2023.md" in note.next_step
    assert typesetting.page_count(pdf(tmp_path, "summary")) > 1


def test_the_documents_are_in_the_provenance(made):
    outputs = json.loads((made / "provenance.json").read_text(encoding="utf-8"))["outputs"]
    assert {f"documents/{name}.{kind}" for name in NAMES for kind in ("pdf", "docx")} <= outputs.keys()


def test_without_the_extra_the_list_is_made_and_nothing_else(edition, tmp_path):
    report.write(edition, tmp_path, {}, {}, "code", {}, can_typeset=False)
    assert sorted(path.name for path in (tmp_path / "documents").iterdir()) == ["upload.csv", "upload.html"]
    assert "documents/results.pdf" not in (tmp_path / "documents" / "upload.csv").read_text(encoding="utf-8-sig")


def test_the_room_imports_no_typesetter_until_it_typesets():
    code = "import sys, pipeline.report; assert not {'typst', 'docx', 'lxml'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def _converted(files, kind, folder):
    """Save ``files`` again by LibreOffice as ``kind``; return them by name without suffix."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice がないため、開けるかどうかを確かめていません")
    target = folder / kind
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    # UTF-8, commas, quotes; otherwise as somebody who opens a file by a double click.
    command = [office, profile, "--headless", "--infilter=CSV:44,34,76,1"] if files[0].suffix == ".csv" else [office, profile, "--headless"]
    subprocess.run([*command, "--convert-to", kind, "--outdir", str(target), *map(str, files)], check=True, capture_output=True, timeout=600)
    return {path.stem: path for path in target.iterdir()}


@pytest.mark.slow
def test_libreoffice_opens_documents_and_workbook(made, tmp_path):
    files = [*sorted((made / "documents").glob("*.docx")), made / "tables.xlsx"]
    saved = _converted(files, "pdf", tmp_path)
    assert set(saved) == {file.stem for file in files}
    pages = re.findall(rb"/Type/Pages.*?/Count (\d+)", saved["summary"].read_bytes(), re.S)
    assert pages == [b"1"]


def _formulas(path):
    book = openpyxl.load_workbook(path, read_only=True)
    return [cell.value for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


@pytest.mark.slow
@pytest.mark.parametrize("place", ["staff/2025", "nagaokakyo/2019"])
def test_libreoffice_calculates_nothing_in_the_tables(sample_reports, tmp_path, place):
    public = sample_reports / "reports" / place / "public"
    control = tmp_path / "control.csv"
    control.write_bytes("\ufeffa\r\n=1+1\r\n".encode())
    tables = sorted((public / "opendata").glob("*.csv"))
    saved = _converted([*tables, control], "xlsx", tmp_path)
    assert set(saved) == {path.stem for path in (*tables, control)}
    assert len(_formulas(saved.pop("control"))) == 1
    saved |= _converted([_converted([public / "tables.xlsx"], "ods", tmp_path)["tables"]], "xlsx", tmp_path / "book")
    assert {name: found for name, path in saved.items() if (found := _formulas(path))} == {}


@pytest.mark.slow
def test_libreoffice_opens_the_documents_of_the_sample(sample_reports, tmp_path):
    files = [path for folder in ("public", "internal") for path in sorted((sample_reports / "reports/staff/2025" / folder / "documents").glob("*.docx"))]
    for folder in {file.parent for file in files}:
        own = [file for file in files if file.parent == folder]
        assert set(_converted(own, "pdf", tmp_path / folder.parent.name)) == {file.stem for file in own}


def test_a_wave_of_printed_figures_has_no_questionnaire(sample_reports):
    """Its form offered more than the figures that were printed."""
    folders = [sample_reports / "reports" / place / "public/documents" for place in ("nagaokakyo/2019", "staff/2025")]
    assert [(folder / "questionnaire.pdf").exists() for folder in folders] == [False, True]
    assert all((folder / "results.pdf").exists() for folder in folders)
    assert "questionnaire" not in (folders[0] / "upload.csv").read_text(encoding="utf-8-sig")


def test_the_change_of_a_mean_is_that_of_the_page(sample_reports):
    """48.0 to 46.3 are printed; unrounded it is 1.8."""
    made = differing.finished_set(sample_reports / "reports/staff/2025/public")
    found = [entry for entry in differing.between_waves(made, "2023", "2025") if entry.old.endswith("点")]
    assert [(entry.old, entry.new, entry.change) for entry in found if not entry.group] == [("48.0点", "46.3点", "-1.8点")]
