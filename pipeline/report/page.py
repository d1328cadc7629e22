"""Blocks and the officer's words → page.html, index.html, fragments/ and the charts they show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from pipeline.model import Problem, ProblemsFound
from pipeline.report import announcement, page_proposal, page_text, themes
from pipeline.report.blocks import Charts, blocks, questions_on_page
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Block, Picture
from pipeline.report.page_text import Section
from pipeline.report.templating import render
from pipeline.report.widths import plain_width


@dataclass(frozen=True)
class Page:
    """A composed page: the sections shown, and every block whether shown or not."""

    title: str
    notice: str
    sections: tuple[Section, ...]
    blocks: tuple[Block, ...]
    is_released: bool = False

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Return the pictures of the sections shown, in page order."""
        shown = [section.block for section in self.sections if section.block is not None]
        return tuple(picture for block in shown for picture in block.of(Picture))


def compose(edition: Edition, charts: Charts, others: Sequence[Problem] = ()) -> Page:
    """Return the page of ``edition``. Raises ProblemsFound with all problems of its text and ``others``."""
    made = blocks(edition, charts)
    by_name = {block.id: block for block in made}
    title, sections, problems = page_text.sections(edition, by_name)
    if others or any(problem.is_error for problem in problems):
        raise ProblemsFound([*problems, *others])
    if block := announcement.errata_block(edition):
        # Nobody has to remember to put it on the page.
        sections.insert(0, Section(block.id, block.heading, Markup(""), block))
        made = (block, *made)
    return Page(title, notice(edition), tuple(sections), made, edition.release is not None)


def problems(edition: Edition) -> list[Problem]:
    """Return what is wrong with the officer's text and lines, for ``check``; nothing is drawn or written."""
    by_name = {block.id: block for block in blocks(edition)}
    return [*page_text.sections(edition, by_name)[2], *themes.problems(edition)]


def draft(edition: Edition) -> str:
    """Return a first draft of the officer's text for ``edition``; nothing is drawn or written."""
    return page_proposal.draft(edition, {block.id: block for block in blocks(edition)})


def notice(edition: Edition) -> str:
    """Return the first paragraph: what the edition says of itself, and the survey's own notice."""
    return announcement.opening(edition) + edition.survey.notice


def write(edition: Edition, folder: Path, charts: Charts | None = None) -> Page:
    """Write page.html, index.html, fragments/ and charts/ into ``folder``; return the page.

    charts: charts by question id; made here when not given. Each chart is drawn and saved once,
    after everything has been found in order: a problem leaves ``folder`` untouched.
    """
    from pipeline.report import charts as drawing  # heavy: only where something is drawn

    if charts is None:
        charts = {
            question.id: drawing.charts_for(edition, question) for question in questions_on_page(edition)
        }
    unprintable = drawing.missing_glyphs(chart for group in charts.values() for chart in group)
    page = compose(edition, charts, unprintable)
    for name, html in files(page).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(html.encode("utf-8"))
    for chart in _used(page.blocks, charts):
        drawing.save(chart, folder / "charts")
    return page


def _used(made: Sequence[Block], charts: Charts) -> Iterator:
    names = {picture.name for block in made for picture in block.of(Picture)}
    return (chart for group in charts.values() for chart in group if chart.name in names)


def files(page: Page) -> dict[str, str]:
    """Return {path below the edition's folder: HTML} of a page."""
    cut = {section.name: fragment(section) for section in page.sections}
    shown = {"notice": page.notice, "fragments": [Markup(html) for html in cut.values()]}
    made = {"page.html": render("page.html", **shown)}
    framed = [(section, Markup(fragment(section, is_framed=True))) for section in page.sections]
    images = [(f"charts/{p.name}.png", f"{p.width}×{p.height}", p.alt) for p in page.pictures]
    made["index.html"] = render("index.html", page=page, framed=framed, images=images)
    for block in page.blocks:
        cut.setdefault(block.id, fragment(Section(block.id, plain_width(block.heading), Markup(""), block)))
    return made | {f"fragments/{name}.html": html for name, html in cut.items()}


def fragment(section: Section, is_framed: bool = False) -> str:
    """Return the HTML of one section; framed = each table in a region that scrolls by itself."""
    return render("fragment.html", section=section, is_framed=is_framed)
