"""The report command in one fresh process per line of input, with the imports already done.

``python -m tests.warm_runs WORKSPACE`` answers each line with the exit code (minus the signal when
the process was killed). A line may hold the seconds after which the process is killed.
"""

from __future__ import annotations

import gc
import os
import shutil
import signal
import sys
import time
from pathlib import Path
from unittest.mock import patch

from pipeline.__main__ import main
from pipeline.hall import report as hall_report

COMMAND = ["report", "--root", sys.argv[1]]


def _be_the_command() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os._exit(main(COMMAND))


if __name__ == "__main__":
    # The typesetter keeps threads, and a thread is not there any more in a forked process.
    with patch.object(hall_report, "can_typeset", return_value=False):
        main(COMMAND)
    # Reports without documents are none to begin with.
    shutil.rmtree(Path(sys.argv[1]) / "reports")
    # What is shared stays shared: a collection in every child would copy all of it.
    gc.freeze()
    print("warm", flush=True)
    for line in sys.stdin:
        process = os.fork()
        if not process:
            _be_the_command()
        if line.strip():
            time.sleep(float(line))
            # Not waited for yet, so the number means this process even when it has ended.
            os.kill(process, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), flush=True)
