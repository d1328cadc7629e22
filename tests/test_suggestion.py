"""Suggested codes: the pieces by hand-made numbers, the whole by what it must never do."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from pipeline.coding import alarm, blending, char_ngrams, heads, label_free, word_vectors
from pipeline.coding.codebook import Codebook, Example
from pipeline.coding.decisions import comment_key
from pipeline.coding.rules import parse
from pipeline.coding.suggestion import MOST_SUGGESTED, PREDICTION_COLUMNS, predictions, suggest
from pipeline.model import Theme
from tests.conftest import ROOT

THEMES = (
    ("H5", "時間・人手", "時間や日程の制約、人手不足"),
    ("H6", "費用", "予算、補助金、謝礼"),
    ("H4", "連絡", "連絡、情報共有、調整"),
)
RULES = (("H5", "時間 | 残業"), ("H6", "予算 | 補助金"), ("H4", "連絡 & つく | 遅い"))
SENTENCES = (("H5", "休日に出勤した"), ("H6", "謝礼の額で困った"), ("H4", "メールの返事が来ない"))


@pytest.fixture(scope="module")
def codebook():
    themes = [Theme(code, "hard", name, name, definition) for code, name, definition in THEMES]
    themes += [Theme(code, "both", code, code, "") for code in ("X0", "X1", "X9")]
    examples = tuple(Example(code, text) for code, text in SENTENCES)
    return Codebook("1", tuple(themes), tuple(parse(text, code) for code, text in RULES), examples)


def reviewed(count: int) -> tuple[list[str], list[set[str]]]:
    """Answers whose word decides their code."""
    words = {"H5": "日曜", "H6": "会計", "H4": "電話"}
    codes = [tuple(words)[i % 3] for i in range(count)]
    return [f"{words[code]}のことで困った {i}" for i, code in enumerate(codes)], [{code} for code in codes]


def test_runs_of_characters_are_those_of_the_plain_text():
    counts = char_ngrams.count_ngrams(["ｱｲ", "アイ。", "", "アイウ"])
    first, second, empty, longer = (set(counts[[i]].indices) for i in range(4))
    # Two characters between two edges: 4 runs of one (the edge counts once), 3 of two, 2 of three, 1 of four.
    assert first == second and len(first) == 3 + 3 + 2 + 1
    assert len(empty) == 2 and len(first & longer) == 3 + 2 + 1
    weighed = char_ngrams.weigh(counts, char_ngrams.inverse_frequencies(counts))
    assert (weighed**2).sum(axis=1) == pytest.approx([1, 1, 1, 1], abs=1e-5)


def test_hash_and_rows_of_the_vector_table():
    # Documented by spaCy as the hashes of its StringStore (MurmurHash64A, seed 1).
    assert word_vectors.murmur_hash(b"coffee") == 3197928453018144401
    assert word_vectors.murmur_hash(b"apple") == 8566208034543834098
    packed = bytes.fromhex(
        "df00000003" + "cf00000000000000ff" + "05" + "07" + "ccff" + "ce00010000" + "cd0100"
    )
    assert word_vectors.read_rows(packed) == {255: 5, 7: 255, 65536: 256}
    with pytest.raises(ValueError, match="map32"):
        word_vectors.read_rows(b"\x81\x01\x02")
    with pytest.raises(ValueError, match="unsigned"):
        word_vectors.read_rows(bytes.fromhex("df00000001" + "a161" + "01"))


def test_installed_vectors_know_words_alike():
    vectors = word_vectors.installed_vectors()
    if vectors is None:
        pytest.skip("the ja-ginza wheel is optional")
    city, resident, budget = (vectors.table[vectors.row(word)] for word in ("市民", "住民", "予算"))
    assert city @ resident > 0.6 > city @ budget
    assert vectors.row_of_any(("そのような語はないのです", "市民")) == vectors.row("市民")


def test_heads_stand_where_the_loss_is_flat_and_leave_out_what_they_say():
    generator = np.random.default_rng(1)
    points = generator.normal(size=(25, 5))
    labels = (points[:, :2] + generator.normal(size=(25, 2)) > 0).astype(float)
    weights = heads.balance(labels, np.ones(labels.shape))
    products = points @ points.T
    fitted = heads.fit(products, labels, weights)
    scores = (products + heads.INTERCEPT) @ fitted.coefficients
    # The gradient: coefficient = C · weight · (label − chance).
    gradient = heads.STRENGTH * weights * (labels - heads.sigmoid(scores))
    assert fitted.coefficients == pytest.approx(gradient, abs=1e-4)
    refitted = []
    for out in range(25):
        rest = np.arange(25) != out
        without = heads.fit(products[np.ix_(rest, rest)], labels[rest], weights[rest])
        refitted.append((products[out, rest] + heads.INTERCEPT) @ without.coefficients)
    assert np.corrcoef(np.ravel(refitted), fitted.left_out.ravel())[0, 1] > 0.97
    assert weights[labels[:, 0] > 0, 0].sum() == pytest.approx(weights[labels[:, 0] == 0, 0].sum())


def test_blend_is_calibrated_and_assigns_the_best_when_none_is_sure():
    generator = np.random.default_rng(2)
    head = generator.normal(size=(400, 3)) * 3
    labels = (generator.random((400, 3)) < heads.sigmoid(head - 1)).astype(float)
    nothing = np.zeros_like(head)
    signals = blending.Evidence(nothing, nothing, nothing).signals(head)
    chances = blending.probabilities(signals, blending.learn_blend(signals, labels))
    assert chances.mean() == pytest.approx(labels.mean(), abs=0.01)
    assert np.abs(chances - heads.sigmoid(head - 1)).mean() < 0.05
    chances = np.array([[0.6, 0.7, 0.1], [0.3, 0.4, 0.1], [0.2, 0.1, 0.0]])
    assert blending.assigned(chances).tolist() == [[True, True, False], [False, True, False], [False] * 3]
    assert [blending.certainty(c) for c in (0.8, 0.6, 0.5, 0.3)] == ["高", "中", "低", "低"]
    assert blending.expected_errors(chances) == pytest.approx([0.4 + 0.3 + 0.1, 0.3 + 0.6 + 0.1, 0.3])


def test_codebook_gives_weighted_examples(codebook):
    known = label_free.examples(codebook, "hard")
    place = known.texts.index("休日に出勤した")
    assert known.labels[place].tolist() == [1, 0, 0] and set(known.weights[place]) == {
        label_free.SENTENCE_WEIGHT
    }
    assert known.weights[known.texts.index("連絡 つく 遅い")].max() == label_free.TERM_WEIGHT


@pytest.mark.parametrize("vectors", [None, "installed"], ids=["without vectors", "as installed"])
def test_suggestions_have_reasons_and_are_the_same_each_time(codebook, vectors):
    texts, codes = reviewed(60)
    answers = ["時間がなくて残業した", "日曜のことで迷った", "特になし", "特になし", *texts]
    decided = [None, None, None, None, *codes]
    found = suggest(codebook, "hard", answers, decided, question="trouble", vectors=vectors)
    again = suggest(codebook, "hard", answers, decided, question="trouble", vectors=vectors)
    assert predictions(found).equals(predictions(again)) and found.model == again.model
    rule, near, empty = (found.of_answer(i) for i in range(3))
    assert rule[0].code == "H5" and rule[0].reason == "規則「時間 | 残業」（時間、残業）"
    assert near[0].code == "H5" and near[0].nearest in {comment_key("trouble", t) for t in texts}
    assert near[0].nearest[:12] in near[0].reason
    assert [s.code for s in empty] == ["X0"] and len(found.keys) == len(set(answers))
    table = predictions(found)
    assert list(table.columns) == PREDICTION_COLUMNS and table["probability"].between(0, 1).all()
    assert (table.groupby("key").size() <= MOST_SUGGESTED).all()
    assert not set(table["key"]) & {comment_key("trouble", t) for t in texts}, (
        "a decided answer is not suggested to"
    )
    assert all(word not in " ".join(table["reason"]) for word in ("日曜のこと", "会計のこと"))


def test_few_reviews_leave_it_to_the_codebook(codebook):
    texts, codes = reviewed(blending.FEWEST_REVIEWED - 1)
    alone = suggest(codebook, "hard", ["日曜のことで迷った"], [None], vectors=None)
    few = suggest(codebook, "hard", ["日曜のことで迷った", *texts], [None, *codes], vectors=None)
    assert len(few.notes) == 2 and "chiVe" in few.notes[0]
    assert few.model != alone.model
    earlier = list(zip(*reviewed(60), strict=True))
    taught = suggest(codebook, "hard", ["日曜のことで迷った"], [None], earlier=earlier, vectors=None)
    assert len(taught.keys) == 1 and taught.of_answer(0)[0].code == "H5" and len(taught.notes) == 1
    assert suggest(codebook, "hard", [], [], vectors=None).keys == ()


def test_alarm_finds_the_group_that_has_no_theme(codebook):
    strange = [f"駐車場が{word}かった" for word in ("遠", "狭", "暗", "高", "古", "寒", "暑", "汚")]
    other = ["楽し" + word for word in ("い", "かった", "そう", "げ", "いな", "い会", "い人", "い日")]
    texts = [*strange, *other]
    pool = alarm.unfitting(np.full((len(texts), 3), 0.2), np.zeros(len(texts), dtype=bool))
    groups = alarm.new_theme_groups(codebook, "hard", texts, pool, None)
    assert groups == alarm.new_theme_groups(codebook, "hard", texts, pool, None)
    found = [group for group in groups if "駐車場" in group.words]
    assert found and all(member < len(strange) for member in found[0].members)
    assert alarm.new_theme_groups(codebook, "hard", texts, pool[:5], None) == ()


def test_words_apart_leave_out_what_is_rare_or_common():
    this = [{"共通", "新語"}] * 20 + [{"共通", "稀"}]
    last = [{"共通"}] * 20 + [{"共通", "旧語"}] * 10
    assert alarm.words_apart(this, last) == ("新語",)


def test_report_needs_neither_the_analyser_nor_the_vectors():
    """check reads, counts and words everything as report does, with the text extra forbidden."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('sudachipy', 'sklearn', 'ja_ginza', 'spacy')));"
        "from pipeline.__main__ import main; code = main(['check', 'staff', '--root', sys.argv[1]]);"
        "assert 'pipeline.coding.suggestion' not in sys.modules; sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
