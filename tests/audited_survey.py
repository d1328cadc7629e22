"""A survey with one free question: 2023 is read whole, of 2025 people have read A and S alone."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np

from pipeline.coding import comment_key, shares
from pipeline.coding.audit_file import Audited, audit_csv

SURVEY = "heard"
_SURVEY = """title = "聞いた調査"
organisation = "みほん市"

[[questions]]
id = "part"
label = "部局"
kind = "single"
is_attribute = true
text = "あなたの部局をお答えください。"
options = [{ id = "a", label = "甲部" }, { id = "b", label = "乙部" }]

[[questions]]
id = "hard"
label = "たいへんだったこと"
kind = "text"
box = "hard"
base = "with_content"
text = "たいへんだったことをお書きください。"

[crosses]
part = ["hard"]
"""
_WAVE = """label = "{wave}年度"
population = {{ total = 900 }}

[wording]
part = "あなたの部局をお答えください。"
hard = "たいへんだったことをお書きください。"

[[files]]
file = "{wave}.csv"
layout = "csv"
mode = "Web"
serial = "No"

[files.columns]
part = "部局"
hard = "記述"
"""
_THEMES = """code	box	name	public_name	definition	since
H1	hard	日程	日程の調整	日程が合わない	1
H2	hard	連絡	連絡のとりにくさ	連絡がつかない	1
H3	hard	費用	費用の負担	費用がかかる	1
H4	hard	事故	事故への備え	けがの心配	2
X0	both	無内容	内容なし	内容がない	1
"""
CODES = ("H1", "H2", "H3", "H4", "X0")
#: What stands in the answers of each code, so that nobody has to read them.
_WORDS = dict(
    zip(CODES, ("日程が合わない", "連絡がつかない", "費用がかかる", "けがが心配", "とくになし"), strict=True)
)


def answers(wave: str, **counts: int) -> list[tuple[str, str]]:
    """Return (text, code) of so many answers per code, every text another one."""
    return [
        (f"{_WORDS[code]}ことが{wave}年に{number}回目", code)
        for code, count in counts.items()
        for number in range(count)
    ]


def write(root: Path, waves: dict[str, list[tuple[str, str]]], read_now: set[str] | None = None) -> Path:
    """Write survey and answers; decisions on all texts of 2023, of 2025 on those in ``read_now`` (None: all)."""
    folder = root / "surveys" / SURVEY
    (folder / "waves").mkdir(parents=True, exist_ok=True)
    (folder / "coding").mkdir(exist_ok=True)
    (folder / "survey.toml").write_text(_SURVEY, encoding="utf-8")
    (folder / "themes.tsv").write_text(_THEMES, encoding="utf-8")
    out = io.StringIO()
    decisions = csv.writer(out, lineterminator="\n")
    decisions.writerow(("key", "question", "codes", "coder", "date", "theme_version"))
    for wave, texts in waves.items():
        (folder / "waves" / f"{wave}.toml").write_text(_WAVE.format(wave=wave), encoding="utf-8")
        rows = [(("甲部", "乙部")[number % 2], text) for number, (text, _) in enumerate(texts)]
        _receive(root / "data" / "raw" / SURVEY / wave / f"{wave}.csv", rows)
        for text, code in texts:
            if wave == "2023" or read_now is None or text in read_now:
                version = "1" if wave == "2023" else "2"
                decisions.writerow((comment_key("hard", text), "hard", code, "担当", "2026-02-01", version))
    (folder / "coding" / "decisions.csv").write_text(out.getvalue(), encoding="utf-8")
    return root


def _receive(place: Path, rows: list[tuple[str, str]]) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{number},{part},{text}\n" for number, (part, text) in enumerate(rows, start=1)]
    place.write_text("No,部局,記述\n" + "".join(lines), encoding="utf-8")


def audit(root: Path, texts: list[tuple[str, str]], cut: float = 0.25, size: int = 80) -> set[str]:
    """Freeze a model that is right most of the time and draw the audit; return the texts of A and S."""
    generator = np.random.default_rng(5)
    ordered = sorted(texts, key=lambda pair: comment_key("hard", pair[0]))
    known = CODES[:3]
    truth = np.array([[float(code == own) for code in known] for _, own in ordered])
    chances = np.round(np.clip(0.15 + 0.6 * truth + generator.normal(0, 0.1, truth.shape), 0.01, 0.99), 3)
    strata = shares.draw_audit(generator.random(len(ordered)), 1 - cut, size, 5)
    rows = []
    for (text, own), stratum, row in zip(ordered, strata, chances, strict=True):
        said = dict(zip(known, map(float, row), strict=True)) | {"X0": float(own == "X0")}
        rows.append(Audited("hard", comment_key("hard", text), str(stratum), 1, said, "1-abc", 1 - cut, 5))
    place = root / "surveys" / SURVEY / "coding" / "2025" / "audit.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(audit_csv(rows), encoding="utf-8")
    wanted = {row.key for row in rows if row.stratum != "B"}
    return {text for text, _ in texts if comment_key("hard", text) in wanted}
