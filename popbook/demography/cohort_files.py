"""The inputs of a cohort-component projection as files in a folder: read, checked as a whole, projected, written.

Every file is read before anything is refused, so that one run names every problem. The formats are described in
`book/methods.md` (section 队列要素推算命令) and in the help of ``popbook cohort``.
"""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

from popbook.demography.cohort_component import (
    TIMINGS,
    NegativePopulationError,
    Projection,
    project_cohorts,
)
from popbook.demography.life_table import SEXES, build_life_table, survival_ratios
from popbook.ledger.atomic import replace_atomically
from popbook.ledger.encodings import GB18030, text_encoding
from popbook.ledger.errors import DataError, PopbookError, Problem, UsageError

POPULATION, FERTILITY, MIGRATION = "population.csv", "fertility.csv", "migration.csv"
SURVIVAL, LIFE_TABLE, DEATH_RATES = "survival_ratios.csv", "life_table.csv", "mortality_rates.csv"
SEX_RATIO, SETTINGS = "srb.csv", "settings.yml"
MORTALITY_FILES = (SURVIVAL, LIFE_TABLE, DEATH_RATES)
SETTING_NAMES = ("start_year", "step", "steps", "srb", "migration_timing", "l0", "sexes")

HIGHEST_BIRTH_RATE = 0.6
"""Births per woman and year; the highest age-specific rates on record (Hutterites, 1921-30) are about 0.55."""

HIGHEST_DEATH_RATE = 2.0
"""Deaths per person-year; at the oldest ages observed rates level off near 0.7-1."""

LOWEST_FIRST_SURVIVAL = 0.2
"""Share of births that reach the first group; anything lower means that ``l0`` is not the radix of the table."""

STEPS = (1, 5)
"""Years in a step, which are also those of an age group."""

MOST_STEPS = 1000
LOWEST_YEAR = 1000
"""Periods below are numbers of steps, from here on they are years."""

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"(\d{1,4})(\.0+)?", re.ASCII)
_AGE = re.compile(r"(\d{1,3})(\.0+)?\+?", re.ASCII)
_SPAN = re.compile(r"(\d{4})\s*年?\s*[-–—~～至/]+\s*(\d{4})\s*年?", re.ASCII)
_SEX_NAMES = {
    "female": "female", "f": "female", "女": "female", "女性": "female",
    "male": "male", "m": "male", "男": "male", "男性": "male",
}  # fmt: skip
_SEXES_ZH = {"female": "女", "male": "男"}

Array = NDArray[np.float64]


@dataclass(frozen=True)
class ProjectionInputs:
    """A checked set of inputs, ready for `project_cohorts`.

    Parameters
    ----------
    start_year : int
        Year of the population at the start.
    step : int
        Years per step and per age group.
    sexes : tuple of str
        ``("male", "female")`` or one of them.
    ages : numpy.ndarray, shape (ages,)
        Lower bounds; the last group is open.
    population : numpy.ndarray, shape (sexes, ages)
    survival : numpy.ndarray, shape (steps, sexes, ages)
    fertility : numpy.ndarray, shape (steps, ages)
    sex_ratio_at_birth : numpy.ndarray, shape (steps,)
        Boys per girl.
    net_migration : numpy.ndarray, shape (steps, sexes, ages), or None
    migration_rows : numpy.ndarray, shape (steps, sexes, ages), or None
        Row of `migration.csv` that each number comes from.
    timing : str
        ``"end"`` or ``"even"``.
    notes : tuple of str
        Chinese: what was assumed or left aside.
    """

    start_year: int
    step: int
    sexes: tuple[str, ...]
    ages: NDArray[np.int64]
    population: Array
    survival: Array
    fertility: Array
    sex_ratio_at_birth: Array
    net_migration: Array | None
    migration_rows: NDArray[np.int64] | None
    timing: str
    notes: tuple[str, ...]

    def project(self) -> Projection:
        """Run the projection.

        Raises
        ------
        DataError
            If migration takes more people from a group than it holds; names every group of the first such step.
        """
        try:
            return project_cohorts(
                self.population, self.survival, self.fertility, self.sex_ratio_at_birth, self.net_migration, self.step,
                self.timing, self.sexes[0],
            )  # fmt: skip
        except NegativePopulationError as error:
            year = self.start_year + error.step * self.step
            rows = self.migration_rows
            assert rows is not None
            raise DataError([
                Problem(
                    MIGRATION, int(rows[error.step, sex, age]), "net", "negative-population",
                    f"{year}年起的一步，{_SEXES_ZH[self.sexes[sex]]}{_age_name(self.ages, age)}净迁出多于现有人数，人口将小于0",
                    "减少净迁出，或核对正负号",
                )
                for sex, age in error.cells
            ]) from error  # fmt: skip


def project_folder(folder: Path, out: Path) -> tuple[str, ...]:
    """Read the inputs of a folder, project them and write the result; on any problem nothing is written.

    Parameters
    ----------
    folder : Path
        Holds ``population.csv``, one mortality file, ``fertility.csv``, ``settings.yml`` and, if wanted,
        ``migration.csv`` and ``srb.csv``.
    out : Path
        CSV to write, columns ``year, sex, age, component, value``; an existing file is replaced.

    Returns
    -------
    tuple of str
        Chinese notes: what was assumed or left aside.

    Raises
    ------
    DataError
        With every problem of the inputs.
    UsageError
        If the folder does not exist or the result has no place there.
    PopbookError
        If writing fails.
    """
    if not folder.is_dir():
        raise UsageError("没有这个文件夹", str(folder), "核对路径")
    if out.is_dir() or not out.resolve().parent.is_dir():
        raise UsageError("结果不能写在这里", str(out), "给出一个已有文件夹里的文件名")
    if out.resolve().parent == folder.resolve() and out.name in (*MORTALITY_FILES, *_OTHER_FILES):
        raise UsageError("结果会覆盖输入文件", str(out), "换一个文件名")
    inputs = read_projection_inputs(folder)
    table = inputs.project().to_frame(inputs.start_year, inputs.ages, inputs.sexes)
    fresh = out.with_name(f".{out.name}.{os.getpid()}")
    try:
        table.to_csv(fresh, index=False, lineterminator="\n")
        replace_atomically(fresh, out)
    except OSError as error:
        raise PopbookError(f"结果写不进去（{error.strerror}）", str(out), "核对权限和磁盘空间") from error
    finally:
        fresh.unlink(missing_ok=True)
    return inputs.notes


def read_projection_inputs(folder: Path) -> ProjectionInputs:
    """Read and check all inputs of a projection.

    Parameters
    ----------
    folder : Path
        As for `project_folder`.

    Returns
    -------
    ProjectionInputs

    Raises
    ------
    DataError
        With every problem, in the order of the files.
    """
    reader = _Reader(folder)
    settings = _read_settings(reader)
    population = reader.table(POPULATION, {"sex": "sex", "age": "age", "value": "number"}, ("sex", "age"))
    if not settings.step and population is not None:
        # The setting is a problem already; the ages tell what was meant, so that the other files can be checked.
        settings.step = _age_width(record["age"] for record in population.rows)
    present = [name for name in MORTALITY_FILES if (folder / name).exists()]
    kinds = {"period": "period", "sex": "sex", "age": "age"}
    values = {SURVIVAL: "sx", LIFE_TABLE: "nLx", DEATH_RATES: "nmx"}
    tables = {
        name: reader.table(name, kinds | {values[name]: "number"}, tuple(kinds), {"nax": "number"})
        for name in present
    }
    if len(present) != 1:
        names = "、".join(MORTALITY_FILES)
        what = "没有死亡数据" if not present else f"死亡数据有{len(present)}份：{'、'.join(present)}"
        reader.add(present[0] if present else "", 0, "", "mortality", what, f"{names}三选一，只留一份")
    fertility = reader.table(
        FERTILITY, {"period": "period", "age": "age", "asfr": "number"}, ("period", "age")
    )
    migration = None
    if (folder / MIGRATION).exists():
        migration = reader.table(MIGRATION, kinds | {"net": "number"}, tuple(kinds))
    srb = None
    if (folder / SEX_RATIO).exists():
        srb = reader.table(SEX_RATIO, {"period": "period", "srb": "number"}, ("period",))
    for table in (population, *tables.values(), fertility, migration, srb):
        if table is not None:
            _check_values(reader, table)
    if LIFE_TABLE in present and settings.rows and "l0" not in settings.given:
        reader.add(SETTINGS, 0, "l0", "missing-setting", f"用{LIFE_TABLE}时要写基数l0", "例如 l0: 100000")
    ratio = _read_sex_ratio(reader, srb, settings)
    shape = _read_population(reader, population, settings)
    if shape is None:
        # Ages cannot be compared, periods can.
        for table in (*tables.values(), fertility, migration):
            if table is not None:
                _periods_of_steps(reader, table, settings)
    else:
        sexes, ages, stock = shape
        reader.note_other_sexes(sexes, population, *tables.values(), migration)
        survival = None
        if len(present) == 1 and tables[present[0]] is not None:
            survival = _read_mortality(reader, tables[present[0]], settings, sexes, ages)
        rates = _read_fertility(reader, fertility, settings, sexes, ages)
        moved, rows = _read_migration(reader, migration, settings, sexes, ages)
    if reader.problems:
        order = (SETTINGS, POPULATION, *MORTALITY_FILES, FERTILITY, MIGRATION, SEX_RATIO, "")
        raise DataError(sorted(reader.problems, key=lambda problem: (order.index(problem.file), problem.row)))
    assert shape is not None and survival is not None and rates is not None and ratio is not None
    if migration is not None and settings.timing is None:
        reader.notes.append("settings.yml没有migration_timing：净迁移按期末（end）计算")
    return ProjectionInputs(
        settings.start_year, settings.step, sexes, ages, stock, survival, rates, ratio, moved, rows,
        settings.timing or "end", tuple(reader.notes),
    )  # fmt: skip


_OTHER_FILES = (POPULATION, FERTILITY, MIGRATION, SEX_RATIO, SETTINGS)


@dataclass
class _Settings:
    """Settings as read; 0, empty and None stand for what could not be read (a problem is reported then)."""

    start_year: int = 0
    step: int = 0
    steps: int = 0
    srb: float | None = None
    timing: str | None = None
    radix: float | None = None
    sexes: tuple[str, ...] = ()
    rows: dict[str, int] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)

    @property
    def starts(self) -> list[int]:
        return [self.start_year + self.step * i for i in range(self.steps)]


@dataclass(frozen=True)
class _Table:
    """The records of a file whose keys could be read, and their row numbers; a value that could not be read is NaN
    (a problem is reported then)."""

    file: str
    rows: list[dict[str, Any]]
    numbers: list[int]

    @cached_property
    def _groups(self) -> dict[tuple[str | None, str | None], dict[int, int]]:
        groups: dict[tuple[str | None, str | None], dict[int, int]] = {}
        for i, record in enumerate(self.rows):
            group = groups.setdefault((record.get("period"), record.get("sex")), {})
            group[record.get("age", 0)] = i
        return groups

    def values(self, column: str, period: str | None = None, sex: str | None = None) -> dict[int, float]:
        """Values by age of one period and sex; an optional value that is not given is left out."""
        group = self._groups.get((period, sex), {})
        return {age: self.rows[i][column] for age, i in group.items() if self.rows[i].get(column) is not None}

    def row_of(self, age: int = 0, period: str | None = None, sex: str | None = None) -> int:
        """Spreadsheet row of a record; 0 if there is none."""
        i = self._groups.get((period, sex), {}).get(age)
        return 0 if i is None else self.numbers[i]

    def row_of_period(self, period: str) -> int:
        """Spreadsheet row in which a period occurs first."""
        return next(
            n for record, n in zip(self.rows, self.numbers, strict=True) if record["period"] == period
        )

    def periods(self) -> list[str]:
        """Labels of the periods in the order of the file."""
        return list(dict.fromkeys(record["period"] for record in self.rows))


class _Reader:
    """Reads tables and collects problems and notes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.notes: list[str] = []

    def add(self, file: str, row: int, column: str, code: str, message: str, remedy: str) -> None:
        self.problems.append(Problem(file, row, column, code, message, remedy))

    def text(self, file: str) -> str | None:
        path = self.folder / file
        if not path.exists():
            self.add(file, 0, "", "missing-file", "没有这个文件", "补上文件")
            return None
        try:
            encoding = text_encoding(path)
            if encoding is not None:
                if encoding == GB18030:
                    self.notes.append(f"{file}不是UTF-8编码，按GB18030读入")
                return path.read_bytes().decode(encoding)
            self.add(
                file, 0, "", "encoding", "文件不是UTF-8编码，也不是GB18030编码的文本", "另存为“CSV UTF-8”"
            )
        except OSError as error:
            self.add(file, 0, "", "unreadable", f"文件读不出（{error.strerror}）", "核对权限")
        return None

    def table(
        self, file: str, kinds: dict[str, str], key: tuple[str, ...], optional: dict[str, str] | None = None
    ) -> _Table | None:
        """Read a CSV; a cell that cannot be read is a problem and its row is left out. None = no rows to work on."""
        text = self.text(file)
        if text is None:
            return None
        try:
            lines = list(csv.reader(io.StringIO(text, newline="")))
        except csv.Error as error:
            self.add(file, 0, "", "not-csv", f"不是CSV文件（{error}）", "另存为“CSV UTF-8”")
            return None
        names = {name.lower(): name for name in (*kinds, *(optional or {}))}
        header = [names.get(name.strip().lower(), name.strip()) for name in lines[0]] if lines else []
        wanted = kinds | {name: kind for name, kind in (optional or {}).items() if name in header}
        absent = [name for name in kinds if name not in header]
        for name in absent:
            self.add(file, 1, name, "missing-column", "缺少这一列", f"表头应有 {','.join(kinds)}")
        for name, count in Counter(header).items():
            if count > 1 and name in wanted:
                self.add(file, 1, name, "duplicate-column", "这一列出现多次", "只留一列")
                absent.append(name)
        if absent:
            return None
        place = {name: header.index(name) for name in wanted}
        rows: list[dict[str, Any]] = []
        numbers: list[int] = []
        seen: dict[tuple[Any, ...], int] = {}
        for number, cells in enumerate(lines[1:], start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                self.add(
                    file,
                    number,
                    "",
                    "too-many-cells",
                    f"有{len(cells)}格，表头只有{len(header)}列",
                    "数字不加千位分隔符",
                )
                continue
            record: dict[str, Any] = {}
            for name, kind in wanted.items():
                cell = cells[place[name]].strip() if place[name] < len(cells) else ""
                if not cell and name not in kinds:
                    record[name] = None  # an optional value that is not given
                    continue
                record[name] = self._cell(file, number, name, kind, cell)
            if any(record[name] is None for name in key):
                continue
            identity = tuple(record[name] for name in key)
            if identity in seen:
                self.add(
                    file,
                    number,
                    "",
                    "duplicate",
                    f"与第{seen[identity]}行重复（{'、'.join(map(str, identity))}）",
                    "只留一行",
                )
                continue
            seen[identity] = number
            rows.append(record)
            numbers.append(number)
        if not rows and not any(problem.file == file for problem in self.problems):
            self.add(file, 0, "", "empty", "没有数据行", "填入数据")
        return _Table(file, rows, numbers) if rows else None

    def _cell(self, file: str, row: int, column: str, kind: str, text: str) -> Any:
        if not text:
            self.add(file, row, column, "missing", "空白", "填入数值")
            return math.nan if kind == "number" else None
        if kind == "period":
            whole = _WHOLE.fullmatch(text)
            return whole[1] if whole else text
        if kind == "sex":
            if text.lower() not in _SEX_NAMES:
                self.add(file, row, column, "sex", f"性别“{text}”不认识", "写 female 或 male")
            return _SEX_NAMES.get(text.lower())
        if kind == "age":
            age = _AGE.fullmatch(text)
            if not age:
                self.add(
                    file,
                    row,
                    column,
                    "age",
                    f"年龄“{text}”不是组的下限",
                    "写整数下限，如 0、5、85；最后一组为开口组",
                )
            return int(age[1]) if age else None
        number = float(text) if _NUMBER.fullmatch(text) else math.nan
        if not math.isfinite(number):
            self.add(file, row, column, "not-a-number", f"“{text}”不是数", "填入数值，不带单位和千位分隔符")
            return math.nan
        return number

    def note_other_sexes(self, sexes: tuple[str, ...], *tables: _Table | None) -> None:
        for table in tables:
            if table is None:
                continue
            others = {record["sex"] for record in table.rows} - set(sexes)
            if others:
                names = "、".join(_SEXES_ZH[sex] for sex in sorted(others))
                self.notes.append(f"单性推算：{table.file}中{names}性的行没有使用")


def _read_settings(reader: _Reader) -> _Settings:
    settings = _Settings()
    text = reader.text(SETTINGS)
    if text is None:
        return settings

    def bad(row: int, name: str, code: str, message: str, remedy: str) -> None:
        reader.add(SETTINGS, row, name, code, message, remedy)

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        bad(mark.line + 1 if mark else 0, "", "not-yaml", "不是YAML格式", "每行写“名称: 值”")
        return settings
    if not isinstance(node, yaml.MappingNode) or not isinstance(content, dict):
        bad(
            0,
            "",
            "not-yaml",
            "没有“名称: 值”",
            f"至少写 start_year、step、steps 和 srb；可写 {'、'.join(SETTING_NAMES)}",
        )
        return settings
    rows = settings.rows
    settings.given.update(str(name) for name, value in content.items() if value is not None)
    for key, _ in node.value:
        name = str(key.value)
        if name in rows:
            bad(key.start_mark.line + 1, name, "duplicate", f"与第{rows[name]}行重复", "只留一行")
        rows.setdefault(name, key.start_mark.line + 1)
        if name not in SETTING_NAMES:
            bad(rows[name], name, "unknown-setting", "没有这个设置", f"可写 {'、'.join(SETTING_NAMES)}")
    for name in ("start_year", "step", "steps"):
        if content.get(name) is None:
            bad(
                rows.get(name, 0),
                name,
                "missing-setting",
                "没有设置",
                "补上，例如 start_year: 2020、step: 5、steps: 6",
            )
    allowed: dict[str, tuple[Callable[[int], bool], str]] = {
        "start_year": (lambda year: LOWEST_YEAR <= year <= 9999, "四位年份，例如 2020"),
        "step": (lambda years: years in STEPS, "1 或 5（年），与年龄组宽相同"),
        "steps": (lambda steps: 1 <= steps <= MOST_STEPS, f"1到{MOST_STEPS}的整数"),
    }
    for name, (is_allowed, remedy) in allowed.items():
        if content.get(name) is not None:
            number = _plain_number(content[name])
            if number is None or number != int(number) or not is_allowed(int(number)):
                bad(rows[name], name, "setting", f"“{content[name]}”不能用", f"应为{remedy}")
            else:
                setattr(settings, name, int(number))
    if content.get("srb") is not None:
        settings.srb = _plain_number(content["srb"])
        if settings.srb is None or not _is_sex_ratio(settings.srb):
            bad(
                rows["srb"],
                "srb",
                "sex-ratio",
                f"出生性别比“{content['srb']}”不合理",
                "写每名女婴对应的男婴数，例如 1.05，不是105",
            )
            settings.srb = None
    if content.get("l0") is not None:
        settings.radix = _plain_number(content["l0"])
        if settings.radix is None or settings.radix <= 0:
            bad(rows["l0"], "l0", "setting", f"“{content['l0']}”不能用", "写生命表的基数，例如 100000")
            settings.radix = None
    timing = content.get("migration_timing")
    if timing is not None:
        if timing in TIMINGS:
            settings.timing = str(timing)
        else:
            bad(
                rows["migration_timing"],
                "migration_timing",
                "setting",
                f"“{timing}”不能用",
                "写 end（期末）或 even（均匀）",
            )
    if content.get("sexes") is not None:
        given = content["sexes"] if isinstance(content["sexes"], list) else [content["sexes"]]
        names = [_SEX_NAMES.get(str(item).lower()) for item in given]
        if not names or None in names or len(set(names)) < len(names):
            bad(
                rows["sexes"],
                "sexes",
                "setting",
                f"“{content['sexes']}”不能用",
                "写 [female]、[male] 或 [male, female]",
            )
        else:
            settings.sexes = tuple(sex for sex in SEXES if sex in names)
    return settings


def _plain_number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not _NUMBER.fullmatch(value.strip()):
        return None
    return float(value) if math.isfinite(float(value)) else None


def _is_sex_ratio(value: float) -> bool:
    return 0.5 < value < 2


def _read_population(
    reader: _Reader, table: _Table | None, settings: _Settings
) -> tuple[tuple[str, ...], NDArray[np.int64], Array] | None:
    """Sexes, ages and persons; the ages are those that the other files must have. None = nothing to compare with."""
    if table is None:
        return None
    present = {record["sex"] for record in table.rows}
    sexes = settings.sexes or tuple(sex for sex in SEXES if sex in present)
    for sex in sexes:
        if sex not in present:
            reader.add(
                POPULATION,
                0,
                "sex",
                "missing-sex",
                f"没有{_SEXES_ZH[sex]}性人口",
                "补上，或改 settings.yml 的 sexes",
            )
    sexes = tuple(sex for sex in sexes if sex in present)
    step = settings.step
    if not sexes or not step:
        return None
    by_sex = {sex: table.values("value", sex=sex) for sex in sexes}
    last = max(max(ages) for ages in by_sex.values())
    ages = np.arange(0, last + 1, step)
    has_ages = [_check_ages(reader, table, by_sex[sex], ages, step, sex=sex) for sex in sexes]
    if not all(has_ages):
        return None if any(_other_width(by_sex[sex], step) for sex in sexes) else (sexes, ages, np.empty(0))
    if len(ages) < 3:
        reader.add(POPULATION, 0, "age", "age", f"只有{len(ages)}个年龄组", "至少三组，最后一组为开口组")
        return None
    return sexes, ages, np.array([[by_sex[sex][int(age)] for age in ages] for sex in sexes])


def _read_mortality(
    reader: _Reader,
    table: _Table | None,
    settings: _Settings,
    sexes: tuple[str, ...],
    ages: NDArray[np.int64],
) -> Array | None:
    if table is None:
        return None
    column = _BOUNDS[table.file][0]
    converted: dict[tuple[str, str], Array] = {}
    complete = True
    for period in table.periods():
        for sex in sexes:
            cells = table.values(column, period=period, sex=sex)
            expected = ages
            if table.file != SURVIVAL and settings.step == 5 and 1 in cells:
                expected = np.concatenate([[0, 1], ages[1:]])  # abridged: 0 and 1-4 are joined below
            if not _check_ages(reader, table, cells, expected, settings.step, sex=sex, period=period):
                complete = False
                continue
            values = np.array([cells[int(age)] for age in expected])
            given = table.values("nax", period=period, sex=sex)
            nax = np.array([given.get(int(age), np.nan) for age in expected])
            ratios = _to_survival(reader, table, column, values, nax, expected, settings, sex, period)
            if ratios is not None:
                converted[period, sex] = ratios
    chosen = _periods_of_steps(reader, table, settings)
    if not complete or chosen is None or reader.problems:
        return None
    return np.array([[converted[period, sex] for sex in sexes] for period in chosen])


def _to_survival(
    reader: _Reader, table: _Table, column: str, values: Array, nax: Array, ages: NDArray[np.int64],
    settings: _Settings, sex: str, period: str,
) -> Array | None:  # fmt: skip
    """Survival ratios of one period and sex from whatever the file holds; None if the cells contradict each other."""
    if np.isnan(values).any():
        return None
    if table.file == SURVIVAL:
        return values
    where = f"{_SEXES_ZH[sex]}，期间{period}"
    radix = settings.radix or 1.0
    if table.file == DEATH_RATES:
        if values[-1] <= 0:
            row = table.row_of(period=period, sex=sex, age=int(ages[-1]))
            reader.add(table.file, row, column, "open-group", "开口组死亡率必须大于0", "核对数值")
            return None
        if values.min() < 0 or values.max() > HIGHEST_DEATH_RATE:
            return None
        try:
            values = build_life_table(ages, nmx=values, nax=nax, sex=sex, radix=radix)["nLx"].to_numpy(
                dtype=float
            )
        except ValueError:
            reader.add(table.file, 0, column, "life-table", f"死亡概率超出0到1（{where}）", "核对死亡率和nax")
            return None
        if settings.step == 5 and 1 not in ages:
            note = f"{table.file}没有分开0岁和1—4岁：0—4岁组内死亡者按平均活过2.5年计算"
            if note not in reader.notes:
                reader.notes.append(note)
    if 1 in ages and settings.step == 5:
        values = np.concatenate([[values[0] + values[1]], values[2:]])
        ages = np.concatenate([ages[:1], ages[2:]])
    if table.file == LIFE_TABLE:
        is_sound = values.min() >= 0
        for i in range(1, len(values) - 1):
            if values[i] > values[i - 1]:
                row = table.row_of(period=period, sex=sex, age=int(ages[i]))
                reader.add(
                    table.file,
                    row,
                    column,
                    "survival",
                    f"生存人年多于前一组，存活比大于1（{where}）",
                    "核对数值和年龄组宽",
                )
                is_sound = False
        full = settings.step * radix
        if settings.radix is not None and not LOWEST_FIRST_SURVIVAL * full <= values[0] <= full:
            row = table.row_of(period=period, sex=sex, age=0)
            reader.add(
                table.file, row, column, "l0", f"第一组生存人年{values[0]:g}与基数l0={radix:g}不符（{where}）",
                f"l0应为该表的基数；第一组应不多于{settings.step}×l0",
            )  # fmt: skip
            is_sound = False
        if not is_sound:
            return None
    with np.errstate(divide="ignore", invalid="ignore"):
        # Where nobody lives any more nobody survives.
        return np.nan_to_num(survival_ratios(values, radix=radix, step=settings.step), nan=0.0)


def _read_fertility(
    reader: _Reader,
    table: _Table | None,
    settings: _Settings,
    sexes: tuple[str, ...],
    ages: NDArray[np.int64],
) -> Array | None:
    if table is None:
        return None
    by_period = {}
    complete = True
    for period in table.periods():
        cells = table.values("asfr", period=period)
        # Ages without children may be left out at both ends, not in between.
        inner = ages[(ages >= min(cells)) & (ages <= max(cells))]
        if len(cells) > 1 and not _check_ages(reader, table, cells, inner, settings.step, period=period):
            complete = False
        elif not set(cells) <= set(ages.tolist()):
            _report_odd_ages(reader, table, sorted(set(cells) - set(ages.tolist())), period=period)
            complete = False
        by_period[period] = np.array([cells.get(int(age), 0.0) for age in ages])
    chosen = _periods_of_steps(reader, table, settings)
    if not complete or chosen is None:
        return None
    if sexes == ("male",):
        reader.notes.append("只推算男性：fertility.csv按每名男子的生育数使用，出生只计男婴")
    return np.array([by_period[period] for period in chosen])


def _read_migration(
    reader: _Reader,
    table: _Table | None,
    settings: _Settings,
    sexes: tuple[str, ...],
    ages: NDArray[np.int64],
) -> tuple[Array, NDArray[np.int64]] | tuple[None, None]:
    """Net migrants of every step, and the rows they come from."""
    if table is None:
        return None, None
    by_period, rows = {}, {}
    complete = True
    for period in table.periods():
        for sex in sexes:
            cells = table.values("net", period=period, sex=sex)
            if _check_ages(reader, table, cells, ages, settings.step, sex=sex, period=period):
                by_period[period, sex] = [cells[int(age)] for age in ages]
                rows[period, sex] = [table.row_of(age=int(age), period=period, sex=sex) for age in ages]
            else:
                complete = False
    chosen = _periods_of_steps(reader, table, settings)
    if not complete or chosen is None:
        return None, None
    return (
        np.array([[by_period[period, sex] for sex in sexes] for period in chosen]),
        np.array([[rows[period, sex] for sex in sexes] for period in chosen]),
    )


def _read_sex_ratio(reader: _Reader, table: _Table | None, settings: _Settings) -> Array | None:
    has_file = (reader.folder / SEX_RATIO).exists()
    if not has_file:
        if settings.rows and "srb" not in settings.given:
            reader.add(
                SETTINGS,
                0,
                "srb",
                "missing-setting",
                "没有出生性别比",
                f"写 srb: 1.05，或给出 {SEX_RATIO}（period,srb）",
            )
        return None if settings.srb is None else np.full(settings.steps, settings.srb)
    if "srb" in settings.given:
        reader.add(
            SETTINGS,
            settings.rows["srb"],
            "srb",
            "sex-ratio",
            f"出生性别比写了两处：srb和{SEX_RATIO}",
            "只留一处",
        )
    if table is None:
        return None
    chosen = _periods_of_steps(reader, table, settings)
    if chosen is None:
        return None
    by_period = {record["period"]: record["srb"] for record in table.rows}
    return np.array([by_period[period] for period in chosen])


@dataclass(frozen=True)
class _Bound:
    """What a value must not be, and what to say then."""

    is_wrong: Callable[[float], bool]
    code: str
    message: str
    remedy: str


_BOUNDS: dict[str, tuple[str, tuple[_Bound, ...]]] = {
    POPULATION: ("value", (_Bound(lambda value: value < 0, "negative", "人口小于0", "核对数值"),)),
    SURVIVAL: ("sx", (
        _Bound(
            lambda value: not 0 <= value <= 1, "survival", "存活比应在0和1之间", "核对；存活比不会大于1，也不写成百分数"
        ),
    )),
    LIFE_TABLE: ("nLx", (_Bound(lambda value: value < 0, "negative", "生存人年小于0", "核对数值"),)),
    DEATH_RATES: ("nmx", (
        _Bound(lambda value: value < 0, "negative", "死亡率小于0", "核对数值"),
        _Bound(
            lambda value: value > HIGHEST_DEATH_RATE, "unit", f"死亡率大于{HIGHEST_DEATH_RATE:g}",
            "写每人年的死亡率（0.008），不是千分率（8）",
        ),
    )),
    FERTILITY: ("asfr", (
        _Bound(lambda value: value < 0, "negative", "生育率小于0", "核对数值"),
        _Bound(
            lambda value: value > HIGHEST_BIRTH_RATE, "unit", f"生育率大于{HIGHEST_BIRTH_RATE:g}",
            "写每名妇女每年的生育数（0.0908），不是千分率（90.8），也不是五年合计",
        ),
    )),
    MIGRATION: ("net", ()),
    SEX_RATIO: ("srb", (
        _Bound(
            lambda value: not _is_sex_ratio(value), "sex-ratio", "出生性别比不合理",
            "写每名女婴对应的男婴数，例如 1.05，不是105",
        ),
    )),
}  # fmt: skip


def _check_values(reader: _Reader, table: _Table) -> None:
    column, bounds = _BOUNDS[table.file]
    for record, number in zip(table.rows, table.numbers, strict=True):
        value = record[column]
        for bound in bounds:
            if not math.isnan(value) and bound.is_wrong(value):
                reader.add(
                    table.file, number, column, bound.code, f"{bound.message}：{value:g}", bound.remedy
                )


def _other_width(cells: Iterable[int], step: int) -> int:
    """Commonest width of the age groups if it is not the step; else 0. A single gap is not another width."""
    widths = Counter(np.diff(sorted(cells)).tolist())
    if not widths or widths[step] == max(widths.values()):
        return 0
    return int(widths.most_common(1)[0][0])


def _age_width(ages: Iterable[int]) -> int:
    """Commonest width of the age groups if it is a step that may be used; else 0."""
    widths = Counter(np.diff(sorted(set(ages))).tolist()).most_common(1)
    return int(widths[0][0]) if widths and widths[0][0] in STEPS else 0


def _check_ages(
    reader: _Reader,
    table: _Table,
    cells: dict[int, float],
    expected: NDArray[np.int64],
    step: int,
    **key: str,
) -> bool:
    """Whether one sex and period has exactly the expected ages; what is missing or odd is reported."""
    where = _where(key)
    if not cells:
        reader.add(table.file, 0, "age", "gap", f"没有数据（{where}）", "补上这些行")
        return False
    width = _other_width(cells, step)
    if width and len(cells) > 2:
        reader.add(
            table.file, 0, "age", "age-width", f"年龄组宽{width}岁，步长{step}年{f'（{where}）' if where else ''}",
            "年龄组宽必须等于步长，各文件相同",
        )  # fmt: skip
        return False
    missing = sorted(set(expected.tolist()) - set(cells))
    odd = sorted(set(cells) - set(expected.tolist()))
    if missing:
        ages = "、".join(map(str, missing))
        reader.add(
            table.file,
            0,
            "age",
            "gap",
            f"缺年龄{ages}{f'（{where}）' if where else ''}",
            "各性别、各文件的年龄组必须相同",
        )
    if odd:
        _report_odd_ages(reader, table, odd, **key)
    return not missing and not odd


def _report_odd_ages(reader: _Reader, table: _Table, odd: list[int], **key: str) -> None:
    for age in odd:
        if table.file == POPULATION:
            message, remedy = f"年龄{age}不在等距的分组上", "年龄组从0岁起，组宽等于步长；0岁和1—4岁要合并"
        else:
            message, remedy = f"年龄{age}与人口的年龄组不符", "各文件的年龄组必须相同，开口组也相同"
        reader.add(table.file, table.row_of(age=age, **key), "age", "age-groups", message, remedy)


def _where(key: dict[str, str]) -> str:
    sex = _SEXES_ZH.get(key.get("sex", ""), "")
    period = f"期间{key['period']}" if "period" in key else ""
    return "，".join(part for part in (sex, period) if part)


def _periods_of_steps(reader: _Reader, table: _Table, settings: _Settings) -> list[str] | None:
    """Label of the period that holds in each step.

    One period holds in all steps. Several periods are numbers of steps (0, 1, ... or 1, 2, ...), start years, or
    spans of years; then every step needs one. Nothing is carried forward silently.
    """
    labels = table.periods()
    if len(labels) == 1:
        if settings.steps > 1:
            reader.notes.append(f"{table.file}：只有一个期间，各步相同")
        return labels * settings.steps
    if not settings.start_year or not settings.steps:
        return None
    spans = {}
    for label in labels:
        whole, span = _WHOLE.fullmatch(label), _SPAN.fullmatch(label)
        if whole and int(whole[1]) < LOWEST_YEAR:
            spans[label] = (int(whole[1]), -1)
        elif whole:
            spans[label] = (int(whole[1]), int(whole[1]) + settings.step)
        elif span and int(span[2]) > int(span[1]):
            spans[label] = (int(span[1]), int(span[2]))
        else:
            reader.add(
                table.file, table.row_of_period(label), "period", "period", f"期间“{label}”不认识",
                "写一步的起始年（2020）、起止年（2020-2025）或第几步（1、2……）",
            )  # fmt: skip
    if len(spans) < len(labels):
        return None
    is_index = [end == -1 for _, end in spans.values()]
    if any(is_index) and not all(is_index):
        reader.add(table.file, 0, "period", "period", "期间有的写年份，有的写第几步", "统一写法")
        return None
    if any(is_index):
        base = 0 if any(start == 0 for start, _ in spans.values()) else 1
        year_of = {
            label: settings.start_year + (number - base) * settings.step
            for label, (number, _) in spans.items()
        }
        spans = {label: (year, year + settings.step) for label, year in year_of.items()}
    else:
        ordered = sorted(spans.values())
        if all(after[0] == before[1] + 1 for before, after in zip(ordered[:-1], ordered[1:], strict=True)):
            spans = {label: (start, end + 1) for label, (start, end) in spans.items()}  # 2020-2024, 2025-2029
    return _match_periods(reader, table, settings, spans)


def _match_periods(
    reader: _Reader, table: _Table, settings: _Settings, spans: dict[str, tuple[int, int]]
) -> list[str] | None:
    chosen, absent, is_sound = [], [], True
    for year in settings.starts:
        holds = [
            label for label, (start, end) in spans.items() if start <= year and year + settings.step <= end
        ]
        if not holds:
            absent.append(year)
        elif len(holds) > 1:
            row = table.row_of_period(holds[1])
            message = f"{year}年起的一步有{len(holds)}个期间：{'、'.join(holds)}"
            reader.add(table.file, row, "period", "overlap", message, "期间不能重叠")
            is_sound = False
        else:
            chosen.append(holds[0])
    if absent:
        reader.add(
            table.file, 0, "period", "gap", f"{'、'.join(map(str, absent))}年起的步没有数据",
            "每一步都要给出；只给一个期间表示各步相同",
        )  # fmt: skip
    first, last = settings.starts[0], settings.starts[-1] + settings.step
    outside = []
    for label, (start, end) in spans.items():
        if label in chosen or not is_sound:
            continue
        if start < last and end > first:
            message = f"期间“{label}”与任何一步都不对应（步长{settings.step}年，从{first}年起）"
            reader.add(
                table.file,
                table.row_of_period(label),
                "period",
                "period",
                message,
                "期间应从一步的起始年开始",
            )
            is_sound = False
        else:
            outside.append(label)
    if outside:
        reader.notes.append(f"{table.file}：期间{'、'.join(outside)}在推算年份以外，没有使用")
    return chosen if is_sound and not absent else None


def _age_name(ages: NDArray[np.int64], index: int) -> str:
    lower = int(ages[index])
    if index == len(ages) - 1:
        return f"{lower}岁及以上"
    upper = int(ages[index + 1]) - 1
    return f"{lower}岁" if upper == lower else f"{lower}—{upper}岁"
