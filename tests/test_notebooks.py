"""Planners' notebooks: committed clean, holding no statistics, executed into pages that need no network."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from pipeline import definitions, frames
from pipeline.model import ProblemsFound
from pipeline.report import notebooks
from pipeline.report.charts import charts_for
from pipeline.report.exhibits import Table
from tests import chart_edition as made

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def cells(notebook, kind="code"):
    return [c for c in json.loads(notebook.read_text(encoding="utf-8"))["cells"] if c["cell_type"] == kind]


def test_there_are_two():
    assert [notebook.name for notebook in NOTEBOOKS] == ["01_results.ipynb", "02_comparison.ipynb"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_committed_without_outputs(notebook):
    for cell in cells(notebook):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
    ids = [cell["id"] for kind in ("code", "markdown") for cell in cells(notebook, kind)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z-]+", name) for name in ids)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_holds_no_statistics_and_names_no_confidential_table(notebook):
    text = notebook.read_text(encoding="utf-8")
    assert not any(word in text for word in ("responses", "comments", "ledger", "回答データ"))
    code = ast.parse("\n".join("".join(cell["source"]) for cell in cells(notebook)))
    names = set()
    for node in ast.walk(code):
        assert not isinstance(node, ast.BinOp | ast.FunctionDef | ast.Lambda)
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            names.add(node.module.split(".")[0])
    assert names == {"sys", "pathlib", "pipeline"}


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_written_in_japanese_with_one_title(notebook):
    lines = "".join("".join(c["source"]) + "\n" for c in cells(notebook, "markdown")).splitlines()
    assert len([line for line in lines if line.startswith("# ")]) == 1
    assert re.search(r"[ぁ-ん]", "".join(lines))


# ---- what they call ----------------------------------------------------------------------


@pytest.fixture
def workspace(nagaokakyo_workspace):
    """Return a workspace with made-up tables of 長岡京市's questions beside its real definitions."""
    survey = definitions.load(nagaokakyo_workspace, "nagaokakyo")
    question = survey.question("experience")
    rows = [
        row | {"survey": survey.id}
        for wave, base, count in zip(survey.waves, (406, 418, 435), (169, 163, 190), strict=True)
        for row in made.rows(question, wave.key, base, {"yes": count, "no": base - count}, basis="published")
    ]
    folder = nagaokakyo_workspace / "data" / "processed" / "nagaokakyo" / "public"
    for name, schema in frames.EDITION_TABLES.items():
        frames.write(frames.table(schema, rows if name == "estimates" else []), folder / f"{name}.csv")
    return nagaokakyo_workspace


def test_open_edition_reads_the_newest_wave(workspace):
    survey = definitions.load(workspace, "nagaokakyo")
    edition = notebooks.open_edition(survey, "", "public", workspace)
    assert (edition.wave, edition.label) == (survey.newest, "公表版")
    assert notebooks.open_edition(survey, "2017", "public", workspace).wave.key == "2017"


def test_open_edition_reads_internal_tables_with_their_errors(workspace):
    survey = definitions.load(workspace, "nagaokakyo")
    public = workspace / "data" / "processed" / "nagaokakyo" / "public"
    internal = public.parent / "internal"
    for path in public.iterdir():
        frame = frames.read_text_table(path)
        frames.write(frame.assign(se="1.5") if path.stem == "estimates" else frame, internal / path.name)
    edition = notebooks.open_edition(survey, "", "internal", workspace)
    frames.check(edition.estimates, frames.ESTIMATES)
    assert edition.label == "庁内版"
    assert edition.estimate("experience", "yes")["count"] == 190


def test_open_edition_says_what_is_missing(workspace):
    survey = definitions.load(workspace, "nagaokakyo")
    with pytest.raises(ProblemsFound) as stopped:
        notebooks.open_edition(survey, "1999", "secret", workspace)
    assert [problem.found for problem in stopped.value.problems] == ["secret", "1999"]
    with pytest.raises(ProblemsFound) as stopped:
        notebooks.open_edition(survey, "", "internal", workspace)
    assert len(stopped.value.problems) == len(frames.EDITION_TABLES)
    assert all("pipeline report nagaokakyo" in problem.next_step for problem in stopped.value.problems)


def test_tables_and_charts_carry_their_words():
    table = Table("表題<1>", ("選択肢", "n"), (("はい", "12"),), ("注記",))
    html = notebooks.table_html(table)
    assert html.replace("\n", "").startswith("<table><caption>表題&lt;1&gt;</caption>") and html.endswith("<p>注記</p>")
    assert html.count('scope="col"') == 2
    assert html.count('scope="row"') == 1
    chart = charts_for(made.edition(), made.MEANING)[0]
    assert f'alt="{chart.alt}"' in notebooks.chart_html(chart)
    assert notebooks.chart_html(chart) == notebooks.chart_html(chart)


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_executed_page_is_whole_and_the_same_every_time(notebook, workspace, tmp_path):
    pytest.importorskip("nbclient")
    before = notebook.read_bytes()
    pages = []
    for name in ("one", "other"):
        out = tmp_path / name / f"{notebook.stem}.html"
        notebooks.execute(notebook, "nagaokakyo", "2019", workspace, out)
        pages.append(out.read_bytes())
    assert pages[0] == pages[1]
    assert notebook.read_bytes() == before
    page = pages[0].decode("utf-8")
    assert '<html lang="ja">' in page
    assert "<caption>" in page
    pictures = re.findall(r"<img [^>]*>", page)
    assert pictures
    for picture in pictures:
        assert 'src="data:image/png;base64,' in picture
        assert re.search(r'alt="[^"]*43\.7%[^"]*数値は次の表のとおりです。"', picture)
    assert not re.search(r"(src|href)=[\"'](https?:)?//", page)
    assert "No description has been provided" not in page
    assert str(workspace) not in page
    assert "import " not in page
    assert "次のセル" not in page


def test_a_failing_cell_is_told_in_words(workspace, tmp_path):
    pytest.importorskip("nbclient")
    with pytest.raises(ProblemsFound) as stopped:
        notebooks.execute(NOTEBOOKS[0], "nagaokakyo", "1999", workspace, tmp_path / "page.html")
    assert stopped.value.problems[0].file == NOTEBOOKS[0].name
    assert not (tmp_path / "page.html").exists()
