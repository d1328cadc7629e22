"""Those who did not answer and the parts of a change, as the workbook, the notes and the methods say them."""

from __future__ import annotations

from dataclasses import replace

import openpyxl
import pytest

from pipeline import frames
from pipeline.model import Parameters
from pipeline.report import figures, methods, opendata, workbook
from pipeline.report.blocks import NOTES, blocks
from pipeline.report.exhibits import Bullets
from tests import fakes

_ROW = {
    "survey": "fake",
    "wave": "2023",
    "question": "experience",
    "question_label": "協働の経験",
    "measure": "share",
    "option": "yes",
    "option_label": "経験がある",
    "count": 190,
    "base": 435,
    "percent": 100 * 190 / 435,
    "returns": 435,
    "population": 558,
    "response_rate": 100 * 435 / 558,
    "poststratified": 43.21,
    "poststratified_low": 38.6,
    "poststratified_high": 48.0,
    "poststratified_finite_low": 41.0,
    "poststratified_finite_high": 45.5,
    "poststratified_by": "age",
    "bound_low": 34.05,
    "bound_high": 56.09,
    "wave_from": "2021",
    "verdict": "up",
    "limit": 1.24,
    "tipping": 5.65,
    "tipping_share": 38.0,
    "unit": "%",
    "basis": "counted",
    "status": "shown",
}
_WEIGHTS = {
    "survey": "fake",
    "wave": "2023",
    "method": "poststratified",
    "attributes": "age",
    "groups": "20s|30s|40s+unknown",
    "returns": 435,
    "population": 558,
    "effective_base": 430.44,
    "design_effect": 1.0106,
    "smallest_weight": 0.9,
    "largest_weight": 1.25,
    "trimmed": 0,
    "sweeps": 1,
    "gap": 0,
    "status": "shown",
}
_PARTS = {
    "survey": "fake",
    "question": "experience",
    "question_label": "協働の経験",
    "measure": "share",
    "option": "yes",
    "option_label": "経験がある",
    "wave_from": "2021",
    "wave_to": "2023",
    "banner": "age",
    "banner_label": "年代",
    "groups": "20s|30s|40s+unknown",
    "change": 4.7,
    "opinion": 4.36,
    "composition": 0.34,
    "unit": "ポイント",
    "resamples": 2000,
    "seed": 1,
    "comparability": "same",
    "status": "shown",
}


def _edition(**cells):
    return replace(
        fakes.edition(),
        nonresponse=frames.table(frames.NONRESPONSE, [_ROW | cells]),
        weights=frames.table(frames.WEIGHTS, [_WEIGHTS]),
        decompositions=frames.table(frames.DECOMPOSITIONS, [_PARTS]),
    )


def _notes(edition):
    block = next(block for block in blocks(edition) if block.id == NOTES)
    return [sentence.text for bullets in block.of(Bullets) for sentence in bullets.items]


def _cells(book, sheet, name):
    area = book[sheet][book[sheet].tables[name].ref]
    headers = [cell.value for cell in area[0]]
    return dict(zip(headers, (cell.value for cell in area[1]), strict=True))


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    folder = tmp_path_factory.mktemp("silent")
    workbook.write(_edition(), folder)
    return openpyxl.load_workbook(folder / workbook.FILE)


def test_the_sheets_hold_the_numbers_as_printed(book):
    weighted = _cells(book, "回答しなかった人の影響", "weighted")
    assert weighted["そのまま数えた割合（%）"] == 43.7 and weighted["事後層化で補った割合（%）"] == 43.2
    assert weighted["事後層化に使った属性"] == "年代" and not any(
        "レイキング" in header for header in weighted
    )
    bounds = _cells(book, "回答しなかった人の影響", "silent")
    assert bounds["回答しなかった人がこれだけ違えば判定が変わる差（ポイント）"] == 5.7
    weights = _cells(book, "回答しなかった人の影響", "weights")
    assert weights["実質の人数（人）"] == 430.4 and weights["重みの上限（平均を1として）"] == "なし"
    parts = _cells(book, "変化の内訳", "parts_of_change")
    assert (
        parts["回答の変化による分（ポイント）"] == 4.4
        and parts["区分"] == "20歳代以下、30歳代、40歳代以上・属性不明"
    )


def test_an_edition_without_them_has_no_such_sheets(tmp_path):
    workbook.write(fakes.edition(), tmp_path)
    assert not {"回答しなかった人の影響", "変化の内訳"} & set(
        openpyxl.load_workbook(tmp_path / workbook.FILE).sheetnames
    )


def test_the_notes_say_whether_weighting_matters_and_what_would_turn_a_conclusion():
    told = "".join(_notes(_edition()))
    assert "どれも偶然のばらつきの範囲の中の違いです" in told
    assert (
        "「経験がある」が上昇したという結論が変わるのは" in told
        and "5.7ポイント以上低かった場合だけです" in told
    )
    told = "".join(_notes(_edition(poststratified_low=44.0, tipping_share=-1.0)))
    assert "「経験がある」の割合は偶然のばらつきの範囲を超えて変わります" in told
    assert "どう答えていたとしても変わりません" in told
    assert "結論" not in "".join(_notes(_edition(verdict="unclear", tipping=None)))


def test_the_officer_may_choose_the_weighted_share():
    edition = _edition()
    assert figures.figure(edition, "experience.yes.weighted") == "43.2"
    assert figures.figure(edition, "experience.yes.tipping") == "5.7"
    for expression in (
        "experience.yes.weighted wave=2021",
        "experience.yes.weighted age=30s",
        "meaning.know.weighted",
    ):
        with pytest.raises(LookupError):
            figures.figure(edition, expression)


def test_the_methods_give_formulas_parameters_and_weights():
    edition = _edition()
    html = methods.html(edition)
    for words in (
        "回答率の違いを補った割合",
        "結論が変わる差",
        "½ Σ",
        "Kitagawa",
        "Deming",
        "Kish",
        "設けていません",
    ):
        assert words in html, words
    assert "<td>430.4</td><td>0.900</td><td>1.250</td>" in html
    limited = replace(edition, survey=replace(edition.survey, parameters=Parameters(largest_weight=3.0)))
    assert "平均の3倍を超える重み" in methods.html(limited)


def test_the_open_data_print_them(tmp_path):
    files = opendata.csv_files(_edition())
    assert ",43.7,435,558,78.0,43.2,38.6,48.0," in files["nonresponse.csv"].decode("utf-8-sig")
    assert ",430.4,1.011,0.900,1.250,," in files["weights.csv"].decode("utf-8-sig")
    assert ",4.7,4.4," in files["decompositions.csv"].decode("utf-8-sig")
