from __future__ import annotations

import json

from popbook.exhibits.citable import cite
from popbook.exhibits.linked_data import dataset_json, report_json
from tests.exhibits.test_citable import IMPRINT, REGISTER, fact, figure


def test_a_number_is_a_dataset_with_one_measured_value() -> None:
    found = json.loads(dataset_json(cite(fact(), REGISTER, IMPRINT), IMPRINT, "说明"))
    assert found["@type"] == "Dataset"
    assert found["variableMeasured"]["value"] == "1262.4万人"
    assert found["identifier"] == ["fact-resident-population-2024", f"sha256:{IMPRINT.fingerprint}"]
    assert found["spatialCoverage"] == "杭州市"
    assert "distribution" not in found


def test_a_figure_names_its_years_indicators_and_files() -> None:
    bundle = {
        "region": "杭州市",
        "years": [2015, 2024],
        "indicators": [{"name": "年末常住人口", "definition": "定义", "unit": "万人"}],
    }
    found = json.loads(dataset_json(cite(figure(), REGISTER, IMPRINT), IMPRINT, "说明", bundle))
    assert found["temporalCoverage"] == "2015/2024"
    assert found["variableMeasured"][0]["unitText"] == "万人"
    assert [each["contentUrl"] for each in found["distribution"]] == [
        "data.csv",
        "data.xlsx",
        "chart.svg",
        "chart.png",
    ]


def test_the_report_names_its_machine_readable_files() -> None:
    found = json.loads(report_json(IMPRINT, "说明", ["facts.json", "targets.csv"]))
    assert [each["encodingFormat"] for each in found["distribution"]] == ["application/json", "text/csv"]
    assert found["version"] == "2024-r1"


def test_nothing_can_end_the_script_element_early() -> None:
    hostile = cite(fact(label="</script><b>"), REGISTER, IMPRINT)
    assert "<" not in dataset_json(hostile, IMPRINT, "<!--<script>")
