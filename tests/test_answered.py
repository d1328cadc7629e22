"""Paper one time, a Web form without blanks the next: shares of those who answered stand beside the others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.model import ReceivedFile
from pipeline.report import page
from pipeline.report.answered import answered_grid, answered_table
from pipeline.report.exhibits import Table
from tests import fakes


def edition(mode: str, blanks: int, before: int = 60):
    """Experience: 100 yes and 100 no each time, so that only the blanks differ."""
    tallies = tuple(
        fakes.Tally(fakes.EXPERIENCE, wave, 200 + empty, {"yes": 100, "no": 100, "no_answer": empty})
        for wave, empty in (("2021", before), ("2023", blanks))
    )
    made = fakes.edition(tallies=tallies)
    newest = replace(made.wave, files=(ReceivedFile("y.csv", "csv", mode),))
    waves = (*made.survey.waves[:-1], newest)
    return replace(made, survey=replace(made.survey, waves=waves), wave=newest)


def test_the_same_answers_are_the_same_shares_without_blanks():
    made = edition("Web", 0)
    table = answered_table(made, fakes.EXPERIENCE)
    assert table.columns == ("選択肢", "令和5年度（%）", "令和3年度（%）", "差（ポイント）")
    assert table.rows == (
        ("経験がある", "50.0", "50.0", "0.0"),
        ("経験はない", "50.0", "50.0", "0.0"),
        ("答えた人（n）", "200", "200", ""),
    )
    assert "令和5年度はWeb、令和3年度は紙" in table.notes[0]
    (block,) = (block for block in page.blocks(made, {}) if block.id == "experience")
    assert table in [part for part in block.parts if isinstance(part, Table)]


@pytest.mark.parametrize(("mode", "blanks"), [("紙", 0), ("Web", 60)])
def test_nothing_is_added_where_the_way_or_the_blanks_are_the_same(mode, blanks):
    assert answered_table(edition(mode, blanks), fakes.EXPERIENCE) is None


def test_the_workbook_has_them_for_every_wave():
    grid = answered_grid(edition("Web", 0))
    (yes,) = (row for row in grid.rows if row[2] == "経験がある")
    assert [str(cell) for cell in yes[-2:]] == ["50.0", "50.0"]
    assert answered_grid(edition("紙", 0)) is None
