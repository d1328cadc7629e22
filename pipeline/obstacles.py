"""What stood in the way of reading or writing a file, in the officer's words.

Standard library and ground only: the disk may be full and the drive away.
"""

from __future__ import annotations

import errno
from pathlib import Path

from pipeline.model import Problem
from pipeline.swap import FolderInUse, place_of

AGAIN = "もう一度実行してください。"
#: Windows' own numbers where errno has no word for them.
_WINDOWS = {39: "full", 112: "full", 32: "open", 33: "open", 206: "long", 19: "read_only"}
_WINDOWS |= dict.fromkeys((21, 53, 55, 59, 64, 67, 121, 1117, 1231), "away")
_KINDS = {
    "full": ("ENOSPC", "EDQUOT", "EFBIG"),
    "read_only": ("EROFS",),
    "denied": ("EACCES", "EPERM"),
    "open": ("ETXTBSY", "EBUSY"),
    "long": ("ENAMETOOLONG",),
    "missing": ("ENOENT",),
    "not_a_folder": ("ENOTDIR", "EEXIST", "EISDIR"),
    "away": ("EIO", "ESTALE", "ENODEV", "ENXIO", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ETIMEDOUT"),
}
_CODES = {getattr(errno, name): kind for kind, names in _KINDS.items() for name in names if hasattr(errno, name)}
#: What is said and what to do about it.
_WORDS = {
    "full": (
        "ディスクの空き容量が足りません（または、書き込める大きさの上限を超えました）",
        "いらないファイルを消すかごみ箱を空にして、" + AGAIN,
    ),
    "read_only": ("書き込めないディスクです（読み取り専用）", "書き込める場所にフォルダーごと移して、" + AGAIN),
    "denied": (
        "ファイルかフォルダーを読み書きする権限がありません",
        "ほかのソフトで開いていれば閉じ、「読み取り専用」を外すか管理者に権限を頼んで、" + AGAIN,
    ),
    "open": ("ほかのソフト（Excelなど）で開いています", "そのソフトを閉じて、" + AGAIN),
    "long": ("ファイルのパスが長すぎます", "C:\\enquete のような浅い場所にフォルダーごと移して、" + AGAIN),
    "missing": (
        "あるはずのファイルかフォルダーがありません（途中で消されたか、リンク先のドライブにつながっていません）",
        "ネットワークドライブの接続と、場所が変わっていないかを確かめて、" + AGAIN,
    ),
    "not_a_folder": (
        "フォルダーとファイルが取り違えられています（同じ名前のものがすでにあります）",
        "その名前のものを別の場所に移して、" + AGAIN,
    ),
    "away": (
        "ディスクかネットワークドライブから応答がありません",
        "接続を確かめて、" + AGAIN + "続くときは、情報部門に見てもらってください。",
    ),
    "other": ("ファイルの読み書きに失敗しました", AGAIN + "続くときは、--debug を付けた表示を技術者に渡してください。"),
}
#: Windows calls a file missing when its path is longer than this.
_LONGEST_ON_WINDOWS = 248


def obstacle(error: BaseException) -> OSError | None:
    """Return the refusal of the operating system behind ``error``; None when there is none.

    XlsxWriter hands it on as the argument of an exception of its own.
    """
    candidates = (error, *error.args, error.__cause__)
    return next((found for found in candidates if isinstance(found, OSError)), None)


def explained(error: OSError, root: Path) -> Problem:
    """Return what the officer can do about ``error``; paths are told as seen from ``root``."""
    place = error.filename if isinstance(error.filename, str) else ""
    if isinstance(error, FolderInUse):
        return _in_use(Path(place), root)
    kind = _WINDOWS.get(getattr(error, "winerror", None) or 0) or _CODES.get(error.errno, "other")
    if kind == "missing" and getattr(error, "winerror", None) and len(place) >= _LONGEST_ON_WINDOWS:
        kind = "long"
    what, step = _WORDS[kind]
    code = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return Problem(what, file=_told(Path(place), root) if place else "", found=code, next_step=step)


def _in_use(folder: Path, root: Path) -> Problem:
    files = _open_files(folder) if folder.is_dir() else []
    return Problem(
        "フォルダーを置き換えられません。中のファイルをExcelなどで開いているか、書き込む権限がありません",
        file=_told(folder, root),
        found="、".join(files) or "どのファイルかは分かりません",
        expected="だれも開いていないこと（エクスプローラーの別の窓や、共有している人も含みます）",
        next_step="Excelなどを閉じて、" + AGAIN,
    )


def _open_files(folder: Path) -> list[str]:
    """Return files that Excel marks as open with a file of its own, or that refuse to be written to."""
    found = set()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name.startswith("~$"):
            found.add(name.replace("~$", ""))
        elif path.is_file():
            try:
                path.open("r+b").close()
            except OSError:
                found.add(name)
    return sorted(found)


def _told(path: Path, root: Path) -> str:
    path = place_of(path)
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
