"""A survey of three waves and two questions, made on the spot; every fact of a wave can be made to differ."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

SURVEY = "years"
WAVES = ("2021", "2023", "2025")
_SURVEY = """title = "年ごとの調査"
organisation = "みほん市"

[[questions]]
id = "part"
label = "部局"
kind = "single"
is_attribute = true
text = "あなたの部局をお答えください。"
options = [{parts}]

[[questions]]
id = "experience"
label = "協働の経験"
kind = "single"
text = "業務で市民や市民団体と協働したことがありますか。"
options = [{ id = "yes", label = "ある" }, { id = "no", label = "ない" }]

[[questions]]
id = "wish"
label = "相手に求めるもの"
kind = "multiple"
{limit}
text = "協働する相手に求めるものは何ですか。"
options = [{wishes}]

[crosses]
part = ["experience", "wish"]
"""
_WAVE = """label = "{wave}年度"
scope = "{scope}"
population = {{ total = 400 }}

[wording]
part = "あなたの部局をお答えください。"
experience = "{experience}"
wish = "協働する相手に求めるものは何ですか。"

{more}

[[files]]
file = "{wave}.csv"
layout = "csv"
mode = "{mode}"
serial = "No"
has_codes = true

[files.columns]
part = "部局"
experience = "経験"
wish = "求めるもの"
"""
PARTS = '{ id = "a", label = "甲部" }, { id = "b", label = "乙部" }, { id = "c", label = "丙部" }'
WISHES = '{ id = "talk", label = "連絡のしやすさ" }, { id = "skill", label = "専門性" }, { id = "goal", label = "目的の共有" }'
ASKED = "業務で市民や市民団体と協働したことがありますか。"


def write(root: Path, parts: str = PARTS, wishes: str = WISHES, limit: str = "", **by_wave: dict[str, str]) -> Path:
    """Write the survey; ``w2023={"mode": "紙"}`` makes a wave differ. Return its folder."""
    folder = root / "surveys" / SURVEY
    (folder / "waves").mkdir(parents=True)
    text = _SURVEY.replace("{parts}", parts).replace("{wishes}", wishes).replace("{limit}", limit)
    (folder / "survey.toml").write_text(text, encoding="utf-8")
    for wave in WAVES:
        facts = {"wave": wave, "scope": "全職員", "experience": ASKED, "mode": "Web", "more": ""} | by_wave.get(f"w{wave}", {})
        (folder / "waves" / f"{wave}.toml").write_text(_WAVE.format(**facts), encoding="utf-8")
    return folder


def receive(root: Path, wave: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Put the answers of a wave in place: (part, experience, wishes) by label or code."""
    place = root / "data" / "raw" / SURVEY / wave / f"{wave}.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{number},{part},{yes},{wish}\n" for number, (part, yes, wish) in enumerate(rows, start=1)]
    place.write_text("No,部局,経験,求めるもの\n" + "".join(lines), encoding="utf-8")


def sign(folder: Path, *rows: str) -> None:
    """Write signed rows ``question,from,to,grade``."""
    text = "".join(f"{row},理由,課長,2026-01-01\n" for row in rows)
    (folder / "comparability.csv").write_text(f"question,wave_from,wave_to,grade,reason,decided_by,date\n{text}", encoding="utf-8")


def link(folder: Path, *rows: str) -> None:
    """Write links ``question,wave,kind,from,to,id,label``."""
    text = "".join(f"{row},つなぐ理由,課長,2026-01-01\n" for row in rows)
    (folder / "lineage.csv").write_text(f"question,wave,kind,from,to,id,label,reason,decided_by,date\n{text}", encoding="utf-8")
