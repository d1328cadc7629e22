"""What a municipal content system checks, on one piece of HTML. Standard library only.

The rules are those of SHIRASAGI's syntax checker (images, tables, headings, dates, characters, links), and
what is left after an editor has taken away everything but tags and alternative texts.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

VOID = {"img", "br", "meta", "link", "input", "hr"}
PASTED_TAGS = {"h2", "h3", "p", "ul", "ol", "li", "img", "br", "a", "strong", "em"} | {
    "table", "caption", "thead", "tbody", "tr", "th", "td"
}  # fmt: skip
PASTED_ATTRIBUTES = {"scope", "src", "width", "height", "alt", "href"}
BANNED_WORDS = ("写真", "イラスト", "ここ", "こちら")
#: Japanese, a finding with its number, and where all numbers stand.
ALT = re.compile(r".*[ぁ-龥].*(?:\d%|最も).*数値は次の表のとおりです。")
#: Units that a caption may name in its last bracket.
UNITS = ("ポイント", "%", "人")


class Reader(HTMLParser):
    """Elements as (tag, attributes, text), with the tables taken apart."""

    def __init__(self, html: str):
        super().__init__()
        self.elements: list[list] = []
        self.open: list[list] = []
        self.text = ""
        #: The paragraph that stands last before each table, with the caption of the table.
        self.introduced: list[tuple[str, list]] = []
        self.is_code = False
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {[element[0] for element in self.open]}"

    def handle_starttag(self, tag, attributes):
        element = [tag, dict(attributes), ""]
        if tag == "caption":
            said = [entry[2] for entry in self.elements if entry[0] == "p"]
            self.introduced.append((said[-1] if said else "", element))
        self.elements.append(element)
        self.is_code = tag in ("style", "script")
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1][0] == tag, f"</{tag}> closes {self.open[-1:]}"
        self.open.pop()
        self.is_code = False

    def handle_data(self, data):
        for element in self.open:
            element[2] += data
        if not self.is_code:
            # Two cells side by side are two texts: 1030 and -12 are no date.
            self.text += data + ("\n" if self.open and self.open[-1][0] in ("td", "th") else "")

    def of(self, *tags):
        return [element for element in self.elements if element[0] in tags]


def content_findings(html: str) -> list[str]:
    """The checks of a municipal content system on one piece of HTML."""
    reader = Reader(html)
    found = []
    for _, attributes, _ in reader.of("img"):
        alt, name = attributes.get("alt", ""), attributes["src"].rsplit("/", 1)[-1]
        if (
            len(alt) < 10
            or any(word in alt for word in BANNED_WORDS)
            or alt in name
            or not ALT.fullmatch(alt)
        ):
            found.append(f"alt {alt}")
        if attributes["src"].startswith("data:") or not name.isascii():
            found.append(f"src {attributes['src'][:40]}")
        if not (attributes["width"].isdigit() and attributes["height"].isdigit()):
            found.append("size")
    captions = [text.strip() for _, _, text in reader.of("caption")]
    if len(captions) != len(reader.of("table")) or not all(captions):
        found.append("caption")
    found += [
        f"th {text}"
        for _, attributes, text in reader.of("th")
        if "scope" not in attributes or not text.strip()
    ]
    if any("colspan" in attributes or "rowspan" in attributes for _, attributes, _ in reader.elements):
        found.append("colspan")
    levels = [int(tag[1]) for tag, *_ in reader.of("h1", "h2", "h3", "h4", "h5", "h6")]
    if (
        levels
        and levels[0] > 2
        or any(after - before > 1 for before, after in zip(levels, levels[1:], strict=False))
    ):
        found.append(f"headings {levels}")
    texts = reader.text + "".join(
        str(v) for e in reader.elements for k, v in e[1].items() if k in ("alt", "aria-label")
    )
    if re.search(r"\d{4}([/.-])\d{1,2}\1\d{1,2}", texts):
        found.append("date")
    found += re.findall(r"[０-９Ａ-Ｚａ-ｚ｡-ﾟ]|\u3000(?=[!-~])|(?<=[!-~])\u3000", texts)
    found += [f"link {text}" for _, _, text in reader.of("a") if any(word in text for word in BANNED_WORDS)]
    return found


def stripped_findings(html: str) -> list[str]:
    """What is not understood any more when captions and attributes are taken away.

    The sentence before a table has to say what the table is about, and in which units.
    """
    found = []
    for sentence, (_, _, caption) in Reader(html).introduced:
        subject, units = re.fullmatch(r"(.+?)(?:（([^（）]*)）)?", caption.strip()).groups()
        missing = [unit for unit in UNITS if unit in (units or "") and unit not in sentence]
        if subject not in sentence or missing:
            found.append(f"{caption} {missing}: {sentence}")
    return found


def pasted_findings(html: str) -> list[str]:
    """What may not be in the pasteable form."""
    found = content_findings(html)
    for tag, attributes, _ in Reader(html).elements:
        if tag not in PASTED_TAGS:
            found.append(f"tag {tag}")
        found += [f"{tag} {name}" for name in attributes if name not in PASTED_ATTRIBUTES]
    return found


def framed(html: str, base: str = "") -> str:
    """A document round a pasted page, as a city's site would give it; ``base``: where its pictures lie."""
    origin = f'<base href="{base}">' if base else ""
    return (
        '<!DOCTYPE html>\n<html lang="ja"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>結果のページ</title>{origin}</head>'
        f"<body><main><h1>職員アンケートの結果</h1>\n{html}\n</main></body></html>\n"
    )
