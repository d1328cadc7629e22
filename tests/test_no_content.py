"""Answers that say nothing, and answers that say there was none: only when certain."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.coding.no_content import classify, looks_empty, may_be_in_wrong_box

EMPTY = """
特になし|特になし。|とくになし|特に無し|ﾄｸﾆﾅｼ|トクニナシ|なし|無し|ナシ|無|ない|無い|ないです|なしです|特にない|特にないです|特にありません|特にございません
特段なし|特段ありません|別になし|別にない|今のところなし|今のところありません|現時点ではなし|現時点では特にありません|これといってなし|取り立ててなし|特別なし|何もない|何もありません
ー|－|-|―|・|…|.|。|？|?|*|／|（なし）|「特になし」|[特になし]|N/A|n/a|NONE
該当なし|該当なし。|該当ありません|該当しません|該当するものなし|対象外|非該当|回答なし|無回答|未回答|未記入|記入なし|記載なし|意見なし|特に意見なし|特に意見はありません|コメントなし|ノーコメント
わからない|わかりません|分からない|分かりません|よく分からない|よくわかりません|何とも言えない|なんとも言えません|不明|わからん|分からないです|判断できません|答えられない|答えられません|お答えできません|回答できない|回答しかねます
思いつかない|思いつきません|特に思いつかない|特に思い浮かばない|思い当たらない|思い当たることはない|思い当たるものがありません|覚えていない|覚えていません|記憶にない|記憶にありません
経験なし|経験がない|経験がないため分からない|経験がないのでわかりません|経験がありません|協働の経験がない|協働の経験がないため、分からない。|協働したことがない|協働したことがないので分からない|市民との協働の経験がないため回答できない
これまで協働に携わったことがない|協働に関わったことがないので答えられません|まだ経験がないのでわからない|異動してきたばかりでわからない|異動してきたばかりで答えられません|配属されて間もないため不明|担当していないため分かりません|直接携わったことがないため特になし|機会がなかった
""".replace("\n", "|").strip("|").split("|")
NOTHING_HARD = """
大変だったことはない|大変だったことはありません|特に大変だったことはない。|特に大変だと思ったことはない|大変と感じたことはありませんでした|特に苦労はなかった|苦労したことはないです|苦労はありませんでした|困ったことは特にない|困ったことは一度もないです
難しいと感じたことはない|特に問題はなかった|問題なし|特に支障はありませんでした|特に負担に感じたことはありません|つらいと思ったことはない|とくにたいへんだとはおもわなかった|大変ではなかった|苦にならなかった
相手が慣れていたので、特に大変だったことはない|皆さん協力的で、困ったことは何もなかった|準備は早めに済んだ。特に大変なことはなかった
""".replace("\n", "|").strip("|").split("|")
NOTHING_GOOD = ["よかったことはない", "特によかったと思うことはなかった", "良かったと感じたことはありません", "メリットは感じなかった", "特にメリットはない", "仕事が増えただけで、良いことは一つもなかった"]
CONTENT = """
参加費なしで開催できた|専門性は問題ないが、体制にもろさがある|負担が大きく、今後はお膳立てなしに進めたい|専門性の点は問題ないが、体制にもろさ|大変だったことは、日程が合わないことです|大変でないことがなかった|大変でなかったことはない|苦労がないわけではない|苦労がなかったとは言えない
問題はなかったが時間がかかった|特に問題はなかったものの、連絡に苦労した|大変なことしかない|団体に経験がない|相手に経験がないので苦労した|知識がない|連絡がない|連絡がつかない|予算がない|時間がない|担当がいない|理解がない|人がいない|意見がない会議だった|効果が分からない|相手の考えが分からない
責任の所在が分からない|何をすればよいか分からない|窓口が分からない|協働の意味が分からない|返事がない|説明なしに話が進む|事前連絡なし|記録がない|熱意がない|協力がない|ないものねだり|なしのつぶて|謝礼なし|お金がない|余裕がない|情報がない|決まりがない|後継者がいない|楽しかった|よかった|大変|人間関係|勉強になりました
特になしと書きたいが、実は日程調整が大変だった|経験がない職員ばかりで苦労した|経験が少ない団体の支援に手間がかかった|今のところ順調|無償でできた|無事に終わった
""".replace("\n", "|").strip("|").split("|")


@pytest.mark.parametrize("box", ["good", "hard"])
def test_answers_without_content_are_known(box):
    assert [text for text in EMPTY if classify(text, box) != "X0"] == []


def test_answers_that_there_was_none_are_known_in_their_box():
    assert [text for text in NOTHING_HARD if classify(text, "hard") != "X1"] == []
    assert [text for text in NOTHING_GOOD if classify(text, "good") != "X1"] == []


def test_nothing_hard_is_no_nothing_in_the_box_of_good_things():
    assert classify("大変だったことはない", "good") == "" == classify("よかったことはない", "hard")


def test_content_is_never_taken_for_nothing():
    assert [(text, box) for text in CONTENT for box in ("good", "hard") if classify(text, box)] == []


def test_long_vowels_inside_words_are_letters():
    assert classify("ノーコメント", "good") == "X0" and classify("サービス", "good") == ""


@settings(deadline=1000)
@given(st.text(alphabet="特になしのではもがとくてい、大変苦労したことはありません経験ので。", max_size=60))
def test_any_text_is_judged_quickly(text):
    assert classify(text, "hard") in ("", "X0", "X1")


@pytest.mark.parametrize(
    ("text", "hits", "expected"),
    [
        ("同上", {}, True),
        ("上に書いたとおり", {}, True),
        ("連絡", {"H4": []}, False),
        ("まだ担当として日が浅く、よく分からないところが多い", {}, True),
        ("雨の中を朝から夕方まで市内の公園をみなさんと歩いて回った", {}, False),
    ],
)
def test_what_is_asked_about(text, hits, expected):
    assert looks_empty(text, hits) is expected


def test_the_wrong_box_is_a_hint_only():
    assert may_be_in_wrong_box({}, {"H5": []}) and not may_be_in_wrong_box({"G1": []}, {"H5": []})
