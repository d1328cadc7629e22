"""A saved copy of the published page read back, and what changed between two finished sets."""

from __future__ import annotations

import csv
import io
import re
import shutil
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.__main__ import main
from pipeline.hall import progress
from pipeline.report import differing, verifying
from pipeline.report.verifying.quantities import discrepancies, impossible, quantities
from tests import small_survey

MENU = "<ul><li>ホーム</li><li>調査の概要</li><li>お問い合わせ</li></ul><p>更新日：令和8年3月1日　人口 81,000人</p>"


@pytest.fixture(scope="module")
def page(sample_reports):
    return (sample_reports / "reports/staff/2025/public/page.html").read_text(encoding="utf-8")


def verified(page, saved):
    return verifying.verified(page, saved, "写し.html")


def in_site(body):
    """The page as a site shows it: head, menus before and after, a search box, a side column, a footer."""
    head = "<!DOCTYPE html><html><head><title>みほん市</title><style>p { margin: 44.3% }</style></head><body>"
    foot = f"<p>このページに関する意見は12件です</p><footer>{MENU}電話075-955-9500</footer><script>var n = 82.1;</script>"
    return f"{head}<nav>{MENU}</nav><h1>結果</h1><button>印刷</button><main>{body}</main>{foot}</body></html>"


def stripped(body):
    """The page without any attribute but alt, without caption tags, each paragraph a div."""
    body = re.sub(r'<img[^>]*(alt="[^"]*")[^>]*>', r"<img \1>", body)
    body = re.sub(r"<(?!img)(\w+)\s[^>]*>", r"<\1>", body)
    return re.sub(r"<(/?)(?:p|caption)>", r"<\1div>", body)


def in_layout_table(body):
    return f"<table><tr><td>{MENU}</td><td>本文<h1>結果</h1>{body}</td></tr></table>"


def full_width(body):
    wide = str.maketrans("0123456789%.()", "０１２３４５６７８９％．（）")
    return re.sub(r"(?<=>)[^<]+", lambda text: text.group(0).translate(wide), body)


def half_width(body):
    """Every sign that has a narrow form in it, and thousands without separators."""
    narrow = str.maketrans("、。「」・ー（）", "､｡｢｣･ｰ()")
    return re.sub(r"(?<=>)[^<]+", lambda text: re.sub(r"(?<=\d),(?=\d)", "", text.group(0).translate(narrow)), body)


@pytest.mark.parametrize("system", [str, in_site, stripped, in_layout_table, full_width, half_width])
def test_an_unchanged_page_has_no_findings_whatever_the_system_does_to_it(page, system):
    found = verified(page, in_site(system(page)) if system is not str else page)
    assert not found.problems and not found.rewordings
    assert found.same == found.of > 400 and found.tables > 25


def once(text, old, new):
    assert old in text, old
    return text.replace(old, new, 1)


#: (place in the page, what the web team made of it) → what is told.
ERRORS = (
    ("職員は82.1%で、前回", "職員は82.7%で、前回", ("数値が違います", "82.7%", "82.1%")),
    ("16.4ポイント上昇しました", "16.4%増加しました", ("単位が違います（差はポイント、割合は%です）", "16.4%", "16.4ポイント")),
    ("職員は197人（44.2%）", "職員は197人（44%）", ("小数が省かれています", "44%", "44.2%")),
    ("もっとも多かったのは「担当業務に、協働する機会がなかった」の51.8%", "もっとも多かったのは「担当業務に、協働する機会がなかった」の51%", ("小数が省かれています", "51%", "51.8%")),
    ("<th scope=\"col\">令和7年度（人）</th>", "<th scope=\"col\">平成37年度（人）</th>", ("ありえない年度（年）です", "平成37年度", "令和7年度")),
    ("前回（令和5年度41.1%）から3.1ポイント", "前回（令和4年度41.1%）から3.1ポイント", ("年度（年）が違います", "令和4年度", "令和5年度")),
    ("<td>248</td><td>55.6</td>", "<td>284</td><td>55.6</td>", ("数値が違います", "284", "248")),
    ("<td>-8.7</td>", "<td>+8.7</td>", ("数値の符号が違います", "+8.7", "-8.7")),
    ("<li>回答数：446人（前回の令和5年度は438人）</li>", "", ("公表した文がありません", "（なし）", "446人、令和5年度、438人")),
    ("<tr><th scope=\"row\">平成29年度</th><td>566</td><td>412</td><td>72.8</td></tr>", "", ("公表した行または列がありません", "（なし）", "平成29年度")),
    ("から増えました。", "から減りました。", ("向きが違います", "減り", "増え")),
    ("で最も高く、次いで", "で最も高く、参考までに昨年は99.9%、次いで", ("公表していない数値があります", "99.9%", "（なし）")),
)


def test_planted_errors_are_all_found_and_nothing_else(page):
    assert len(ERRORS) >= 10
    saved = page
    for old, new, _ in ERRORS:
        saved = once(saved, old, new)
    found = verified(page, in_site(saved))
    assert sorted((p.what, p.found, p.expected) for p in found.problems) == sorted(told for _, _, told in ERRORS)
    assert all(problem.is_error and problem.key for problem in found.problems)
    cells = {problem.cell for problem in found.problems}
    assert "だいたい意味を知っている × 令和7年度（人）" in cells


@pytest.mark.parametrize(("old", "new", "told"), ERRORS)
def test_each_error_is_found_in_a_stripped_page(page, old, new, told):
    found = verified(page, in_site(full_width(stripped(once(page, old, new)))))
    assert [(p.what, p.expected) for p in found.problems] == [(told[0], told[2])]


def test_reworded_sentences_are_listed_old_and_new(page):
    saved = once(page, "率直に書いてもらいました。", "正直に書いていただきました。")
    saved = once(saved, "<h2>これからの取組</h2>", "<h2>今後の取組</h2><p>市の方針です。</p>")
    saved = once(saved, "<li>市民協働課が、計画の段階から相談をお受けします。</li>", "")
    found = verified(page, in_site(saved))
    assert not found.problems
    assert {(change.old, change.new) for change in found.rewordings} == {
        ("たいへんだったことも、率直に書いてもらいました。", "たいへんだったことも、正直に書いていただきました。"),
        ("これからの取組", "今後の取組"),
        ("", "市の方針です。"),
        ("市民協働課が、計画の段階から相談をお受けします。", ""),
    }


@pytest.mark.parametrize(
    ("published", "saved", "told"),
    [
        ("16.4ポイント上昇しました。", "16.4ポイント低下しました。", ("低下", "上昇")),
        ("「A」で75.9%と最も高く、「B」で60.0%と最も低くなっています。", "「A」で75.9%と最も低く、「B」で60.0%と最も高くなっています。", ("最も、低く、最も、高く", "最も、高く、最も、低く")),
        ("4.7ポイント高くなりましたが、偶然の範囲内の差で、上昇とはいえません。", "4.7ポイント高くなり、上昇といえます。", ("高く、上昇", "高く、上昇、とはいえ")),
        ("82.1%で、変化なしといえる範囲の差です。", "82.1%で、上昇といえる範囲の差です。", ("上昇", "変化なし")),
        ("相談が増えています。", "相談が減っています。", ("減っ", "増え")),
        ("16.4ポイント上昇しました。", "16.4ポイント増加しました。", None),
        ("もっとも多かったのは「A」の51.8%です。", "最も多いのは「A」の51.8%でした。", None),
        ("多くの皆さん、少なくとも3人の声です。", "たくさんの皆さん、3人以上の声です。", None),
        ("率直な声がもっと増えるよう努めます。", "率直な声が聞けるよう努めます。", None),
    ],
)
def test_a_direction_that_was_turned_is_no_wording(published, saved, told):
    page = f"<h2>はじめに</h2><p>このページの最初の文です。</p><p>{published}</p><p>このページの最後の文です。</p>"
    found = verified(page, page.replace(published, saved))
    assert [(p.what, p.found, p.expected) for p in found.problems] == ([("向きが違います", *told)] if told else [])
    assert len(found.rewordings) == (told is None)


def test_a_turned_finding_of_the_page_is_a_problem(page):
    found = verified(page, in_site(once(page, "上昇しました", "低下しました")))
    assert [(p.what, p.found, p.expected) for p in found.problems] == [("向きが違います", "低下", "上昇")]
    assert not found.rewordings


TABLE = "<table><caption>参考</caption><tr><th>区分</th><th>割合</th></tr><tr><td>管理職</td><td>99.9</td></tr><tr><td>ほか</td><td>12人</td></tr></table>"


@pytest.mark.parametrize("system", [str, stripped, in_layout_table])
def test_the_numbers_of_a_table_put_into_the_page_are_listed(page, system):
    saved = once(page, "<h2>これからの取組</h2>", f"{TABLE}<h2>これからの取組</h2>")
    found = verified(page, in_site(system(saved)))
    assert [(p.what, p.found) for p in found.problems] == [("公表していない表があります", "99.9、12人")]
    assert not found.is_clean


def test_tables_around_the_page_are_the_sites_own(page):
    found = verified(page, f"<p>市の統計です。</p>{TABLE}<h1>結果</h1>{page}{TABLE}<p>お知らせの一覧です。</p>")
    assert not found.problems


@pytest.mark.parametrize(
    ("published", "saved", "told"),
    [
        ("令和7年度は1,234人です。", "2025年度は1234人です。", []),
        ("令和元年度", "令和1年度", []),
        ("4.7ポイント", "4.7パーセント", [("単位が違います（差はポイント、割合は%です）", "4.7%", "4.7ポイント")]),
        ("43.6%", "43%", [("小数が省かれています", "43%", "43.6%")]),
        ("43.6%", "44%", [("小数が省かれています", "44%", "43.6%")]),
        ("43.6%", "45%", [("数値が違います", "45%", "43.6%")]),
        ("43.0%", "43%", [("小数が省かれています", "43%", "43.0%")]),
        ("令和7年度", "平成37年度", [("ありえない年度（年）です", "平成37年度", "令和7年度")]),
        ("令和8年1月13日", "令和8年13月13日", [("ありえない月日です", "13月", "1月")]),
        ("12人", "12件", [("単位が違います", "12件", "12人")]),
        ("公表（第1版、作成番号 11ab679c）", "公表（第1版、作成番号 8e5f03d2）", []),
        ("43.6%で、12人", "43.6%", [("公表した数値がありません", "（なし）", "12人")]),
    ],
)
def test_a_difference_has_its_name(published, saved, told):
    assert [(d.what, d.found, d.expected) for d in discrepancies(published, saved)] == told


@pytest.mark.parametrize("text", ["平成32年度", "昭和65年", "令和0年度", "2026（令和7）年", "2025年（令和8年）", "14月3日", "1月32日", "2月30日", "4月31日"])
def test_a_period_of_no_calendar_is_found(text):
    assert impossible(text)


@pytest.mark.parametrize("text", ["平成31年度", "令和元年度", "2025（令和7）年度", "2025年（令和7年）", "令和8年1月13日", "2月29日", "令和7年度（2026年1月）", "12か月"])
def test_a_period_that_can_be_is_left_alone(text):
    assert impossible(text) is None


@given(st.lists(st.tuples(st.integers(0, 9999), st.sampled_from(["%", "人", "ポイント", "件"])), max_size=6))
def test_numbers_are_read_back_as_written(numbers):
    text = "と".join(f"値{number / 10:.1f}{unit}" for number, unit in numbers)
    assert [(str(q.value), q.unit) for q in quantities(text)] == [(f"{n / 10:.1f}", unit) for n, unit in numbers]
    assert list(discrepancies(text, unicodedata.normalize("NFKC", full_width(f">{text}<")[1:-1]))) == []


# ---- the verbs ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workspace(sample_reports, tmp_path_factory):
    """A copy of the sample to write into."""
    target = tmp_path_factory.mktemp("verify") / "workspace"
    for folder in ("surveys", "reports", "data/raw"):
        shutil.copytree(sample_reports / folder, target / folder)
    return target


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_verify_finds_the_page_itself_in_any_encoding(workspace, tmp_path, capsys, page, codec):
    saved = tmp_path / "saved.html"
    saved.write_bytes(in_site(page).replace("〜", "～").encode(codec))
    assert main(["verify", str(saved), "--root", str(workspace)]) == 0
    assert "[OK] saved.html: staff 2025 案 の" in capsys.readouterr().out


def test_the_frame_of_the_officers_copy_is_no_part_of_the_page(workspace, capsys):
    assert main(["verify", "reports/staff/2025/public/index.html", "--root", str(workspace)]) == 0
    assert "[OK] index.html: staff 2025 案 の" in capsys.readouterr().out


def test_a_picture_of_the_class_of_the_frame_hides_nothing(page):
    found = verified(page, in_site(f'<img class="tools" alt="">{page}'))
    assert not found.problems and not found.rewordings


def test_verify_ends_with_2_and_prints_what_a_console_can_show(workspace, tmp_path, capsys, page):
    saved = tmp_path / "保存.html"
    saved.write_text(once(once(page, "82.1%", "82.7%"), "率直に", "正直に"), encoding="utf-8")
    assert main(["verify", "staff", str(saved), "--root", str(workspace)]) == 2
    told = capsys.readouterr().out
    assert told.encode("cp932") and "数値が違います" in told and "82.7%" in told
    assert "公表 | たいへんだったことも、率直に" in told and "surveys/staff/page/2025.md" in told


def test_verify_reads_a_page_saved_as_one_file(workspace, tmp_path, page):
    from email.message import EmailMessage

    message = EmailMessage()
    message.set_content(in_site(page), subtype="html", charset="utf-8")
    message.make_related()
    message.add_related(b"x", "image", "png")
    saved = tmp_path / "saved.mhtml"
    saved.write_bytes(bytes(message))
    assert main(["verify", str(saved), "--root", str(workspace)]) == 0


def test_the_title_is_compared_where_the_copy_has_one(workspace, tmp_path, capsys, page):
    saved = tmp_path / "saved.html"
    saved.write_text(f"<h1>令和6年度 協働に関する職員アンケートの結果</h1>{page}", encoding="utf-8")
    assert main(["verify", str(saved), "--root", str(workspace)]) == 2
    assert "見つかったもの: 令和6年度\n  正しくは: 令和7年度" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "what"),
    [(None, "保存したページがありません"), (b"<p>a</p>", "どの結果ページの写しでもない"), (b"\x81\xff\xff", "文字コードを判別できません")],
)
def test_what_is_no_copy_is_refused(workspace, tmp_path, capsys, content, what):
    saved = tmp_path / "saved.html"
    if content is not None:
        saved.write_bytes(content)
    assert main(["verify", str(saved), "--root", str(workspace)]) == 2
    assert what in capsys.readouterr().out


def test_a_release_comes_before_the_last_build(workspace, tmp_path, capsys, page):
    release = workspace / "surveys/nagaokakyo/releases/2019"
    public = workspace / "reports/nagaokakyo/2019/public"
    for number in range(1, 11):
        shutil.copytree(public, release / str(number) / "public")
        (release / str(number) / "release.json").write_text("{}", encoding="utf-8")
    saved = tmp_path / "saved.html"
    saved.write_bytes((public / "page.html").read_bytes())
    assert main(["verify", str(saved), "--root", str(workspace)]) == 0
    assert "公表 第10版" in capsys.readouterr().out
    assert main(["diff", "nagaokakyo", "--root", str(workspace)]) == 0
    assert "公表 第10版 とくらべました（違い 0件）" in capsys.readouterr().out
    shutil.rmtree(release.parent)


def test_diff_of_two_waves_tells_the_changes_of_the_page(workspace, capsys):
    assert main(["diff", "staff", "--root", str(workspace)]) == 0
    told = capsys.readouterr().out
    assert told.encode("cp932")
    assert "値 意味を知っている（計）: 71.9%（315人） → 82.1%（366人）（+10.1ポイント、上昇）" in told
    assert "基数 438人 → 446人（+8）" in told
    rows = list(csv.reader(io.StringIO((workspace / "reports/staff/adhoc/diff_2025.csv").read_text("utf-8-sig"))))
    assert tuple(rows[0]) == differing.COLUMNS and any("年代" in row[3] for row in rows)
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)


def test_diff_of_two_folders_tells_shares_questions_and_words(workspace, tmp_path, capsys):
    other = tmp_path / "public"
    shutil.copytree(workspace / "reports/staff/2025/public", other)
    path = other / "opendata/estimates.csv"
    text = path.read_text(encoding="utf-8")
    kept = [line for line in text.splitlines(keepends=True) if ",consult," not in line]
    path.write_text("".join(kept).replace("82.1", "82.0"), encoding="utf-8")
    path = other / "page.html"
    path.write_text(once(path.read_text(encoding="utf-8"), "率直に", "正直に"), encoding="utf-8")
    assert main(["diff", "staff", "--against", str(other), "--root", str(workspace)]) == 0
    told = capsys.readouterr().out
    assert "設問 （なし） → 新しい設問" in told and "82.0%（366人） → 82.1%（366人）" in told
    assert "前 | たいへんだったことも、正直に" in told and "今 | たいへんだったことも、率直に" in told


def test_diff_with_itself_is_empty_and_an_unknown_partner_is_refused(workspace, capsys):
    same = str(workspace / "reports/staff/2025")
    assert main(["diff", "staff", "--against", same, "--root", str(workspace)]) == 0
    assert "（違い 0件）" in capsys.readouterr().out
    assert main(["diff", "staff", "--against", "1999", "--root", str(workspace)]) == 2
    assert "くらべる相手がありません" in capsys.readouterr().out
    assert main(["diff", "staff", "--against", "2025", "--root", str(workspace)]) == 2
    assert "今の調査回そのものとはくらべられません" in capsys.readouterr().out
    assert main(["diff", "staff", "--wave", "2021", "--root", str(workspace)]) == 2
    assert "まだ作っていない結果です" in capsys.readouterr().out


def test_diff_finds_what_the_last_report_changed(tmp_path, capsys):
    root, words = small_survey.write_survey(tmp_path), ["diff", "--root", str(tmp_path)]
    report = ["report", "--root", str(root)]
    assert main(report) == 0
    first = small_survey.outputs(root)
    assert main([*words, "--against", "直前"]) == 2
    assert "直前に作った結果はありません" in capsys.readouterr().out
    small_survey.receive(root, 12)
    assert main(report) == 0
    for against in ([], ["--against", "直前"]):
        capsys.readouterr()
        assert main([*words, *against]) == 0
        told = capsys.readouterr().out
        assert "直前に作った結果 とくらべました" in told and "35.0%（7人） → 60.0%（12人）" in told and "【案】" not in told
    kept = root / "reports/small/adhoc/previous_2025"
    assert set(small_survey.files(kept)) == set(differing.FILES)
    assert all(content == first[0][f"public/{name}"] for name, content in small_survey.files(kept).items())
    capsys.readouterr()
    assert main(report) == 0, "what is kept makes nothing out of date"
    assert "変わったものはありません" in capsys.readouterr().out
    (root / "reports/small/2025/public/page.html").write_text("手で直した", encoding="utf-8")
    assert main(report) == 0, "the same build made again is not another one"
    (root / "reports/small/2025/public/opendata/changes.csv").unlink()
    small_survey.receive(root, 13)
    assert main(report) == 0, "a build that is not whole is not kept, and stops nothing"
    assert all(content == first[0][f"public/{name}"] for name, content in small_survey.files(kept).items())


def test_the_previous_build_stays_as_it_was_when_a_run_fails(tmp_path, monkeypatch):
    root = small_survey.write_survey(tmp_path)
    report = ["report", "--root", str(root)]
    for yes in (7, 9, 12):
        small_survey.receive(root, yes)
        before = small_survey.files(root / "reports")
        if yes == 12:
            monkeypatch.setattr("pipeline.report.write", lambda *_: 1 / 0)
        assert main(report) == (2 if yes == 12 else 0)
    assert small_survey.files(root / "reports") == before and small_survey.leftovers(root) == []


# ---- progress ----------------------------------------------------------------------------


@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_step_is_told_on_a_terminal_only(capsys, monkeypatch, is_terminal):
    monkeypatch.setattr("sys.stderr.isatty", lambda: is_terminal)
    with progress.step("数えました") as told:
        told("12行")
    out, err = capsys.readouterr()
    assert out == "" and (re.fullmatch(r"  数えました（12行） \d+\.\d秒\n", err) if is_terminal else err == "")
