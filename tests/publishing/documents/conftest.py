from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from popbook.exhibits.render import png
from popbook.publishing.documents.report import report_blocks
from popbook.publishing.documents.word import Picture
from popbook.publishing.documents.write import drawings
from tests.publishing.documents.small import HOSTILE, manuscript, small_run


@pytest.fixture(scope="session")
def report(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], dict[str, str], dict[str, Picture]]:
    """Blocks, drawings and pictures of a report whose titles and cells are hostile."""
    root: Path = tmp_path_factory.mktemp("book")
    run = small_run(title=HOSTILE, cell=HOSTILE)
    svgs = dict(drawings(run))
    return (
        report_blocks(manuscript(root / "a", run)),
        svgs,
        {name: Picture(png(svg)) for name, svg in svgs.items()},
    )
