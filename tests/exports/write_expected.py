"""Writes what is read now into ``expected*`` of the named cases (all without a name). Look at the diff.

A case gets the files it has; a new one gets those that are not empty.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.test_ingest_exports import CASES, EXPORTS, expectations, read_case  # noqa: E402

NOTHING = "エラー 0件、注意 0件\n"


def write(case: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = expectations(read_case(case, Path(folder)))
    has = {path.name for path in (EXPORTS / case).glob("expected*")}
    for name, text in found.items():
        is_new = not has and text.count("\n") > 1 and text != NOTHING
        if name in has or is_new:
            (EXPORTS / case / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    for case in sys.argv[1:] or CASES:
        write(case)
