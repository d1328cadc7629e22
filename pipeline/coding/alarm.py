"""Signs of a theme that the codebook lacks, and what sets one wave's words apart from another's.

For inside use only: members are answers. A person names a group or leaves it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.coding.blending import ASSIGNED
from pipeline.coding.codebook import Codebook
from pipeline.coding.features import Reader, Space
from pipeline.coding.tokens import sentences
from pipeline.coding.word_vectors import WordVectors

MOST_GROUPS, FEWEST_OF_GROUP, MEMBERS, WORDS = 10, 3, 3, 6
#: Below so many answers that fit nothing there is no group to be seen.
FEWEST = 12
_ROUNDS = 30
_CONTENT_WORDS = {"名詞", "動詞", "形容詞", "形状詞"}
_HELPERS = {"非自立可能", "数詞", "助動詞語幹"}
#: A word counts this many times more in the background than it was seen: rare words do not lead the list.
_SHRINKAGE = 20.0


@dataclass(frozen=True)
class Group:
    """Answers alike that fit no theme: ``size`` texts, words that set them apart, three members' numbers."""

    size: int
    words: tuple[str, ...]
    members: tuple[int, ...]


def lemmas(text: str, codebook: Codebook) -> frozenset[str]:
    """Return the normalised content words of an answer."""
    return frozenset(
        token.normalised
        for sentence in sentences(text, codebook.aliases)
        for token in sentence.tokens
        if token.part_of_speech[0] in _CONTENT_WORDS and token.part_of_speech[1] not in _HELPERS
    )


def unfitting(probabilities: np.ndarray, is_left_out: np.ndarray) -> np.ndarray:
    """Return the numbers of texts with no theme above .5; ``is_left_out`` are decided or without content."""
    best = probabilities.max(axis=1, initial=0)
    return np.flatnonzero((best <= ASSIGNED) & ~is_left_out)


def new_theme_groups(
    codebook: Codebook,
    box: str,
    texts: Sequence[str],
    pool: np.ndarray,
    vectors: WordVectors | None,
    seed: int = 0,
) -> tuple[Group, ...]:
    """Return the groups among the texts of ``pool`` (numbers into the distinct ``texts``), largest first."""
    if len(pool) < FEWEST:
        return ()
    reader = Reader(codebook, box, vectors)
    read = reader.read([texts[i] for i in pool])
    rows = Space(reader, [read]).place(read)
    places = rows.meaning if vectors is not None else _directions(rows.ngrams.toarray())
    labels, centres = k_means(places, min(MOST_GROUPS, len(pool) // (2 * FEWEST_OF_GROUP)), seed)
    words = [lemmas(text, codebook) for text in texts]
    groups = []
    for number, centre in enumerate(centres):
        inside = np.flatnonzero(labels == number)
        if len(inside) < FEWEST_OF_GROUP:
            continue
        order = inside[np.argsort(((places[inside] - centre) ** 2).sum(axis=1), kind="stable")]
        own = set(pool[inside].tolist())
        apart = words_apart([words[i] for i in own], [w for i, w in enumerate(words) if i not in own])
        groups.append(Group(len(inside), apart, tuple(int(pool[i]) for i in order[:MEMBERS])))
    return tuple(sorted(groups, key=lambda group: (-group.size, group.members)))


def words_apart(
    those: Sequence[Collection[str]], others: Sequence[Collection[str]], count: int = WORDS
) -> tuple[str, ...]:
    """Return the words that set some answers apart from others, most telling first.

    Log-odds with an informative Dirichlet prior over its standard error (Monroe, Colaresi and Quinn 2008,
    eq. 16 and 22), by answers that hold a word; only words with z above 1.96 in two answers or more.
    """
    here, there = _counts(those), _counts(others)
    seen, total = len(those), len(those) + len(others)
    found = []
    for word, times in here.items():
        elsewhere = there.get(word, 0)
        prior = _SHRINKAGE * (times + elsewhere) / max(total, 1)
        rest = _SHRINKAGE - prior + 0.5
        odds = np.log((times + prior) / (seen - times + rest))
        odds -= np.log((elsewhere + prior) / (len(others) - elsewhere + rest))
        score = odds / np.sqrt(1 / (times + prior) + 1 / (elsewhere + prior))
        if times > 1 and score > 1.96:
            found.append((-float(score), word))
    return tuple(word for _, word in sorted(found)[:count])


def _counts(answers: Sequence[Collection[str]]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for words in answers:
        for word in set(words):
            counts[word] = counts.get(word, 0) + 1
    return counts


def _directions(rows: np.ndarray) -> np.ndarray:
    """Return the rows in their 50 strongest directions, as lengths of 1."""
    used = rows[:, rows.any(axis=0)].astype(np.float64)
    left, sizes, _ = np.linalg.svd(used, full_matrices=False)
    found = left[:, :50] * sizes[:50]
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)


def k_means(points: np.ndarray, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the group of each point (n,) and the centres (k, d): Lloyd's rounds from k-means++ starts."""
    points = np.asarray(points, dtype=np.float64)
    generator = np.random.default_rng(seed)
    centres = points[[generator.integers(len(points))]]
    while len(centres) < count:
        gaps = _gaps(points, centres).min(axis=1)
        if gaps.sum() <= 0:
            break
        centres = np.vstack([centres, points[generator.choice(len(points), p=gaps / gaps.sum())]])
    for _ in range(_ROUNDS):
        labels = _gaps(points, centres).argmin(axis=1)
        sums = np.zeros_like(centres)
        np.add.at(sums, labels, points)
        sizes = np.bincount(labels, minlength=len(centres))[:, None]
        moved = np.where(sizes > 0, sums / np.maximum(sizes, 1), centres)
        if np.allclose(moved, centres):
            break
        centres = moved
    return _gaps(points, centres).argmin(axis=1), centres


def _gaps(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return squared distances (n, k)."""
    found = (points**2).sum(axis=1)[:, None] - 2 * points @ centres.T + (centres**2).sum(axis=1)
    return np.maximum(found, 0)
