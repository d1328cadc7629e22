"""One condition of a KH Coder file, read by descent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pipeline.coding.kh_nodes import Literal, Near, Number, Operation, Word, parts_of_speech
from pipeline.coding.rules import RuleError
from pipeline.coding.tokens import normalised, tokens
from pipeline.matching import nearest

_SIGNS = {"&": "and", "|": "or", "&!": "and not", "|!": "or not"}
_COMPARE = (">", ">=", "<", "<=", "==")
_NEAR = re.compile(r"(near|seq)\((.+)\)(\[([bd]?)(\d*)\])?", re.IGNORECASE)
_REACH = 10


class Reader:
    """One condition, read from the loosest binding to the tightest: or, and, not, comparison, arithmetic, !."""

    def __init__(self, pieces: Sequence[tuple[int, int, str]], rules: Mapping, line: int, name: str):
        self.rules, self.line, self.name = rules, line, name
        self.pieces = [
            (at, column, part)
            for at, column, piece in pieces
            for part in (_SIGNS[piece].split() if piece in _SIGNS else [piece])
        ]
        self.position = 0

    @property
    def token(self) -> str:
        return self.pieces[self.position][2] if self.position < len(self.pieces) else ""

    def error(self, what: str, fix: str) -> RuleError:
        at, column, token = (
            self.pieces[min(self.position, len(self.pieces) - 1)]
            if self.pieces
            else (self.line, 1, self.name)
        )
        return RuleError(what, column, token, fix, at)

    def took(self, *signs: str) -> str:
        """Return the sign that stands here and step over it, or ""."""
        if self.token.lower() in signs:
            self.position += 1
            return self.pieces[self.position - 1][2].lower()
        return ""

    def condition(self):
        """Return the whole condition. Raises RuleError for what is left over or missing."""
        if not self.pieces:
            raise self.error("条件のないコードです", "次の行に条件を書くか、コードを消してください。")
        found = self.either()
        if self.token == ")":
            raise self.error("開いていないかっこを閉じています", "「)」を消すか、「(」を書いてください。")
        if self.token:
            fix = f"間に and か or を書いてください（例: {self.pieces[self.position - 1][2]} and {self.token}）。"
            raise self.error("語と語の間に記号がありません", fix)
        return found

    def either(self):
        found = self.both()
        while self.took("or"):
            found = Operation("or", found, self.both())
        return found

    def both(self):
        found = self.negated()
        while self.took("and"):
            found = Operation("and", found, self.negated())
        return found

    def negated(self):
        return Operation("not", self.negated()) if self.took("not") else self.compared()

    def compared(self):
        found = self.counted()
        if sign := self.took(*_COMPARE):
            found = Operation(sign, found, self.counted())
        return found

    def counted(self):
        found = self.multiplied()
        while sign := self.took("+", "-"):
            found = Operation(sign, found, self.multiplied())
        return found

    def multiplied(self):
        found = self.single()
        while sign := self.took("*", "/"):
            found = Operation(sign, found, self.single())
        return found

    def single(self):
        if self.took("!"):
            return Operation("not", self.single())
        if self.took("("):
            found = self.either()
            if not self.took(")"):
                self.position = min(self.position, len(self.pieces) - 1)
                raise self.error("かっこが閉じていません", "「)」を前後に空白を入れて書いてください。")
            return found
        token = self.token
        if not token or token.lower() in ("and", "or", "not", ")", *_COMPARE, "*", "/", "+", "-"):
            raise self.error("語があるはずのところに語がありません", "記号を1つ消すか、語を書いてください。")
        found = self.atom(token)
        self.position += 1
        return found

    def atom(self, token: str):
        """Return one word, string or function of words."""
        if token[0] == "'":
            return Literal(normalised(token[1:-1].replace("''", "'")))
        if token[0] == '"':
            return _word(token[1:-1])
        if token.lower() in ("lw", "lc") or token.isdigit():
            return Number(token.lower())
        if token.startswith("<"):
            return self.reference(token)
        if "{" in token:
            raise self.error("{ } は使えません", "[ ] に直してください（例: near(a-b)[5]）。")
        if token.lower().startswith(("near(", "seq(")):
            return self.near(token)
        if len(token) > 1 and (token[0] in "(!" or token[-1] == ")"):
            raise self.error(
                "かっこや記号の前後に空白がありません",
                f"「{' '.join(re.split(r'([()!])', token)).strip()}」のように空白を入れてください。",
            )
        if token == "No.":
            raise self.error("No. は文の中では使えません", "この条件を消してください。")
        if "+" in token:
            return Near(tuple(_word(part) for part in token.split("+") if part), 1, is_ordered=True)
        return self.lemma(token)

    def lemma(self, token: str):
        for mark in ("-->", "=>", "->"):
            word, found, rest = token.partition(mark)
            if found and mark == "-->":
                name = re.split(r"->|=>", rest)[0]
                if parts_of_speech(name) is None:
                    raise self.error(
                        "知らない品詞です",
                        f"「{nearest(name, ('名詞', 'サ変名詞', '動詞', '形容詞', '副詞')) or '名詞'}」などに直すか、--> から後を消してください。",
                    )
                return _word(word, parts_of_speech(name))
            if found:
                return _word(word, (), rest)
        return _word(token)

    def reference(self, token: str):
        if token.startswith("<>"):
            raise self.error(
                "見出しや外部変数の条件は使えません",
                "属性別の集計はクロス集計で行います。この条件を消してください。",
            )
        name = token.strip("<>")
        if name[:1] not in ("＊", "*"):
            raise self.error("コードの名前に＊がありません", f"「<＊{name}>」に直してください。")
        if name[1:] not in self.rules:
            close = nearest(name[1:], self.rules)
            fix = (
                f"「<＊{close}>」の間違いではありませんか。"
                if close
                else "前に定義したコードだけが使えます。順を入れ替えてください。"
            )
            raise self.error("まだ定義していないコードです", fix)
        return self.rules[name[1:]].condition

    def near(self, token: str):
        found = _NEAR.fullmatch(token)
        if not found or found[4] == "d" or len(found[2].split("-")) < 2:
            raise self.error(
                "near、seq の書き方が違います",
                "near(語-語)[5] のように書いてください（範囲は1つの文の中です）。",
            )
        words = tuple(_word(part) for part in found[2].split("-"))
        return Near(words, int(found[5] or _REACH), found[1].lower() == "seq")


def _word(text: str, parts=(), surface: str = ""):
    """Return a word; one that the analyser takes apart is its words in a row."""
    plain = normalised(text)
    words = tokens(plain)
    if len(words) > 1 and not parts and not surface:
        return Near(tuple(Word(word.dictionary, word.normalised) for word in words), 1, is_ordered=True)
    return Word(plain, words[0].normalised if words else plain, parts, normalised(surface))
