from __future__ import annotations

from popbook.exhibits import charts


def test_chapters_find_every_kind_of_chart_in_one_place() -> None:
    kinds = {
        name
        for name in dir(charts)
        if name.endswith(("_chart", "_map", "_matrix", "_multiples")) or name == "sparkline"
    }
    assert kinds == set(charts.__all__) - {"BreakLine", "Level"}
