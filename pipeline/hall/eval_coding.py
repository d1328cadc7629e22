"""eval-coding: how well the coding does on answers whose codes are known. Prints figures, never an answer."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from pipeline import definitions
from pipeline.model import Problem, ProblemsFound
from pipeline.workspace import Workspace

COVERAGES = (0.25, 0.5, 0.75, 1.0)
GOALS = (0.80, 0.85, 0.90)
KEYS = (
    "rules.micro_f1",
    "no_labels.micro_f1",
    "no_labels.precision",
    "cv10.micro_f1",
    "cv10.worst_theme_f1",
    "blind.micro_f1",
    "reviews_for_090",
    "share_ci.coverage",
    "share_ci.width_ratio",
    "x0.precision",
    "x0.recall",
)
_SEED = 20


def eval_coding(workspace: Workspace, arguments: argparse.Namespace) -> int:
    """Print the figures of one labelled file; ``--json`` writes those of KEYS (null = cannot be said)."""
    from pipeline.coding.bench import lay_out_bench
    from pipeline.coding.codebook import read_codebook
    from pipeline.coding.labelled import read_labelled
    from pipeline.coding.word_vectors import installed_vectors

    _make_way(arguments.json)
    themes = _themes(workspace, arguments.themes)
    codebook = read_codebook(themes)
    if not codebook.themes:
        what, expected = "主題が1つもありません", "themes.xlsx か themes.tsv"
        raise ProblemsFound([Problem(what, file=str(themes), expected=expected)])
    answers = read_labelled(arguments.file, codebook)
    training = read_labelled(arguments.train, codebook) if arguments.train else ()
    vectors = installed_vectors()
    print(
        f"{len(answers)}件の回答（主題 第{codebook.version}版、単語ベクトル{'あり' if vectors else 'なし'}）"
    )
    if vectors is None:
        from pipeline.coding.suggestion import WITHOUT_VECTORS

        print(f"[注意] {WITHOUT_VECTORS}")
    bench = lay_out_bench(codebook, answers, vectors)
    figures: dict[str, float | None] = dict.fromkeys(KEYS)
    _say_pattern(bench, figures)
    _say_themes(bench, figures)
    if training:
        _say_blind(lay_out_bench(codebook, (*training, *answers), vectors), len(training), figures)
    _say_reviews(bench, figures)
    _say_shares(bench, figures)
    print(
        "規則を書いた人の文で測った値は、何の証拠にもなりません。確認なしで0.85を超えたら、まず文の漏れを疑ってください。"
    )
    if arguments.json:
        content = json.dumps(figures, ensure_ascii=False, indent=2) + "\n"
        arguments.json.write_bytes(content.encode())
        print(f"[OK] {arguments.json.name} に書きました")
    return 0


def _make_way(target: Path | None) -> None:
    """See before all measuring that the figures can be written."""
    if target is None:
        return
    if target.is_dir():
        step = "結果のファイルの名前まで書いてください。"
        raise ProblemsFound([Problem("--json がフォルダです", file=str(target), next_step=step)])
    target.parent.mkdir(parents=True, exist_ok=True)


def _themes(workspace: Workspace, given: Path | None) -> Path:
    """Return the file of themes: the one given, or that of the only survey that has one, the sample if several."""
    if given is not None:
        if not given.exists():
            raise ProblemsFound(
                [Problem("主題のファイルがありません", file=str(given), expected="themes.xlsx か themes.tsv")]
            )
        return given
    for survey in ("staff", *definitions.survey_ids(workspace.root)):
        for name in ("themes.xlsx", "themes.tsv"):
            path = workspace.root / "surveys" / survey / name
            if path.exists():
                return path
    what = "主題のファイル（themes.xlsx）が見つかりません"
    raise ProblemsFound([Problem(what, file="surveys", next_step="--themes でファイルを指定してください。")])


def _share(right: float, of: float) -> float | None:
    return right / of if of else None


def _text(value: float | None, digits: int = 3) -> str:
    return "―" if value is None else f"{value:.{digits}f}"


def _say_pattern(bench, figures: dict) -> None:
    """No content: decided by pattern, and found by pattern or on the list a person confirms."""
    truth, certain = bench.is_no_content, bench.pattern == "X0"
    figures["x0.precision"] = _share((truth & certain).sum(), certain.sum())
    figures["x0.recall"] = _share((truth & (certain | bench.is_listed)).sum(), truth.sum())
    words = f"適合率 {_text(figures['x0.precision'])}（型だけ {certain.sum()}件）、再現率 {_text(figures['x0.recall'])}"
    print(
        f"\n■ 内容のない回答（X0）\n  {words}（型か確認の一覧）、一覧に載る回答 {bench.is_listed.mean():.1%}"
    )


def _say_themes(bench, figures: dict) -> None:
    from pipeline.coding.blending import assigned
    from pipeline.coding.evaluation import cross_validated
    from pipeline.coding.scoring import f1, f1_counts

    rules = bench.pool([box.by_rules() for box in bench.boxes])
    figures["rules.micro_f1"] = _say_scores("規則だけ", rules > 0, bench, None)
    chances = bench.pool([box.without_labels() for box in bench.boxes])
    figures["no_labels.micro_f1"] = _say_scores(
        "確認済みの回答なし（主題の表だけ）", assigned(chances), bench, chances
    )
    right, wrong, _ = f1_counts(assigned(chances), bench.truth).sum(axis=(1, 2))
    figures["no_labels.precision"] = _share(right, right + wrong)
    if len(bench) < 20:
        print("\n■ 交差検証（10分割）\n  回答が20件より少ないので、測りません。")
        return
    chances = cross_validated(bench)
    figures["cv10.micro_f1"] = _say_scores("交差検証（10分割）", assigned(chances), bench, chances)
    counts = f1_counts(assigned(chances), bench.truth).sum(axis=1)
    present = bench.truth.any(axis=0)
    figures["cv10.worst_theme_f1"] = float(f1(counts)[present].min()) if present.any() else None


def _say_scores(name: str, found, bench, chances) -> float:
    """Print one way of coding; return its micro-F1."""
    import numpy as np

    from pipeline.coding.scoring import bootstrap_f1, calibration_error, f1, f1_counts, precision_at_coverage

    counts = f1_counts(found, bench.truth)
    micro, per_theme = bootstrap_f1(counts, _SEED)
    total, themes = counts.sum(axis=(1, 2)), counts.sum(axis=1)
    value, present = float(f1(total)), bench.truth.any(axis=0)
    macro = float(f1(themes)[present].mean()) if present.any() else 0.0
    precision, recall = _share(total[0], total[0] + total[1]), _share(total[0], total[0] + total[2])
    print(
        f"\n■ {name}\n  micro-F1 {value:.3f} [{micro[0]:.3f}, {micro[1]:.3f}]、macro-F1 {macro:.3f}、", end=""
    )
    print(f"適合率 {_text(precision)}、再現率 {_text(recall)}")
    for place in np.flatnonzero(present):
        low, high = per_theme[:, place]
        people = int(bench.truth[:, place].sum())
        print(f"    {bench.codes[place]} F1 {f1(themes)[place]:.2f} [{low:.2f}, {high:.2f}]（{people}件）")
    if chances is not None:
        open_ = bench.pattern == ""
        if open_.any():
            at = precision_at_coverage(chances[open_], bench.truth[open_], COVERAGES)
            print(
                "  確かな順に", "、".join(f"{part:.0%}までの適合率 {right:.3f}" for part, right in at.items())
            )
        print(f"  確率のずれ（ECE） {calibration_error(chances, bench.truth):.3f}")
    return value


def _say_blind(bench, training: int, figures: dict) -> None:
    """Train on the first answers, test on the others; texts in both files are left out of the test."""
    import numpy as np

    from pipeline.coding.blending import assigned
    from pipeline.coding.scoring import bootstrap_f1, f1, f1_counts

    is_training = np.arange(len(bench)) < training
    test = ~is_training & ~np.isin(bench.groups, bench.groups[is_training])
    print(f"\n■ 別のファイル（{training}件）で学び、このファイルの{test.sum()}件で試す（両方にある文は除く）")
    if not test.any():
        return
    counts = f1_counts(assigned(bench.predict(is_training)), bench.truth)[:, test]
    micro, _ = bootstrap_f1(counts, _SEED)
    figures["blind.micro_f1"] = float(f1(counts.sum(axis=(1, 2))))
    print(f"  micro-F1 {figures['blind.micro_f1']:.3f} [{micro[0]:.3f}, {micro[1]:.3f}]")


def _tell(name: str):
    def tell(done: int, total: int) -> None:
        if done % 20 == 0 or done == total:
            print(f"  （{name} {done}/{total}）", file=sys.stderr)

    return tell


def _say_reviews(bench, figures: dict) -> None:
    from pipeline.coding.evaluation import review_curve

    curve = review_curve(bench, _tell("確認の試行"))
    print(f"\n■ 確認の手間（{curve.answers}件、迷う回答から、{len(curve.reviews)}通りの中央値）")
    print("  " + "、".join(f"{done}件 {value:.3f}" for done, value in curve.median_f1().items()))
    for goal in GOALS:
        needed = curve.reviews_for(goal)
        print(f"  micro-F1 {goal:.2f} まで {'届かない' if needed is None else f'{needed:.0f}件'}")
    figures["reviews_for_090"] = curve.reviews_for(GOALS[-1])


def _say_shares(bench, figures: dict) -> None:
    from pipeline.coding.evaluation import SHARE_AUDIT, SHARE_DRAWS, SHARE_TRAINING, share_intervals

    print(f"\n■ 主題の割合の区間（学習{SHARE_TRAINING}件、監査{SHARE_AUDIT}件、{SHARE_DRAWS}回）")
    found = share_intervals(bench, _tell("監査の試行"))
    if found is None:
        print("  回答が少ないので、測りません。")
        return
    figures["share_ci.coverage"], figures["share_ci.width_ratio"] = found.coverage, found.width_ratio
    print(
        f"  真の割合を含む 95%区間 {found.coverage:.3f}、幅 {found.width:.3f}、監査だけの区間との幅の比 {found.width_ratio:.3f}"
    )
