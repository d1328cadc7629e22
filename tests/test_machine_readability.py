"""The thirty rules of machine readability (31 March 2026), each on the finished files of every sample survey."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
import unicodedata
from dataclasses import replace

import openpyxl
import pytest

from pipeline import definitions, frames
from pipeline.definitions.open_terms import check_digit
from pipeline.model import LICENCES
from pipeline.report import opendata
from tests import fakes
from tests.conftest import ROOT, copy_survey
from tests.data_package import package_faults

SAMPLES = {"staff": "2025", "nagaokakyo": "2019"}
DOCUMENT = (ROOT / "docs" / "machine_readability.md").read_text(encoding="utf-8")
RULES = [*(f"L1-{n:02}" for n in range(1, 16)), *(f"L2-{n:02}" for n in range(1, 7)), *(f"L3-{n:02}" for n in range(1, 10))]


class Sample:
    """The finished files of one survey, read once."""

    def __init__(self, public):
        self.public = public
        self.files = {path.name: path.read_bytes() for path in sorted((public / "opendata").iterdir())}
        self.package = json.loads(self.files["datapackage.json"])
        self.texts = {name: raw.decode("utf-8-sig") for name, raw in self.files.items() if name.endswith(".csv")}
        self.rows = {name: list(csv.reader(io.StringIO(text, newline=""))) for name, text in self.texts.items()}
        self.book = openpyxl.load_workbook(public / "tables.xlsx")

    def records(self, name):
        header, *rows = self.rows[f"{name}.csv"]
        return [dict(zip(header, row, strict=True)) for row in rows]

    def fields(self):
        return [(resource["name"], field) for resource in self.package["resources"] for field in resource["schema"]["fields"]]

    def cells(self):
        return [cell for sheet in self.book for row in sheet.iter_rows() for cell in row if cell.value is not None]


@pytest.fixture(scope="module")
def samples(sample_reports):
    return {survey: Sample(sample_reports / "reports" / survey / wave / "public") for survey, wave in SAMPLES.items()}


@pytest.fixture(params=SAMPLES)
def sample(samples, request):
    return samples[request.param]


def test_every_rule_stands_in_the_document_with_its_test_or_a_reason():
    told = dict(re.findall(r"(?m)^\| (L\d-\d\d) \|.*\| ([^|]+) \|$", DOCUMENT))
    assert list(told) == RULES
    for rule, last in told.items():
        named = re.fullmatch(r"`(test_\w+)`", last)
        if named:
            assert named.group(1) in globals() and rule.lower().replace("-", "_") in named.group(1)
        else:
            assert last.startswith("当てはまらない"), rule


def test_l1_01_files_are_csv_json_and_xlsx(sample):
    assert {path.suffix for path in (sample.public / "opendata").iterdir()} == {".csv", ".json"}
    assert (sample.public / "tables.xlsx").read_bytes().startswith(b"PK")


def test_l1_02_a_csv_holds_one_table(sample):
    empty = {name for name, rows in sample.rows.items() if len(rows) < 2}
    assert not empty & {"estimates.csv", "codebook.csv"}
    for rows in sample.rows.values():
        assert rows.count(rows[0]) == 1 and all(any(row) for row in rows)
    names = [name for sheet in sample.book for name in sheet.tables]
    assert names and len(set(names)) == len(names)


def test_l1_03_a_table_is_in_one_file(sample):
    described = [resource["path"] for resource in sample.package["resources"]]
    assert sorted(described) == sorted(sample.rows) and len({tuple(rows[0]) for rows in sample.rows.values()}) == len(described)


def test_l1_04_nothing_stands_outside_of_the_table(sample):
    for name, rows in sample.rows.items():
        assert {len(row) for row in rows} == {len(rows[0])}, name


def test_l1_05_every_column_has_a_name(sample):
    assert all(cell for rows in sample.rows.values() for cell in rows[0])
    for sheet in sample.book:
        for table in sheet.tables.values():
            assert all(column.name.strip() for column in table.tableColumns)


def test_l1_06_no_space_is_there_for_looks(sample):
    for rows in sample.rows.values():
        for cell in (cell for row in rows for cell in row):
            assert cell == cell.strip() and not re.search(r"[\r\n\t\u3000]|  ", cell), cell
            assert not re.search(r"[ぁ-ん一-龥] [ぁ-ん一-龥]", cell) or "。" in cell, cell


def test_l1_07_a_cell_holds_one_value(sample):
    for resource, field in sample.fields():
        if field["type"] in ("integer", "number", "boolean"):
            cells = {row[field["name"]] for row in sample.records(resource)}
            assert not any(re.search(r"[,;、〜~/ ()（）]", cell) for cell in cells)
        elif any(sign in cell for cell in {row[field["name"]] for row in sample.records(resource)} for sign in "|") and field["name"] not in ("note",):
            assert "|" in field["description"] or "+" in field["description"], field["name"]


def test_l1_08_no_character_depends_on_a_machine(sample):
    text = "".join(sample.texts.values()) + sample.files["datapackage.json"].decode()
    odd = {c for c in text if re.match(r"[①-⓿㈀-㏿Ⅰ-ⅿ｡-ﾟ\u200b-\u200f\ufeff]", c) or unicodedata.category(c) in ("Co", "Cn", "Cs")}
    assert not odd


def test_l1_09_nothing_and_zero_are_apart(sample):
    rows = sample.records("estimates")
    assert {row["status"] for row in rows} <= {"shown", "withheld", "not_asked"}
    for row in rows:
        if row["status"] != "shown":
            assert not any(row[column] for column in frames.ESTIMATES.numbers)
        elif row["measure"] != "mean" and row["base"] != "0":
            assert row["count"] or (row["count_low"] and row["count_high"])
    assert "nagaokakyo" in rows[0]["survey"] or any(row["count"] == "0" and row["percent"] == "0.0" for row in rows)


def test_l1_10_objects_lie_on_the_chart_sheet_only(sample):
    assert {sheet.title for sheet in sample.book if sheet._charts or sheet._images} == {"グラフ"}


def test_l1_11_no_meaning_is_in_a_format(sample):
    assert all(not list(sheet.conditional_formatting) for sheet in sample.book)
    for cell in sample.cells():
        assert not cell.font.strike and cell.comment is None


def test_l1_12_no_cell_is_merged(sample):
    assert all(not sheet.merged_cells.ranges for sheet in sample.book)


def test_l1_13_nothing_is_hidden(sample):
    for sheet in sample.book:
        assert sheet.sheet_state == "visible"
        assert not any(part.hidden for part in (*sheet.row_dimensions.values(), *sheet.column_dimensions.values()))


def test_l1_14_a_record_is_a_line(sample):
    for name, text in sample.texts.items():
        assert text.count("\r\n") == text.count("\n") == len(sample.rows[name])


def test_l1_15_commas_are_quoted(sample):
    for name, text in sample.texts.items():
        written = io.StringIO(newline="")
        csv.writer(written, lineterminator="\r\n").writerows(sample.rows[name])
        assert written.getvalue() == text


def test_l2_01_numbers_are_numbers(sample):
    for resource, field in sample.fields():
        if field["type"] in ("integer", "number"):
            pattern = r"-?\d+" if field["type"] == "integer" else r"-?\d+(\.\d+)?"
            assert all(re.fullmatch(pattern, row[field["name"]] or "0") for row in sample.records(resource))
    assert not [cell.coordinate for cell in sample.cells() if cell.data_type == "s" and re.fullmatch(r"[\d,]+\.\d+", cell.value)]


def test_l2_02_nothing_is_left_to_the_row_above(sample):
    for name, schema in frames.EDITION_TABLES.items():
        whole = {"survey", "wave", "wave_from", "wave_to", "question", "question_label", "banner", "banner_label", "group", "group_label", "option", "option_label", "status"}
        columns = [column for column in schema.columns if column in whole]
        # A test over a whole cross has no option, a trend no second wave: the key says which columns a table needs.
        needed = [column for column in columns if column in schema.key or column.removesuffix("_label") in schema.key]
        assert all(row[column] for row in sample.records(name) for column in needed), name


def test_l2_03_one_header_row_of_unique_names(sample):
    assert all(len(set(rows[0])) == len(rows[0]) for rows in sample.rows.values())
    for sheet in sample.book:
        for table in sheet.tables.values():
            assert table.headerRowCount == 1
            first, *_ = sheet[table.ref]
            assert len({cell.value for cell in first}) == len(first)


def test_l2_04_codes_have_one_name_each(sample):
    for name in ("estimates", "changes"):
        names = {}
        for row in sample.records(name):
            for code in ("question", "banner"):
                names.setdefault((code, row[code]), set()).add(row[f"{code}_label"])
            names.setdefault((row["question"], row["option"]), set()).add(row["option_label"])
            names.setdefault((row["banner"], row["group"]), set()).add(row["group_label"])
        assert all(len(labels) == 1 for labels in names.values())
    described = dict((f"{resource}.{field['name']}", field["description"]) for resource, field in sample.fields())
    for column in ("measure", "status", "basis", "weighting", "base_kind"):
        assert all(row[column] in described[f"estimates.{column}"] for row in sample.records("estimates"))
    for column in ("verdict", "verdict_reason", "comparability"):
        assert all(row[column] in described[f"changes.{column}"] for row in sample.records("changes"))


def test_l2_05_what_was_typed_under_other_is_not_there(sample):
    survey = sample.records("estimates")[0]["survey"]
    known = definitions.read(ROOT, survey)[0]
    others = {(question.id, option.id): option.label for question in known.questions for option in question.options if option.is_other}
    rows = [row for row in sample.records("estimates") if (row["question"], row["option"]) in others]
    assert rows or survey == "nagaokakyo"
    remarks = {row["note"] for row in sample.records("estimates") if (row["question"], row["option"]) not in others}
    for row in rows:
        assert row["option_label"] == others[row["question"], row["option"]] and row["note"] in remarks


def test_l2_06_there_is_no_formula(sample):
    assert not any(cell.startswith(("=", "@", "+")) for rows in sample.rows.values() for row in rows for cell in row)
    assert not [cell.coordinate for cell in sample.cells() if cell.data_type == "f"]


def test_l3_01_the_header_is_the_first_line(sample):
    for resource in sample.package["resources"]:
        first = sample.texts[resource["path"]].split("\r\n", 1)[0]
        assert first == ",".join(field["name"] for field in resource["schema"]["fields"])


def test_l3_02_every_code_is_in_the_codebook(sample):
    codes = {(row["question"], row["option"], row["wave"]) for row in sample.records("codebook")}
    used = {(r["question"], r["option"], r["wave"]) for r in sample.records("estimates") if r["status"] != "not_asked"}
    assert used <= codes


def test_l3_03_symbols_are_defined(sample):
    symbols = {entry["symbol"] for entry in sample.package["symbols"]}
    assert all(entry["meaning"] and entry["inCsv"] for entry in sample.package["symbols"])
    notes = "".join(str(cell.value) for row in sample.book["注記"].iter_rows() for cell in row)
    used = {cell.value for cell in sample.cells() if cell.data_type == "s" and len(cell.value) == 1 and not cell.value.isalnum()} - {"%"} | {"x"}
    assert used - {"…"} <= symbols and all(sign in notes for sign in used)


#: Numbers without a dimension: probabilities, statistics, weights and seeds.
BARE = {"p", "p_low", "p_high", "p_adjusted", "p_finite", "p_nonlinear", "statistic", "df", "effect", "residual", "seed", "value", "rest_value", "smallest_weight", "largest_weight", "weight_limit", "low", "high", "finite_low", "finite_high", "difference"}  # fmt: skip


def test_l3_04_units_are_told(sample):
    for resource, field in sample.fields():
        if field["type"] in ("integer", "number") and field["name"] not in BARE:
            assert field.get("unit"), (resource, field["name"])
    assert all(row["unit"] for name in ("estimates", "changes", "contrasts") for row in sample.records(name))


def test_l3_05_years_are_western_and_japanese(sample):
    for row in sample.records("codebook"):
        assert re.fullmatch(r"20\d\d(-\d)?", row["wave"])
        assert re.fullmatch(rf"{row['wave'][:4]}（(令和|平成)(元|\d+)）年度.*", row["wave_label"])


def test_l3_06_the_area_has_its_code(samples):
    package = samples["nagaokakyo"].package
    assert package["areaCode"] == "262099" and package["areaCodeType"] == "全国地方公共団体コード"
    assert "areaCode" not in samples["staff"].package  # a city that does not exist


@pytest.mark.parametrize("code", ["262099", "131016", "011002", "271004", "473821"])
def test_the_last_digit_of_an_area_code_is_checked(code):
    assert check_digit(code[:5]) == code[5]


def test_l3_07_columns_are_the_same_in_every_survey(samples):
    headers = [{name: rows[0] for name, rows in sample.rows.items()} for sample in samples.values()]
    assert headers[0] == headers[1]
    assert all(tuple(headers[0][f"{name}.csv"]) == schema.columns for name, schema in frames.EDITION_TABLES.items())


def test_l3_08_definitions_encoding_and_ascii_names(sample):
    for _, field in sample.fields():
        assert field["name"].isascii() and field["title"] and field["description"]
    for resource in sample.package["resources"]:
        assert resource["encoding"] == "utf-8" and resource["path"].isascii() and "BOM付きのUTF-8" in resource["description"]
        assert sample.files[resource["path"]].startswith(b"\xef\xbb\xbf")
    assert sample.package["version"]


def test_l3_09_one_number_a_row(sample):
    waves, options = ({row[column] for row in sample.records("codebook")} for column in ("wave", "option"))
    for rows in sample.rows.values():
        assert not set(rows[0]) & (waves | options - {"returns"})


# ---- the package -------------------------------------------------------------------------


def test_the_package_is_valid_against_the_frictionless_specification(sample):
    assert list(package_faults(sample.package, sample.files)) == []


@pytest.mark.parametrize(
    "broken",
    [
        lambda p: p.pop("resources"),
        lambda p: p.update(name="日本語"),
        lambda p: p["resources"][0].pop("path"),
        lambda p: p["resources"][0].update(path="../estimates.csv"),
        lambda p: p["resources"][0].update(name=p["resources"][1]["name"]),
        lambda p: p["resources"][0].update(bytes=1),
        lambda p: p["resources"][0]["schema"]["fields"].pop(),
        lambda p: p["resources"][0]["schema"]["fields"][1].update(type="integer"),
        lambda p: p["resources"][0]["schema"]["fields"][0].update(type="text"),
        lambda p: p["resources"][0]["schema"].update(primaryKey=["wave"]),
        lambda p: p["resources"][0]["dialect"].update(header="yes"),
        lambda p: p.update(licenses=[{"title": "無名"}]),
    ],
)
def test_a_broken_package_is_refused(samples, broken):
    package = copy.deepcopy(samples["nagaokakyo"].package)
    package["resources"][0]["schema"]["fields"][1]["type"] = "string"
    broken(package)
    if package.get("resources") and package["resources"][0]["schema"]["fields"][1]["type"] == "integer":
        package["resources"][0]["schema"]["fields"][2]["type"] = "integer"  # a wave is a number, a question is none
    assert list(package_faults(package, samples["nagaokakyo"].files))


def test_the_terms_of_use_are_told_where_the_survey_says_them(tmp_path):
    edition = fakes.edition()
    for licence, (title, path) in LICENCES.items():
        opendata.write(replace(edition, survey=replace(edition.survey, licence=licence)), tmp_path)
        folder = tmp_path / "opendata"
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        assert package["licenses"] == [{"name": licence, "title": title, "path": path}]
        assert title in package["description"] and "licenseNote" not in package
        assert not list(package_faults(package, {file.name: file.read_bytes() for file in folder.iterdir()}))


@pytest.mark.parametrize(("line", "what"), [('area_code = "262098"', "全国地方公共団体コードが違います"), ('area_code = "26209"', "全国地方公共団体コードが違います"), ('licence = "CC-BY"', "使えない言葉です")])  # fmt: skip
def test_a_wrong_code_or_licence_is_refused(tmp_path, line, what):
    workspace = copy_survey("nagaokakyo", tmp_path)
    path = workspace / "surveys/nagaokakyo/survey.toml"
    text = re.sub(r"(?m)^area_code.*\n", "", path.read_text(encoding="utf-8"))
    path.write_text(f"{line}\n{text}", encoding="utf-8")
    problems = definitions.read(workspace, "nagaokakyo")[1]
    assert [problem.what for problem in problems] == [what]
