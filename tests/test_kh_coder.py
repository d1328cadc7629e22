"""KH Coder coding-rule files read into rules, written back, and its chi-square."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.coding.codebook import Codebook
from pipeline.coding.features import rule_terms
from pipeline.coding.kh_coder import chi_square, kh_text, read_kh_rules
from pipeline.coding.rules import parse
from pipeline.coding.suggestion import suggest
from pipeline.coding.tokens import sentences
from pipeline.coding.word_vectors import WordVectors, murmur_hash
from pipeline.model import ProblemsFound, Theme

RULES = """# 分類の規則
＊知識
( 専門 or ノウハウ ) and not 不足

＊行政でない
<＊知識> &! 行政
＊近い
near(連絡-取れる)[5] | 'メール が'
＊二度
協働 >= 2
＊順
seq(市民-声) or 顔+の+見える
＊学ぶ
学ぶ-->動詞
＊長い
lc > 20 and ! 短い
＊形
聞く=>聞い
"""


def fired(text: str) -> list[str]:
    rules, errors = read_kh_rules(RULES)
    assert not errors
    return [rule.name for rule in rules if any(rule.fired(sentence) for sentence in sentences(text))]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("専門の方と組んだ", ["知識", "行政でない"]),
        ("専門が不足", []),
        ("行政の専門の課", ["知識"]),
        ("連絡がなかなか取れない", ["近い"]),
        ("連絡は市民にも団体にも職員にも誰にも取れない", ["長い"]),
        ("協働は協働だ", ["二度"]),
        ("市民の声", ["順"]),
        ("声の市民", []),
        ("顔の見える関係", ["順"]),
        ("学びました", ["学ぶ"]),
        ("話を聞いた", ["形"]),
        ("話を聞く", []),
    ],
)
def test_conditions_hold_within_a_sentence(text, names):
    assert fired(text) == names


def test_a_code_resting_on_an_absent_word_names_itself():
    rules, _ = read_kh_rules("＊ほか\nnot 協働\n")
    assert rules[0].fired(sentences("何もない")[0]) == ("ほか",)


@pytest.mark.parametrize(
    ("text", "line", "column", "token"),
    [
        ("＊あ\n専門 知識", 2, 4, "知識"),
        ("＊あ\n専門 and", 2, 4, "and"),
        ("＊あ\n( 専門 or 知識", 2, 9, "知識"),
        ("＊あ\n専門 )", 2, 4, ")"),
        ("＊あ\n(専門 or 知識)", 2, 1, "(専門"),
        ("＊あ\n<い>", 2, 1, "<い>"),
        ("＊あ\n<＊い>\n＊い\n専門", 2, 1, "<＊い>"),
        ("＊あ\nnear(専門-知識){5}", 2, 1, "near(専門-知識){5}"),
        ("＊あ\nnear(専門)[5]", 2, 1, "near(専門)[5]"),
        ("＊あ\n専門-->めいし", 2, 1, "専門-->めいし"),
        ("＊あ\n<>年代-->20代", 2, 1, "<>年代-->20代"),
        ("＊あ\n\n＊い\n専門", 1, 1, "あ"),
        ("＊あ\n専門\n＊あ\n知識", 3, 1, "あ"),
        ("専門\n＊あ\n知識", 1, 1, "専門"),
    ],
)
def test_errors_name_line_column_token_and_repair(text, line, column, token):
    _, errors = read_kh_rules(text)
    assert [(error.line, error.column, error.token) for error in errors] == [(line, column, token)]
    assert errors[0].fix


def test_a_file_is_read_to_its_end_after_an_error():
    rules, errors = read_kh_rules("＊あ\n専門 知識\n＊い\n連絡")
    assert [rule.name for rule in rules] == ["い"] and len(errors) == 1


def test_our_rules_written_for_kh_coder_fire_on_the_same_sentences():
    ours = [parse('専門 & 知識 | 知見 !不足', "G1"), parse('"生の声" | 実情', "G2")]
    theirs, errors = read_kh_rules(kh_text(ours, {"G1": "知識", "G2": "ニーズ"}))
    assert not errors and [rule.name for rule in theirs] == ["知識", "ニーズ"]
    for text in ("専門の知見", "専門の知識が不足", "生の声", "実情を知る", "一般の知識"):
        sentence = sentences(text)[0]
        assert [bool(rule.fired(sentence)) for rule in ours] == [bool(rule.fired(sentence)) for rule in theirs]


@pytest.mark.parametrize(
    ("hits", "expected"), [((22, 17, 23), 7.697), ((306, 164, 258), 117.933), ((4, 1, 0), 2.060)]
)
def test_chi_square_as_kh_coder_prints_it(hits, expected):
    assert chi_square(hits, (626, 289, 300)) == pytest.approx(expected, abs=0.0005)


def test_two_groups_are_corrected_for_continuity():
    # R: chisq.test(matrix(c(12, 88, 5, 95), 2))$statistic
    assert chi_square((12, 5), (100, 100)) == pytest.approx(2.3144, abs=0.0005)
    assert chi_square((0, 0), (10, 10)) == 0.0


def test_a_file_of_another_survey_is_refused(tmp_path):
    from pipeline.coding.codebook import read_codebook
    from tests.conftest import ROOT, copy_survey

    folder = copy_survey("nagaokakyo", tmp_path) / "surveys" / "x"
    (folder / "codebook").mkdir(parents=True)
    for name in ("themes.tsv", "codebook/rules.tsv"):
        (folder / name).write_bytes((ROOT / "surveys/staff" / name).read_bytes())
    (folder / "codebook" / "rules.txt").write_text("＊知識・発想\n専門 or 見識\n＊部品\n市民\n", encoding="cp932")
    added = [rule for rule in read_codebook(folder / "themes.tsv").rules if rule.memo == "rules.txt"]
    assert [rule.code for rule in added] == ["G1"]
    (folder / "codebook" / "rules.txt").write_text("＊何か\n専門\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as raised:
        read_codebook(folder / "themes.tsv")
    assert raised.value.problems[0].found == "何か"


def test_the_words_of_a_condition():
    rules, _ = read_kh_rules("＊あ\n専門 or 'メール が' or ( 知識 and 発想 )\n＊い\nnear(連絡-取れる)[5] and not 不足\n＊う\nlc > 20")
    assert [[term.text for term in rule.terms] for rule in rules] == [
        ["専門", "メール が", "知識", "発想"],
        ["連絡", "取れる"],
        [],
    ]
    assert [[term.text for term in rule.enough] for rule in rules] == [["専門", "メール が"], [], []]


@pytest.mark.parametrize("with_vectors", [False, True])
def test_rules_of_a_file_serve_the_suggestions(with_vectors):
    codebook = Codebook("1", (Theme("G1", "good", "知識", "知識", ""), Theme("G2", "good", "声", "声", "")))
    rules, _ = read_kh_rules("＊G1\n専門 and 知識\n＊G2\n現場 or 実情\n＊部品\nnot 協働\n")
    codebook = replace(codebook, rules=tuple(replace(rule, code=rule.name) for rule in rules[:2]))
    words = ("専門", "知識", "実情", "市民")
    rows = {murmur_hash(word.encode()): row for row, word in enumerate(words)}
    vectors = WordVectors("fake", np.eye(len(words), 300, dtype=np.float32), rows) if with_vectors else None
    answers = ["専門の知識を得た", "市民の実情を知った", "ほかのこと"]
    found = suggest(codebook, "good", answers, [None] * 3, question="good", vectors=vectors)
    assert [found.of_answer(place)[0].code for place in range(2)] == ["G1", "G2"]
    assert rule_terms(codebook, "G2") == ("現場", "実情") and rule_terms(codebook, "G1") == ()
