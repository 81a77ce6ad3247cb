"""What a section cannot be written without, and the section that stands in its place when that is not there.

A plan may be small and a city may publish little: no census, no districts, no panel of other cities. A section then
says in one sentence what it lacks, and the chapter goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING

from popbook.exhibits.citations import date_words
from popbook.exhibits.model import Section
from popbook.ledger.errors import MissingDataError

if TYPE_CHECKING:
    from popbook.exhibits.report import Report
    from popbook.ledger.store import Ledger


@dataclass(frozen=True)
class Needs:
    """What must be in the data of an edition.

    Parameters
    ----------
    targets
        Indicators for which the plan has a target.
    quantities
        Numbers of the plan's text.
    paths
        Population concepts of which the plan prints scenario paths.
    tables
        Tables of the data folder that must have at least one row the edition sees.
    rules
        Rules in ``warning_rules.csv``.
    districts
        Whether the city must have districts.
    """

    targets: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    districts: bool = False

    def lacking(self, ledger: Ledger) -> list[str]:
        """Return in words what an edition does not have, in the order of the parameters.

        Parameters
        ----------
        ledger
            The ledger of an edition.

        Examples
        --------
        >>> from popbook.ledger.store import read_ledger
        >>> Needs(targets=("resident_population", "census_male"), districts=True).lacking(read_ledger().for_edition(2024))
        ['规划对男性普查人口的目标']
        """
        return list(self._lacking(ledger))

    def _lacking(self, ledger: Ledger) -> Iterator[str]:
        plan = ledger.plan
        with_target = set(plan.targets["indicator_id"])
        for indicator_id in self.targets:
            if indicator_id not in with_target:
                known = ledger.indicators.get(indicator_id)
                yield f"规划对{known.name_zh if known else indicator_id}的目标"
        if set(self.quantities) - set(plan.quantities["quantity_id"]):
            yield "规划正文中的有关数字"
        if set(self.paths) - set(plan.scenario_paths["concept"]):
            yield "规划的方案路径"
        for name in self.tables:
            if ledger.table(name).empty:
                yield ledger.package.resources[name].title
        if set(self.rules) - set(ledger.table("warning_rules", as_published=False)["rule_id"]):
            yield "预警规则"
        if self.districts and not any(region.level == "district" for region in ledger.regions.values()):
            yield "区县数据"


NEEDS: dict[str, Needs] = {}
"""What each section needs, by section id; filled as the chapters are loaded."""


def or_gap(
    id: str, name: str, needs: Needs | None = None, level: int = 2
) -> Callable[[Callable[[Report], Section]], Callable[[Report], Section]]:
    """Make a section answer with one sentence where its data are missing; stands above the function that makes it.

    Parameters
    ----------
    id, name
        Id of the section, and what it is about in a few words.
    needs
        What must be there; what only a model finds missing is told by its error.
    level
        Level of its heading.
    """
    wanted = NEEDS.setdefault(id, needs or Needs())

    def decorated(section: Callable[[Report], Section]) -> Callable[[Report], Section]:
        @wraps(section)
        def answered(report: Report) -> Section:
            missing = wanted.lacking(report.ledger)
            if not missing:
                try:
                    return section(report)
                except MissingDataError as error:
                    missing = [error.what]
            return gap(report, id, name, missing, level)

        return answered

    return decorated


def gap(report: Report, id: str, name: str, missing: list[str], level: int = 2) -> Section:
    """Return the section that says what is missing.

    Parameters
    ----------
    report
        The edition.
    id, name
        Id of the section, and what it is about in a few words.
    missing
        What it lacks, in words.
    level
        Level of its heading.
    """
    until = date_words(report.about.cut_off, "day")
    lead = f"本节需要{'、'.join(missing)}，截至{until}没有公布或没有登记，本版从略。"
    return Section(id, f"{name}：缺少数据", lead, level=level)
