"""The sheets of the review workbook that are only read: how to work, rules, new themes, lines, agreement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pipeline.coding.agreement import Agreement, Coefficient
from pipeline.coding.candidates import candidates
from pipeline.coding.lines import KEPT_CHARACTERS, LONGEST_LINE
from pipeline.coding.review import (
    AGAIN,
    AUDIT,
    CONFIRM_SHEET,
    DECIDED,
    DOUBTFUL,
    READ_ALL,
    SECOND,
    SHEET_CODER,
    SHEET_DAY,
    Listing,
    Text,
)
from pipeline.model import Survey, Theme

if TYPE_CHECKING:
    from pipeline.coding.lint import RuleFinding

Codes = Mapping[tuple[str, str], tuple[str, ...]]
_LEAST_JUDGED, _LONGEST_RULE = 5, 80


def guide(answers: int, undecided: int, kind: str, has_machine: bool, has_masks: bool) -> tuple[str, ...]:
    """Return the lines of 読み方; those that begin with ■ are headings."""
    machine = (
        "「機械案1～3」はプログラムの提案です。「確信」が低いほど間違いやすく、「根拠」に当たった規則と語か、似た回答が出ます。"
        if has_machine
        else "機械の提案はありません（追加部品が入っていないか、2人目の表です）。似た文が続くように並べてあります。"
    )
    masks = (
        "氏名や電話番号などは伏せ字にしてありますが、伏せ切れていないことがあります。この表を庁外に出さないでください。"
        if has_masks
        else "追加部品が入っていないため、氏名や電話番号を伏せ字にしていません。この表を庁外に出さないでください。"
    )
    if kind == SECOND:
        order = "2人目の分類です。1人目の決定も機械の提案も見ずに、主題一覧だけを見て決めてください。"
    elif answers < READ_ALL:
        order = f"回答は{answers}件です。{READ_ALL}件より少ないので、全部を読んで決めることをお勧めします。"
    else:
        order = f"回答は{answers}件です。「{AUDIT}」と「{DOUBTFUL}」の行は全部、そのほかは上から順に（機械が迷っている順に）決めてください。"
    return (
        "■ 手順",
        f"1. {order}（まだ決まっていない文は{undecided}種類です）",
        "2. 原文を読み、「決定1」から順に、一覧から主題を選びます。主題は3つまで選べます。",
        "3. 内容がない、聞かれたことが「なかった」、どの主題にも当たらないときは、「無回答など」から選びます。",
        f"4. 表の上の「{SHEET_CODER}」と「{SHEET_DAY}」を書きます。行ごとに違うときは、行の「確認者」「日付」に書きます（行が優先）。",
        "5. 保存して閉じ、もう一度 make review を実行します。決定が取り込まれ、この表は新しく書き直されます。途中まででもかまいません。",
        "",
        "■ きまり",
        machine,
        "空欄は「まだ決めていない」という意味です。「主題なし」ではありません。",
        f"「{DECIDED}」の行も直せます。選び直すと「変更」、全部消すと「取り消し」として取り込まれます。記録は消えず、新しい行が足されます。",
        f"「{AGAIN}」の行は、前の主題がなくなったものです。「前の決定」を見て決め直してください。",
        "同じ文は1行にまとめ、「件数」に人数を出しています。1回決めれば、全員の分が決まります。",
        f"「{CONFIRM_SHEET}」には短い文をまとめました。形だけで分かるものは初めから選んであります。一通り見て、確認者と日付を書けば決定になります。",
        "主題の意味と境目は「主題一覧」にあります。迷ったら、定義に近いものを選び、「メモ」に理由を書きます。メモは次の表に引き継がれます。",
        "",
        "■ Excel での注意",
        "青い見出しの列（回答ID、原文など）は変えられません。並べ替えたいときは「シート保護の解除」をしてから（パスワードはありません）。",
        "行の並べ替え、行や列を隠すこと、絞り込みはかまいません。列を消す、見出しを変える、計算式を貼り付けると、取り込まずに止まります。",
        masks,
    )


def rule_results(findings: Sequence[RuleFinding], themes: Sequence[Theme]) -> Listing:
    """Return 規則の成績: texts a rule fires in, and of the decided ones how many have its theme."""
    names = {theme.code: theme.name for theme in themes}
    rows = []
    for found in findings:
        rule = found.rule if len(found.rule) <= _LONGEST_RULE else f"{found.rule[:_LONGEST_RULE]}…"
        notes = list(found.notes)
        if found.reviewed >= _LEAST_JUDGED and found.right * 2 < found.reviewed:
            notes.append("半分より多くが別の主題です。規則を直すことを考えてください")
        label = f"{found.code} {names.get(found.code, '')}"
        numbers = (found.hits, found.reviewed, found.right, found.precision)
        rows.append((label, rule, *numbers, "。".join(notes)))
    words = (
        "規則が当たった文の数（同じ文は1つ）と、そのうち決定済みの文で主題も同じだった割合（的中）です。規則は themes.xlsx で直します。",
    )
    counts = (("当たり", 8), ("うち決定済み", 12), ("うち同じ主題", 12), ("的中", 8))
    head = (("主題", 24), ("規則", 90), *counts, ("気づいたこと", 46))
    return Listing("規則の成績", words, head, tuple(rows))


def line_candidates(
    survey: Survey, texts: Sequence[Text], decided: Codes, themes: Sequence[Theme]
) -> Listing:
    """Return 公表文の候補: answers to write public lines from, none of them approved."""
    names = {theme.code: theme.name for theme in themes}
    labels = {question.id: question.label for question in survey.questions}
    rows = [
        (
            c.text.question,
            c.code,
            f"{labels[c.text.question]}／{names.get(c.code, '')}",
            "少数の意見" if c.is_rare else "代表的",
            c.text.shown,
            c.stands_for,
        )
        for c in candidates(texts, decided)
    ]
    words = (
        "主題ごとに、代表的な回答と少数の意見を選びました。そのまま載せるものではありません。読み合わせて、1文にまとめるための材料です。",
        "載せる文は surveys/調査名/coding/年度/lines.csv に書きます（question, code, line, order, stands_for, approver, date）。承認した人のない文は載りません。",
        f"文は{LONGEST_LINE}文字まで。回答と{KEPT_CHARACTERS}文字以上続けて同じだと注意が出ます。日付、場所、金額、役職など、だれか分かる言葉は落としてください。",
    )
    head = (
        ("question", 10),
        ("code", 8),
        ("設問と主題", 44),
        ("種類", 12),
        ("回答（伏せ字なしのものだけ）", 70),
        ("主題の回答数", 12),
    )
    return Listing("公表文の候補", words, head, tuple(rows))


def new_themes(groups: Sequence[tuple[int, Sequence[str], Sequence[str]]]) -> Listing:
    """Return 新しい主題の候補; ``groups``: answers, words that set the group apart, members."""
    rows = [
        (number, size, "、".join(words), *(list(members) + ["", "", ""])[:3])
        for number, (size, words, members) in enumerate(groups, start=1)
    ]
    words = (
        "どの主題にも当てはまりにくい回答を、似た言葉でまとめました。新しい主題にするかどうかは人が決めます（しなくてもかまいません）。",
    )
    head = (("番号", 6), ("回答数", 8), ("ほかより多い言葉", 40), ("例1", 44), ("例2", 44), ("例3", 44))
    return Listing("新しい主題の候補", words, head, tuple(rows))


def agreement_listing(found: Agreement, themes: Sequence[Theme], machine: Agreement | None) -> Listing:
    """Return 2人の一致: α over all themes and κ of each; between machine and people apart from it."""
    names = {theme.code: theme.name for theme in themes}

    def row(of: str, coefficient: Coefficient) -> tuple:
        c, code = coefficient, coefficient.code
        numbers = [None if value != value else float(value) for value in (c.value, c.low, c.high)]
        label = f"{code} {names.get(code, '')}" if code else "全部の主題（まとめて）"
        return of, label, c.name, *numbers, c.answers, c.first, c.second, c.both

    people = "1人目と2人目"
    rows = [row(people, found.alpha), *(row(people, kappa) for kappa in found.kappas)]
    if machine:
        rows += [
            row("機械と人（参考）", machine.alpha),
            *(row("機械と人（参考）", k) for k in machine.kappas),
        ]
    words = [
        f"2人とも決めた回答だけで計算しています。判断は α で行います: {found.judgement}（0.80以上は十分、0.67以上は暫定的）。",
        "κ は主題ごとの参考です。件数が少ないと幅（95%の区間）が大きくなります。2人とも無回答とした回答は、一致を高く見せるので主題の計算から除きました。",
    ]
    if machine:
        words.append(
            "「機械と人」は、提案のあとで人が決めた回答との一致です。2人の一致の代わりにはなりません。"
        )
    head = (("だれとだれ", 18), ("主題", 30), ("係数", 6), ("値", 8), ("下限", 8), ("上限", 8))
    counts = (("回答", 8), ("1人目が選択", 12), ("2人目が選択", 12), ("2人とも", 9))
    return Listing("2人の一致", tuple(words), (*head, *counts), tuple(rows))


def disagreements(found: Agreement, texts: Sequence[Text], first: Codes, second: Codes) -> Listing:
    """Return 食い違い: the answers two people coded differently, to talk about."""
    by_place = {text.place: text for text in texts}
    rows = [
        (text.id, text.shown, "；".join(first[place]), "；".join(second[place]), "")
        for place in found.disagreements
        if (text := by_place.get(place))
    ]
    words = (
        "2人の決定が違う回答です。話し合って、1人目の表の決定を直すか、主題の定義（themes.xlsx）を書き直してください。",
    )
    head = (
        ("回答ID", 14),
        ("原文", 70),
        ("1人目", 14),
        ("2人目", 14),
        ("話し合ったこと（取り込みません）", 40),
    )
    return Listing("食い違い", words, head, tuple(rows))
