"""Booklets of districts: which there are, and the page that lists the finished ones.

This reads the data folder without pandas, because a build with nothing changed has to answer at once.
"""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from popbook.ledger.atomic import write_text
from popbook.ledger.datapackage import find_data_dir
from popbook.ledger.errors import UsageError
from popbook.publishing.content_policy import with_policy
from popbook.publishing.places import DISTRICTS, Project
from popbook.publishing.site import EDITIONS_SCRIPT, tell_of_booklets
from popbook.publishing.unchanged import all_editions

ALL = "all"

LIST_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>区县分册</title>
<style>body{{font:1.0625rem/1.8 "Noto Sans CJK SC","Microsoft YaHei",sans-serif;color:#1f2933;max-width:44em;margin:8vh auto 0;padding:0 1.5em}}
h1{{font-size:1.5rem}}ul{{list-style:none;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(11em,1fr));gap:.25em 1.5em}}a{{color:#1d5c8a}}</style>
</head>
<body>
<main>
<h1>区县分册</h1>
<p>每个区县一册：主要指标、年龄、2010—2020年的变化、与全市衔接的推算、与其他区县的比较。按现行区县分册；2021年4月以前的区界另作说明。</p>
<ul>
{items}
</ul>
<p><a href="../index.html">全市年度版</a></p>
</main>
</body>
</html>
"""


def district_names() -> dict[str, str]:
    """Return the districts that have a booklet: code to name, in the order of the data."""
    data = find_data_dir()
    names = {row["region_id"]: row["name_zh"] for row in _rows(data / "regions.csv")}
    path = data / "district_units.csv"
    return {row["region_id"]: names[row["region_id"]] for row in _rows(path)} if path.is_file() else {}


def choose_districts(words: Sequence[str], option: str = "--regions") -> tuple[str, ...]:
    """Return the codes of the districts that a user asked for.

    Parameters
    ----------
    words : sequence of str
        Codes, or ``all``; several in one word are separated by commas.
    option : str
        How the user asked, for the message.

    Returns
    -------
    tuple of str
        Each once, in the order of the data.

    Raises
    ------
    UsageError
        For a code without booklet, or if there are none at all.

    Examples
    --------
    >>> choose_districts(["330127", "330108,330127"])
    ('330108', '330127')
    """
    names = district_names()
    words = [code for word in words for code in re.split(r"[,，、]", word)]
    unknown = [word for word in words if word != ALL and word not in names]
    if unknown:
        known = "、".join(f"{code} {name}" for code, name in names.items())
        raise UsageError(f"没有代码为 {unknown[0]} 的区县分册", option, f"可选：{ALL}（全部）、{known}")
    chosen = tuple(code for code in names if ALL in words or code in words)
    if words and not chosen:
        raise UsageError("数据中没有区县分册", option, "在 district_units.csv 中登记区县")
    return chosen


def newest_edition() -> tuple[int]:
    """Return the newest edition, for booklets: the census is the same in all, so an older one is made on request."""
    return (all_editions()[0],)


def list_page(names: Mapping[str, str]) -> str:
    """Return the page that lists booklets: code of the district, below whose folder its booklet is, to its name."""
    items = [
        f'<li><a href="{code}/index.html">{html.escape(name)}人口分册</a></li>' for code, name in names.items()
    ]
    return with_policy(LIST_PAGE.format(items="\n".join(items)))


def write_list(project: Project) -> Path:
    """Write the page that lists all booklets of the site, and return it.

    Parameters
    ----------
    project : Project
        The report on the city.
    """
    folder = project.site / DISTRICTS
    built = {
        code: name
        for code, name in district_names().items()
        if (folder / code / EDITIONS_SCRIPT).is_file()
    }
    page = folder / "index.html"
    write_text(page, list_page(built))
    tell_of_booklets(project.site)
    return page


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))
