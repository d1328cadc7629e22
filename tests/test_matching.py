import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.decoding import decode
from pipeline.matching import fold, nearest
from pipeline.model import ProblemsFound


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("〜", "～"), ("−", "－"), ("○", "◯"), ("〇", "○"), ("①よく", "1よく"), ("㈱みほん", "(株)みほん"), ("ﾆｰｽﾞ", "ニーズ"),
        ("１０～２０人", "10〜20人"), ("知っている\u200b", "知っている "), ("市民・団体", "市民･団体"), ("が", "か\u3099"),
    ],
)  # fmt: skip
def test_spellings_of_one_label_fold_together(one, other):
    assert fold(one) == fold(other)


def test_long_vowels_and_ranges_keep_their_meaning():
    assert fold("ノーコメント") == "ノーコメント"
    assert fold("10～20人") != fold("1020人")


@given(st.text())
def test_folding_twice_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


def test_nearest_offers_only_what_is_alike():
    assert nearest("協働した経験が有る", ["協働した経験がある", "わからない"]) == "協働した経験がある"
    assert nearest("総務部", ["知らない"]) == ""


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "cp932", "iso2022_jp"])
def test_every_rung_of_the_ladder(codec):
    text = "年代,協働の経験\r\n三十代,ある"
    assert decode(text.encode(codec), "x.csv") == text


def test_cp932_characters_survive():
    assert decode("①㈱髙﨑～－".encode("cp932"), "x.csv") == "①㈱髙﨑～－"


def test_other_encodings_are_refused_in_japanese():
    with pytest.raises(ProblemsFound) as found:
        decode("協働".encode("cp932") + b"\x81", "x.csv")
    assert "文字コード" in found.value.problems[0].what
