"""popbook: a city's population plan as a living, citable, yearly monitoring report."""

import sys

__version__ = "0.1.0"

# jsonschema (under altair, nbformat, jupyter-book) imports this package, where it is installed, to check addresses with
# signs outside ASCII, which nothing here does; building its grammar takes 1.7 s in every process.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
