"""Floor 2, demography: textbook arithmetic on anybody's tables. Names and formulas follow Preston, Heuveline & Guillot (2001).

- Life tables: `build_life_table` (from ``nmx`` or ``nqx``, abridged or single-year), `average_years_lived`,
  `graduate_life_table`, `life_expectancy`, `survival_ratios`; a model table at a published life expectancy:
  `scale_to_life_expectancy` (factor), `shift_to_life_expectancy` and `relate_life_table` (Brass).
- Projection: `project_cohorts` (one or two sexes, steps of one or five years, migrants at the end or evenly),
  `project_trajectories` (many at once), `project_folder` (inputs as files); `project_hamilton_perry` with
  `cohort_change_ratios` and `temper_ratios` as a cross-check.
- Fertility and reproduction: `age_specific_fertility`, `expected_births`, `implied_total_fertility`,
  `general_fertility_rate`, `mean_age_at_childbearing`; `net_maternity`, `net_reproduction_rate`,
  `intrinsic_growth_rate`, `intrinsic_birth_rate`, `mean_length_of_generation`, `stable_age_distribution`,
  `population_momentum`.
- Migration: `rogers_castro` and `fit_rogers_castro` (7, 11, 13 and more parameters, student peak),
  `net_migration_residual` (yearly), `census_survival_residual` (by cohort).
- Ages: `split_to_single_ages`, `fit_margins` (iterative proportional fitting), `cohort_births`, `survive_ten_years`;
  `broad_age_table`, `pyramid_table`, `dependency_ratio`, `median_age`, `compare_censuses`.
"""

from __future__ import annotations

from popbook.demography.age_splitting import cohort_births, fit_margins, split_to_single_ages
from popbook.demography.age_structure import (
    broad_age_table,
    compare_censuses,
    dependency_ratio,
    median_age,
    pyramid_table,
)
from popbook.demography.cohort_component import (
    NegativePopulationError,
    Projection,
    Trajectories,
    project_cohorts,
    project_trajectories,
)
from popbook.demography.cohort_files import project_folder, read_projection_inputs
from popbook.demography.fertility import (
    age_specific_fertility,
    expected_births,
    general_fertility_rate,
    implied_total_fertility,
    mean_age_at_childbearing,
)
from popbook.demography.hamilton_perry import cohort_change_ratios, project_hamilton_perry, temper_ratios
from popbook.demography.life_table import (
    average_years_lived,
    build_life_table,
    graduate_life_table,
    life_expectancy,
    relate_life_table,
    scale_to_life_expectancy,
    shift_to_life_expectancy,
    survival_ratios,
)
from popbook.demography.migration import (
    ScheduleFit,
    census_survival_residual,
    fit_rogers_castro,
    net_migration_residual,
    rogers_castro,
    survive_ten_years,
)
from popbook.demography.stable_population import (
    intrinsic_birth_rate,
    intrinsic_growth_rate,
    mean_length_of_generation,
    net_maternity,
    net_reproduction_rate,
    population_momentum,
    stable_age_distribution,
)

__all__ = [
    "NegativePopulationError",
    "Projection",
    "ScheduleFit",
    "Trajectories",
    "age_specific_fertility",
    "average_years_lived",
    "broad_age_table",
    "build_life_table",
    "census_survival_residual",
    "cohort_births",
    "cohort_change_ratios",
    "compare_censuses",
    "dependency_ratio",
    "expected_births",
    "fit_margins",
    "fit_rogers_castro",
    "general_fertility_rate",
    "graduate_life_table",
    "implied_total_fertility",
    "intrinsic_birth_rate",
    "intrinsic_growth_rate",
    "life_expectancy",
    "mean_age_at_childbearing",
    "mean_length_of_generation",
    "median_age",
    "net_maternity",
    "net_migration_residual",
    "net_reproduction_rate",
    "population_momentum",
    "project_cohorts",
    "project_folder",
    "project_hamilton_perry",
    "project_trajectories",
    "pyramid_table",
    "read_projection_inputs",
    "relate_life_table",
    "rogers_castro",
    "scale_to_life_expectancy",
    "shift_to_life_expectancy",
    "split_to_single_ages",
    "stable_age_distribution",
    "survival_ratios",
    "survive_ten_years",
    "temper_ratios",
]
