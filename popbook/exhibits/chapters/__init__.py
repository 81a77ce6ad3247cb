"""The five chapters of the report: each section is one function that returns what the page says and shows."""
