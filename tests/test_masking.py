"""De-identification: what must go, what must stay. Every name, number and address here is made up."""

from __future__ import annotations

import pytest

from pipeline.coding.codebook import read_codebook
from pipeline.coding.masking import mask, plain_kinds
from pipeline.coding.name_lists import Names, read_names, unread_lists
from pipeline.model import ProblemsFound
from tests.conftest import ROOT

NAMES = Names((("団体", "子育てサロンぽかぽか"), ("団体", "みほん会"), ("地名", "みほん台")))
PEOPLE = ["鈴木", "佐藤", "高橋", "田中", "渡辺", "伊藤", "山本", "中村", "小林", "加藤", "吉田", "山田", "佐々木", "松本", "井上", "木村", "斎藤", "清水", "山崎", "池田", "橋本", "石川", "前田", "藤田", "後藤", "近藤", "坂本", "遠藤", "青木", "藤井", "西村", "福田", "太田", "三浦", "岡本", "中島", "原田", "竹内"]
#: {} is a person; the rest of the sentence stays.
FRAMES = (
    "担当の{}さんに助けられた",
    "自治会の{}会長から何度も電話があった",
    "{}様のご紹介で会場が決まった",
    "民生委員の{}氏が詳しかった",
    "{}先生の助言が参考になった",
    "{}議員への説明に時間がかかった",
    "事務局は{}さんと職員の二人だけだった",
    "会長（{}さん）の意向が強い",
    "{}くんが企画を出してくれた",
    "前任の{}課長が異動した",
)
FULL_NAMES = ["山田太郎", "佐藤花子", "鈴木一郎", "高橋健太", "見本花子", "例示一郎", "田中美咲", "中村あゆみ", "渡辺ゆかり", "小林誠"]
PHONES = """
090-0000-0001|０９０－００００－０００２|09000000003|０００-００００-０００４|(000)000-0005|000(000)0006|000-000-0007|０７５－０００－０００８|080 0000 0009|〇九〇ー〇〇〇〇ー〇〇一〇|+81-90-0000-0011|000−0000−0012|00-0000-0013|電話は000-0014|内線２３４
""".strip().split("|")
MAILS = ["mihon@example.jp", "ｍｉｈｏｎ＠ｅｘａｍｐｌｅ．ｊｐ", "mi.hon+x@mail.example.co.jp", "MIHON_1@EXAMPLE.COM", "mihon @ example.jp", "mihon(at)example.jp"]


def people_sentences():
    for number, name in enumerate(PEOPLE):
        for frame in (FRAMES[number % len(FRAMES)], FRAMES[(number + 3) % len(FRAMES)]):
            yield name, frame.format(name)
    for number, name in enumerate(FULL_NAMES):
        yield name, FRAMES[number % 6].format(name)


def test_every_person_is_masked():
    left = [text for name, text in people_sentences() if name in mask(text).text or "人名" not in mask(text).kinds]
    assert left == []
    assert len(list(people_sentences())) >= 80


@pytest.mark.parametrize("frame", ["連絡先は{}です", "{}に電話してもつながらない", "急に（{}）から連絡がきた"])
def test_every_phone_is_masked(frame):
    for phone in PHONES:
        found = mask(frame.format(phone))
        assert found.kinds == ("電話",), phone
        assert not any(c.isdigit() for c in found.text), phone


def test_every_mail_is_masked():
    for mail in MAILS:
        assert mask(f"連絡は{mail}へ送った").kinds == ("メール",), mail


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("詳しくは https://example.jp/a?b=1 を見た", "詳しくは 〔URL〕 を見た"),
        ("職員番号１２３４５６の者です", "〔職員番号〕の者です"),
        ("みほん台１丁目２番３号の会館", "〔住所〕の会館"),
        ("例示町二丁目の集会所", "〔住所〕の集会所"),
        ("開田1-1-1に集まった", "〔住所〕に集まった"),
        ("〒000-0000 宛てに送った", "〔住所〕 宛てに送った"),
        ("NPO法人ひまわり会と組んだ", "〔団体〕と組んだ"),
        ("例示商事株式会社に頼んだ", "〔団体〕に頼んだ"),
        ("子育てサロンぽかぽかの方", "〔団体〕の方"),
        ("みほん会の見本花子さん", "〔団体〕の〔人名〕さん"),
        ("佐藤　一郎 様", "〔人名〕 様"),
        ("鈴木さんと田中さん", "〔人名〕さんと〔人名〕さん"),
    ],
)
def test_what_stands_in_its_place(text, expected):
    assert mask(text, NAMES).text == expected


CLEAN = """
多様な主体と組めた|模様替えを手伝った|皆さんの協力に感謝|住民の皆様の声|お客様扱いになった|職員さんと呼ばれた|役員さんが交代した|業者さんとの違い|会長の交代が多い|市長さんへの要望|先生方の助言|大学の先生に聞いた|仕様書の作成
10～20人が参加|500～1000人の来場|2019-2023年度の事業|1,000-2,000円の参加費|令和5年4月1日に開始|24時間365日の対応|100-150人規模|3-5回の打合せ|電話1本で済んだ|電話10回でもつながらない|12:00-13:00の会議|第1-3回|4/1-5/31|令和元-5年度
NPO法人との協働|株式会社との契約|市民活動団体の力|森林組合|原因が分からない|林が多い|金の話|東の地区|石川県の事例|千葉市長の話|関係課|星空の会を開いた|桜まつり|神様のよう|何様だと言われた|同様に|異様な雰囲気|有様
お母さん方|お父さんの参加|おじいさんの話|子どもさん|学生さん|保護者さん|町内会長さん|事務局長が替わった|委員さんの任期|団体さん|農家さん|NPOさん|社協さん|ボランティアさん|コーディネーターさん|氏名の扱い|君が代|同氏|諸氏
""".replace("\n", "|").strip("|").split("|")


def test_clean_sentences_stay_as_they_are():
    assert [text for text in CLEAN if mask(text).kinds] == []


def test_at_most_one_clean_example_in_a_hundred_is_touched():
    examples = [example.text for example in read_codebook(ROOT / "surveys/staff/themes.tsv").examples]
    assert sum(bool(mask(text).kinds) for text in examples) <= len(examples) / 100


def test_masking_twice_changes_nothing():
    for _, text in people_sentences():
        assert mask(mask(text).text).text == mask(text).text


def test_the_citys_lists_are_read_and_checked(tmp_path):
    names = read_names(ROOT / "surveys/staff/names", "surveys/staff/names")
    assert ("団体", "みほん会") in names.entries
    assert [len(name) for _, name in names.entries] == sorted((len(name) for _, name in names.entries), reverse=True)
    assert read_names(tmp_path / "nothing", "x") == Names()
    (tmp_path / "a.csv").write_text("kind,name\n団体,あ\n会社,みほん\n", encoding="cp932")
    (tmp_path / "b.csv").write_text("名前\nみほん\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as raised:
        read_names(tmp_path, "names")
    assert [(problem.file, problem.cell) for problem in raised.value.problems] == [
        ("names/a.csv", "2行目"), ("names/a.csv", "3行目"), ("names/b.csv", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("rows", ['団体,"みほん会\n団体,ひまわり会\n', '団体,"みほん会\n団体,"ひまわり会"\n'])
def test_a_quotation_mark_that_never_closes_hides_no_names(tmp_path, rows):
    (tmp_path / "a.csv").write_text(f"kind,name\n{rows}", encoding="utf-8")
    (tmp_path / "b.csv").write_text("kind,name\n団体,みほん会,\n", encoding="utf-8")
    with pytest.raises(ProblemsFound) as raised:
        read_names(tmp_path, "names")
    assert [(problem.file, problem.what) for problem in raised.value.problems] == [
        ("names/a.csv", '引用符（"）が閉じていない行があります'), ("names/b.csv", "列の数が見出しと違います"),
    ]  # fmt: skip


def test_a_list_that_is_no_csv_is_told(tmp_path):
    for name in ("a.csv", "n.xlsx", "~$n.xlsx", ".hidden"):
        (tmp_path / name).write_bytes(b"")
    notes = unread_lists(tmp_path, "names")
    assert [(note.file, note.severity) for note in notes] == [("names/n.xlsx", "note")]
    assert unread_lists(tmp_path / "nothing", "names") == []


def test_without_the_analyser_forms_lists_and_honorifics_are_found():
    for text, expected in {
        "山田太郎さん（090-1234-5678）に助けてもらった": ("人名", "電話"),
        "佐藤様とスミスさんの助言": ("人名",),
        "連絡は mihon@example.jp へ": ("メール",),
        "職員番号１２３４５６の者": ("職員番号",),
        "みほん会と https://example.jp を作った": ("URL", "団体"),
        "みほん台で開いた": (),
    }.items():
        assert plain_kinds(text, NAMES) == expected, text
    assert [text for text in CLEAN if plain_kinds(text)] == []
