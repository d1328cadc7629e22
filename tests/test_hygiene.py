"""Nothing live, hidden or personal is overlooked in a folder to be published, and nothing of ours is suspected."""

from __future__ import annotations

import io
import pickle
import zipfile
import zlib

import docx
import openpyxl
import pytest
from openpyxl.comments import Comment
from PIL import Image, PngImagePlugin

from pipeline import report
from pipeline.__main__ import main
from pipeline.disclosure import hygiene
from tests.books import zip_bytes
from tests.small_survey import files


def found(folder) -> list[str]:
    return [problem.what for problem in hygiene.problems(folder, report.inline_scripts())]


def test_our_own_outputs_raise_no_false_alarm(sample_reports):
    for survey, wave in (("staff", "2025"), ("nagaokakyo", "2019")):
        folder = sample_reports / "reports" / survey / wave / "public"
        assert files(folder)
        assert found(folder) == []


# ---- hostile files -----------------------------------------------------------------------


def workbook(change) -> bytes:
    book = openpyxl.Workbook()
    book.properties.creator = ""
    book.active.append(["区分", "人数"])
    book.active.append(["全体", 12])
    book.create_sheet("注")
    change(book)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def document(change) -> bytes:
    paper = docx.Document()
    paper.core_properties.author = ""
    paper.core_properties.last_modified_by = ""
    paper.add_paragraph("結果")
    change(paper)
    content = io.BytesIO()
    paper.save(content)
    return content.getvalue()


def with_part(content: bytes, name: str, text: str) -> bytes:
    """Return the packed file with one part more, or another."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, text)
    return target.getvalue()


def picture(**texts: str) -> bytes:
    notes = PngImagePlugin.PngInfo()
    for key, text in texts.items():
        notes.add_text(key, text)
    content = io.BytesIO()
    Image.new("RGB", (2, 2)).save(content, "PNG", pnginfo=notes)
    return content.getvalue()


def paper(*objects: str, packed: str = "") -> bytes:
    """Return a PDF of the objects; ``packed`` lies in a compressed object stream."""
    parts = [f"{number} 0 obj {body} endobj".encode() for number, body in enumerate(objects, start=1)]
    if packed:
        stream = zlib.compress(packed.encode())
        parts.append(b"9 0 obj <</Type /ObjStm /Filter /FlateDecode>> stream\n" + stream + b"\nendstream endobj")
    return b"%PDF-1.7\n" + b"\n".join(parts) + b"\n%%EOF"


def hidden(name):
    def change(book):
        if name == "sheet":
            book["注"].sheet_state = "veryHidden"
        elif name == "column":
            book.active.column_dimensions["B"].hidden = True
        elif name == "row":
            book.active.row_dimensions[2].hidden = True
        else:
            book.active["B2"].number_format = ";;;"

    return change


def formula(book):
    book.active["C2"] = "=B2*2"


def comment(book):
    book.active["B2"].comment = Comment("担当者の覚え", "山田")


def author(book):
    book.properties.creator = "山田太郎"


def remark(book):
    book.properties.description = "担当者の覚え"


def hyperlink(book):
    book.active["A1"].hyperlink = "file:///C:/Users/yamada/原票.xlsx"


def clean(_):
    pass


def tracked(paper):
    paper.paragraphs[0]._p.append(docx.oxml.parse_xml(f'<w:del {docx.oxml.ns.nsdecls("w")} w:id="1" w:author=""/>'))


def unseen(paper):
    paper.paragraphs[0].runs[0].font.hidden = True


def written_by(paper):
    paper.core_properties.last_modified_by = "山田太郎"


HTML, SVG = "<p>結果{}</p>", '<svg xmlns="http://www.w3.org/2000/svg">{}</svg>'
ABSOLUTE = '<workbook><x15ac:absPath url="C:\\Users\\yamada\\Documents\\"/></workbook>'
HOSTILE = {
    "sheet.xlsx": (workbook(hidden("sheet")), "隠れたシート"),
    "column.xlsx": (workbook(hidden("column")), "隠れた列"),
    "row.xlsx": (workbook(hidden("row")), "隠れた行"),
    "flat.xlsx": (with_part(workbook(clean), "xl/worksheets/sheet1.xml", '<row r="2" ht="0" customHeight="1"/>'), "隠れた行"),
    "format.xlsx": (workbook(hidden("number")), "見えなくする書式"),
    "formula.xlsx": (workbook(formula), "計算式"),
    "comment.xlsx": (workbook(comment), "コメント"),
    "author.xlsx": (workbook(author), "人や組織の名前"),
    "link.xlsx": (workbook(hyperlink), "ファイルの外へのリンク"),
    "other_book.xlsx": (with_part(workbook(clean), "xl/externalLinks/externalLink1.xml", "<a/>"), "ほかのファイルへのリンク"),
    "path.xlsx": (with_part(workbook(clean), "xl/workbook.xml", ABSOLUTE), "コンピューター内の場所"),
    "photo.xlsx": (with_part(workbook(clean), "xl/media/image1.jpeg", "x"), "PNG でない画像"),
    "password.xlsx": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "パスワード"),
    "tracked.docx": (document(tracked), "変更履歴"),
    "unseen.docx": (document(unseen), "隠し文字"),
    "author.docx": (document(written_by), "人や組織の名前"),
    "author.pdf": (paper("<</Author (Yamada)>>"), "作成者"),
    "script.pdf": (paper("<</S /J#61vaScript /J#53 (app.alert)>>"), "スクリプト"),
    "packed.pdf": (paper(packed="<</S /JavaScript>>"), "スクリプト"),
    "attachment.pdf": (paper("<</Names <</EmbeddedFiles 3 0 R>>>>"), "埋め込まれています"),
    "text.png": (picture(Comment="Yamada"), "tEXt"),
    "tail.png": (picture() + b"PK\x03\x04", "うしろ"),
    "script.svg": (SVG.format("<script>x()</script>").encode(), "スクリプト"),
    "loads.svg": (SVG.format('<script href="x.js"/>').encode(), "スクリプト"),
    "comment.svg": (SVG.format("<!-- 3人 -->").encode(), "コメント"),
    "handler.html": (HTML.format('<img src="a.png" onerror="x()">').encode(), "スクリプトを動かす属性"),
    "script.html": (HTML.format("<script>x()").encode(), "スクリプト"),
    "unseen.html": (HTML.format('<span style="display:none">3人</span>').encode(), "見えない部分"),
    "value.html": (HTML.format('<td data-count="3">x</td>').encode(), "画面に出ない値"),
    "comment.html": (HTML.format("<!-- 3人 -->").encode(), "コメント"),
    "foreign.html": (HTML.format('<img src="https://example.com/a.png">').encode(), "外部のファイル"),
    "style.html": (HTML.format("<style>@import 'https://example.com/a.css'</style>").encode(), "外部のファイル"),
    "address.html": (HTML.format('<a href=" java\nscript:alert(1)">市</a>').encode(), "ページ以外を開くリンク"),
    "scheme.html": (HTML.format('<a href="vbscript:x">市</a>').encode(), "ページ以外を開くリンク"),
    "remark.xlsx": (workbook(remark), "文書の説明などの欄"),
    "display.svg": (SVG.format('<text display="none">3人</text>').encode(), "見えない部分"),
    "visibility.svg": (SVG.format('<g visibility="hidden"><text>3人</text></g>').encode(), "見えない部分"),
    "opacity.svg": (SVG.format('<text opacity="0">3人</text>').encode(), "見えない部分"),
    "fill.svg": (SVG.format('<text fill="none">3人</text>').encode(), "見えない部分"),
    "size.svg": (SVG.format('<text font-size="0">3人</text>').encode(), "見えない部分"),
    "sheet.html": (HTML.format("<style>.x{display:none}</style>").encode(), "見えない部分"),
    "clear.html": (HTML.format('<span style="opacity: 0">3人</span>').encode(), "見えない部分"),
    "away.html": (HTML.format('<span style="position:absolute;left:-9999px">3人</span>').encode(), "見えない部分"),
    "template.html": (HTML.format("<template>3人</template>").encode(), "見えない部分"),
    "input.html": (HTML.format('<input type="hidden" value="3人">').encode(), "見えない部分"),
    "row_elsewhere.xlsx": (with_part(workbook(clean), "xl/worksheets/Sheet9.xml", '<row r="2" hidden="1"/>'), "隠れた行"),
    "row_wide.xlsx": (
        with_part(workbook(clean), "xl/worksheets/sheet1.xml", '<?xml version="1.0"?><row r="2" hidden="1"/>'.encode("utf-16")),
        "隠れた行",
    ),
    "rows.xlsx": (with_part(workbook(clean), "xl/worksheets/sheet1.xml", '<sheetFormatPr zeroHeight="1"/>'), "隠れた行"),
    "narrow.xlsx": (with_part(workbook(clean), "xl/worksheets/sheet1.xml", '<col min="2" max="2" width="0.01"/>'), "隠れた列"),
    "name.xlsx": (with_part(workbook(clean), "xl/workbook.xml", '<definedName name="a" hidden="1">x</definedName>'), "隠れた名前"),
    "empty_format.xlsx": (
        with_part(workbook(clean), "xl/styles.xml", '<numFmt formatCode="&quot;&quot;;&quot;&quot;;&quot;&quot;"/>'),
        "見えなくする書式",
    ),
    "share.json": ("{\"from\": \"D:\\share\\人事\"}".encode(), "コンピューター内の場所"),
    "unc.json": ("\\\\サーバー\\人事\\a".encode(), "コンピューター内の場所"),
    "mounted.json": (b'{"from": "/mnt/hr/a"}', "コンピューター内の場所"),
    "formula.csv": ("区分,人数\r\n=1+1,2\r\n".encode("utf-8-sig"), "計算式"),
    "command.csv": ("区分\r\n-cmd|' /C calc'!A0\r\n".encode(), "計算式"),
    "path.json": (b'{"from": "/home/yamada/data"}', "コンピューター内の場所"),
    "object.csv": (pickle.dumps({"a": 1}), "内部データ"),
    "object.pkl": (pickle.dumps({"a": 1}), "公開しない種類"),
    "~$tables.xlsx": (b"\x06yamada", "開いている印"),
    ".DS_Store": (b"x", "公開しない種類"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_must_not_be_published_is_found(tmp_path, name):
    content, word = HOSTILE[name]
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / name).write_bytes(content)
    assert any(word in what for what in found(tmp_path)), found(tmp_path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("clean.xlsx", workbook(clean)),
        ("clean.docx", with_part(zip_bytes({"[Content_Types].xml": "<Types/>"}), "word/document.xml", "<w:p/>")),
        ("clean.pdf", paper("<</Type /Catalog>>", "<</Producer (x)>>")),
        ("clean.png", picture()),
        ("clean.html", HTML.format('<a href="https://example.com/">市</a>').encode()),
        ("clean.csv", "差\r\n-2.6\r\n".encode("utf-8-sig")),
    ],
)
def test_the_same_files_without_it_are_clean(tmp_path, name, content):
    """Otherwise a hostile file might be found for another reason."""
    (tmp_path / name).write_bytes(content)
    assert found(tmp_path) == []


def test_a_link_is_not_followed(tmp_path):
    (tmp_path / "public").mkdir()
    (tmp_path / "secret.csv").write_text("a\n", encoding="utf-8")
    (tmp_path / "public" / "a.csv").symlink_to(tmp_path / "secret.csv")
    assert found(tmp_path / "public") == ["リンク（ショートカット）があります"]


def test_the_one_script_is_allowed_and_no_variation_of_it(sample_reports, tmp_path):
    page = (sample_reports / "reports/nagaokakyo/2019/public/index.html").read_text(encoding="utf-8")
    (tmp_path / "index.html").write_text(page.replace("</script>", " </script>"), encoding="utf-8")
    assert found(tmp_path) == ["このプログラムのものではないスクリプトがあります"]


def test_audit_looks_into_any_folder_and_says_where(tmp_path, capsys):
    folder = tmp_path / "from_the_web_team"
    folder.mkdir()
    assert main(["audit", str(folder)]) == 2 and "ファイルがありません" in capsys.readouterr().out
    (folder / "表.csv").write_bytes("差\r\n-2.6\r\n".encode("utf-8-sig"))
    assert main(["audit", str(folder)]) == 0 and "の1ファイル" in capsys.readouterr().out
    (folder / "表.xlsx").write_bytes(HOSTILE["row.xlsx"][0])
    capsys.readouterr()
    assert main(["audit", str(folder)]) == 2
    printed = capsys.readouterr().out
    assert "from_the_web_team/表.xlsx" in printed and "隠れた行" in printed and "sheet1.xml" in printed
    assert main(["audit", str(tmp_path / "nowhere")]) == 2
