"""Words and rules: what fires in one sentence, what is refused and how it is explained."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.coding.rules import Part, Rule, RuleError, RuleSet, hits, parse, printed
from pipeline.coding.terms import Term
from pipeline.coding.tokens import clauses, normalised, sentence_texts, sentences, tokens


def fired(rule: str, text: str) -> bool:
    return any(parse(rule).fired(sentence) for sentence in sentences(text))


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("専門 & 知識 | 知見", "専門の知識を得た", True),
        ("専門 & 知識 | 知見", "専門の知見を得た", True),
        ("専門 & 知識 | 知見", "一般の知識を得た", False),
        ("専門 & 知識", "専門の方がいた。知識は足りた。", False),
        ("負担 & 減る", "負担を減らせた", True),
        ("負担 & 減る", "負担が減りました", True),
        ("分かる", "わからない", True),
        ("顔が見える", "顔が見えるようになった", True),
        ("顔が見える", "顔は見えないが声が届く", False),
        ('"生の声"', "生の声を聞いた", True),
        ('"生の声"', "生きた声を聞いた", False),
        ("生の声", "高校生の声を聞いた", False),
        ("連絡 & つく !問題", "連絡がつかない", True),
        ("連絡 & つく !問題", "連絡がつかないことは問題だ", False),
        ("連絡 !問題 | 支障", "連絡に支障はない", False),
        ("市民", "市民活動団体と組んだ", True),
        ("ない", "少なかった", False),
        ("つく", "物をつくった", False),
        ("思い", "よいと思います", False),
        ("思い", "思いを聞いた", True),
        ("つながり", "向上につながり、よかった", False),
        ("ニーズ", "ﾆｰｽﾞを知った", True),
    ],
)
def test_what_fires(rule, text, expected):
    assert fired(rule, text) is expected


def test_the_words_that_fired_are_told():
    assert parse("専門 & 知識 | 知見 !不足").fired(sentences("専門の知見")[0]) == ("専門", "知見")


@pytest.mark.parametrize(
    ("rule", "column", "token"),
    [
        ("専門 知識", 4, "知識"),
        ("専門 & ", 4, "&"),
        ("& 専門", 1, "&"),
        ("専門 | | 知識", 6, "|"),
        ('専門 & "知識', 6, '"'),
        ("専門 & (知識 | 知見)", 6, "("),
        ("!専門", 1, "!"),
        ('専門 & ""', 6, '""'),
        ("   ", 1, ""),
    ],
)
def test_a_rule_that_cannot_be_read_names_place_and_repair(rule, column, token):
    with pytest.raises(RuleError) as raised:
        parse(rule)
    error = raised.value
    assert (error.line, error.column, error.token) == (1, column, token) and error.fix
    problem = error.problem("surveys/x/themes.xlsx", "規則", "B7", "G1")
    assert problem.cell == f"B7・1行目の{column}文字目" and problem.next_step == error.fix


WORDS = st.text(alphabet="専門知識連絡負担あいうアイウABC09", min_size=1, max_size=5)
TERMS = st.one_of(WORDS.map(Term), WORDS.map(lambda text: Term(text, is_exact=True)))
LISTS = st.lists(TERMS, min_size=1, max_size=3).map(tuple)
WANTED = st.builds(Part, LISTS)
PARTS = st.builds(Part, LISTS, st.booleans())
#: The first call loads the dictionary, whatever the machine is busy with.
calm = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


@calm
@given(WANTED, st.lists(PARTS, max_size=3))
def test_a_printed_rule_reads_as_itself(wanted, parts):
    rule = Rule("G1", "", (wanted, *parts))
    assert parse(printed(rule)).parts == rule.parts


@calm
@given(st.text(max_size=30))
def test_any_text_is_a_rule_or_an_error_with_a_repair(text):
    try:
        rule = parse(text)
    except RuleError as error:
        assert error.fix and 1 <= error.column <= len(normalised(text)) + 1
    else:
        assert parse(printed(rule)).parts == rule.parts


RULES = [parse(text, code) for code, text in (
    ("G1", "専門 & 知識 | 知見"), ("G1", '"生の声" !少ない'), ("G2", "連絡 & つく | 取れる !問題"), ("G2", "顔が見える | ない"), ("G3", "思い | 市民 | 負担を減らす"),
)]  # fmt: skip
PIECES = st.lists(st.sampled_from(
    ["専門", "の", "知識", "知見", "生の声", "が", "高校生の声", "少ない", "連絡", "つかない", "取れない", "問題", "顔が見える", "ない", "思い", "思います", "市民活動", "負担を減らせた", "。", "つくった"]
), max_size=8)  # fmt: skip


@settings(calm, max_examples=60)
@given(PIECES.map("".join))
def test_the_index_finds_what_every_rule_finds_alone(text):
    of_text = sentences(text)
    alone: dict = {}
    for rule in RULES:
        words = tuple(dict.fromkeys(word for sentence in of_text for word in rule.fired(sentence)))
        if words:
            alone.setdefault(rule.code, []).append((rule.text, words))
    assert RuleSet(RULES).hits(of_text) == alone == hits(RULES, of_text)


def test_a_rule_that_is_switched_off_does_not_fire():
    assert hits([parse("専門", "G1", is_active=False)], sentences("専門の方")) == {}


def test_normalised_keeps_ranges_and_long_vowels():
    assert normalised("１０～２０人と10〜20人") == "10～20人と10～20人"
    assert normalised("ノーコメント、サ－ビス、ｻｰﾋﾞｽ") == "ノーコメント、サービス、サービス"
    assert normalised("アイディアとアイデア", {"アイディア": "アイデア"}) == "アイデアとアイデア"


def test_sentences_end_at_stops_and_lines():
    assert sentence_texts("よかった！また組みたい。\n次も ｡ 3.5倍") == ("よかった!", "また組みたい。", "次も 。", "3.5倍")
    assert sentence_texts(" \n ") == ()


def test_clauses_are_cut_after_predicates_and_not_in_lists():
    assert clauses("打合せ、準備、片付けが大変だったが、相手の熱意に助けられた。") == ("打合せ、準備、片付けが大変だったが、", "相手の熱意に助けられた。")


@calm
@given(st.text(max_size=60))
def test_nothing_is_lost_between_sentences_and_clauses(text):
    assert "".join(clauses(text)) == "".join(sentence_texts(text))


def test_tokens_point_into_their_sentence():
    text = "協働で市民活動団体と組みました。"
    assert all(text[token.start : token.end] == token.surface for token in tokens(text))
    assert len(tokens("市民活動団体", is_short=True)) > 1
