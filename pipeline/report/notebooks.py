"""What planners' notebooks call: one edition's tables and charts on show, and their execution to HTML.

A notebook holds no statistics: it reads the finished tables of one edition and asks this module
to show them. nbclient and nbconvert are imported only where a notebook is executed.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable
from html import escape
from pathlib import Path

import pandas as pd

from pipeline import frames
from pipeline.model import EDITIONS, Problem, ProblemsFound, Question, Survey
from pipeline.report import tables, templating
from pipeline.report.blocks import questions_on_page
from pipeline.report.charts import Chart, charts_for
from pipeline.report.charts.sheet import picture
from pipeline.report.cross_tables import cross_table
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Table

_PARAMETERS_TAG = "parameters"
#: Cells for whoever opens the notebook itself; a reader of the finished page has no use for them.
_HOW_TO_TAG = "how-to"
#: Seconds one cell may take: drawing every chart of a survey takes a few.
_CELL_TIMEOUT = 300
_EXTERNAL = re.compile(
    r"<script\b[^>]*\bsrc\s*=\s*[\"'](?:https?:)?//[^>]*>\s*</script>|<link\b[^>]*\bhref\s*=\s*[\"'](?:https?:)?//[^>]*>",
    re.IGNORECASE,
)


# ---- called by the notebooks -------------------------------------------------------------


def open_edition(survey: Survey, wave: str, name: str, root: Path) -> Edition:
    """Return the edition ``name`` (public or internal) of ``wave`` ("" = newest) from the tables under ``root``.

    Raises ProblemsFound naming every table that has not been made yet, or an unknown wave or edition.
    """
    folder = root / "data" / "processed" / survey.id / name
    problems = [*_unknown("EDITION", name, EDITIONS)]
    if wave:
        problems += _unknown("WAVE", wave, [known.key for known in survey.waves])
    paths = {table: folder / f"{table}.csv" for table in frames.EDITION_TABLES}
    if not problems:
        problems += [
            Problem(
                "集計表がありません",
                file=path.relative_to(root).as_posix(),
                next_step=f"先に python -m pipeline report {survey.id} を実行してください。",
            )
            for path in paths.values()
            if not path.is_file()
        ]
    if problems:
        raise ProblemsFound(problems)
    read = {table: _read(path, frames.EDITION_TABLES[table]) for table, path in paths.items()}
    chosen = survey.wave(wave) if wave else survey.newest
    return Edition(survey=survey, wave=chosen, label=EDITIONS[name], build="", **read)


def _read(path: Path, schema: frames.Schema) -> pd.DataFrame:
    """Return the columns of ``schema``: an internal table has standard errors beside them."""
    written = frames.read_text_table(path)
    return frames.table(schema, written[list(schema.columns)].to_dict("records"))


def _unknown(key: str, value: str, known: Iterable[str]) -> list[Problem]:
    if value in known:
        return []
    return [
        Problem(
            "ノートブックの最初のセルの値が違います",
            key=key,
            found=value,
            expected="、".join(known),
            next_step="最初のセルを直して、もう一度実行してください。",
        )
    ]


def show_opening(edition: Edition) -> None:
    """Show which survey, wave and edition this is, and links to every question."""
    survey = edition.survey
    facts = f"{survey.organisation} {survey.title} {edition.wave.label}（{edition.label}）"
    links = "".join(f'<li><a href="#{q.id}">{escape(q.heading)}</a></li>' for q in questions_on_page(edition))
    notice = f"<p>{escape(survey.notice)}</p>" if survey.notice else ""
    _show(f"<p>{escape(facts)}</p>{notice}<ul>{links}</ul>")


def show_results(edition: Edition) -> None:
    """Show every question of the wave: its chart, its shares, and its crosses."""
    for question in questions_on_page(edition):
        charts = {chart.name: chart for chart in charts_for(edition, question)}
        _show(_heading_html(question))
        _show_chart(charts.get(question.id))
        _show_table(tables.shares_table(edition, question))
        for cross in edition.survey.crosses:
            banner = edition.survey.question(cross.banner)
            if question.id in cross.questions:
                _show_chart(charts.get(f"{question.id}-{banner.id}"))
                _show_table(cross_table(edition, question, banner))


def show_comparison(edition: Edition) -> None:
    """Show every question over the waves: its series, its shares side by side, and its changes."""
    for question in questions_on_page(edition):
        charts = {chart.name: chart for chart in charts_for(edition, question)}
        series, changes = tables.series_table(edition, question), tables.changes_table(edition, question)
        _show(_heading_html(question))
        if series is None and changes is None:
            _show("<p>前の調査回の値がないため、比べられません。</p>")
        _show_chart(charts.get(f"{question.id}-series"))
        _show_table(series)
        _show_table(changes)


def _heading_html(question: Question) -> str:
    return f'<h2 id="{question.id}">{escape(question.heading)}</h2>'


def _show(html: str) -> None:
    from IPython.display import HTML, display

    display(HTML(html))


def _show_chart(chart: Chart | None) -> None:
    if chart is not None:
        _show(chart_html(chart))


def _show_table(table: Table | None) -> None:
    if table is not None:
        _show(table_html(table))


def chart_html(chart: Chart) -> str:
    """Return the chart as an image that carries its own bytes and its alternative text."""
    content = io.BytesIO()
    picture(chart.draw(), content)
    source = base64.b64encode(content.getvalue()).decode("ascii")
    size = f'width="{chart.width}" height="{chart.height}"'
    return f'<img src="data:image/png;base64,{source}" {size} alt="{escape(chart.alt)}">'


def table_html(table: Table) -> str:
    """Return the table as on the page, and its notes."""
    notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
    return templating.table_html(table) + notes


# ---- called by the hall ------------------------------------------------------------------


def execute(
    notebook: Path, survey_id: str, wave: str, root: Path, out: Path, edition: str = "public"
) -> None:
    """Execute a copy of ``notebook`` for one wave and write it as one HTML file that needs no network.

    The notebook itself is not touched. Raises ProblemsFound when the notebook packages are not
    installed or a cell fails.
    """
    try:
        import nbformat
        from nbclient import NotebookClient
        from nbclient.exceptions import CellExecutionError
        from traitlets.config import Config
    except ImportError as missing:
        what = "ノートブックの実行に必要なパッケージがありません"
        step = "make notebooks を使うと、自動で入ります。"
        raise ProblemsFound([Problem(what, found=missing.name or "", next_step=step)]) from missing
    content = nbformat.reads(notebook.read_text(encoding="utf-8"), as_version=4)
    content.cells = [cell for cell in content.cells if not _has_tag(cell, _HOW_TO_TAG)]
    _fill_parameters(content, SURVEY=survey_id, WAVE=wave, EDITION=edition, ROOT=str(root.resolve()))
    client = NotebookClient(
        content,
        timeout=_CELL_TIMEOUT,
        kernel_name="python3",
        record_timing=False,
        # No history of the planner's session is kept on the machine.
        extra_arguments=["--HistoryManager.enabled=False"],
        resources={"metadata": {"path": str(notebook.parent)}},
        # Other people on the machine cannot read what the notebook and its kernel say to each other.
        config=Config({"KernelManager": {"transport_encryption": "auto"}}),
    )
    try:
        client.execute()
    except CellExecutionError as failed:
        found = f"{failed.ename}: {failed.evalue}"
        what, step = (
            "ノートブックの実行が途中で止まりました",
            "集計を作り直してから、もう一度実行してください。",
        )
        raise ProblemsFound([Problem(what, file=notebook.name, found=found, next_step=step)]) from failed
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(exported(content).encode("utf-8"))


def _has_tag(cell, tag: str) -> bool:
    return tag in cell.metadata.get("tags", ())


def _fill_parameters(content, **values: str) -> None:
    cell = next(cell for cell in content.cells if _has_tag(cell, _PARAMETERS_TAG))
    cell.source = "\n".join(f"{name} = {value!r}" for name, value in values.items())


def exported(content) -> str:
    """Return an executed notebook as one HTML page: Japanese, without code, without foreign addresses."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(
        template_name="basic",
        language_code="ja",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    body, _ = exporter.from_notebook_node(content)
    title = _title(content)
    page = (
        f'<!DOCTYPE html>\n<html lang="ja">\n<head>\n<meta charset="utf-8">\n<title>{escape(title)}</title>\n'
    )
    page += '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    page += f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    return _EXTERNAL.sub("", page)


def _title(content) -> str:
    lines = (
        line for cell in content.cells if cell.cell_type == "markdown" for line in cell.source.splitlines()
    )
    return next((line.lstrip("# ") for line in lines if line.startswith("# ")), "")


_STYLE = """
body { margin: 0; color: #1a1a1a; background: #fff; font-family: sans-serif; line-height: 1.7; }
main { max-width: 860px; margin: 0 auto; padding: 16px; overflow-x: auto; }
h2 { margin-top: 2.5em; border-bottom: 2px solid #767676; }
img { max-width: 100%; height: auto; display: block; margin: 1em 0; }
table { border-collapse: collapse; margin: 1em 0; font-size: 0.9em; }
caption { text-align: left; font-weight: bold; padding: 4px 0; }
th, td { border: 1px solid #767676; padding: 4px 8px; }
th { background: #f2f2f2; text-align: left; font-weight: normal; }
tbody th { min-width: 9em; }
td { text-align: right; white-space: nowrap; }
.anchor-link { display: none; }
"""
