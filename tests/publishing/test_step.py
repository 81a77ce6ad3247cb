from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing.step import DAMAGED, FIRST_TIME, Step, changes


def _write(path: str, text: str) -> None:
    Path(path).write_text(text, encoding="utf-8")


def _refuse() -> None:
    raise PopbookError("不行")


def _names(output: Path) -> Iterable[str]:
    return output.read_text(encoding="utf-8").splitlines()


def make_step(folder: Path, text: str = "结果", key: str = "k", **state: str) -> Step:
    """Return a step that writes a text, whose lines name what it has read."""
    out = folder / "out"
    return Step("一步", 2024, out, {"参数": key}, _write, (str(out), text), folder / "out.key", "", state, _names)


def test_a_step_is_valid_after_it_has_run(tmp_path: Path) -> None:
    step = make_step(tmp_path)
    assert step.why() == FIRST_TIME
    step.run()
    assert step.why() == ""


def test_a_step_with_other_inputs_is_not_valid(tmp_path: Path) -> None:
    make_step(tmp_path).run()
    assert make_step(tmp_path, key="other").why() == "参数变了"


@pytest.mark.parametrize("damage", ["out", "out.key"])
def test_a_damaged_result_or_note_is_told(tmp_path: Path, damage: str) -> None:
    step = make_step(tmp_path)
    step.run()
    (tmp_path / damage).write_text("damaged", encoding="utf-8")
    assert step.why() == DAMAGED


def test_a_failed_run_leaves_no_key(tmp_path: Path) -> None:
    make_step(tmp_path).run()
    with pytest.raises(PopbookError):
        replace(make_step(tmp_path), call=_refuse, arguments=()).run()
    assert make_step(tmp_path).why() == FIRST_TIME


@pytest.mark.parametrize("kept", ["{}", "[]", '{"inputs": 1, "reads": {}, "output": ""}', "null", "\udcff"])
def test_a_note_of_another_form_counts_as_damaged(tmp_path: Path, kept: str) -> None:
    step = make_step(tmp_path)
    step.run()
    step.key_file.write_bytes(kept.encode("utf-8", "surrogateescape"))
    assert step.why() == DAMAGED


def test_only_what_was_read_makes_a_step_run_again(tmp_path: Path) -> None:
    make_step(tmp_path, "a\nabsent", a="1", b="1").run()
    assert make_step(tmp_path, a="1", b="2").why() == ""
    assert make_step(tmp_path, a="2", b="1").why() != ""
    assert make_step(tmp_path, a="1", b="1", absent="1").why() != ""


def test_the_note_holds_the_state_from_before_the_run(tmp_path: Path) -> None:
    step = make_step(tmp_path, "a", a="before")
    step.run()
    assert json.loads(step.key_file.read_text(encoding="utf-8"))["reads"] == {"a": "before"}


def test_a_reason_names_files_and_counts_the_rest() -> None:
    reads = {f"record sources s{i}": "old" for i in range(5)}
    text = changes({"popbook/ledger/store.py": "a"}, {"popbook/ledger/store.py": "b"}, reads, {})
    assert text == "popbook/ledger/store.py 变了；data/sources.csv 变了：s0等 6 处"


def test_an_input_that_is_gone_is_a_change() -> None:
    assert changes({"popbook/ledger/gone.py": "a"}, {}, {}, {}) == "popbook/ledger/gone.py 变了"


def test_a_reason_names_the_narrowest_of_what_has_changed() -> None:
    reads = ["everything", "table observations", "rows births", "series births 330100", "table sources"]
    assert changes({}, {}, dict.fromkeys(reads, "old"), {}) == "data/observations.csv 变了：births 330100；数据表 sources 变了"
    wide = {"everything": "old", "descriptor": "old"}
    assert changes({}, {}, wide, {}) == "data/datapackage.json 变了"
    assert changes({}, {}, {"everything": "old"}, {}) == "data/ 变了"
