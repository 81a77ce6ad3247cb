"""Floor 2, demography: age structure, life tables, migration residuals and cohort arithmetic."""
