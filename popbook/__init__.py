"""popbook: a city's population plan as a living, citable, yearly monitoring report."""

__version__ = "0.1.0"
