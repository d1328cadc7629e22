"""注: what every number on the page rests on, with this survey's parameters."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.model import RESPONSE, TOTAL_BANNER
from pipeline.report import silent, wording
from pipeline.report.edition import Edition
from pipeline.report.exhibits import Bullets, Heading, Part, Sentence


def notes(edition: Edition) -> Iterator[Part]:
    """Yield the notes of a page of ``edition``."""
    yield Heading("数値の見方")
    yield _list(_figures(edition))
    yield Heading("記号の意味")
    yield _list(f"「{sign}」：{meaning}" for sign, meaning in wording.SIGN_NOTES)
    yield Heading("判定の意味")
    yield _list(_verdicts(edition))
    if said := tuple(silent.sentences(edition)):
        yield Heading(silent.HEADING)
        yield Bullets(said)
    sources = _sources(edition)
    if sources:
        yield Heading("公表値の出典")
        yield _list(sources)


def _list(texts) -> Bullets:
    return Bullets(tuple(Sentence(text) for text in texts))


def _figures(edition: Edition) -> Iterator[str]:
    questions = [question for question in edition.survey.questions if not question.is_attribute]
    yield "割合は、人数から計算し、小数点以下第2位を四捨五入しています（端数処理）。合計が100.0%にならないことがあります。"
    yield "割合の差は「ポイント」で表します。差は四捨五入する前の値から計算しています。"
    yield "「約○人分」は、割合の差を後の年度の人数に直したものです（差×後の年度のn、四捨五入）。"
    yield "「n」は割合の基になる人数（基数）です。その設問を聞いた人全員を基数とし、無回答と無効も含めています。"
    if any(question.base == "with_content" for question in questions):
        yield "自由記述の設問は、内容のある回答をした人を基数としています。「なし」だけのように内容の分からない回答は、無回答として除いています。表には、聞いた人全員に占める割合も示しています。"
    yield (
        "「無回答」は記入のないもの、「無効」は1つだけ選ぶ設問に2つ以上の回答があるものや、"
        "読み取れないものなどです。"
    )
    if any(question.takes_many for question in questions):
        yield "複数回答の設問は、選んだ人数を基数（n）で割っているため、割合の合計は100%を超えることがあります。"
    if any(question.nets for question in questions):
        yield "「（計）」の付いた項目は、合わせた選択肢の人数から計算しています。割合を足したものではありません。"
    if _has_crosses(edition):
        yield "属性別の表では、属性が分からない人を「属性不明」とし、全体に含めています。"
        minimum = edition.survey.parameters.minimum_group
        yield f"公表する属性別の表では、回答者が{minimum}人に満たない区分を、隣の区分と合わせて集計しています。"
        yield "選んだ人がごく少ない欄と、引き算でそれが分かってしまう欄は、数値を載せていません（秘匿）。"


def _has_crosses(edition: Edition) -> bool:
    rows = edition.estimates
    return bool(((rows["question"] != RESPONSE) & (rows["banner"] != TOTAL_BANNER)).any())


def _verdicts(edition: Edition) -> Iterator[str]:
    parameters = edition.survey.parameters
    least = wording.plain_number(parameters.minimum_change_points)
    margin = wording.plain_number(parameters.same_margin_points)
    level = wording.level_percent(parameters.significance_level)
    words, reasons = wording.VERDICT_WORDS, wording.REASON_WORDS
    yield (
        f"全員を対象とした調査ですが、回答しなかった人がいるため、回答する人の入れ替わりによる偶然のばらつきを考えて判定しています。"
        f"偶然のばらつきだけで起こる確率（p値）が{level}%以下の差を、偶然の範囲を超えた差とみなします。"
        "たくさんの項目を検定すると偶然の差も増えるため、p値は検定の組ごとに調整したものを使います。"
        "このため、変化の信頼区間が0を含まなくても、偶然の範囲内の差とすることがあります。"
    )
    yield f"{words['up']}・{words['down']}：偶然の範囲を超え、変化が{least}ポイント以上あるもの。"
    yield (
        f"{words['same']}：ばらつきを考えても、変化が{margin}ポイント未満に収まるといえるもの"
        f"（変化の{wording.level_percent(parameters.same_confidence_level)}%信頼区間がその範囲に入るもの）。"
    )
    yield (
        f"{reasons['chance']}：{words['up']}とも{words['down']}とも、{words['same']}ともいえないもの。"
        "差がないという意味ではありません。"
    )
    yield f"{reasons['small']}：偶然の範囲は超えるものの、変化が{least}ポイントに満たないもの。"
    yield f"{reasons['base']}：どちらかの年度の基数が{parameters.small_base}人に満たないもの。"
    yield (
        f"{reasons['secondary']}：設問ごとに決めた代表の項目ではないため、差と区間だけを示すもの"
        "（複数回答と自由記述は、すべての項目を判定します）。"
    )
    yield f"{reasons['rounding']}：公表値の丸めによりありうる人数のどれを取るかで、判定が変わるもの。"
    yield f"{words['not_comparable']}：設問や選択肢などが変わった、または一方の年度に聞いていないもの。"
    confidence = wording.level_percent(parameters.confidence_level)
    yield f"{confidence}%信頼区間は、偶然のばらつきを考えたときに、実際の差がこのあたりにあると考えられる範囲です。"
    yield "回答率は対象者全員についての実際の値のため、判定はしていません。"


def _sources(edition: Edition) -> list[str]:
    shown = {wave.key: wave.label for wave in edition.waves}
    found: dict[str, dict[str, None]] = {}
    for figure in edition.survey.published:
        if figure.wave in shown and figure.source:
            found.setdefault(figure.wave, {})[figure.source] = None
    return [f"{shown[wave]}：{'、'.join(found[wave])}" for wave in shown if wave in found]
