"""The measuring verb: its figures on tiny files, what it refuses, and that it prints no answer."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pytest

from pipeline.__main__ import main
from pipeline.coding import evaluation, scoring
from pipeline.coding.bench import lay_out_bench
from pipeline.coding.codebook import read_codebook
from pipeline.coding.labelled import read_labelled
from pipeline.hall.eval_coding import KEYS
from pipeline.messages import problems_text
from pipeline.model import ProblemsFound
from tests.conftest import ROOT

THEMES = ROOT / "surveys/staff/themes.tsv"
DEVELOPMENT = ROOT / "tests/coding/development.tsv"


def part(target, step: int, start: int = 0):
    """Write every ``step``-th development answer as a labelled file."""
    header, *lines = DEVELOPMENT.read_text(encoding="utf-8").splitlines()
    target.write_text("\n".join([header, *lines[start::step]]) + "\n", encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def few_examples(tmp_path_factory):
    """The themes of the sample with every fourth example: the heads are fitted in a fraction of the time."""
    folder = tmp_path_factory.mktemp("themes")
    (folder / "codebook").mkdir()
    for twin in (THEMES, *(THEMES.parent / "codebook").glob("*.tsv")):
        header, *lines = twin.read_text(encoding="utf-8").splitlines(keepends=True)
        step = 4 if twin.name == "examples.tsv" else 1
        (folder / twin.relative_to(THEMES.parent)).write_text("".join([header, *lines[::step]]), encoding="utf-8")
    return folder / "themes.tsv"


@pytest.fixture(scope="module")
def codebook():
    return read_codebook(THEMES)


def test_f1_by_hand():
    truth = np.array([[1, 0], [1, 1], [0, 0], [0, 1]])
    found = np.array([[1, 0], [0, 1], [1, 0], [0, 1]])
    counts = scoring.f1_counts(found, truth)
    assert scoring.f1(counts.sum(axis=(1, 2))) == pytest.approx(2 * 3 / (2 * 3 + 1 + 1))
    assert scoring.f1(counts.sum(axis=1)).tolist() == pytest.approx([0.5, 1.0])
    micro, themes = scoring.bootstrap_f1(np.repeat(counts, 50, axis=1), seed=1)
    assert micro[0] < 0.75 < micro[1] and themes.shape == (2, 2) and themes[:, 1].tolist() == [1, 1]
    assert themes[0, 0] < 0.5 < themes[1, 0]


def test_calibration_and_coverage_by_hand():
    chances = np.array([[0.9, 0.1], [0.8, 0.2]])
    truth = np.array([[1, 0], [0, 0]])
    assert scoring.calibration_error(chances, truth) == pytest.approx((0.1 + 0.1 + 0.8 + 0.2) / 4)
    assert scoring.precision_at_coverage(chances, truth, (0.5, 1.0)) == {0.5: 1.0, 1.0: 0.5}


def test_verb_prints_figures_and_no_answer(tmp_path, few_examples, capsys, monkeypatch):
    monkeypatch.setattr(evaluation, "SHARE_DRAWS", 2)
    monkeypatch.setattr(evaluation, "SHARE_TRAINING", 12)
    monkeypatch.setattr(evaluation, "SHARE_AUDIT", 40)
    file, train = part(tmp_path / "some.tsv", 5), part(tmp_path / "train.tsv", 9, 1)
    words = [
        "eval-coding",
        str(file),
        "--train",
        str(train),
        "--themes",
        str(few_examples),
        "--json",
        str(tmp_path / "new" / "folder" / "o.json"),
    ]
    assert main(words) == 0
    shown = "".join(capsys.readouterr())
    texts = [
        line.split("\t")[3]
        for path in (file, train)
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
    ]
    assert not [text for text in texts if len(text) > 6 and text in shown]
    figures = json.loads((tmp_path / "new" / "folder" / "o.json").read_text(encoding="utf-8"))
    assert tuple(figures) == KEYS
    assert all(
        0 <= figures[key] <= 1 for key in KEYS if key not in ("reviews_for_090", "share_ci.width_ratio")
    )
    first = (tmp_path / "new" / "folder" / "o.json").read_bytes()
    assert main(words) == 0 and (tmp_path / "new" / "folder" / "o.json").read_bytes() == first


def test_small_files_leave_out_what_cannot_be_said(tmp_path, capsys):
    file = tmp_path / "three.tsv"
    rows = (
        "1\tgood\tX0\t特になし",
        "2\tgood\tG5\t知り合いができた",
        "3\tgood\tG5;G6\t仲良くなれて元気が出た",
    )
    file.write_text("\n".join(["id\tpolarity\tlabels\ttext", *rows]), encoding="utf-8")
    assert main(["eval-coding", str(file), "--themes", str(THEMES), "--json", str(tmp_path / "o.json")]) == 0
    figures = json.loads((tmp_path / "o.json").read_text(encoding="utf-8"))
    missing = {key for key, value in figures.items() if value is None}
    assert {"blind.micro_f1", "cv10.micro_f1", "cv10.worst_theme_f1", "share_ci.coverage"} <= missing
    assert figures["x0.precision"] == 1 and "3件の回答" in capsys.readouterr().out


def test_labelled_file_tells_every_problem_and_no_words(tmp_path, codebook):
    file = tmp_path / "bad.tsv"
    file.write_text(
        "id\tpolarity\tlabels\ttext\n1\tgut\tG1\t秘密\n2\tgood\tG01;X0\t内緒\n3\tgood\t\t空\n",
        encoding="cp932",
    )
    with pytest.raises(ProblemsFound) as found:
        read_labelled(file, codebook)
    assert [(problem.cell, problem.found) for problem in found.value.problems] == [
        ("2行目", "3文字"),
        ("3行目", "G01"),
    ]
    assert not any(word in str(found.value.problems) for word in ("秘密", "内緒"))
    for content in ("", "id,polarity,labels,text\n", "id\tpolarity\tlabels\ttext\n"):
        file.write_text(content, encoding="utf-8")
        with pytest.raises(ProblemsFound):
            read_labelled(file, codebook)
    with pytest.raises(ProblemsFound):
        read_labelled(tmp_path / "none.tsv", codebook)


@pytest.mark.parametrize(
    "content",
    [
        "1\tgood\tG1\t秘密の話\n",
        "秘密の話\n",
        "id\tpolarity\tlabels\ttext\n1\t秘密の話\tG1\tgood\n2\tgood\t秘密の話\tG1\n",
        "id\tpolarity\tlabels\ttext\n秘密の話\n1\tgood\tG1\t秘密\tの話\n",
    ],
    ids=["no header", "one column", "mixed up", "ragged"],
)
def test_no_word_of_an_answer_is_told_whatever_is_wrong(tmp_path, codebook, content):
    file = tmp_path / "bad.tsv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ProblemsFound) as found:
        read_labelled(file, codebook)
    assert "秘密" not in problems_text(found.value.problems)
    assert len(found.value.problems) == max(content.count("\n") - 1, 1)


def test_quotation_marks_of_answers_and_of_spreadsheets(tmp_path, codebook):
    file = tmp_path / "quotes.tsv"
    file.write_text(
        'text\tid\tpolarity\tlabels\n"生の声"が聞けた\t1\tgood\tG2\n"次\t2\tgood\tG1\n', encoding="utf-8"
    )
    assert [answer.text for answer in read_labelled(file, codebook)] == ['"生の声"が聞けた', '"次']
    file.write_text('id\tpolarity\tlabels\ttext\n1\tgood\tG2\t"二行の\n""答え"""\n', encoding="utf-8")
    assert [answer.text for answer in read_labelled(file, codebook)] == ['二行の\n"答え"']


OWN_MARKS = ('"生の声"', '"協働は楽しい', '彼は"はい"と言った', '長さ5"の管', '楽しい"', '"', '""', '"a" と "b"')


@pytest.mark.parametrize("columns", [("id", "polarity", "labels", "text"), ("text", "labels", "id", "polarity")])
def test_a_plain_file_is_read_whole_whatever_its_quotation_marks(tmp_path, codebook, columns):
    rows = [
        {"id": str(number), "polarity": "good", "labels": "G1" if number % 2 else "", "text": text}
        for number, text in enumerate(OWN_MARKS * 25)
    ]
    file = tmp_path / "plain.tsv"
    lines = ["\t".join(columns), *("\t".join(row[column] for column in columns) for row in rows)]
    file.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8", newline="")
    answers = read_labelled(file, codebook)
    assert len(answers) == 200 and [answer.id for answer in answers] == [row["id"] for row in rows]
    assert [answer.text.strip('"') for answer in answers] == [row["text"].strip('"') for row in rows]
    assert [answer.codes for answer in answers[:2]] == [frozenset(), {"G1"}]


def test_a_file_of_a_spreadsheet_is_read_whole(tmp_path, codebook):
    texts = ["二行の\n答え", "タブ\tのある答え", *OWN_MARKS]
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        written = io.StringIO()
        writer = csv.writer(written, delimiter="\t", quoting=quoting, lineterminator="\r\n")
        writer.writerows([("text", "id", "polarity", "labels"), *((text, "1", "good", "G1") for text in texts)])
        (tmp_path / "sheet.tsv").write_text(written.getvalue(), encoding="utf-8-sig", newline="")
        answers = read_labelled(tmp_path / "sheet.tsv", codebook)
        assert [answer.text for answer in answers] == texts


def test_what_cannot_be_measured_or_written_is_said_at_once(tmp_path, capsys):
    file = part(tmp_path / "some.tsv", 100)
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "themes.tsv").write_text("code\n", encoding="utf-8")
    assert main(["eval-coding", str(file), "--themes", str(tmp_path / "empty" / "themes.tsv")]) == 2
    said = capsys.readouterr().out
    assert "主題が1つもありません" in said and "some.tsv" not in said
    assert main(["eval-coding", str(file), "--themes", str(THEMES), "--json", str(tmp_path)]) == 2
    said = capsys.readouterr().out
    assert "--json がフォルダです" in said and "件の回答" not in said


def test_labels_of_the_test_fold_are_never_seen(codebook, tmp_path):
    """Turning round the labels of one fold leaves its probabilities as they were; so no score leaks."""
    bench = lay_out_bench(codebook, read_labelled(part(tmp_path / "p.tsv", 5), codebook), None)
    is_training = np.arange(len(bench)) % 2 == 0
    before = bench.predict(is_training)[~is_training]
    for box in bench.boxes:
        hidden = np.setdiff1d(np.arange(len(box.labels)), box.texts[is_training[box.answers]])
        box.labels[hidden] = 1 - box.labels[hidden]
    assert (bench.predict(is_training)[~is_training] == before).all()
    own = bench.pool([np.ones(box.labels.shape) for box in bench.boxes])
    assert (before[own[~is_training] == 0] == 0).all(), "a theme of the other side is never suggested"


def test_review_curve_ends_with_everything_right(codebook, tmp_path, monkeypatch):
    bench = lay_out_bench(codebook, read_labelled(part(tmp_path / "p.tsv", 6), codebook), None)
    monkeypatch.setattr(evaluation, "CURVE_GOAL", 1.01)
    curve = evaluation.review_curve(bench)
    assert len(curve.reviews) == 1 and list(curve.reviews[0]) == sorted(set(curve.reviews[0]))
    assert list(curve.median_f1().items()) == list(zip(curve.reviews[0], curve.micro_f1[0], strict=True))
    assert curve.micro_f1[0][-1] > 0.97 and curve.reviews_for(0.5) == 0 and curve.reviews_for(2) is None


def test_development_texts_are_marked_as_made_up(codebook):
    answers = read_labelled(DEVELOPMENT, codebook)
    assert len(answers) >= 400 and all(answer.id.startswith("架空") for answer in answers)
