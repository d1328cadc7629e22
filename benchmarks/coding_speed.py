"""CPU seconds and peak memory of suggesting codes for 100,000 free answers, 1,000 of them reviewed.

    python benchmarks/coding_speed.py [answers]

The answers are made up from the codebook's own example sentences, put together and varied; about four in
ten are distinct, as in long lists of short answers. Limits: 60 CPU seconds, 1.5 GB.
"""

from __future__ import annotations

import os

# Before numpy is read: one thread, so that CPU seconds are those of the work.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

import numpy as np  # noqa: E402

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from pipeline.coding.codebook import read_codebook  # noqa: E402
from pipeline.coding.suggestion import predictions, suggest  # noqa: E402

MOST_SECONDS, MOST_GIGABYTES = 60.0, 1.5
SHORT = ("特になし", "なし", "特にありません", "大変だったことはない", "問題なかった")


def answers(count: int, sentences: list[str], generator: np.random.Generator) -> list[str]:
    """Return ``count`` answers, about 40 % of them distinct."""
    endings = ("。", "", "と思う。", "と感じた。", "ことがあった。", "ところです。")
    distinct = [
        "".join(generator.choice(sentences, generator.choice((1, 1, 2)))).rstrip("。")
        + str(generator.choice(endings))
        + ("" if generator.random() < 0.1 else f"（{generator.integers(1_000_000)}）")
        for _ in range(int(count * 0.41))
    ]
    numbers = np.concatenate(
        [np.arange(len(distinct)), generator.integers(0, len(distinct), count - len(distinct))]
    )
    chosen = [distinct[i] for i in numbers]
    return [SHORT[i % len(SHORT)] if i % 12 == 0 else text for i, text in enumerate(chosen)]


def main() -> int:
    """Print what it cost; 1 when it cost too much."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    codebook = read_codebook(ROOT / "surveys/staff/themes.tsv")
    generator = np.random.default_rng(5)
    seconds, rows, distinct = 0.0, 0, 0
    for box, part in (("good", count // 2), ("hard", count - count // 2)):
        codes = codebook.codes(box)
        known = [example for example in codebook.examples if example.code in codes and example.is_true]
        texts = answers(part, [example.text for example in known], generator)
        decided = [{codes[i % len(codes)]} if i % 100 == 1 else None for i in range(part)]
        start = time.process_time()
        found = suggest(codebook, box, texts, decided)
        rows += len(predictions(found))
        seconds += time.process_time() - start
        distinct += len(found.keys)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    print(f"{count:,} answers, {distinct:,} distinct, {rows:,} rows: {seconds:.1f} CPU s, peak {peak:.2f} GB")
    return int(seconds > MOST_SECONDS or peak > MOST_GIGABYTES)


if __name__ == "__main__":
    sys.exit(main())
