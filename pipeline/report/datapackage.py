"""What the open data are: a description after the Frictionless tabular data package."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Mapping

from pipeline import frames
from pipeline.model import LICENCES, Survey
from pipeline.report import announcement, predicted, silent_fields, wording
from pipeline.report.edition import Edition

LICENCE_NOTE = (
    "利用の条件は、この調査を行った団体のオープンデータの利用規約によります（この資料では定めていません）。"
)
_ENCODING_NOTE = "文字コードはBOM付きのUTF-8、改行はCRLF、見出しは1行目です。"
#: Primary keys of the tables that are not among frames.EDITION_TABLES.
_KEYS = {
    "codebook": ("survey", "question", "option", "wave"),
    "errata": ("release", "table", "key", "field"),
}
_PERCENT, _POINTS = "%", "ポイント"
_TITLES = {
    "estimates": ("集計値", "設問・調査回・区分・選択肢ごとの人数と割合。1行が1つの数値です。"),
    "changes": (
        "経年変化",
        "2つの調査回の差と判定。末尾の change_low と change_high は、公表値の丸めのため差が範囲でしか"
        "分からない行の下限と上限です（1つの値に定まる行では change と同じ値）。",
    ),
    "associations": ("クロス集計の検定", "属性による回答の違いを、クロス集計表ごとに調べた結果。"),
    "contrasts": (
        "区分とほかの人の差",
        "属性の区分の割合と、同じ表のほかの人全員を合わせた割合との差。1行が1つの比較です。",
    ),
    "trends": ("3回以上の傾き", "3つ以上の調査回にわたる、1年あたりの変化の傾き。"),
    **silent_fields.TITLES,
    "errata": ("正誤表", "公表したあとに訂正した数値。1行が1つの数値です。それまでの訂正もすべて載せています。"),
    "codebook": ("コード表", "ほかの表に現れる設問・選択肢のコードと、調査回ごとの設問文。"),
}
#: column → (type, title, description, unit); ``{unit}`` is what the survey counts.
_FIELDS: Mapping[str, tuple[str, str, str, str]] = {
    "survey": ("string", "調査", "調査のコード", ""),
    "wave": ("string", "調査回", "会計年度（西暦）。同じ年度の2回目は 2025-2 のように書く", ""),
    "wave_from": ("string", "比べる元の調査回", "前の調査回の会計年度（西暦）", ""),
    "wave_to": ("string", "比べる先の調査回", "後の調査回の会計年度（西暦）", ""),
    "wave_label": ("string", "調査回の名前", "会計年度（西暦と和暦）", ""),
    "question": ("string", "設問", "設問のコード。調査回が変わっても同じ。response は回答率", ""),
    "question_label": ("string", "設問名", "設問の短い名前", ""),
    "number": ("string", "設問番号", "調査票での番号", ""),
    "kind": ("string", "聞き方", "single 単一回答、multiple 複数回答、text 自由記述、rate 回答率", ""),
    "is_ordered": ("boolean", "順序の有無", "選択肢に順序があるか", ""),
    "measure": ("string", "数値の種類", "share 割合、net 選択肢を合わせた計、mean 平均点、rate 回答率", ""),
    "banner": ("string", "属性", "集計の区分を決める設問のコード。total は全体", ""),
    "banner_label": ("string", "属性名", "属性の名前", ""),
    "group": ("string", "区分", "属性の選択肢のコード。all は全体、unknown は属性不明、+ は合わせた区分", ""),
    "group_label": ("string", "区分名", "区分の名前", ""),
    "option": ("string", "選択肢", "選択肢・計のコード。no_answer は無回答、invalid は無効", ""),
    "option_label": ("string", "選択肢名", "選択肢・計の名前", ""),
    "limit": ("integer", "選べる数の上限", "制限のない設問は空欄", "個"),
    "members": ("string", "計に含む選択肢", "計の行だけ。option の値を | でつないだもの", ""),
    "option_type": ("string", "選択肢の種類", "option 選択肢、net 計、mean 平均点、state 無回答・無効", ""),
    "route": ("string", "聞いた相手", "設問のコード=選択肢のコード（|で区切る）。空欄は全員", ""),
    "wording": ("string", "設問文", "その調査回の調査票に書かれた文。空欄は不明か、設問文のない属性", ""),
    "count": ("integer", "人数", "該当する人の数。空欄は、範囲でしか分からないか、値がない", "{unit}"),
    "count_low": ("integer", "人数の下限", "ありうる人数の下限。1つに定まる行では count と同じ", "{unit}"),
    "count_high": ("integer", "人数の上限", "ありうる人数の上限。1つに定まる行では count と同じ", "{unit}"),
    "base": ("integer", "基数", "割合の分母（n）", "{unit}"),
    "base_from": ("integer", "基数（元）", "前の調査回の基数", "{unit}"),
    "base_to": ("integer", "基数（先）", "後の調査回の基数", "{unit}"),
    "base_kind": ("string", "基数の種類", "{bases}", ""),
    "percent": ("number", "割合", "人数÷基数×100を四捨五入した値。概数は公表された値", _PERCENT),
    "value": (
        "number",
        "割合以外の値",
        "平均点など、割合以外の値。区分とほかの人の差の表では、その区分の割合または平均点",
        "",
    ),
    "value_from": ("number", "前の値", "前の調査回の割合または平均点", _PERCENT),
    "value_to": ("number", "後の値", "後の調査回の割合または平均点", _PERCENT),
    "unit": ("string", "単位", "percent の単位、変化では change の単位", ""),
    "low": ("number", "信頼区間の下限", "割合または変化の信頼区間の下限", ""),
    "high": ("number", "信頼区間の上限", "割合または変化の信頼区間の上限", ""),
    "change": ("number", "変化", "四捨五入する前の割合の差を四捨五入した値", _POINTS),
    "change_low": ("number", "変化の下限", "公表値の丸めの範囲での変化の下限", _POINTS),
    "change_high": ("number", "変化の上限", "公表値の丸めの範囲での変化の上限", _POINTS),
    "p": ("number", "p値", "差がないときに、これ以上の差が偶然に出る確率（有効数字4桁）", ""),
    "p_adjusted": (
        "number",
        "調整したp値",
        "検定の繰り返しを調整した値（概数が加わる組では大きい方）。検定の組に入らない行は空欄",
        "",
    ),
    "p_low": ("number", "p値の下限", "公表値の丸めの範囲でのp値の下限", ""),
    "p_high": ("number", "p値の上限", "公表値の丸めの範囲でのp値の上限", ""),
    "p_finite": (
        "number",
        "p値（対象者に限った見方）",
        "対象者の人数に限りがあることを考えたp値。計算していなければ空欄",
        "",
    ),
    "family": ("string", "検定の組", "まとめて調整した検定の組。なければ空欄", ""),
    "comparability": ("string", "比較可能性", "{grades}", ""),
    "verdict": ("string", "判定", "{verdicts}", ""),
    "verdict_reason": ("string", "判定の理由", "{reasons}", ""),
    "verdict_finite": (
        "string",
        "判定（対象者に限った見方）",
        "対象者の人数に限りがあることを考えた判定。判定しなければ空欄",
        "",
    ),
    "basis": ("string", "数値の出どころ", "counted 回答から集計、published 公表された数値、predicted 監査で補正した推計", ""),
    "population": ("integer", "対象者数", "区分や設問にあたる対象者の人数。空欄は分からない", "{unit}"),
    "population_kind": (
        "string",
        "対象者数の出どころ",
        "roster 名簿など、estimated 回答から推定。空欄は分からない",
        "",
    ),
    "finite_low": (
        "number",
        "信頼区間の下限（対象者に限った見方）",
        "対象者の人数に限りがあることを考えた信頼区間の下限",
        "",
    ),
    "finite_high": (
        "number",
        "信頼区間の上限（対象者に限った見方）",
        "対象者の人数に限りがあることを考えた信頼区間の上限",
        "",
    ),
    "rest_count": ("integer", "ほかの人の人数", "その区分のほかの人のうち、該当する人の数", "{unit}"),
    "rest_base": ("integer", "ほかの人の基数", "その区分のほかの人の基数", "{unit}"),
    "rest_value": ("number", "ほかの人の値", "その区分のほかの人の割合または平均", ""),
    "difference": ("number", "差", "四捨五入する前の値の差（区分－ほかの人）を四捨五入した値", _POINTS),
    "residual": ("number", "調整済み残差", "区分と選択肢の間に関係がないときに、標準正規分布に近い値", ""),
    "waves": ("integer", "調査回の数", "傾きの計算に使った調査回の数", "回"),
    "slope": ("number", "傾き", "1年あたりの変化", _POINTS),
    "p_nonlinear": ("number", "直線からのずれのp値", "一直線の変化とみたときの、ずれの検定のp値", ""),
    **silent_fields.FIELDS,
    "weighting": ("string", "重み付け", "none 重み付けなし", ""),
    "is_small_base": ("boolean", "参考値", "基数が{small}{unit}に満たず、参考値とする", ""),
    "status": (
        "string",
        "状態",
        "shown 掲載、withheld 秘匿、not_asked 聞いていない。掲載以外の数値は空欄",
        "",
    ),
    "note": ("string", "備考", "その行についての注", ""),
    "test": ("string", "検定", "{tests}", ""),
    "statistic": ("number", "検定統計量", "カイ二乗値。傾きの表では直線からのずれ", ""),
    "df": ("integer", "自由度", "検定の自由度", ""),
    "effect": ("number", "関連の強さ", "effect_name の値（0から1）", ""),
    "effect_name": ("string", "関連の強さの種類", "cramers_v クラメールのV", ""),
}
#: Columns that mean something else in one table.
_OWN_FIELDS = {
    ("codebook", "base"): _FIELDS["base_kind"],
    ("errata", "release"): ("integer", "版", "訂正した版の番号", ""),
    ("errata", "date"): ("date", "訂正日", "訂正版を公表した日", ""),
    ("errata", "reason"): ("string", "理由", "訂正した理由", ""),
    ("errata", "table"): ("string", "表", "訂正した数値のある表（resources の name）", ""),
    ("errata", "key"): ("string", "行", "その表の主キーの値（survey を除く）を | でつないだもの", ""),
    ("errata", "question"): ("string", "設問名", "設問の短い名前", ""),
    ("errata", "group"): ("string", "区分名", "区分の名前。空欄は、区分のない表", ""),
    ("errata", "option"): ("string", "選択肢名", "選択肢・計の名前。空欄は、選択肢のない表", ""),
    ("errata", "field"): ("string", "項目", "訂正した列の名前", ""),
    ("errata", "old"): ("string", "誤", "前に公表した値。空欄は、取り下げた値", ""),
    ("errata", "new"): ("string", "正", "正しい値。載せるのをやめた値は「取り下げ」", ""),
}
_INTERVAL_UNITS = {"estimates": _PERCENT, "changes": _POINTS}


def package(edition: Edition, files: Mapping[str, bytes]) -> bytes:
    """Return datapackage.json for the CSV ``files`` ({name: bytes})."""
    survey, wave = edition.survey, edition.wave
    described = {
        "profile": "tabular-data-package",
        "name": _name(f"{survey.id}-{wave.key}"),
        "title": f"{survey.organisation} {survey.title} {wave.label}まで（{edition.label}）",
        "description": f"{announcement.opening(edition)}{survey.notice}{_ENCODING_NOTE}{_terms(survey)}",
        "version": edition.build,
        **_licence(survey),
        **({"areaCode": survey.area_code, "areaCodeType": "全国地方公共団体コード"} if survey.area_code else {}),
        "sources": [{"title": f"{survey.organisation} {survey.title}"}],
        "symbols": _symbols(),
        "resources": [_resource(edition, name, content) for name, content in files.items()],
    }
    return (json.dumps(described, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _terms(survey: Survey) -> str:
    """Return the sentence on the terms of use."""
    return f"利用の条件は「{LICENCES[survey.licence][0]}」です。" if survey.licence else LICENCE_NOTE


def _licence(survey: Survey) -> dict:
    if not survey.licence:
        return {"licenseNote": LICENCE_NOTE}
    title, path = LICENCES[survey.licence]
    return {"licenses": [{"name": survey.licence, "title": title, "path": path}]}


def _name(text: str) -> str:
    return re.sub(r"[^-a-z0-9._/]", "-", text.lower())


def _symbols() -> list[dict[str, str]]:
    """How the CSV tell apart what the page and the workbook tell apart by signs."""
    meaning = dict(wording.SIGN_NOTES)
    cells = {
        wording.WITHHELD: "status が withheld。数値は空欄",
        wording.NOT_ASKED: "status が not_asked、または数値が空欄",
        wording.ZERO: "count が 0",
        wording.BELOW_UNIT: "percent が 0.0 で、count が 1 以上",
        wording.SMALL_BASE: "is_small_base が true",
        wording.ROUNDED: "CSVにはない（value_to と value_from の引き算が change と一致しない行）",
        wording.ABOUT: "count が空欄で、count_low と count_high に値がある",
        predicted.SIGN: "basis が predicted",
    }
    return [{"symbol": sign, "meaning": meaning[sign], "inCsv": cells[sign]} for sign in cells]


def _resource(edition: Edition, path: str, content: bytes) -> dict:
    name = path.removesuffix(".csv")
    title, description = _TITLES[name]
    return {
        "profile": "tabular-data-resource",
        "name": name,
        "path": path,
        "title": title,
        "description": f"{description}{_ENCODING_NOTE}",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {
            "delimiter": ",",
            "lineTerminator": "\r\n",
            "quoteChar": '"',
            "doubleQuote": True,
            "skipInitialSpace": False,
            "header": True,
        },
        "schema": {
            "fields": [_field(edition, name, column) for column in _columns(content)],
            "primaryKey": list(_KEYS[name] if name in _KEYS else frames.EDITION_TABLES[name].key),
            "missingValues": [""],
        },
    }


def _columns(content: bytes) -> list[str]:
    """The header row is the only list of columns."""
    return next(csv.reader([content.decode("utf-8-sig").split("\r\n", 1)[0]]))


def _field(edition: Edition, resource: str, column: str) -> dict[str, str]:
    kind, title, description, unit = _OWN_FIELDS.get((resource, column)) or _FIELDS[column]
    words = _words(edition)
    field = {"name": column, "type": kind, "title": title, "description": description.format_map(words)}
    unit = unit.format_map(words) or (_INTERVAL_UNITS.get(resource, "") if column in ("low", "high") else "")
    return field | ({"unit": unit} if unit else {})


def _words(edition: Edition) -> dict[str, object]:
    """Codes with their words, from the one place that knows the words."""
    return {
        "unit": edition.survey.unit,
        "small": edition.survey.parameters.small_base,
        "bases": _listed(wording.BASE_WORDS),
        "grades": _listed(wording.COMPARABILITY_WORDS),
        "verdicts": _listed(wording.VERDICT_WORDS | wording.CONTRAST_WORDS),
        "tests": _listed(wording.TEST_WORDS),
        "reasons": _listed(wording.REASON_WORDS),
    }


def _listed(words: Mapping[str, str]) -> str:
    return "、".join(f"{code} {word}" for code, word in words.items())
