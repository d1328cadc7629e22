"""The front door: which verb, with which words, and how a run ends. The verbs are in ``hall/``."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path

from pipeline.hall.audit import audit
from pipeline.hall.check import check
from pipeline.hall.diff import LAST, diff
from pipeline.hall.eval_coding import eval_coding
from pipeline.hall.notebooks import notebooks
from pipeline.hall.preview import preview
from pipeline.hall.propose import propose
from pipeline.hall.questions import questions
from pipeline.hall.reading import show_all
from pipeline.hall.release import release
from pipeline.hall.report import report
from pipeline.hall.review import review
from pipeline.hall.table import table
from pipeline.hall.template import template
from pipeline.hall.trace import trace
from pipeline.hall.verify import verify
from pipeline.model import ProblemsFound
from pipeline.obstacles import explained, obstacle
from pipeline.workspace import Workspace

VERBS = {
    "report": (report, "変わったものをすべて作り直す（何も付けないときもこれ）"),
    "check": (check, "すべてを読んで点検する（何も書き込まない）"),
    "template": (template, "紙の調査票を入力する Excel（入力表）を作る"),
    "propose": (propose, "受け取ったファイルから、調査回のファイルの下書きを作る"),
    "table": (table, "頼まれたクロス集計を1つ、庁内限りの Excel にする（公表しない）"),
    "questions": (questions, "どの設問をいつ聞き、前と比べてよいかの一覧を表示する"),
    "review": (review, "自由記述を主題に分ける Excel（作業表）を作り、決めたものを取り込む"),
    "audit": (audit, "公開するフォルダーを点検する（フォルダーを省くと、できている公表版と公表台帳のすべて）"),
    "release": (release, "確かめた公表版から「案」を外し、公表台帳に入れる"),
    "trace": (trace, "1つの数値を、受け取ったファイルの行と公表台帳までたどる"),
    "verify": (verify, "公表したページの写しを読み、公表した数値と違うところを挙げる"),
    "diff": (diff, "前回の公表、直前に作った結果、前の調査回から変わったところを挙げる（校正のための一覧）"),
    "preview": (preview, "できあがった結果ページをブラウザーで開く（作り直さない）"),
    "notebooks": (notebooks, "ノートブックを実行して HTML にする"),
    "eval-coding": (eval_coding, "コードの分かっている回答で、自由記述の分類の当たる割合を測る"),
}


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with a command in the officer's language."""

    def error(self, message: str):
        self.exit(2, f"[エラー] コマンドの書き方が違います\n  使えるもの: {'、'.join(VERBS)}\n  使い方: {self.format_usage()}")


#: What a verb's first words are, where they are not only surveys.
_WORDS = {
    # The first word is the survey, the others are files.
    "propose": ("調査 ファイル", "ファイルを省くと、その年度のすべて"),
    "table": ("調査 設問 属性", "属性は2つまで（2つなら組み合わせ）"),
    "audit": ("フォルダー", "点検するフォルダー"),
    "verify": ("調査 ファイル", "ブラウザーで保存したページ"),
    "trace": ("調査 数値", "例: staff \"meaning.know wave=2025\""),
}
#: Switches that one verb has: verb → name, what it does.
_SWITCHES = {
    "review": ("--second", "2人目が分類する作業表"),
    "check": ("--strict", "注意があるときも終了コードを1にする"),
    "audit": ("--git", "git に登録されたファイルを点検する"),
    "report": ("--correction", "公表した調査回の変わったファイルを、訂正版のために読む"),
}


def parser() -> argparse.ArgumentParser:
    """Return the parser of all verbs; every word of it is for the officer."""
    result = _Parser(prog="python -m pipeline", description="職員アンケートを集計し、結果ページを作ります。")
    verbs = result.add_subparsers(dest="verb", metavar="動詞")
    for name, (_, words) in VERBS.items():
        verb = verbs.add_parser(name, help=words, description=words)
        if name == "eval-coding":
            _add_labelled_files(verb)
        else:
            metavar, told = _WORDS.get(name, ("調査", "調査のフォルダー名（省くとすべて）"))
            verb.add_argument("surveys", nargs="*", metavar=metavar, help=told)
        verb.add_argument("--wave", default="", metavar="年度", help="調査回（省くと最新）")
        verb.add_argument("--root", default=".", type=Path, metavar="フォルダー", help="surveys と data のある場所")
        verb.add_argument("--debug", action="store_true", help="プログラムの誤りの詳しい記録を表示する")
        if name in _SWITCHES:
            switch, told = _SWITCHES[name]
            verb.add_argument(switch, action="store_true", help=told)
        if name in ("report", "check"):
            told = "公表版に載せないクロス集計（設問-属性 を , で区切る。all ですべて）"
            verb.add_argument("--without", default="", metavar="設問-属性", help=told)
        if name == "release":
            _add_release(verb)
        if name == "propose":
            verb.add_argument("--page", action="store_true", help="ページの文章（page/年度.md）の下書きを作る")
        if name == "diff":
            verb.add_argument("--against", default=LAST, metavar="相手", help="前回、直前、年度、またはフォルダー")
    return result


def _add_release(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--approver", default="", metavar="名前", help="決裁した人（公表台帳だけに書く）")
    verb.add_argument("--reference", default="", metavar="番号", help="決裁番号（公表台帳だけに書く）")
    verb.add_argument("--date", default="", metavar="年-月-日", help="公表日（省くと今日）")
    verb.add_argument("--correction", default=None, metavar="理由", help="訂正版として公表する")
    verb.add_argument("--edition", default="public", metavar="版", help=argparse.SUPPRESS)


def _add_labelled_files(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("file", type=Path, metavar="ファイル", help="id、polarity、labels、text の列がある TSV")
    verb.add_argument("--train", type=Path, metavar="ファイル", help="学習に使う別の TSV")
    verb.add_argument("--themes", type=Path, metavar="ファイル", help="themes.xlsx（省くと見本の調査のもの）")
    verb.add_argument("--json", type=Path, metavar="ファイル", help="値を書き出すファイル")


def _verb_first(words: list[str]) -> list[str]:
    """Put the verb before its options, wherever it was typed; without one it is report."""
    verb = next((word for word in words if word in VERBS), None)
    if verb is not None:
        place = words.index(verb)
        return [verb, *words[:place], *words[place + 1 :]]
    is_bare = not words or words[0].startswith("-") and words[0] not in ("-h", "--help")
    return ["report", *words] if is_bare else words


def main(words: list[str]) -> int:
    """Run one verb; return the exit code: 0 clean, 1 notes under --strict, 2 errors."""
    arguments = parser().parse_args(_verb_first(words))
    workspace = Workspace(arguments.root.resolve())
    try:
        return VERBS[arguments.verb][0](workspace, arguments)
    except ProblemsFound as found:
        show_all(found.problems)
        print("エラーのあるものには何も書き込んでいません。直してから、もう一度実行してください。")
        return 2
    except BrokenPipeError:
        raise
    except KeyboardInterrupt:
        print("[エラー] 途中で止めました。")
    except Exception as error:
        if arguments.debug:
            traceback.print_exc()
        if refusal := obstacle(error):
            show_all([explained(refusal, workspace.root)])
        else:
            print(f"[エラー] プログラムの誤りで止まりました（{type(error).__name__}）。")
            print("  直し方: --debug を付けて実行し、表示された内容を担当の技術者に渡してください。")
    print("できていたものは、調査ごとに前の一式か新しい一式のどちらかです。混ざることはありません。")
    return 2


if __name__ == "__main__":
    # Before numpy is read. One thread adds in the same order everywhere, and small matrices gain nothing from two.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except OSError as refused:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
        # The reader of the output may go away (`make report | head`); nothing else may be lost in silence.
        if not isinstance(refused, BrokenPipeError):
            problem = explained(refused, Path.cwd())
            print(f"[エラー] 表示を書き出せません。{problem.what}\n  直し方: {problem.next_step}", file=sys.stderr)
            code = 2
    sys.exit(code)
