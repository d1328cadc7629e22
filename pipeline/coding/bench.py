"""The measuring bench: both boxes of a labelled file laid out once, every product of texts made once.

Answers of both boxes are counted together: matrices (answers, themes) over the themes of both sides, in
which a theme of the other side has probability 0 and can only be missed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.coding.blending import DEFAULT
from pipeline.coding.codebook import Codebook
from pipeline.coding.heads import INTERCEPT
from pipeline.coding.labelled import POLARITIES, Labelled
from pipeline.coding.learning import Desk, Trained, lay_out
from pipeline.coding.no_content import classify, looks_empty
from pipeline.coding.word_vectors import WordVectors


@dataclass(frozen=True)
class BoxBench:
    """One box. ``texts`` (answers,) the distinct text of each of its answers; ``columns`` of its themes.

    ``products`` (rows, examples + texts) of texts and clauses; ``labels`` (texts, themes); ``is_settled``
    (texts,) decided by a pattern: no theme, nothing to learn from.
    """

    desk: Desk
    answers: np.ndarray
    texts: np.ndarray
    columns: np.ndarray
    products: np.ndarray
    example_products: np.ndarray
    labels: np.ndarray
    is_settled: np.ndarray

    def train(self, reviewed: np.ndarray) -> Trained:
        """Return what the reviewed distinct texts (k,) teach, those settled by a pattern left out."""
        reviewed = self._taught(reviewed)
        count = len(self.desk.examples.texts)
        rows = self.products[reviewed]
        across = rows[:, :count]
        products = np.block([[self.example_products, across.T], [across, rows[:, count + reviewed]]])
        return self.desk.train(reviewed, self.labels[reviewed], products)

    def predict(self, reviewed: np.ndarray) -> np.ndarray:
        """Return the probabilities (texts, themes) under a model of the reviewed texts."""
        trained = self.train(reviewed)
        head = None
        if trained.coefficients is not None:
            count = len(self.desk.examples.texts)
            learnt = np.concatenate([np.arange(count), count + self._taught(reviewed)])
            head = (self.products[:, learnt] + INTERCEPT) @ trained.coefficients
        return self._settled(self.desk.blended(trained, head))

    def without_labels(self) -> np.ndarray:
        """Return the probabilities (texts, themes) that the codebook alone gives."""
        return self._settled(self.desk.blended(Trained(None, DEFAULT), None))

    def by_rules(self) -> np.ndarray:
        """Return which themes had a rule fire (texts, themes), as 0/1."""
        return self._settled((self.desk.rows.hits > 0).astype(np.float64))

    def _taught(self, reviewed: np.ndarray) -> np.ndarray:
        return reviewed[~self.is_settled[reviewed]]

    def _settled(self, found: np.ndarray) -> np.ndarray:
        found[self.is_settled] = 0
        return found


@dataclass(frozen=True)
class Bench:
    """All answers: ``truth`` (answers, themes); ``groups`` (answers,) numbers identical texts of one box."""

    codes: tuple[str, ...]
    boxes: tuple[BoxBench, ...]
    truth: np.ndarray
    groups: np.ndarray
    is_no_content: np.ndarray
    pattern: np.ndarray
    is_listed: np.ndarray

    def __len__(self) -> int:
        return len(self.truth)

    def pool(self, of_boxes: Sequence[np.ndarray]) -> np.ndarray:
        """Return (answers, themes) from matrices (texts, themes) of each box."""
        result = np.zeros(self.truth.shape)
        for box, found in zip(self.boxes, of_boxes, strict=True):
            result[np.ix_(box.answers, box.columns)] = found[box.texts]
        return result

    def predict(self, reviewed: np.ndarray) -> np.ndarray:
        """Return probabilities (answers, themes) under models of the reviewed answers (answers,) bool."""
        return self.pool([box.predict(np.unique(box.texts[reviewed[box.answers]])) for box in self.boxes])


def lay_out_bench(codebook: Codebook, answers: Sequence[Labelled], vectors: WordVectors | None) -> Bench:
    """Return the bench of some labelled answers under a codebook."""
    codes = tuple(code for box in POLARITIES for code in codebook.codes(box))
    truth = np.array([[code in answer.codes for code in codes] for answer in answers], dtype=np.float64)
    pattern = np.array([classify(answer.text, answer.box) for answer in answers])
    is_listed = np.zeros(len(answers), dtype=bool)
    groups = np.zeros(len(answers), dtype=np.int64)
    boxes: list[BoxBench] = []
    for name in POLARITIES:
        which = np.flatnonzero([answer.box == name for answer in answers])
        if not len(which):
            continue
        texts = tuple(dict.fromkeys(answers[i].text for i in which))
        place = {text: number for number, text in enumerate(texts)}
        owners = np.array([place[answers[i].text] for i in which])
        groups[which] = owners + sum(len(box.is_settled) for box in boxes)
        columns = np.array([codes.index(code) for code in codebook.codes(name)])
        box = _lay_out_box(lay_out(codebook, name, texts, vectors), which, owners, columns, truth, pattern)
        boxes.append(box)
        fired = [box.desk.rows.fired[i] for i in owners]
        is_listed[which] = [looks_empty(answers[i].text, hits) for i, hits in zip(which, fired, strict=True)]
    is_no_content = np.array(["X0" in answer.codes for answer in answers])
    return Bench(codes, tuple(boxes), truth, groups, is_no_content, pattern, is_listed & (pattern == ""))


def _lay_out_box(desk: Desk, answers, texts, columns, truth, pattern) -> BoxBench:
    known = desk.example_rows
    rows = [desk.rows, desk.clause_rows]
    products = np.block([[part.products(known), part.products(desk.rows)] for part in rows])
    # Identical texts with different codes: the codes most of them have.
    counts = np.bincount(texts)[:, None]
    labels = np.zeros((len(counts), len(columns)))
    np.add.at(labels, texts, truth[np.ix_(answers, columns)])
    is_settled = np.zeros(len(counts), dtype=bool)
    is_settled[texts] = pattern[answers] != ""
    labels = (labels / counts >= 0.5).astype(np.float64)
    return BoxBench(desk, answers, texts, columns, products, known.products(known), labels, is_settled)
