"""Running pandoc out of its wheel."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from popbook.ledger.errors import PopbookError
from popbook.publishing.documents.tree import Node


def run_pandoc(
    tree: Node, writer: str, arguments: Sequence[str] = (), *, epoch: int = 0, folder: Path | None = None
) -> bytes:
    """Return what a writer of pandoc makes of a tree.

    Parameters
    ----------
    tree
        Whole document.
    writer
        ``typst``, ``docx`` …
    arguments
        Further arguments of the program.
    epoch
        Seconds since 1970 that stand for the time of writing.
    folder
        Working folder, where images are found.

    Raises
    ------
    PopbookError
        If pandoc refuses the tree.
    """
    import pypandoc

    done = subprocess.run(
        [
            pypandoc.get_pandoc_path(),
            "--from=json",
            f"--to={writer}",
            "--wrap=none",
            "--output=-",
            *arguments,
        ],
        input=json.dumps(tree, ensure_ascii=False).encode(),
        capture_output=True,
        cwd=folder,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        check=False,
    )
    if done.returncode:
        raise PopbookError(f"pandoc 没有写出文档：{done.stderr.decode(errors='replace').strip()}", writer)
    return done.stdout
