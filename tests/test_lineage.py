"""Departments and options that were merged, split, renamed or moved are compared on what both waves have."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import analysis, definitions, disclosure, frames
from pipeline.__main__ import main
from pipeline.analysis.cubes import tabulate
from pipeline.frames import CODINGS, table
from pipeline.lineage import joined, partition
from pipeline.model import Link, Option, ProblemsFound, SignedGrade, Wave, frozen_mapping
from tests.conftest import ROOT, copy_survey
from tests.test_analysis import FILE
from tests.test_analysis import SURVEY as TWO_WAVES
from tests.wave_survey import SURVEY, link, receive, sign, write

NO_CODINGS = table(CODINGS, [])
NAMES = tuple("abcdef")
YEARS = ("2017", "2019", "2021", "2023", "2025")
TIES = st.lists(st.sets(st.sampled_from(NAMES), min_size=2, max_size=3), max_size=5)


# ---- the partition -----------------------------------------------------------------------
@given(TIES)
def test_components_are_a_partition_and_the_finest_that_no_tie_crosses(ties):
    parts = joined([(name,) for name in NAMES], ties)
    assert sorted(name for part in parts for name in part) == sorted(NAMES)
    assert list(parts) == sorted(parts) and all(list(part) == sorted(part) for part in parts)
    home = {name: part for part in parts for name in part}
    assert all(len({home[name] for name in tie}) == 1 for tie in ties)
    # finest: inside a part every name is reached from every other by ties
    for part in parts:
        reached = {part[0]}
        for _ in part:
            reached |= {name for tie in ties if tie & reached for name in tie}
        assert set(part) <= reached


@given(TIES, TIES)
def test_joining_in_steps_in_any_order_is_joining_at_once(first, second):
    single = [(name,) for name in NAMES]
    at_once = joined(single, [*first, *second])
    assert joined(single, [*second, *first]) == at_once
    assert set(map(frozenset, joined(joined(single, first), second))) == set(map(frozenset, at_once))
    assert joined(single, [*joined(single, first), *joined(single, second)]) == at_once


def _link(wave: str, *members: str, question: str = "part", name: str = "") -> Link:
    ids = tuple(members)
    return Link(question, wave, "moved", ids[:1], ids[1:], name, "+".join(ids), f"理由{wave}", "課長", "2026-01-01")


LINKS = st.lists(st.tuples(st.sampled_from(YEARS[1:]), st.sets(st.sampled_from(NAMES), min_size=2, max_size=3)), max_size=5)


@given(LINKS)
def test_links_compose_over_the_waves(links):
    """The partition of a wide pair is the one of its steps put together: never finer than a step."""
    part = replace(TWO_WAVES.questions[0], options=tuple(Option(name, name) for name in NAMES))
    survey = replace(TWO_WAVES, questions=(part,), links=tuple(_link(wave, *sorted(tie)) for wave, tie in links))
    whole = partition(survey, "part", YEARS[0], YEARS[-1])
    steps = [partition(survey, "part", *pair) for pair in zip(YEARS, YEARS[1:], strict=False)]
    assert joined([(name,) for name in NAMES], [tie for step in steps for tie in step]) == whole
    for step in steps:
        assert all(any(set(one) <= set(other) for other in whole) for one in step)


# ---- groups ------------------------------------------------------------------------------
GROUPS = (
    Option("old", "環境経済部", until="2019"),
    Option("env", "環境部", since="2021"),
    Option("eco", "産業振興部", since="2021"),
    Option("a", "総務部"),
    Option("b", "市民部"),
)
SPLIT = Link("part", "2021", "split", ("old",), ("env", "eco"), "", "環境経済部（環境部・産業振興部）", "分かれた", "課長", "2022")
MOVED = Link("part", "2023", "moved", ("a",), ("b",), "", "総務部と市民部", "市民相談係が移った", "課長", "2024")


def _survey(*links: Link, is_public: bool = False):
    part = replace(TWO_WAVES.questions[0], options=GROUPS, is_public=is_public)
    wording = frozen_mapping({"part": "", "one": "", "many": ""})
    waves = tuple(Wave(key, key, wording, files=(FILE,)) for key in YEARS[1:])
    return replace(TWO_WAVES, questions=(part, *TWO_WAVES.questions[1:]), waves=waves, links=links)


def _responses(seed: int, people: int = 500) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    wave = random.choice(YEARS[1:], people)
    groups = [random.choice(["old", "a", "b"] if w == "2019" else ["env", "eco", "a", "b", "no_answer"]) for w in wave]
    rows = {"wave": wave, "respondent": [f"r{n}" for n in range(people)], "file": "x", "mode": "紙", "weight": "1"}
    rows |= {"part": groups, "one": random.choice(["a", "b", "c", "no_answer"], people), "many": "answered"}
    return pd.DataFrame(rows | {f"many.{option}": random.choice(["0", "1"], people) for option in "abc"}).astype(object)


def _tables(survey, responses, plan=disclosure.internal_plan):
    cubes = tabulate(survey, responses, NO_CODINGS)
    estimates = analysis.estimates(survey, cubes, plan(survey, cubes))
    return estimates, analysis.changes(survey, estimates)


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000))
def test_the_counts_of_a_part_are_the_sums_of_its_groups(seed):
    estimates, changes = _tables(_survey(SPLIT), _responses(seed))
    rows = estimates[(estimates["banner"] == "part")].set_index(["wave", "question", "option", "group"])[["count", "base"]]
    wide = rows.unstack("group").fillna(0)
    for number in ("count", "base"):
        sums = wide[number][["old", "env", "eco"]].sum(axis=1)
        served = rows[number].unstack("group")["old+env+eco"].dropna()
        assert (sums[served.index] == served).all() and len(served)
    # a part is the same people as a net change over any pair of waves with the split between
    pairs = {(row.wave_from, row.wave_to) for row in changes[changes["group"] == "old+env+eco"].itertuples()}
    assert pairs == {("2019", "2021"), ("2019", "2023"), ("2019", "2025")}


def test_without_links_nothing_is_added_and_the_whole_is_never_counted_twice():
    responses = _responses(3)
    plain, _ = _tables(_survey(), responses)
    linked, _ = _tables(_survey(SPLIT, MOVED), responses)
    pd.testing.assert_frame_equal(linked[~frames.is_comparison_group(linked)].reset_index(drop=True), plain)
    assert not frames.comparison_groups(plain)
    survey = _survey(SPLIT, MOVED)
    pd.testing.assert_frame_equal(analysis.associations(survey, linked), analysis.associations(_survey(), plain))


def test_departments_between_which_a_section_moved_are_compared_together_only():
    estimates, changes = _tables(_survey(SPLIT, MOVED), _responses(5))
    rows = changes[(changes["question"] == "one") & (changes["option"] == "ab")].set_index(["group", "wave_from", "wave_to"])
    assert rows.loc[("a", "2019", "2021"), "comparability"] == "same"
    for pair in (("2021", "2023"), ("2019", "2025")):
        for alone in ("a", "b"):
            row = rows.loc[(alone, *pair)]
            assert (row["verdict"], row["comparability"], row["note"]) == ("not_comparable", "broken", "市民相談係が移った")
            assert np.isnan(row["change"])
        row = rows.loc[("a+b", *pair)]
        assert (row["comparability"], row["group_label"]) == ("flagged", "総務部と市民部") and not np.isnan(row["change"])
    assert "env" in set(rows.loc[(slice(None), "2021", "2023"), :].index.get_level_values("group"))
    assert ("a+b", "2023", "2025") not in rows.index and ("a+b", "2019", "2021") not in rows.index


@settings(deadline=None, max_examples=10)
@given(st.integers(0, 10_000), st.integers(60, 400))
def test_public_parts_are_the_same_in_every_wave_and_hold_whole_components(seed, people):
    survey = _survey(SPLIT, is_public=True)
    estimates, changes = _tables(survey, _responses(seed, people), disclosure.public_plan)
    for _, rows in estimates[estimates["banner"] == "part"].groupby("question"):
        groups = {tuple(group.split("+")) for group in rows["group"]}
        members = [member for part in groups for member in part]
        assert len(members) == len(set(members))
        assert all(len({"old", "env", "eco"} & set(part)) in (0, 3) for part in groups)
    assert not frames.comparison_groups(estimates)
    shown = changes[(changes["banner"] == "part") & (changes["wave_from"] == "2019") & changes["group"].str.contains("old")]
    assert set(shown["comparability"]) <= {"flagged"}


# ---- the survey files --------------------------------------------------------------------
PARTS = '{ id = "a", label = "甲部" }, { id = "b", label = "乙部", until = "2021" }, { id = "c", label = "丙部", since = "2023" }, { id = "d", label = "丁部", since = "2023" }'
WISHES = '{ id = "talk", label = "連絡" }, { id = "skill", label = "専門性", until = "2023" }, { id = "know", label = "知識", since = "2025" }, { id = "net", label = "人脈", since = "2025" }'
BOTH = ("part,2023,split,b,c+d,,乙部（丙部・丁部）", "wish,2025,split,skill,know+net,special,専門性（知識・人脈）")


def _found(root):
    with pytest.raises(ProblemsFound) as found:
        definitions.load(root, SURVEY)
    return found.value.problems


def test_what_links_explain_needs_no_other_signature(tmp_path):
    folder = write(tmp_path, parts=PARTS, wishes=WISHES)
    assert [problem.key for problem in _found(tmp_path)] == ["part 2021→2023", "wish 2023→2025"]
    link(folder, *BOTH)
    survey = definitions.load(tmp_path, SURVEY)
    (net,) = survey.question("wish").nets
    assert (net.id, net.label, net.options, net.is_lineage) == ("special", "専門性（知識・人脈）", ("skill", "know", "net"), True)


def test_a_limited_answer_needs_a_signature_all_the_same(tmp_path):
    folder = write(tmp_path, wishes=WISHES, limit="limit = 2")
    link(folder, BOTH[1])
    assert [problem.key for problem in _found(tmp_path)] == ["wish 2023→2025"]
    sign(folder, "wish,2023,2025,flagged")
    assert definitions.load(tmp_path, SURVEY)


def test_every_mistake_of_the_table_is_told_at_once(tmp_path):
    folder = write(tmp_path, parts=PARTS, wishes=WISHES)
    wrong = {
        "parts,2023,split,b,c+d,,名": "question",
        "part,2024,split,b,c+d,,名": "wave",
        "part,2023,splitted,b,c+d,,名": "kind",
        "part,2023,split,b,c+e,,名": "to",
        "part,2023,renamed,b,c+d,,名": "from, to",
        "part,2023,merged,b,c,,名": "from, to",
        "part,2023,split,b,c+c,,名": "from, to",
        "part,2023,moved,a,b,,名": "to",
        "part,2021,renamed,b,a,,名": "wave",
        "part,2025,split,b,c+d,,名": "from",
        "part,2023,split,b,c+d,x,名": "id",
        "wish,2025,split,skill,know+net,,名": "id",
        "wish,2025,split,skill,know+net,talk,名": "id",
        "wish,2025,split,skill,know+net,Ａ,名": "id",
        "wish,2023,split,skill,know+net,special,名": "to",
        "wish,2025,split,skill,know+net,special,": "label",
    }
    link(folder, *wrong)
    problems = [problem for problem in _found(tmp_path) if problem.file.endswith("lineage.csv")]
    by_line = {problem.cell: problem.key for problem in reversed(problems)}
    assert by_line == {f"{line}行目": key for line, key in enumerate(wrong.values(), start=2)}


def test_two_links_in_a_row_are_two_nets_and_one_of_both(tmp_path):
    wishes = '{ id = "a", label = "あ" }, { id = "b", label = "い", until = "2021" }, { id = "c", label = "う", since = "2023", until = "2023" }, { id = "d", label = "え", since = "2025" }'
    folder = write(tmp_path, wishes=wishes)
    link(folder, "wish,2023,renamed,b,c,early,い・う", "wish,2025,renamed,c,d,late,う・え")
    nets = {net.id: net.options for net in definitions.load(tmp_path, SURVEY).question("wish").nets}
    assert nets == {"early": ("b", "c"), "late": ("c", "d"), "early+late": ("b", "c", "d")}
    link(folder, "wish,2023,renamed,b,c,same,い・う", "wish,2025,renamed,c,d,same,う・え")
    assert any("違う組み合わせに同じ id" in problem.what for problem in _found(tmp_path))


def _report(tmp_path, **more):
    folder = write(tmp_path, parts=PARTS, wishes=WISHES, **more)
    link(folder, *BOTH)
    wishes = {"2021": ("連絡;専門性", "専門性", "連絡"), "2023": ("専門性", "専門性", "連絡"), "2025": ("知識;人脈", "人脈", "連絡;知識")}
    for number, (wave, chosen) in enumerate(wishes.items()):
        parts = ("甲部", "乙部") if wave == "2021" else ("甲部", "丙部", "丁部")
        receive(tmp_path, wave, [(parts[n % len(parts)], "12"[n % 7 > number], chosen[n % 3]) for n in range(120)])
    assert main(["report", SURVEY, "--root", str(tmp_path)]) == 0
    place = tmp_path / "data" / "processed" / SURVEY / "internal"
    return [pd.read_csv(place / f"{name}.csv", dtype=str, keep_default_na=False) for name in ("estimates", "changes")]


def test_a_split_option_is_compared_as_a_net_of_people(tmp_path):
    estimates, changes = _report(tmp_path)
    net = estimates[(estimates["option"] == "special") & (estimates["banner"] == "total")].set_index("wave")
    # a person who chose both successors is one person
    assert net.loc[["2023", "2025"], "count"].tolist() == ["80", "120"]
    rows = changes[(changes["question"] == "wish") & (changes["banner"] == "total")].set_index(["option", "wave_from", "wave_to"])
    assert rows.loc[("special", "2023", "2025"), ["comparability", "verdict", "note"]].tolist() == ["flagged", "up", "つなぐ理由"]
    assert ("special", "2021", "2023") not in rows.index
    assert rows.loc[("skill", "2021", "2023"), "comparability"] == "same"
    assert rows.loc[("talk", "2023", "2025"), "comparability"] == "flagged"
    for option in ("skill", "know", "net"):
        assert rows.loc[(option, "2023", "2025"), ["verdict", "change"]].tolist() == ["not_comparable", ""]


def test_cross_tables_stay_plain(tmp_path):
    estimates, changes = _report(tmp_path)
    assert "b+c+d" in set(estimates["group"]) and "b+c+d" in set(changes["group"])
    page = (tmp_path / "reports" / SURVEY / "2025" / "internal" / "page.html").read_text(encoding="utf-8")
    assert "丙部" in page and "乙部（丙部・丁部）" not in page
    methods = (tmp_path / "reports" / SURVEY / "2025" / "internal" / "methods.html").read_text(encoding="utf-8")
    assert "「乙部（丙部・丁部）」として比べます" in methods


def test_an_ordinary_net_that_cuts_a_component_is_not_compared(tmp_path):
    folder = write(tmp_path, wishes=WISHES + ']\nnets = [{ id = "half", label = "半分（計）", options = ["talk", "know"] }, { id = "every", label = "全部（計）", options = ["talk", "skill", "know", "net"] }')
    link(folder, BOTH[1])
    survey = definitions.load(tmp_path, SURVEY)
    step = analysis.comparability.lineage.option_step
    question = survey.question("wish")
    assert step(survey, question, "half", "2023", "2025")[0] == "broken"
    assert step(survey, question, "every", "2023", "2025")[0] == "flagged"
    assert step(survey, question, "half", "2021", "2023")[0] == "same"


def test_an_earlier_page_knows_nothing_of_later_links(tmp_path):
    _report(tmp_path)
    assert main(["report", SURVEY, "--wave", "2023", "--root", str(tmp_path)]) == 0
    place = tmp_path / "data" / "processed" / SURVEY / "internal" / "estimates.csv"
    assert "special" not in place.read_text(encoding="utf-8")


def test_groups_of_the_sample_are_compared_over_its_reorganisation(sample_reports):
    path = sample_reports / "data" / "processed" / "staff" / "internal" / "changes.csv"
    rows = frames.read(path, frames.CHANGES).query("banner == 'section' and question == 'meaning' and option == 'know'")
    part = rows[rows["group"] == "kankeizai+kankyo+sangyo"]
    assert set(zip(part["wave_from"], part["wave_to"], strict=True)) == {("2021", "2023"), ("2019", "2023"), ("2019", "2025")}
    assert set(part["comparability"]) == {"flagged"} and part["change"].notna().all()
    others = rows[(rows["group"] == "somu") & (rows["wave_to"] == "2023")]
    assert set(others["comparability"]) == {"same"}
    public = sample_reports / "data" / "processed" / "staff" / "public" / "changes.csv"
    assert "kankeizai" not in public.read_text(encoding="utf-8")


def test_a_department_that_nobody_explains_stops_the_sample(tmp_path):
    copy_survey("staff", tmp_path)
    (tmp_path / "surveys" / "staff" / "lineage.csv").unlink()
    with pytest.raises(ProblemsFound) as found:
        definitions.load(tmp_path, "staff")
    (problem,) = found.value.problems
    assert problem.key == "section 2021→2023" and "環境経済部" in problem.found.split(" | ")[0]
    assert (ROOT / "surveys" / "staff" / "lineage.csv").is_file()


def test_a_signature_of_the_attribute_still_counts_beside_links():
    signed = SignedGrade("part", "2019", "2021", "broken", "部局の聞き方を変えた", "課長", "2022")
    survey = replace(_survey(SPLIT), comparability=(signed,))
    _, changes = _tables(survey, _responses(7))
    rows = changes[(changes["banner"] == "part") & (changes["wave_from"] == "2019") & (changes["wave_to"] == "2021")]
    assert set(rows["comparability"]) == {"broken"} and rows["change"].isna().all()
