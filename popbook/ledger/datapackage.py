"""The Frictionless data package that describes every CSV of the data folder, and reading tables by it.

The descriptor is the single place where columns, types, constraints and keys are declared; reading, checking and the
data dictionary all follow it. Format: Frictionless Data Package v1 (specs.frictionlessdata.io).
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from popbook.ledger.errors import DataError, PopbookError, Problem
from popbook.ledger.journal import recover

if TYPE_CHECKING:
    import pandas as pd

DESCRIPTOR = "datapackage.json"
DATA_ENVIRONMENT_VARIABLE = "POPBOOK_DATA"


@dataclass(frozen=True)
class Field:
    """One column: name, Chinese title and description, Frictionless type, constraints."""

    name: str
    type: str
    title: str
    description: str
    constraints: dict[str, Any]

    @property
    def dtype(self) -> str:
        """The pandas dtype; dates stay ISO text, whose order as text is the order in time."""
        if self.type in ("integer", "year"):
            return "int64" if self.constraints.get("required") else "Int64"
        return {"number": "float64", "boolean": "boolean"}.get(self.type, "str")


@dataclass(frozen=True)
class ForeignKey:
    """Columns whose values must occur in columns of another resource."""

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]


@dataclass(frozen=True)
class Resource:
    """One CSV of the data folder."""

    name: str
    path: str
    title: str
    description: str
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]

    def dtypes(self) -> dict[str, str]:
        """Column name → pandas dtype."""
        return {field.name: field.dtype for field in self.fields}


@dataclass(frozen=True)
class DataPackage:
    """The descriptor of one data folder; ``resources`` in the order of the file."""

    folder: Path
    title: str
    description: str
    resources: dict[str, Resource]


def find_data_dir(data_dir: Path | str | None = None) -> Path:
    """Find the data folder: the argument, else POPBOOK_DATA, else ``data/`` beside the package or the working folder.

    Parameters
    ----------
    data_dir : Path, str or None
        Folder that holds datapackage.json.

    Returns
    -------
    Path
        Absolute path.

    Raises
    ------
    PopbookError
        If there is no datapackage.json in the named folder, or in any of the default places.

    Examples
    --------
    >>> find_data_dir("no/such/folder")
    Traceback (most recent call last):
    popbook.ledger.errors.PopbookError: no/such/folder：数据文件夹中没有 datapackage.json → 检查路径，数据文件夹应含 datapackage.json
    """
    named = data_dir if data_dir is not None else os.environ.get(DATA_ENVIRONMENT_VARIABLE)
    if named:
        if (Path(named) / DESCRIPTOR).is_file():
            return Path(named).resolve()
        raise PopbookError(
            f"数据文件夹中没有 {DESCRIPTOR}", str(named), f"检查路径，数据文件夹应含 {DESCRIPTOR}"
        )
    for candidate in (Path(__file__).resolve().parents[2] / "data", Path.cwd() / "data"):
        if (candidate / DESCRIPTOR).is_file():
            return candidate.resolve()
    raise PopbookError(
        "找不到数据文件夹 data/",
        "",
        f"在项目根目录运行，或用环境变量 {DATA_ENVIRONMENT_VARIABLE} 指明数据文件夹",
    )


def read_datapackage(data_dir: Path) -> DataPackage:
    """Read datapackage.json of a data folder.

    Parameters
    ----------
    data_dir : Path
        Folder that holds datapackage.json.

    Returns
    -------
    DataPackage

    Raises
    ------
    DataError
        If the descriptor is not valid JSON or lacks a required property.
    PopbookError
        If a change that was cut off cannot be carried out (`popbook.ledger.journal.recover`).

    Examples
    --------
    >>> package = read_datapackage(find_data_dir())
    >>> package.resources["observations"].path
    'observations.csv'
    """
    recover(data_dir)
    try:
        descriptor = json.loads((data_dir / DESCRIPTOR).read_text(encoding="utf-8"))
        resources = [_resource(item) for item in descriptor["resources"]]
        return DataPackage(
            folder=data_dir,
            title=descriptor.get("title", ""),
            description=descriptor.get("description", ""),
            resources={resource.name: resource for resource in resources},
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DataError(
            [
                Problem(
                    DESCRIPTOR,
                    0,
                    "",
                    "descriptor",
                    f"数据描述文件不能解读（{type(error).__name__}: {error}）",
                    "恢复该文件上一个可用的版本",
                )
            ]
        ) from error


def read_table(package: DataPackage, name: str) -> pd.DataFrame:
    """Read one CSV with the types its resource declares; missing text is NaN, missing integers <NA>.

    Parameters
    ----------
    package : DataPackage
    name : str
        Resource name, e.g. ``"observations"``.

    Returns
    -------
    DataFrame
        Columns and order of rows as in the file.

    Raises
    ------
    PopbookError
        If no resource has that name.
    DataError
        If the file is missing or a cell cannot be read as its declared type.

    Examples
    --------
    >>> read_table(read_datapackage(find_data_dir()), "editions")["edition"].dtype
    dtype('int64')
    """
    if name not in package.resources:
        raise PopbookError(f"没有名为“{name}”的数据表", DESCRIPTOR, f"可选：{'、'.join(package.resources)}")
    resource = package.resources[name]
    import pandas as pd

    try:
        return pd.read_csv(
            package.folder / resource.path,
            dtype=resource.dtypes(),
            keep_default_na=False,  # "NA" or "None" in a text column is text
            na_values=[""],
            encoding="utf-8",
        )
    except FileNotFoundError as error:
        raise DataError([_unreadable(resource, "文件不存在")]) from error
    except (ValueError, OSError, TypeError, pd.errors.ParserError) as error:
        raise DataError([_unreadable(resource, f"文件不能按声明的类型读入（{error}）")]) from error


def _unreadable(resource: Resource, message: str) -> Problem:
    return Problem(resource.path, 0, "", "unreadable", message, "运行 popbook check 查看逐格的问题")


def _resource(item: dict[str, Any]) -> Resource:
    schema = item["schema"]
    return Resource(
        name=item["name"],
        path=item["path"],
        title=item.get("title", item["name"]),
        description=item.get("description", ""),
        fields=tuple(
            Field(
                name=field["name"],
                type=field.get("type", "string"),
                title=field.get("title", field["name"]),
                description=field.get("description", ""),
                constraints=dict(field.get("constraints", {})),
            )
            for field in schema["fields"]
        ),
        primary_key=_names(schema.get("primaryKey", ())),
        foreign_keys=tuple(
            ForeignKey(
                _names(key["fields"]),
                key["reference"]["resource"] or item["name"],  # "" refers to the table itself
                _names(key["reference"]["fields"]),
            )
            for key in schema.get("foreignKeys", ())
        ),
    )


def _names(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
