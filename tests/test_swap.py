import pytest

from pipeline.swap import recover, replacing


def _write(folder, text):
    (folder / "page.html").write_text(text, encoding="utf-8")


def test_the_new_set_takes_the_place_of_the_old(tmp_path):
    target = tmp_path / "2025"
    for text in ("old", "new"):
        with replacing(target) as folder:
            _write(folder, text)
    assert (target / "page.html").read_text(encoding="utf-8") == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["2025"]


def test_a_failed_build_leaves_the_old_set(tmp_path):
    target = tmp_path / "2025"
    with replacing(target) as folder:
        _write(folder, "old")
    with pytest.raises(RuntimeError), replacing(target) as folder:
        _write(folder, "half")
        raise RuntimeError
    assert (target / "page.html").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["2025"]


@pytest.mark.parametrize(
    ("present", "left"),
    [
        ({"2025": "old", ".2025.new": "half"}, "old"),
        ({".2025.old": "old", ".2025.new": "new"}, "new"),
        ({"2025": "new", ".2025.old": "old"}, "new"),
        ({".2025.old": "old"}, "old"),
    ],
)
def test_an_interrupted_swap_is_finished_or_undone(tmp_path, present, left):
    for name, text in present.items():
        (tmp_path / name).mkdir()
        _write(tmp_path / name, text)
    assert recover(tmp_path / "2025")
    assert (tmp_path / "2025" / "page.html").read_text(encoding="utf-8") == left
    assert [path.name for path in tmp_path.iterdir()] == ["2025"]
    assert not recover(tmp_path / "2025")
