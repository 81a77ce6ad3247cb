"""The plan as printed: targets, scenario paths, tables, clauses, commitments. Nothing here is corrected.

``data/plan/README.md`` describes the tables and how the next plan or another city's is set up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from popbook.ledger.errors import UsageError
from popbook.ledger.model import PlanDocument


@dataclass(frozen=True)
class Plan:
    """The tables of ``data/plan/`` as data frames, read when first asked for.

    Parameters
    ----------
    table : callable
        Resource name → DataFrame; `popbook.ledger.store.Ledger.table`, so that evidence respects the cut-off date
        and the rows of other plans stay out.
    document : PlanDocument
        Name, city and years of the plan.
    """

    table: Callable[[str], pd.DataFrame]
    document: PlanDocument

    @property
    def targets(self) -> pd.DataFrame:
        """Table 4: the indicators with base and target values, one row per target."""
        return self.table("plan_targets")

    @property
    def scenario_paths(self) -> pd.DataFrame:
        """Table 3: low, medium and high paths by year and population concept (万人)."""
        return self.table("plan_scenario_paths")

    @property
    def table1(self) -> pd.DataFrame:
        """Table 1: population by concept and year, with printed increments (万人)."""
        return self.table("plan_table1_population")

    @property
    def table2(self) -> pd.DataFrame:
        """Table 2: registered residents aged 60 and over by district."""
        return self.table("plan_table2_hukou_60plus")

    @property
    def clauses(self) -> pd.DataFrame:
        """Every clause with a number, with its place in the text and a summary in our own words."""
        return self.table("plan_clauses")

    @property
    def quantities(self) -> pd.DataFrame:
        """Every number of the text, as printed and as read."""
        return self.table("plan_quantities")

    @property
    def projects(self) -> pd.DataFrame:
        """The seven projects and the main tasks."""
        return self.table("plan_projects")

    @property
    def commitments(self) -> pd.DataFrame:
        """Quantified commitments with amount, unit, comparison and due year."""
        return self.table("plan_commitments")

    @property
    def conflicts(self) -> pd.DataFrame:
        """Programmes to which the plan gives two different numbers."""
        return self.table("plan_conflicts")

    @property
    def evidence(self) -> pd.DataFrame:
        """Published evidence on commitments."""
        return self.table("plan_evidence")

    def has_paths(self, concept: str) -> bool:
        """Whether the plan prints scenario paths of a population concept."""
        return concept in set(self.scenario_paths["concept"])

    def path(self, concept: str, scenario: str) -> pd.Series:
        """One scenario path of table 3.

        Parameters
        ----------
        concept : str
            ``"resident"``, ``"hukou"`` or ``"floating"``.
        scenario : str
            ``"low"``, ``"medium"`` or ``"high"``.

        Returns
        -------
        Series
            Persons in 万人, indexed by year, ascending.

        Raises
        ------
        UsageError
            If table 3 has no such path.
        """
        paths = self.scenario_paths
        chosen = paths[(paths["concept"] == concept) & (paths["scenario"] == scenario)]
        if chosen.empty:
            raise UsageError(
                f"规划表 3 没有“{concept} / {scenario}”路径",
                "plan/scenario_paths.csv",
                f"口径可选：{'、'.join(sorted(set(paths['concept'])))}；方案可选：{'、'.join(sorted(set(paths['scenario'])))}",
            )
        return chosen.set_index("year")["value"].sort_index()
