"""Charts of one question: its answers, its headline over the waves, its crosses."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.model import Problem, Question
from pipeline.report.charts import band, bars, series
from pipeline.report.charts.layout import Chart, save
from pipeline.report.charts.lettering import glyph_problems
from pipeline.report.charts.sheet import Words
from pipeline.report.charts.subject import Subject
from pipeline.report.edition import Edition

__all__ = ["Chart", "charts_for", "missing_glyphs", "save"]


def charts_for(edition: Edition, question: Question) -> tuple[Chart, ...]:
    """Return the charts of ``question``: main, series, crosses; those with nothing to draw left out."""
    subject = Subject(edition, question)
    kind = band if question.chart == "band" else bars
    main = band.waves_chart(subject) if kind is band else bars.options_chart(subject)
    crosses = (kind.groups_chart(subject, banner) for banner in subject.banners())
    return tuple(chart for chart in (main, series.waves_chart(subject), *crosses) if chart is not None)


def missing_glyphs(charts: Iterable[Chart]) -> list[Problem]:
    """Return every label of ``charts`` that holds a character no chart font has.

    ``draw`` stops at the first such chart; this names the labels of all of them at once.
    """
    return glyph_problems(mark.text for chart in charts for mark in chart.marks if isinstance(mark, Words))
