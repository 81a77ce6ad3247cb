"""Where things lie: the folders of a project and what a build writes into them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from popbook.ledger.errors import UsageError

DISTRICTS = "districts"
"""Folder of all booklets, in the site and in every folder of the build."""


@dataclass(frozen=True)
class Project:
    """A checkout of the report: notebooks, hand-written pages and the build folder.

    The booklet of a district is a report of its own: the same folders, each below ``districts/<code>``.

    Parameters
    ----------
    root : Path
        Folder that holds _config.yml and _toc.yml.
    district : str
        GB/T 2260 code of the district whose booklet it is; "" for the report on the city.

    Examples
    --------
    >>> Project(Path("report")).site.as_posix(), Project(Path("report"), "330108").site.as_posix()
    ('report/_build/site', 'report/_build/site/districts/330108')
    """

    root: Path
    district: str = ""

    @property
    def notebooks(self) -> Path:
        """Folder of the notebooks as they stand in git, without outputs."""
        return self.root / "notebooks" / "district" if self.district else self.root / "notebooks"

    @property
    def build(self) -> Path:
        """Folder of everything a build writes; safe to delete."""
        return self.root / "_build"

    @property
    def lock(self) -> Path:
        """Held by whoever writes the finished editions and the site, or copies from them."""
        return self.build / ".lock"

    @property
    def temporary(self) -> Path:
        """What steps need while they run; made and removed by whoever holds the lock, so what is found there is left over."""
        return self.build / "tmp"

    @property
    def kept(self) -> Path:
        """Forecasts, drawings and typefaces by what they are made from, for all editions and districts."""
        return self.build / "kept"

    @property
    def runs(self) -> Path:
        """Executed notebooks and what they say, one folder per edition."""
        return self._own(self.build / "runs")

    @property
    def forecasts(self) -> Path:
        """What the kept forecasts of each edition were made from; they are the same for city and districts."""
        return self.build / "runs" / "forecasts"

    @property
    def failed(self) -> Path:
        """Executed copies of notebooks that failed, one folder per edition."""
        return self._own(self.build / "failed")

    @property
    def editions(self) -> Path:
        """Finished editions before they go into the site; not `html`, where plain `jupyter-book build` writes."""
        return self._own(self.build / "editions")

    @property
    def site(self) -> Path:
        """The site for readers."""
        return self._own(self.build / "site")

    def booklet(self, district: str) -> Project:
        """Return the booklet of a district, made from the same checkout."""
        return replace(self, district=district)

    def _own(self, folder: Path) -> Path:
        return folder / DISTRICTS / self.district if self.district else folder

    def base_address(self) -> str:
        """Return the address under which editions are published (``html: baseurl`` of _config.yml), or ""."""
        import yaml

        config = yaml.safe_load((self.root / "_config.yml").read_text(encoding="utf-8")) or {}
        base = str((config.get("html") or {}).get("baseurl") or "").rstrip("/")
        return f"{base}/{DISTRICTS}/{self.district}" if base and self.district else base

    def chapters(self) -> list[Path]:
        """Return the notebooks in chapter order."""
        return sorted(self.notebooks.glob("[0-9][0-9]_*.ipynb"))


def find_project(start: Path | None = None) -> Project:
    """Find the project around a folder, else around the package.

    Parameters
    ----------
    start : Path, optional
        Where to look first, upwards; the working folder if not given.

    Returns
    -------
    Project
        The nearest folder upwards that holds _config.yml and notebooks/.

    Raises
    ------
    UsageError
        If there is none.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[2]):
        if (folder / "_config.yml").is_file() and (folder / "notebooks").is_dir():
            return Project(folder)
    raise UsageError("这里不是报告项目：找不到 _config.yml 和 notebooks/", str(here), "请在项目文件夹中运行")
