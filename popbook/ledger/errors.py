"""The one hierarchy of errors: each says what is wrong, where, and what to do about it.

Messages are Chinese because analysts and readers see them; class names and attributes are for engineers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN_PROBLEMS = 8
"""Problems spelt out in the text of a `DataError`; all of them stay in its ``problems``."""


class PopbookError(Exception):
    """A failure that a user can mend.

    Parameters
    ----------
    what : str
        What is wrong, one Chinese sentence without a full stop.
    where : str
        File, row, column, cell or command it concerns; may be empty.
    remedy : str
        What to do; may be empty.

    Examples
    --------
    >>> print(PopbookError("没有 2031 年度版", "editions.csv", "可选：2020、2021"))
    editions.csv：没有 2031 年度版 → 可选：2020、2021
    """

    exit_code = 1

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        # All three go to Exception.args, so that the error survives pickling between processes.
        super().__init__(what, where, remedy)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        head = f"{self.where}：{self.what}" if self.where else self.what
        return f"{head} → {self.remedy}" if self.remedy else head


class UsageError(PopbookError):
    """The call itself is wrong: unknown parameter, edition, region, option."""

    exit_code = 2

    def _render_traceback_(self) -> list[str]:
        # What a notebook prints for it (IPython asks for this name): the sentence, not where in the library it was raised.
        return [f"错误：{self}"]


class ConceptError(PopbookError):
    """Two statistical concepts meet that must not be combined without a stated reason."""


class NotebookError(PopbookError):
    """A notebook failed; ``where`` names the cell, ``remedy`` where the executed copy lies."""


class MissingDataError(PopbookError, ValueError):
    """Nothing is published, or nothing is registered, of what a model needs; ``what`` names it in Chinese.

    Examples
    --------
    >>> print(MissingDataError("人均预期寿命的公布数"))
    人均预期寿命的公布数
    """


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong in the data, at the precision of a cell.

    Parameters
    ----------
    file : str
        Path relative to the data folder, with forward slashes.
    row : int
        Row as a spreadsheet counts it (the header is row 1); 0 = the file as a whole.
    column : str
        Column name; empty = the row as a whole.
    code : str
        Stable code, a key of `popbook.ledger.check.CODES`.
    message, remedy : str
        What is wrong and what to do, Chinese.

    Examples
    --------
    >>> print(Problem("editions.csv", 3, "cut_off", "order", "截止日期早于上一年度版", "核对日期"))
    editions.csv:3:cut_off  order  截止日期早于上一年度版 → 核对日期
    """

    file: str
    row: int
    column: str
    code: str
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}:{self.row or ''}:{self.column}  {self.code}  {self.message} → {self.remedy}"


class DataError(PopbookError):
    """The data folder cannot be used as it is; carries every problem found.

    Parameters
    ----------
    problems : sequence of Problem
        At least one.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        lines = [str(problem) for problem in self.problems[:SHOWN_PROBLEMS]]
        if len(self.problems) > SHOWN_PROBLEMS:
            lines.append(f"……另有 {len(self.problems) - SHOWN_PROBLEMS} 处")
        head = f"数据有 {len(self.problems)} 处问题"
        super().__init__("\n".join([head, *lines]), "", "运行 popbook check 查看全部问题")
        self.args = (self.problems,)

    def __str__(self) -> str:
        return f"{self.what}\n{self.remedy}"
