"""Columns and titles of the open data about those who did not answer and the parts of a change."""

from __future__ import annotations

from collections.abc import Mapping

PERCENT, POINTS = "%", "ポイント"
#: table → (title, description), as in datapackage.
TITLES: Mapping[str, tuple[str, str]] = {
    "nonresponse": (
        "回答しなかった人の影響",
        "代表の項目の割合を、そのまま数えたもの、回答率の違いを補ったもの、最も極端な場合で並べた表。1行が1つの調査回と項目です。",
    ),
    "weights": ("重みの様子", "回答率の違いを補う重みの、調査回と方法ごとの様子。"),
    "decompositions": (
        "変化の内訳",
        "代表の項目の変化を、回答の変化と回答した人の構成の変化に分けた表。1行が1つの変化と属性で、属性どうしの数値は足せません。",
    ),
}
#: column → (type, title, description, unit), as in datapackage.
FIELDS: Mapping[str, tuple[str, str, str, str]] = {
    "returns": ("integer", "回答した人", "調査に回答した人の数", "{unit}"),
    "response_rate": ("number", "回答率", "回答した人÷対象者数×100", PERCENT),
    **{
        f"{way}{end}": ("number", f"{word}{title}", f"{word}で補った割合{about}", PERCENT)
        for way, word in (("poststratified", "事後層化"), ("raked", "レイキング"))
        for end, title, about in (
            ("", "の割合", "。空欄は計算していない"),
            ("_low", "の下限", "の信頼区間の下限"),
            ("_high", "の上限", "の信頼区間の上限"),
            ("_finite_low", "の下限（対象者に限った見方）", "の、対象者に限った見方の下限"),
            ("_finite_high", "の上限（対象者に限った見方）", "の、対象者に限った見方の上限"),
        )
    },
    "poststratified_by": ("string", "事後層化の属性", "事後層化に使った属性のコード", ""),
    "raked_by": ("string", "レイキングの属性", "レイキングに使った属性のコード（+で区切る）", ""),
    "bound_low": (
        "number",
        "ありうる最小",
        "回答しなかった人が1人もその項目を選ばなかったとした割合",
        PERCENT,
    ),
    "bound_high": ("number", "ありうる最大", "回答しなかった人が全員その項目を選んだとした割合", PERCENT),
    "limit": ("number", "判定までの差", "後の調査回の割合がこれだけ変わると判定が変わる差", POINTS),
    "tipping": (
        "number",
        "結論が変わる差",
        "回答しなかった人の割合が、回答した人とこれだけ違えば判定が変わる差",
        POINTS,
    ),
    "tipping_share": (
        "number",
        "結論が変わる割合",
        "判定が変わるときの、回答しなかった人の割合。0より小さいか100より大きければ、結論は変わらない",
        PERCENT,
    ),
    "method": ("string", "方法", "poststratified 事後層化、raked レイキング", ""),
    "attributes": ("string", "属性", "補うのに使った属性のコード（+で区切る）", ""),
    "groups": (
        "string",
        "区分",
        "計算に使った区分のコード（|で区切る。+ は合わせた区分、空白は次の属性）",
        "",
    ),
    "effective_base": (
        "number",
        "実質の人数",
        "重みのばらつきを考えた実質の回答者数（キッシュの有効標本数）",
        "{unit}",
    ),
    "design_effect": ("number", "ばらつきの増え方", "回答した人÷実質の人数", "倍"),
    "smallest_weight": ("number", "最小の重み", "平均を1とした重みの最小", ""),
    "largest_weight": ("number", "最大の重み", "平均を1とした重みの最大", ""),
    "weight_limit": ("number", "重みの上限", "平均を1とした重みの上限。空欄は上限なし", ""),
    "trimmed": ("integer", "上限で切った人", "重みを上限で切った人の数", "{unit}"),
    "sweeps": ("integer", "繰り返しの数", "重みが落ち着くまでの繰り返しの数", "回"),
    "gap": ("number", "名簿とのずれ", "重みを付けた人数と名簿の人数との最大のずれ", "{unit}"),
    **{
        f"{part}{end}": ("number", f"{word}{title}", f"変化のうち{word}による分{about}", POINTS)
        for part, word in (("opinion", "回答の変化"), ("composition", "回答した人の構成の変化"))
        for end, title, about in (
            ("", "", ""),
            ("_low", "の下限", "の信頼区間の下限"),
            ("_high", "の上限", "の信頼区間の上限"),
            ("_finite_low", "の下限（対象者に限った見方）", "の、対象者に限った見方の下限"),
            ("_finite_high", "の上限（対象者に限った見方）", "の、対象者に限った見方の上限"),
        )
    },
    "resamples": ("integer", "引き直しの回数", "信頼区間のために人数を引き直した回数", "回"),
    "seed": ("integer", "乱数の種", "同じ種からは同じ区間になる", ""),
}
