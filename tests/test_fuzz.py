"""A fixed number of damaged files through every reader (see fuzz_received for the long run)."""

from __future__ import annotations

import time

import pytest

from tests.fuzz_received import LONGEST_SECONDS, SEEDS, complaint, read

ROUNDS = 25


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_whole_files_are_read_without_a_word(name):
    received = read(name, SEEDS[name][1], has_count=True)
    assert not any(problem.is_error for problem in received.problems) and len(received.responses) == 12


@pytest.mark.parametrize("name", sorted(SEEDS))
def test_damaged_files_never_crash_hang_or_pass_for_whole(name):
    for number in range(ROUNDS):
        start = time.monotonic()
        assert complaint(name, number) == "", f"python tests/fuzz_received.py --again {name} {number}"
        assert time.monotonic() - start < LONGEST_SECONDS
