"""The published drawing of a figure is what its published specification draws."""

from __future__ import annotations

import json

import pytest

from popbook.exhibits.model import WIDE
from popbook.exhibits.render import draw_svg, standalone_svg
from tests.book.conftest import SITE, editions, read_index

pytestmark = pytest.mark.book

VARIANT = f"-{WIDE.name}-", "-titled-"


@pytest.mark.parametrize("edition", editions()[-1:])
def test_every_drawing_is_that_of_its_specification(edition: str) -> None:
    figures = [name for name, row in read_index(edition, "exhibits.json").items() if row["kind"] == "figure"]
    assert len(figures) > 30
    for name in figures:
        folder = SITE / edition / "exhibits" / name
        spec = json.loads((folder / "spec.json").read_text(encoding="utf-8"))
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        drawn = draw_svg(spec, name, WIDE, meta["title"], meta["alt"])
        titled = drawn.replace(*VARIANT).replace(f'pb-{WIDE.name}"', 'pb-titled"')
        assert standalone_svg(titled) == (folder / "chart.svg").read_text(encoding="utf-8"), name
