from __future__ import annotations

from popbook.exhibits.imprint import Imprint
from popbook.publishing.sphinx_ext.imprinted import IMPRINTED, report_references


def test_the_report_is_cited_in_both_forms_of_the_standard_and_for_bibliographies() -> None:
    text = report_references(Imprint(2024, "r1", "监测报告（2024年度）", "2025-06-30", "ab" * 32))
    assert "监测报告（2024年度）：2024-r1[R/OL]. 2025-06-30. 版本指纹:abababababab." in text
    assert "监测报告（2024年度）：2024-r1[R/OL]. (2025-06-30). 版本指纹:abababababab." in text
    assert "@techreport{popbook-2024-r1," in text


def test_every_mark_of_a_page_is_known() -> None:
    assert set(IMPRINTED) == {"report_references", "figure_index", "table_index", "fact_index"}
