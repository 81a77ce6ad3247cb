"""By how much the forecast of residents moved between two editions, and why: terms that add up to the change.

With ``o`` the later edition's last published year, ``F`` the combination and ``C`` the cohort projection of each
edition (its only member that counts births, deaths and migrants)::

    F2(t) - F1(t) = [P(o) - F1(o)]                        new jump-off: the published figure instead of the forecast
                  + [B2(o,t) - B1(o,t)]                   births between o and t
                  - [D2(o,t) - D1(o,t)]                   deaths
                  + [M2(o,t) - M1(o,t)]                   net migration
                  + [F2(t) - C2(t)] - [F1(t) - C1(t) - (F1(o) - C1(o))]      the other members of the combination

The last term is what the other members say beyond the cohort projection: the model.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from popbook.forecasting.cohort import PERSONS, read_cohort_model
from popbook.forecasting.concepts import cohort_totals, forecast_concepts, last_year, peer_growth
from popbook.forecasting.splice import splice_series
from popbook.forecasting.trend import MEMBER_NAMES_ZH
from popbook.ledger.errors import MissingDataError, UsageError
from popbook.ledger.store import Ledger

TERMS: Final = ("jump_off", "births", "deaths", "net_migration", "model")
CHANGE_COLUMNS: Final = ("year", "before", "after", "change", *TERMS)


def decompose_forecast_change(
    before: Ledger, after: Ledger, years: tuple[int, ...] | None = None
) -> pd.DataFrame:
    """Split the change of the forecast of residents between two editions.

    Parameters
    ----------
    before, after
        Ledgers of the earlier and the later edition.
    years
        Forecast years; those of the calendar of the later edition's plan if none are given. Those not after the later edition's jump-off are left out.

    Returns
    -------
    DataFrame
        Columns :data:`CHANGE_COLUMNS`, 万人: the combination of both editions, the change, and its five terms as
        contributions to residents (more deaths are a negative term). The terms add up to the change.

    Raises
    ------
    UsageError
        If the editions are not in order of time.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> table = decompose_forecast_change(read_ledger().for_edition(2023), read_ledger().for_edition(2024))
    >>> bool((table[list(TERMS)].sum(axis=1) - table["change"]).abs().max() < 1e-6)
    True
    """
    if before.edition is None or after.edition is None or before.edition >= after.edition:
        raise UsageError("预测的变化要从较早的年度版算到较晚的年度版", "", "先给较早的年度版，再给较晚的")
    try:
        old, new = forecast_concepts(before).resident, forecast_concepts(after).resident
    except MissingDataError:  # no forecast, no change of it
        return pd.DataFrame(columns=list(CHANGE_COLUMNS))
    origin = new.origin_year
    old_path = pd.concat([pd.Series({old.origin_year: old.origin_value}), old.path.set_index("year")["point"]])
    new_path = pd.concat([pd.Series({origin: new.origin_value}), new.path.set_index("year")["point"]])
    old_flows, new_flows = _flows(before), _flows(after)
    rows = []
    for year in years or after.plan.document.milestones:
        # The next plan looks further ahead than the last one did.
        if year <= origin or year not in old_path.index:
            continue
        then, now = (flows.loc[origin + 1 : year].sum() for flows in (old_flows, new_flows))
        terms = {
            "jump_off": new.origin_value - float(old_path[origin]),
            "births": float(now["births"] - then["births"]),
            "deaths": -float(now["deaths"] - then["deaths"]),
            "net_migration": float(now["net_migration"] - then["net_migration"]),
        }
        beyond = float(new_path[year]) - new.origin_value - _balance(now)
        beyond_before = float(old_path[year]) - float(old_path[origin]) - _balance(then)
        rows.append({"year": year, "before": float(old_path[year]), "after": float(new_path[year]),
                     "change": float(new_path[year] - old_path[year]), **terms, "model": beyond - beyond_before})
    return pd.DataFrame(rows, columns=list(CHANGE_COLUMNS))


def forecast_assumptions(ledger: Ledger) -> dict[str, str]:
    """Return what the forecast of residents of an edition rests on, as printed values by Chinese name.

    Examples
    --------
    >>> from popbook.ledger.store import read_ledger
    >>> list(forecast_assumptions(read_ledger().for_edition(2024)))
    ['起点', '总和生育率', '死亡率相对联合国中国数', '净迁移靠拢的城市年均增速', '组合的成员']
    """
    resident = forecast_concepts(ledger).resident
    inputs, _ = read_cohort_model(ledger, last_year(ledger))
    growth, source = peer_growth(ledger)
    members = [MEMBER_NAMES_ZH[name] for name in dict.fromkeys(resident.members["member"])]
    return {
        "起点": f"{resident.origin_year}年末{resident.origin_value:.1f}万人",
        "总和生育率": f"{inputs.total_fertility:.2f}",
        "死亡率相对联合国中国数": f"{inputs.mortality_scale:.2f}倍",
        "净迁移靠拢的城市年均增速": f"{100 * growth.mean():.2f}%（{source}）",
        "组合的成员": "、".join(members),
    }


def _flows(ledger: Ledger) -> pd.DataFrame:
    """Births, deaths and net migration of the cohort projection by year, 万人."""
    growth, _ = peer_growth(ledger)
    spliced = splice_series(ledger, "resident_population")
    table = cohort_totals(ledger, spliced, last_year(ledger), float(growth.mean())).set_index("year")
    return table[["births", "deaths", "net_migration"]] / PERSONS


def _balance(flows: pd.Series) -> float:
    return float(flows["births"] - flows["deaths"] + flows["net_migration"])
