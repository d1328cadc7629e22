"""CPU seconds of a cold report of the sample surveys, and of a second run with nothing to do.

Run: python benchmarks/cold_report.py. Exits 1 when a limit is passed or a slow library was imported.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
COLD_LIMIT, IDLE_LIMIT = 40.0, 0.5
SLOW_LIBRARIES = ("scipy.stats", "statsmodels", "sklearn")
#: Runs the hall as `python -m pipeline` does and names the slow libraries it imported.
PROGRAM = f"""
import sys
from pipeline.__main__ import main
code = main(["report", "--root", sys.argv[1]])
print("slow:", [name for name in {SLOW_LIBRARIES!r} if name in sys.modules])
print("pandas:", "pandas" in sys.modules)
sys.exit(code)
"""


def run(workspace: Path) -> tuple[float, str]:
    """Return (user + system CPU seconds of the child, what it printed)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", PROGRAM, str(workspace)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done.stdout


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        shutil.copytree(ROOT / "surveys", workspace / "surveys")
        shutil.copytree(ROOT / "data" / "raw", workspace / "data" / "raw")
        cold, printed = run(workspace)
        idle, printed_idle = run(workspace)
    print(f"cold report of both sample surveys: {cold:.2f} CPU s (limit {COLD_LIMIT})")
    print(f"second run with nothing changed:    {idle:.2f} CPU s (limit {IDLE_LIMIT})")
    is_light = "slow: []" in printed and "pandas: False" in printed_idle
    print(f"slow libraries kept out of the way: {is_light}")
    return 0 if cold <= COLD_LIMIT and idle <= IDLE_LIMIT and is_light else 1


if __name__ == "__main__":
    sys.exit(main())
