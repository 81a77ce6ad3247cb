"""`popbook check`: every problem of the data folder in one run, in Chinese, at its cell, with a remedy."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from popbook.ledger.datapackage import DESCRIPTOR, DataPackage, Resource, find_data_dir, read_datapackage
from popbook.ledger.errors import DataError, Problem
from popbook.ledger.journal import JOURNAL
from popbook.ledger.rules import NEEDED_COLUMNS, RULES
from popbook.ledger.tableschema import Table, check_foreign_keys, check_table

INBOX = "inbox/"
"""Templates being filled in are checked by ingest, not here."""

CODES: dict[str, str] = {
    # the folder and its files
    "descriptor": "数据描述文件有误",
    "file-missing": "文件不存在",
    "file-unreadable": "文件不能读取",
    "file-size": "文件过大",
    "file-empty": "文件是空的",
    "file-undeclared": "文件没有登记",
    "encoding": "编码不是 UTF-8",
    "bom": "有 BOM 标记",
    "line-end": "换行符不合规定",
    "csv": "不是合规的 CSV",
    # shape
    "column-missing": "缺少列",
    "column-unknown": "多出列",
    "column-repeated": "列名重复",
    "column-order": "列的次序不对",
    "row-empty": "空行",
    "cell-count": "格数与表头不符",
    # cells
    "required": "不能为空",
    "type": "类型不对",
    "enum": "不在可选值中",
    "pattern": "写法不合规定",
    "bounds": "超出可能范围",
    "unique": "编号重复",
    "primary-key": "主键重复",
    "foreign-key": "引用的编号没有登记",
    "space": "首尾有空格",
    "full-width": "全角数字或字母",
    "control-character": "控制字符",
    "formula": "会被当作公式",
    "markup": "含标记或脚本",
    # content
    "identity": "恒等关系不成立",
    "district-sum": "区县合计与全市不符",
    "magnitude": "数量级突变",
    "jump": "变化远超历年",
    "published-differs": "发布日期与来源不一致",
    "year-in-future": "发布早于数值所属时点",
    "basis": "口径与编号不符",
    "target-link": "指标与规划指标不对应",
    "tile": "示意图方格重叠",
    "order": "次序不对",
    "date-precision": "日期与精度不符",
    "address": "显示列中含网址",
    "break-idle": "断点不起作用",
    "guard": "勘误的守卫条件不成立",
    "increment": "增量与前后两期不符",
    "printed": "数值与所印不符",
    "unit": "单位不同",
    "target-kind": "目标类型不符",
    "scenario-order": "方案次序不对",
    "age-groups": "年龄组不相接",
    "age-total": "分年龄合计与总数不符",
}
"""Every code a problem can carry, with its Chinese name."""


def check_data(data_dir: Path | str | None = None) -> list[Problem]:
    """Check the whole data folder and list all problems.

    Parameters
    ----------
    data_dir : Path, str or None
        Folder with datapackage.json; None finds it (`popbook.ledger.datapackage.find_data_dir`).

    Returns
    -------
    list of Problem
        In the order of datapackage.json, then of rows; empty if all is well.

    Raises
    ------
    PopbookError
        If there is no data folder. Whatever is inside it is reported, never raised.

    Examples
    --------
    >>> check_data()
    []
    """
    try:
        package = read_datapackage(find_data_dir(data_dir))
    except DataError as error:
        return list(error.problems)
    tables: dict[str, Table] = {}
    problems: list[Problem] = []
    for resource in package.resources.values():
        tables[resource.name], found = check_table(package, resource)
        problems += found
    problems += _undeclared_files(package)
    problems += check_foreign_keys(tables)
    undescribed = _undescribed_columns(package)
    problems += undescribed
    if not undescribed:
        for name, columns in NEEDED_COLUMNS.items():
            if name not in tables:
                tables[name] = _empty_table(name, columns)
        for rule in RULES:
            problems += rule(tables)
    order = {resource.path: number for number, resource in enumerate(package.resources.values())}
    return sorted(problems, key=lambda problem: (order.get(problem.file, len(order)), problem))


def _undeclared_files(package: DataPackage) -> list[Problem]:
    declared = {resource.path for resource in package.resources.values()}
    found = []
    for path in sorted(package.folder.rglob("*.csv")):
        shown = path.relative_to(package.folder).as_posix()
        if shown not in declared and not shown.startswith((INBOX, JOURNAL)):
            message = f"datapackage.json 没有登记“{shown}”"
            found.append(Problem(shown, 0, "", "file-undeclared", message, "登记该文件，或移出数据文件夹"))
    return found


def _undescribed_columns(package: DataPackage) -> list[Problem]:
    return [
        Problem(
            DESCRIPTOR,
            0,
            column,
            "descriptor",
            f"表“{name}”没有描述列“{column}”",
            "恢复该文件上一个可用的版本",
        )
        for name, columns in NEEDED_COLUMNS.items()
        if name in package.resources
        for column in columns
        if column not in package.resources[name].dtypes()
    ]


def _empty_table(name: str, columns: tuple[str, ...]) -> Table:
    """Stand-in for a table that this data folder does not have (a plan may have no table 2)."""
    frame = pd.DataFrame({column: pd.Series(dtype="object") for column in columns})
    return Table(Resource(name, name, "", "", (), (), ()), frame, frame)
