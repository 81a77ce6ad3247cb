"""Whose programs a build runs: the project's own notebooks, and nobody else's unless asked.

A notebook is a program. What lies outside the project, or belongs to another user of the machine, is run only when the
analyst says so.
"""

from __future__ import annotations

import os
from pathlib import Path

from popbook.ledger.errors import UsageError
from popbook.publishing.places import Project


def _is_foreign(path: Path, root: Path) -> bool:
    if not path.resolve().is_relative_to(root.resolve()):
        return True
    # As git does: a folder that another user can write to may hold anything. Windows has no such numbers.
    return hasattr(os, "getuid") and path.stat().st_uid not in {os.getuid(), 0}


def find_foreign_notebooks(project: Project) -> list[Path]:
    """Return the notebooks and the configuration of a project that come from elsewhere.

    Parameters
    ----------
    project : Project
        The report.

    Returns
    -------
    list of Path
        Chapters, ``_config.yml`` and ``_toc.yml`` that are links out of the project or belong to another user
        (the administrator does not count as another user).
    """
    tables = (project.root / "_toc.yml", project.notebooks / "_toc.yml")
    programs = [*project.chapters(), project.root / "_config.yml", *tables]
    return [path for path in programs if path.exists() and _is_foreign(path, project.root)]


def check_notebooks(project: Project, trusted: bool = False) -> None:
    """Refuse to run notebooks from elsewhere.

    Parameters
    ----------
    project : Project
        The report.
    trusted : bool
        Whether the analyst asked for it.

    Raises
    ------
    UsageError
        Names every such file; nothing has run then.
    """
    foreign = [] if trusted else find_foreign_notebooks(project)
    if foreign:
        names = "、".join(path.relative_to(project.root).as_posix() for path in foreign)
        raise UsageError(
            f"来自项目以外的笔记本或配置不运行：{names}",
            str(project.root),
            "笔记本就是程序；看过内容、确认来源后，可加 --trust-notebooks",
        )
