"""What was published, read back for the second count: open data, processed tables, tables of the page."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

from tests import recount
from tests.conftest import ROOT
from tests.recount import BASE, INVALID, NO_ANSWER, TOTAL, squeeze, tenths

#: Entry of the mean score of a scale.
MEAN = "mean"

WAVES = ("2019", "2021", "2023", "2025")
NEWEST = WAVES[-1]
STATES = {NO_ANSWER: "無回答", INVALID: "無効"}
BASES = ("回答者数（n）", "内容のある回答をした人（n）")
#: The last row of a table of free answers: everyone asked, who wrote or not.
ASKED = "この設問を聞いた人（n）"


def definitions_of(root: Path, wave: str) -> recount.Definitions:
    return recount.read(root, "staff", wave).definitions


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


def processed(root: Path, name: str) -> list[dict[str, str]]:
    return rows_of(root / "data" / "processed" / "staff" / f"{name}.csv")


def report(root: Path, edition: str) -> Path:
    return root / "reports" / "staff" / NEWEST / edition


def counted(counts: Counter, question: str, banner: str, group: str, entry: str) -> int:
    """People of a group; one called ``a+b`` is both together."""
    return sum(counts[question, banner, part, entry] for part in group.split("+"))


def themes(question: str) -> dict[str, str]:
    """Code → name on the page, of the themes a comment on ``question`` can have."""
    lines = (ROOT / "surveys/staff/themes.tsv").read_text(encoding="utf-8").splitlines()
    rows = list(csv.DictReader(lines, delimiter="\t"))
    return {r["code"]: r["public_name"] for r in rows if r["box"] in (question, "both") and r["code"] != "X0"}


def labels(definitions: recount.Definitions, question: str) -> dict[str, str]:
    """Entry → label: offered options or themes, the states, the nets."""
    asked = definitions.questions[question]
    options = {option["id"]: option["label"] for option in definitions.offered(question)}
    nets = {net["id"]: net["label"] for net in asked.get("nets", ())}
    return (options or themes(question)) | (STATES if options else {}) | nets


class Page(HTMLParser):
    """The tables of the page, [caption, rows of cells], and its whole text."""

    def __init__(self, html: str):
        super().__init__()
        self.tables: list[list] = []
        self.text = ""
        self.is_open = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "table":
            self.tables.append(["", []])
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][1][-1].append("")
        if tag in ("caption", "th", "td"):
            self.is_open = tag

    def handle_endtag(self, tag):
        self.is_open = "" if tag == self.is_open else self.is_open

    def handle_data(self, text):
        self.text += text
        if self.is_open == "caption":
            self.tables[-1][0] += text
        elif self.is_open:
            self.tables[-1][1][-1][-1] += text


class Years:
    """Reads cells of the page against the recount of every wave with received files."""

    def __init__(self, root: Path):
        self.counts = {wave: recount.tally(root, "staff", wave) for wave in WAVES}
        self.definitions = {wave: definitions_of(root, wave) for wave in WAVES}
        self.wave_of = {d.wave_file["label"]: wave for wave, d in self.definitions.items()}
        self.checked: Counter = Counter()

    def entry(self, question: str, label: str) -> str:
        if label in BASES:
            return BASE
        if label.startswith("平均点"):
            return MEAN
        found = {squeeze(text): entry for entry, text in labels(self.definitions[NEWEST], question).items()}
        for option in self.definitions[NEWEST].offered(question):
            found |= {squeeze(option.get("short", option["label"])): option["id"]}
        return found[squeeze(label)]

    def asked(self, wave: str, question: str) -> int:
        """People whose answer to the filter question leads to this one."""
        route = self.definitions[wave].questions[question]["route"]
        return sum(self.counts[wave][route["question"], *TOTAL, option] for option in route["options"])

    def groups(self, banner: str, label: str) -> str:
        """``a+b`` of a row label; groups are joined by ・, which may stand in their labels too."""
        if label == "全体":
            return TOTAL[1]
        known = [*self.definitions[NEWEST].offered(banner), {"id": "unknown", "label": "属性不明"}]
        runs = [known[a:b] for a in range(len(known)) for b in range(a + 1, len(known) + 1)]
        (run,) = [run for run in runs if "・".join(group["label"] for group in run) == label]
        return "+".join(group["id"] for group in run)

    def cells(self, wave: str, question: str, place: tuple[str, str], entry: str) -> tuple[str, str]:
        """How people and share are printed; … where the wave did not ask."""
        if question not in self.definitions[wave].asked:
            return "…", "…"
        if entry not in (BASE, MEAN) and entry not in labels(self.definitions[wave], question):
            return "…", "…"
        if entry == MEAN:
            return self.mean_cells(wave, question, place)
        count, base = (counted(self.counts[wave], question, *place, name) for name in (entry, BASE))
        self.checked[wave, question, place[0]] += 1
        if entry == BASE:
            return f"{base:,}" + ("*" if base < 30 else ""), "100.0"
        return (f"{count:,}", tenths(count, base)) if count else ("-", "-")

    def mean_cells(self, wave: str, question: str, place: tuple[str, str]) -> tuple[str, str]:
        """People on the scale and their mean: 100 for the first option down to 0, in whole numbers."""
        scale = [option["id"] for option in self.definitions[wave].offered(question)]
        people = [counted(self.counts[wave], question, *place, name) for name in scale]
        score = sum(count * (len(scale) - 1 - at) for at, count in enumerate(people))
        return f"n={sum(people):,}", tenths(score, sum(people) * (len(scale) - 1)) + "点"


def tables(years: Years, page: Page, pattern: str):
    """Yield (question, match, header, rows) of the tables whose caption is label + pattern."""
    questions = years.definitions[NEWEST].questions
    by_label = {squeeze(asked["label"]): name for name, asked in questions.items()}
    for caption, (header, *rows) in page.tables:
        if found := re.fullmatch(pattern, caption):
            yield by_label[squeeze(found["question"])], found, header, rows


def changes_rows(years: Years, page: Page):
    """Yield (question, entry, {wave: printed cell}) of each line of the tables that compare two years.

    Where a table is about one item, its caption names the item instead of the question.
    """
    definitions = years.definitions[NEWEST]
    by_label = {squeeze(definitions.questions[name]["label"]): name for name in definitions.asked}
    by_item = {
        squeeze(f"「{label}」"): (question, entry)
        for question in definitions.asked
        for entry, label in labels(definitions, question).items()
    }
    for caption, (header, *rows) in page.tables:
        if not (found := re.fullmatch(r"(.+)の経年の変化（.+）", caption)):
            continue
        subject, sides = squeeze(found[1]), (header.index("前の値"), header.index("後の値"))
        for cells in rows:
            has_item = header[1] == "項目"
            question = by_label[subject] if has_item else by_item[subject][0]
            entry = years.entry(question, cells[1]) if has_item else by_item[subject][1]
            shares = zip(cells[0].split("から"), (cells[side] for side in sides), strict=True)
            yield question, entry, {years.wave_of[y]: cell for y, cell in shares if y in years.wave_of}
