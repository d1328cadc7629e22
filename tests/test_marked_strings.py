"""25 marked strings in names, memos, free answers and file properties come out nowhere: no public file, no message."""

from __future__ import annotations

import io
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from html import unescape
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from pipeline.__main__ import main
from pipeline.coding.decisions import comment_key
from tests import small_survey
from tests.small_survey import RECEIVED, SURVEY, WAVE, files

#: No font, label or hash holds these.
MARKS = tuple(f"ゑ{number:02d}ヰ" for number in range(1, 26))
NAMES, MEMOS, TEXTS, FORMS, PROPERTIES = MARKS[:6], MARKS[6:11], MARKS[11:17], MARKS[17:20], MARKS[20:]
_QUESTION = """
[[questions]]
id = "good"
label = "協働してよかったこと"
kind = "text"
box = "good"
base = "with_content"
text = "協働してよかったことをお書きください。"
"""
_THEMES = "code\tbox\tname\tpublic_name\tdefinition\nG1\tgood\t知識\t新しい知識をもらえた\t知識を得た\nX9\tgood\tその他\tその他\tほかの内容\n"
_COLUMNS = '[files.columns]\nexperience = "経験"\ngood = "よかったこと"\n'
_FORM = f"""
[[files]]
file = "回答一覧.xlsx"
layout = "microsoft_forms"
mode = "Web"

{_COLUMNS}"""


def _write(root: Path) -> Path:
    """Write the small survey with a free question, names, memos, and a Forms workbook with properties."""
    small_survey.write_survey(root)
    folder = root / "surveys" / SURVEY
    with (folder / "survey.toml").open("a", encoding="utf-8") as survey:
        survey.write(_QUESTION)
    (folder / "themes.tsv").write_text(_THEMES, encoding="utf-8")
    wave = folder / "waves" / f"{WAVE}.toml"
    text = wave.read_text(encoding="utf-8").replace("[[files]]", 'good = "協働してよかったことをお書きください。"\n\n[[files]]')
    text = text.replace('serial = "受付番号"', 'serial = "受付番号"\nignore_columns = ["氏名", "備考"]')
    wave.write_text(text.replace('[files.columns]\nexperience = "経験"\n', _COLUMNS) + _FORM, encoding="utf-8")
    texts = [f"{mark}さんから新しい知識をもらえた" for mark in TEXTS]
    rows = ["受付番号,氏名,経験,よかったこと,備考"]
    for number in range(20):
        cells = (NAMES[number % 6], "ある" if number < 9 else "ない", texts[number % 5] if number < 15 else "", MEMOS[number % 5])
        rows.append(",".join((str(number + 1), *cells)))
    (root / RECEIVED).write_text("\n".join(rows) + "\n", encoding="utf-8")
    _write_forms(root, texts[5])
    decided = [f"{comment_key('good', text)},good,G1,担当A,2026-02-20,1" for text in texts]
    (folder / "coding").mkdir()
    lines = ["key,question,codes,coder,date,theme_version", *decided]
    (folder / "coding" / "decisions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def _write_forms(root: Path, text: str) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["ID", "開始時刻", "完了時刻", "メール", "名前", "経験", "よかったこと"])
    sheet.append([1, "2026-01-14 09:00:00", "2026-01-14 09:05:00", f"{FORMS[0]}@example.com", FORMS[1], "ある", text])
    sheet.append([2, "2026-01-15 09:00:00", "2026-01-15 09:05:00", f"{FORMS[0]}@example.com", FORMS[2], "ない", None])
    sheet["E2"].comment = Comment(PROPERTIES[0], PROPERTIES[1])
    book.properties.creator, book.properties.lastModifiedBy, book.properties.title = PROPERTIES[2:5]
    book.save((root / RECEIVED).with_name("回答一覧.xlsx"))


def _parts(name: str, content: bytes):
    """Yield (name, text) of a file and of everything packed in it."""
    text = content.decode("utf-8", "replace")
    yield name, "\n".join((name, text, unescape(text), content.decode("utf-16-le", "replace")))
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for part in archive.namelist():
                yield from _parts(f"{name}!{part}", archive.read(part))


def _told(content: dict[str, bytes]) -> list[tuple[str, str]]:
    found = [part for name, inside in content.items() for part in _parts(name, inside)]
    return [(name, mark) for name, text in found for mark in MARKS if mark in text]


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """Return the workspace after every verb that prints or publishes, and what was printed on the way."""
    root = _write(tmp_path_factory.mktemp("marked") / "w")
    printed = io.StringIO()
    acts = (
        ["check"],
        ["report"],
        ["release", SURVEY, "--wave", WAVE, "--approver", "課長", "--reference", "1", "--date", "2026-04-01"],
        ["trace", SURVEY, "good.G1"],
        ["audit"],
    )
    with redirect_stdout(printed), redirect_stderr(printed):
        codes = [main([*words, "--root", str(root)]) for words in acts]
    assert codes == [0] * len(acts), printed.getvalue()
    return root, printed.getvalue()


def test_the_marks_were_read(published):
    """Otherwise nothing could come out."""
    root, _ = published
    comments = (root / "data" / "processed" / SURVEY / "comments.csv").read_text(encoding="utf-8")
    assert all(mark in comments for mark in TEXTS)
    raw = _told(files(root / "data" / "raw"))
    assert {mark for _, mark in raw} == set(MARKS)
    estimates = (root / "reports" / SURVEY / WAVE / "public/opendata/estimates.csv").read_text(encoding="utf-8-sig")
    assert "新しい知識をもらえた" in estimates


def test_no_public_file_holds_a_mark(published):
    root, _ = published
    public = {name: content for name, content in files(root / "reports").items() if "/public/" in name}
    assert len(public) > 20
    assert _told(public) == []
    assert _told(files(root / "surveys")) == []


def test_no_message_holds_a_mark(published):
    assert not [mark for mark in MARKS if mark in published[1]]


@pytest.mark.parametrize("damage", ["column", "label", "file", "program"])
def test_no_error_holds_a_mark(tmp_path, capsys, monkeypatch, damage):
    root = _write(tmp_path / "w")
    received = root / RECEIVED
    if damage == "column":
        wave = root / "surveys" / SURVEY / "waves" / f"{WAVE}.toml"
        wave.write_text(wave.read_text(encoding="utf-8").replace('ignore_columns = ["氏名", "備考"]', ""), encoding="utf-8")
    elif damage == "label":
        received.write_text(received.read_text(encoding="utf-8").replace("ある", "あった"), encoding="utf-8")
    elif damage == "file":
        received.write_bytes(received.read_bytes() + b"21," + MARKS[0].encode() + b',"')
    else:
        from pipeline import coding

        def broken(comments, decisions):
            raise RuntimeError(" ".join(comments["text"]))

        monkeypatch.setattr(coding, "codings", broken)
    for verb in ("check", "report"):
        assert main([verb, "--root", str(root)]) == 2
        printed = "".join(capsys.readouterr())
        assert not [mark for mark in MARKS if mark in printed]
    assert not list((root / "reports").glob("*/*/public"))
