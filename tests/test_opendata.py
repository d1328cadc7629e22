"""Open data: columns, printed values, what stays empty, the code table and its description."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from decimal import Decimal

import pytest

from pipeline import frames
from pipeline.model import PublishedFigure
from pipeline.numerals import percent_text
from pipeline.report import opendata, wording
from tests import fakes

SCHEMAS = frames.EDITION_TABLES
CASTS = {
    "integer": lambda cell: re.fullmatch(r"-?\d+", cell),
    "number": lambda cell: re.fullmatch(r"-?\d+(\.\d+)?", cell),
    "boolean": lambda cell: cell in ("true", "false"),
    "string": lambda cell: True,
}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("open")
    opendata.write(fakes.edition(), folder)
    return {path.name: path.read_bytes() for path in (folder / "opendata").iterdir()}


def records(files, name):
    return list(csv.DictReader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"), newline="")))


def header(files, name):
    return next(csv.reader(io.StringIO(files[f"{name}.csv"].decode("utf-8-sig"), newline="")))


def one(files, name, **wanted):
    found = [row for row in records(files, name) if all(row[key] == value for key, value in wanted.items())]
    assert len(found) == 1, wanted
    return found[0]


@pytest.mark.parametrize("name", SCHEMAS)
def test_columns_are_those_of_the_schema_and_the_key_is_a_key(files, name):
    rows = records(files, name)
    assert tuple(header(files, name)) == SCHEMAS[name].columns
    keys = [tuple(row[column] for column in SCHEMAS[name].key) for row in rows]
    assert len(set(keys)) == len(keys)


def test_bytes_have_a_bom_and_crlf_and_one_line_per_record(files):
    for name, content in files.items():
        if name.endswith(".csv"):
            assert content.startswith(b"\xef\xbb\xbf") and not content.startswith(b"\xef\xbb\xbf\xef")
            assert content.endswith(b"\r\n") and content.count(b"\n") == content.count(b"\r\n")
            header, *rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
            assert content.count(b"\r\n") == 1 + len(rows)
            assert not any(cell.startswith(("=", "@", "+")) for row in rows for cell in row)


def test_every_exact_share_is_half_up_from_its_count(files):
    rows = [row for row in records(files, "estimates") if row["count"] and row["base"] != "0"]
    assert len(rows) > 40
    for row in rows:
        assert row["percent"] == percent_text(int(row["count"]), int(row["base"]))


def test_an_approximate_share_keeps_its_range_and_has_no_count(files):
    row = one(files, "estimates", question="meaning", wave="2017", option="know")
    assert (row["count"], row["count_low"], row["count_high"]) == ("", "314", "318")
    change = one(files, "changes", question="meaning", option="know", wave_from="2017", wave_to="2019")
    assert (change["value_from"], change["value_to"], change["change"]) == ("", "77.3", "")
    assert Decimal(change["change_low"]) < Decimal(change["change_high"])
    assert change["p"] == "" and change["p_low"] and change["p_high"]


def test_a_withheld_row_stays_with_empty_numbers(files):
    rows = [row for row in records(files, "estimates") if row["status"] == "withheld"]
    assert rows
    for row in rows:
        assert all(row[column] == "" for column in frames.ESTIMATES.numbers)


def test_a_change_is_rounded_once_from_the_counts(files):
    row = one(
        files, "changes", question="experience", option="yes", wave_from="2021", wave_to="2023", group="all"
    )
    assert (row["value_from"], row["value_to"], row["change"], row["p"]) == ("39.0", "43.7", "4.7", "0.1651")
    assert row["change_low"] == row["change_high"] == row["change"]


def test_codebook_holds_every_code_of_the_shown_waves_with_both_calendars(files):
    codes = {(row["question"], row["option"], row["wave"]) for row in records(files, "codebook")}
    used = {
        (row["question"], row["option"], row["wave"])
        for row in records(files, "estimates")
        if row["banner"] == "total" and row["status"] != "not_asked"
    }
    assert codes == used
    row = one(files, "codebook", question="reason", option="web", wave="2023")
    assert row["wave_label"] == "2023（令和5）年度" and row["route"] == "experience=no"
    assert one(files, "codebook", question="meaning", option="know", wave="2019")["option_type"] == "net"
    assert (
        one(files, "codebook", question="meaning", option="know", wave="2019")["wave_label"]
        == "2019（令和元）年度"
    )
    assert (
        one(files, "codebook", question="meaning", option="no_answer", wave="2019")["option_type"] == "state"
    )


def test_the_package_describes_every_column_and_every_cell_fits_its_type(files):
    package = json.loads(files["datapackage.json"])
    assert package["profile"] == "tabular-data-package" and re.fullmatch(r"[-a-z0-9._/]+", package["name"])
    assert "licenses" not in package
    for resource in package["resources"]:
        rows = records(files, resource["name"])
        fields = resource["schema"]["fields"]
        assert [field["name"] for field in fields] == header(files, resource["name"])
        assert set(resource["schema"]["primaryKey"]) <= set(header(files, resource["name"]))
        assert resource["bytes"] == len(files[resource["path"]])
        for field in fields:
            assert field["title"] and field["description"] and "{" not in field["description"]
            wrong = {
                row[field["name"]]
                for row in rows
                if row[field["name"]] and not CASTS[field["type"]](row[field["name"]])
            }
            assert not wrong, (resource["name"], field["name"])


def test_two_writings_are_the_same_bytes(files, tmp_path):
    opendata.write(fakes.edition(), tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "opendata").iterdir()} == files


def test_a_published_share_keeps_its_decimals():
    """As on the page: 71.25 is not 71.3, and 75.0 is not 75."""
    edition = fakes.edition()
    know = PublishedFigure("2017", "meaning", "know", 296, 300, 418, 71.25, 2)
    survey = replace(edition.survey, published=(know,))
    estimates = edition.estimates.copy()
    row = (estimates["wave"] == "2017") & (estimates["option"] == "know")
    for percent, decimals, printed in ((71.25, 2, "71.25"), (75.0, 1, "75.0"), (75.0, 0, "75")):
        estimates.loc[row, "percent"] = percent
        figure = replace(know, percent=percent, decimals=decimals)
        made = replace(edition, survey=replace(survey, published=(figure,)), estimates=estimates)
        files = opendata.csv_files(made)
        assert one(files, "estimates", wave="2017", option="know")["percent"] == printed
        assert wording.percent_words(made.estimate("meaning", "know", "2017")) == f"約{printed}%"
