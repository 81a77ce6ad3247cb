from __future__ import annotations

from pathlib import Path

import vl_convert

from popbook.exhibits import vega
from popbook.exhibits.vega import COMMAND, SHIPPED_FILE, bundled, main, write_vega_bundle


def test_shipped_script_is_what_the_installed_converter_makes() -> None:
    assert SHIPPED_FILE.read_bytes() == bundled(), (
        f"vl-convert-python {vl_convert.__version__} makes another script; write it again with: {COMMAND}"
    )


def test_the_read_me_beside_it_names_versions_command_and_licences() -> None:
    text = (SHIPPED_FILE.parent / "README.md").read_text(encoding="utf-8")
    assert f"Vega {vl_convert.get_vega_version()}, " in text
    assert f"Vega-Lite {vl_convert.get_vegalite_versions()[-1]} " in text
    assert f"Vega-Embed {vl_convert.get_vega_embed_version()} " in text
    assert COMMAND in text
    licences = (SHIPPED_FILE.parent / "LICENCES.txt").read_text(encoding="utf-8")
    for name in ("Vega-Lite", "Vega-Embed", "D3", "json-stringify-pretty-compact"):
        assert name in licences


def test_the_command_writes_the_file_again(monkeypatch, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(vega, "SHIPPED_FILE", tmp_path / "again.js")
    main([])
    write_vega_bundle(tmp_path / "site.js")
    assert (
        (tmp_path / "site.js").read_bytes()
        == (tmp_path / "again.js").read_bytes()
        == SHIPPED_FILE.read_bytes()
    )
