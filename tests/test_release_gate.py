"""The public edition is attacked before it is written, and says nothing of what it keeps to itself."""

from __future__ import annotations

import json

import pytest

from pipeline import disclosure
from pipeline.__main__ import main
from tests.small_survey import SURVEY, WAVE, files, outputs, write_survey

_SECTION = """
[[questions]]
id = "section"
label = "部署"
kind = "single"
is_attribute = true
is_public = true
text = "部署はどこですか。"
options = [{ id = "north", label = "北" }, { id = "south", label = "南" }, { id = "west", label = "西" }]

[[questions]]
id = "view"
label = "考え"
kind = "single"
text = "どう考えますか。"
options = [{ id = "good", label = "よい" }, { id = "fair", label = "ふつう" }, { id = "poor", label = "わるい" }]

[[questions]]
id = "words"
label = "自由記述"
kind = "text"
text = "自由にお書きください。"

[crosses]
section = ["view"]
"""
#: People by section and view: one of the north is alone with a view.
COUNTS = {"北": (14, 12, 1), "南": (20, 15, 6), "西": (25, 9, 7)}
#: The same people with the answers of two of them exchanged where nothing is shown.
EXCHANGED = {"北": (14, 11, 2), "南": (20, 15, 6), "西": (25, 10, 6)}


def _write(root, counts, words="字"):
    folder = write_survey(root) / "surveys" / SURVEY
    path = folder / "survey.toml"
    path.write_text(path.read_text(encoding="utf-8") + _SECTION, encoding="utf-8")
    path = folder / "waves" / f"{WAVE}.toml"
    text = path.read_text(encoding="utf-8").replace("total = 40", "total = 200")
    text = text.replace(
        'experience = "協働したことがありますか。"\n',
        'experience = "協働したことがありますか。"\nsection = "部署"\nview = "考え"\nwords = "自由記述"\n',
    )
    text = text.replace(
        'experience = "経験"\n', 'experience = "経験"\nsection = "部署"\nview = "考え"\nwords = "自由記述"\n'
    )
    path.write_text(text, encoding="utf-8")
    rows = ["受付番号,経験,部署,考え,自由記述\n"]
    for section, views in counts.items():
        for view, people in zip(("よい", "ふつう", "わるい"), views, strict=True):
            for _ in range(people):
                number = len(rows)
                rows.append(
                    f"{number},{'ある' if number % 3 else 'ない'},{section},{view},{words}{number % 5}\n"
                )
    (root / f"data/raw/{SURVEY}/{WAVE}/回答.csv").write_text("".join(rows), encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def reported(tmp_path_factory):
    root = _write(tmp_path_factory.mktemp("gate"), COUNTS)
    assert main(["report", SURVEY, "--root", str(root)]) == 0
    return root


def _public(root):
    return files(root / "reports" / SURVEY / WAVE / "public")


def test_the_public_edition_has_its_audit(reported):
    record = json.loads(_public(reported)["provenance.json"])
    assert record["audit"]["status"] == "passed" and record["audit"]["cells"] > 10
    assert record["audit"]["parameters"]["minimum_cell"] == 3 and record["audit"]["without"] == []
    estimates = _public(reported)["opendata/estimates.csv"].decode("utf-8-sig")
    assert estimates.count(",withheld,") >= 4


def test_what_is_withheld_changes_no_public_file(reported, tmp_path):
    """Other counts where nothing is shown, other free answers, and the same numbers shown."""
    other = _write(tmp_path, EXCHANGED, words="別の文")
    assert main(["report", SURVEY, "--root", str(other)]) == 0
    one, two = _public(reported), _public(other)
    assert one["opendata/estimates.csv"] == two["opendata/estimates.csv"], "the two must show the same"
    records = [json.loads(files.pop("provenance.json")) for files in (one, two)]
    assert one == two
    different = {key for key in records[0] if records[0][key] != records[1][key]}
    assert different == {"inputs"}
    internal = [
        (root / "reports" / SURVEY / WAVE / "internal/opendata/estimates.csv").read_bytes()
        for root in (reported, other)
    ]
    assert internal[0] != internal[1]


def test_the_internal_edition_offered_for_release_is_refused(reported, monkeypatch, capsys):
    before = outputs(reported)
    page = reported / "surveys" / SURVEY / "disclosure.toml"
    page.write_text("minimum_group = 9\n", encoding="utf-8")
    monkeypatch.setattr(disclosure, "public_plan", disclosure.internal_plan)
    assert main(["report", SURVEY, "--root", str(reported)]) == 2
    said = capsys.readouterr().out
    assert f"{WAVE} 考え × 部署" in said and f"report {SURVEY} --without view-section" in said
    assert outputs(reported) == before
    assert main(["report", SURVEY, "--root", str(reported), "--without", "view-section"]) == 0
    record = json.loads(_public(reported)["provenance.json"])
    assert record["audit"]["without"] == ["view-section"]
    assert "view" not in {
        line.split(",")[2]
        for line in _public(reported)["opendata/contrasts.csv"].decode("utf-8-sig").splitlines()[1:]
    }
    page.unlink()


def test_a_cross_that_is_not_there_cannot_be_left_out(reported, capsys):
    assert main(["report", SURVEY, "--root", str(reported), "--without", "view-sectio"]) == 2
    assert "「view-section」の間違い" in capsys.readouterr().out
