"""The laws of the house that can be read off the source: imports, sizes, who prints."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PIPELINE = ROOT / "pipeline"
ROOMS = ("ingest", "coding", "analysis", "disclosure", "report")
GROUND = {"model", "lineage", "frames", "matching", "numerals", "decoding", "register", "swap", "quiet"}
MODULES = sorted(PIPELINE.rglob("*.py"))
LONGEST_FUNCTION, LONGEST_MODULE = 50, 300
#: Modules allowed to be longer; DECISIONS.md says why.
LONG_MODULES = {"model.py"}


def _name(path: Path) -> str:
    return path.relative_to(PIPELINE).as_posix()


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _imports(path: Path) -> set[str]:
    """Return absolute module names imported anywhere in the file."""
    names = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return names


def _pipeline_parts(path: Path) -> set[str]:
    return {n.split(".")[1] for n in _imports(path) if n.startswith("pipeline.")}


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_import_only_themselves_and_the_ground(room):
    for path in (PIPELINE / room).rglob("*.py"):
        parts = _pipeline_parts(path)
        assert parts <= GROUND | {room}, f"{_name(path)} imports {parts - GROUND - {room}}"


def test_only_the_front_door_knows_the_hall():
    for path in MODULES:
        if path.name != "__main__.py" and path.parent.name != "hall":
            assert "hall" not in _pipeline_parts(path), _name(path)


def test_ground_imports_no_room():
    for name in GROUND:
        assert _pipeline_parts(PIPELINE / f"{name}.py") <= GROUND


def test_model_needs_the_standard_library_only():
    assert not any(n.split(".")[0] in ("numpy", "pandas", "pipeline") for n in _imports(PIPELINE / "model.py"))


def test_definitions_need_no_heavy_library():
    for path in (PIPELINE / "definitions").rglob("*.py"):
        assert not {n.split(".")[0] for n in _imports(path)} & {"numpy", "pandas", "scipy"}, _name(path)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_no_slow_statistics_library(path):
    for name in _imports(path):
        assert not name.startswith(("scipy.stats", "statsmodels", "sklearn", "pandas.io.formats.style")), name


def test_analysis_touches_no_file_clock_or_environment():
    forbidden = {"os", "pathlib", "time", "datetime", "random", "io", "subprocess"}
    for path in (PIPELINE / "analysis").rglob("*.py"):
        assert not {n.split(".")[0] for n in _imports(path)} & forbidden, _name(path)
        assert "open(" not in path.read_text(encoding="utf-8"), _name(path)


def test_report_room_never_names_the_confidential_tables():
    for path in (PIPELINE / "report").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert "responses.csv" not in text and "comments.csv" not in text, _name(path)


def _calls(path: Path) -> set[str]:
    calls = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Call):
            target = node.func
            if isinstance(target, ast.Name):
                calls.add(target.id)
            elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                calls.add(f"{target.value.id}.{target.attr}")
    return calls


@pytest.mark.parametrize("path", [p for p in MODULES if p.name != "__main__.py" and p.parent.name != "hall"], ids=_name)
def test_only_the_hall_prints_exits_and_reads_the_clock(path):
    forbidden = {"print", "exit", "sys.exit", "quit", "date.today", "datetime.now", "time.time", "os.getenv"}
    assert not _calls(path) & forbidden


def _code_lines(node: ast.AST, text: list[str]) -> int:
    """Lines of a function without blank lines, comments and its docstring."""
    docstring = set()
    body = getattr(node, "body", [])
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        docstring = set(range(body[0].lineno, body[0].end_lineno + 1))
    lines = [n for n in range(node.lineno, node.end_lineno + 1) if n not in docstring]
    return sum(bool(text[n - 1].strip()) and not text[n - 1].strip().startswith("#") for n in lines)


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_functions_and_modules_stay_small(path):
    text = path.read_text(encoding="utf-8").splitlines()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.FunctionDef):
            assert _code_lines(node, text) <= LONGEST_FUNCTION, f"{node.name} is too long"
    assert len(text) <= LONGEST_MODULE or _name(path) in LONG_MODULES


def test_kinds_of_questions_are_asked_about_in_few_rooms():
    """``question.kind ==`` outside definitions, ingest and Choices is a leak (model derives takes_many)."""
    allowed = {"analysis/choices.py", "model.py"}
    for path in MODULES:
        name = _name(path)
        if name.startswith(("definitions/", "ingest/")) or name in allowed:
            continue
        assert "question.kind ==" not in path.read_text(encoding="utf-8"), name


@pytest.mark.parametrize("path", MODULES, ids=_name)
def test_public_functions_say_what_they_return(path):
    for node in _tree(path).body:
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and _code_lines(node, path.read_text(encoding="utf-8").splitlines()) > 6:
            assert ast.get_docstring(node), f"{node.name} has no docstring"
