"""Runs of 1 to 4 characters of short texts as sparse rows, hashed so that no vocabulary has to be kept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from scipy import sparse

LONGEST = 4
BUCKETS = 1 << 18
_EDGE = "\x02"
_NO_WORD = re.compile(r"[\W_]+")
#: An odd multiplier spreads code points over 64 bits (Knuth's golden ratio).
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


def plain(text: str) -> str:
    """Return the text after NFKC, in lower case, each run of marks and spaces as one edge, edges around it."""
    return _EDGE + _NO_WORD.sub(_EDGE, unicodedata.normalize("NFKC", text).lower()).strip(_EDGE) + _EDGE


def count_ngrams(texts: Sequence[str]) -> sparse.csr_array:
    """Return the presence (0/1) of each hashed run of characters: float32 (texts, BUCKETS)."""
    plains = [plain(text) for text in texts]
    lengths = np.array([len(text) for text in plains], dtype=np.int64)
    characters = np.frombuffer("".join(plains).encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    owners = np.repeat(np.arange(len(plains), dtype=np.int64), lengths)
    cells = []
    hashed = np.zeros(len(characters), dtype=np.uint64)
    for length in range(1, LONGEST + 1):
        rest = len(characters) - length + 1
        if rest <= 0:
            break
        hashed = (hashed[:rest] + characters[length - 1 :] + np.uint64(1)) * _SPREAD
        whole = owners[:rest] == owners[length - 1 :]
        cells.append(owners[:rest][whole] * BUCKETS + (hashed[whole] >> np.uint64(46)).astype(np.int64))
    flat = np.unique(np.concatenate(cells)) if cells else np.zeros(0, dtype=np.int64)
    starts = np.searchsorted(flat, np.arange(len(plains) + 1, dtype=np.int64) * BUCKETS)
    ones = np.ones(len(flat), dtype=np.float32)
    return sparse.csr_array((ones, flat % BUCKETS, starts), shape=(len(plains), BUCKETS))


def inverse_frequencies(counts: sparse.csr_array) -> np.ndarray:
    """Return log((1 + texts) / (1 + texts with the run)) + 1 per bucket, float32 (BUCKETS,)."""
    found = np.bincount(counts.indices, minlength=BUCKETS)
    return (np.log((1 + counts.shape[0]) / (1 + found)) + 1).astype(np.float32)


def weigh(counts: sparse.csr_array, frequencies: np.ndarray) -> sparse.csr_array:
    """Return TF-IDF rows of length 1 (an empty text stays zero)."""
    values = frequencies[counts.indices]
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    lengths = np.sqrt(np.bincount(rows, weights=values.astype(np.float64) ** 2, minlength=counts.shape[0]))
    values = values / np.maximum(lengths, 1e-12)[rows].astype(np.float32)
    return sparse.csr_array((values, counts.indices, counts.indptr), shape=counts.shape)
