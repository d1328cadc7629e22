"""Learns from the codebook and from reviewed answers; nothing here ever sees the labels of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.coding.blending import DEFAULT, FEWEST_REVIEWED, Evidence, learn_blend, probabilities
from pipeline.coding.codebook import Codebook
from pipeline.coding.features import Reader, Rows, Space
from pipeline.coding.heads import INTERCEPT, balance, fit
from pipeline.coding.label_free import Examples, examples
from pipeline.coding.word_vectors import WordVectors

#: What an example of the codebook weighs beside a reviewed answer.
EXAMPLE_WEIGHT = 0.3
#: What a clause's probability counts beside that of the whole answer.
CLAUSE_WEIGHT = 0.8


@dataclass(frozen=True)
class Trained:
    """Heads over examples and reviewed answers (None: too few were reviewed) and the blend."""

    coefficients: np.ndarray | None
    blend: np.ndarray


@dataclass(frozen=True)
class Desk:
    """The texts of one box, read and placed: examples of the codebook, answers, clauses of answers.

    ``owners`` (clauses,) tells the answer of each clause. ``evidence`` is of answers, then clauses.
    """

    codes: tuple[str, ...]
    examples: Examples
    example_rows: Rows
    rows: Rows
    clause_rows: Rows
    owners: np.ndarray
    evidence: Evidence

    def train(self, reviewed: np.ndarray, labels: np.ndarray, products: np.ndarray | None = None) -> Trained:
        """Return what ``reviewed`` (k,) answers with ``labels`` (k, themes) teach.

        ``products`` (m + k, m + k) between the m examples and the reviewed answers saves making them.
        """
        if len(reviewed) < FEWEST_REVIEWED:
            return Trained(None, DEFAULT)
        if products is None:
            both = self.training_rows(reviewed)
            products = np.block([[part.products(other) for other in both] for part in both])
        known = np.concatenate([self.examples.labels, labels])
        weights = np.concatenate([self.examples.weights * EXAMPLE_WEIGHT, np.ones(labels.shape)])
        heads = fit(products, known, balance(known, weights))
        left_out = heads.left_out[len(self.examples.texts) :]
        return Trained(
            heads.coefficients, learn_blend(self.evidence.take(reviewed).signals(left_out), labels)
        )

    def training_rows(self, reviewed: np.ndarray) -> tuple[Rows, Rows]:
        """Return the rows of the examples and of the reviewed answers."""
        return self.example_rows, self.rows.take(reviewed)

    def predict(self, trained: Trained, reviewed: np.ndarray) -> np.ndarray:
        """Return the probability of each theme for every answer (n, themes)."""

        def score(rows: Rows) -> np.ndarray:
            parts = self.training_rows(reviewed)
            cut = len(parts[0])
            pieces = (trained.coefficients[:cut], trained.coefficients[cut:])
            applied = sum(rows.apply(part, piece) for part, piece in zip(parts, pieces, strict=True))
            return applied + INTERCEPT * trained.coefficients.sum(axis=0)

        head = None
        if trained.coefficients is not None:
            head = np.concatenate([score(self.rows), score(self.clause_rows)])
        return self.blended(trained, head)

    def blended(self, trained: Trained, head: np.ndarray | None) -> np.ndarray:
        """Return the probabilities (n, themes), clause by clause where an answer has several.

        ``head`` (n + clauses, themes) scores of the trained heads, or None.
        """
        found = probabilities(self.evidence.signals(head), trained.blend)
        whole, parts = found[: len(self.rows)], found[len(self.rows) :] * CLAUSE_WEIGHT
        np.maximum.at(whole, self.owners, parts)
        return np.round(whole, 3)


def lay_out(codebook: Codebook, box: str, texts: Sequence[str], vectors: WordVectors | None) -> Desk:
    """Return the desk of distinct ``texts`` of one box under a codebook."""
    reader = Reader(codebook, box, vectors)
    known = examples(codebook, box)
    pieces = [reader.clauses(text) for text in texts]
    owners = np.repeat(np.arange(len(texts)), [len(piece) for piece in pieces])
    reads = [
        reader.read(part) for part in (known.texts, texts, [clause for piece in pieces for clause in piece])
    ]
    example_rows, rows, clause_rows = map(Space(reader, reads[:2]).place, reads)
    plain = example_rows.without_hits()
    heads = fit(plain.products(plain), known.labels, balance(known.labels, known.weights))
    sums = INTERCEPT * heads.coefficients.sum(axis=0)
    codebook_scores = [
        part.without_hits().apply(plain, heads.coefficients) + sums for part in (rows, clause_rows)
    ]
    evidence = Evidence(
        np.concatenate(codebook_scores),
        np.concatenate([rows.hits, clause_rows.hits]),
        np.concatenate([rows.nearness, clause_rows.nearness]),
    )
    return Desk(reader.codes, known, example_rows, rows, clause_rows, owners, evidence)
