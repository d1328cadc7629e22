"""Texts → numbers: runs of characters, word vectors, rule hits, nearness to the words of the rules.

Nothing is learnt from labels here. Rows of texts and of the codebook's own examples lie in one space, so
that inner products between any two of them mean the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy import sparse

from pipeline.coding.char_ngrams import count_ngrams, inverse_frequencies, weigh
from pipeline.coding.codebook import Codebook
from pipeline.coding.tokens import Sentence, clauses, sentences, tokens
from pipeline.coding.word_vectors import WordVectors

#: How much each kind of feature counts in an inner product of two rows of length 1.
NGRAM_WEIGHT, MEANING_WEIGHT, HIT_WEIGHT = 1.0, 2.0, 1.0
#: Smooth inverse frequency (Arora, Liang and Ma 2017): weight = a / (a + share of texts with the word).
SMOOTHING = 2e-2
#: A theme with so many rules fired is as sure as it gets.
MOST_HITS = 2
CHUNK = 10_000
_NO_CONTENT = {"助詞", "助動詞", "補助記号", "空白", "記号"}


@dataclass(frozen=True)
class Read:
    """What was read of some texts, before any weighing."""

    ngrams: sparse.csr_array
    words: tuple[np.ndarray, ...]
    hits: np.ndarray
    fired: tuple[Mapping[str, list], ...]


@dataclass(frozen=True)
class Rows:
    """Placed rows: ``ngrams`` (n, buckets), ``meaning`` (n, 300), ``hits`` and ``nearness`` (n, themes)."""

    ngrams: sparse.csr_array
    meaning: np.ndarray
    hits: np.ndarray
    nearness: np.ndarray
    fired: tuple[Mapping[str, list], ...] = field(repr=False)

    def __len__(self) -> int:
        return self.ngrams.shape[0]

    def take(self, which: np.ndarray) -> Rows:
        """Return some of the rows."""
        fired = tuple(self.fired[i] for i in which)
        return Rows(self.ngrams[which], self.meaning[which], self.hits[which], self.nearness[which], fired)

    def without_hits(self) -> Rows:
        """Return the rows with no rule fired: for the codebook's own head, whose examples fire their rules anyway."""
        return replace(self, hits=np.zeros_like(self.hits))

    def products(self, others: Rows) -> np.ndarray:
        """Return the weighted inner products (n, others) float64."""
        result = (self.ngrams @ others.ngrams.T).toarray().astype(np.float64) * NGRAM_WEIGHT
        result += MEANING_WEIGHT * (self.meaning @ others.meaning.T)
        return result + HIT_WEIGHT * (self.hits @ others.hits.T)

    def apply(self, examples: Rows, coefficients: np.ndarray) -> np.ndarray:
        """Return ``products(examples) @ coefficients`` (n, heads) without making the products."""
        result = self.ngrams @ ((examples.ngrams.T @ coefficients) * NGRAM_WEIGHT)
        result += self.meaning @ ((examples.meaning.T @ coefficients) * MEANING_WEIGHT)
        return result + self.hits @ ((examples.hits.T @ coefficients) * HIT_WEIGHT)


class Reader:
    """Reads texts of one box under one codebook."""

    def __init__(self, codebook: Codebook, box: str, vectors: WordVectors | None):
        self.codebook, self.box, self.vectors = codebook, box, vectors
        self.codes = codebook.codes(box)
        self._rules = codebook.rule_set(box)
        self._rows: dict[tuple[str, str], tuple[int, ...]] = {}

    def read(self, texts: Sequence[str]) -> Read:
        """Return what stands in the texts, read in chunks so that few words are held at a time."""
        words, fired = [], []
        for text in texts:
            found = sentences(text, self.codebook.aliases)
            words.append(self._words(found))
            fired.append(self._rules.hits(found))
        hits = np.zeros((len(texts), len(self.codes)), dtype=np.float32)
        for row, of_text in enumerate(fired):
            for code, rules in of_text.items():
                hits[row, self.codes.index(code)] = min(len(rules), MOST_HITS) / MOST_HITS
        blocks = [count_ngrams(texts[start : start + CHUNK]) for start in range(0, max(len(texts), 1), CHUNK)]
        return Read(sparse.vstack(blocks, format="csr"), tuple(words), hits, tuple(fired))

    def clauses(self, text: str) -> tuple[str, ...]:
        """Return the clauses of a text that has several, else ()."""
        found = clauses(text, self.codebook.aliases)
        return found if len(found) > 1 else ()

    def _words(self, found: Sequence[Sentence]) -> np.ndarray:
        """Return the vector rows of the content words, a long word without a vector by its parts."""
        if self.vectors is None:
            return np.zeros(0, dtype=np.int64)
        rows: list[int] = []
        for sentence in found:
            for token in sentence.tokens:
                if token.part_of_speech[0] not in _NO_CONTENT:
                    rows += self._rows_of(token)
        return np.array(rows, dtype=np.int64)

    def _rows_of(self, token) -> tuple[int, ...]:
        key = (token.surface, token.normalised)
        rows = self._rows.get(key)
        if rows is None:
            row = self.vectors.row_of_any((token.normalised, token.dictionary, token.surface))
            parts = () if row >= 0 else tokens(token.surface, is_short=True)
            found = (self.vectors.row_of_any((p.normalised, p.dictionary, p.surface)) for p in parts)
            rows = (row,) if row >= 0 else tuple(part for part in found if part >= 0)
            self._rows[key] = rows
        return rows


class Space:
    """Frequencies and the common direction of the texts of one run; the terms of the rules of each theme."""

    def __init__(self, reader: Reader, reads: Sequence[Read]):
        self._vectors = reader.vectors
        self._frequencies = inverse_frequencies(sparse.vstack([read.ngrams for read in reads], format="csr"))
        if self._vectors is None:
            return
        found = [np.unique(words) for read in reads for words in read.words]
        counts = np.bincount(np.concatenate(found), minlength=len(self._vectors.table)) if found else 0
        self._weights = (SMOOTHING / (SMOOTHING + counts / max(len(found), 1))).astype(np.float32)
        sums = np.concatenate([self._sums(read.words) for read in reads])
        # Texts of one questionnaire share one direction that tells nothing about themes.
        self._common = np.linalg.eigh((sums.T @ sums).astype(np.float64))[1][:, -1].astype(np.float32)
        self._nearness = self._word_nearness(reader)

    def place(self, read: Read) -> Rows:
        """Return the rows of the texts in this space."""
        ngrams = weigh(read.ngrams, self._frequencies)
        if self._vectors is None:
            count = ngrams.shape[0]
            nothing = np.zeros_like(read.hits)
            return Rows(ngrams, np.zeros((count, 0), dtype=np.float32), read.hits, nothing, read.fired)
        sums = self._sums(read.words)
        sums = sums - np.outer(sums @ self._common, self._common)
        meaning = sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-6)
        near = np.array(
            [self._nearness[w].max(axis=0) if len(w) else np.zeros(read.hits.shape[1]) for w in read.words]
        )
        return Rows(ngrams, meaning, read.hits, near.reshape(read.hits.shape).astype(np.float32), read.fired)

    def _sums(self, words: Sequence[np.ndarray]) -> np.ndarray:
        """Return the weighted mean vectors (n, 300) float32."""
        table = self._vectors.table
        starts = np.concatenate([[0], np.cumsum([len(w) for w in words])]).astype(np.int64)
        flat = np.concatenate([*words, np.zeros(0, dtype=np.int64)])
        lengths = np.maximum(np.diff(starts), 1)
        values = self._weights[flat] / np.repeat(lengths, np.diff(starts)).astype(np.float32)
        return sparse.csr_array((values, flat, starts), shape=(len(words), len(table))) @ table

    def _word_nearness(self, reader: Reader) -> np.ndarray:
        """Return the largest cosine of every word of the table with a one-word rule term: (rows, themes)."""
        table = self._vectors.table
        result = np.zeros((len(table), len(reader.codes)), dtype=np.float32)
        for theme, code in enumerate(reader.codes):
            rows = {reader.vectors.row(term) for term in rule_terms(reader.codebook, code)} - {-1}
            if rows:
                result[:, theme] = (table @ table[sorted(rows)].T).max(axis=1)
        return np.maximum(result, 0)


def rule_terms(codebook: Codebook, code: str) -> tuple[str, ...]:
    """Return the distinct terms that are enough for an active rule of a theme and for no other theme's."""
    enough = [(rule.code, term.text) for rule in codebook.rules if rule.is_active for term in rule.enough]
    elsewhere = {text for other, text in enough if other != code}
    return tuple(dict.fromkeys(text for own, text in enough if own == code and text not in elsewhere))
