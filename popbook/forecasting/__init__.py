"""Floor 3, forecasting: splicing, trend and regression models, combination and intervals."""
