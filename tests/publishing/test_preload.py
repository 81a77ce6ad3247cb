from __future__ import annotations

import os
import subprocess
import sys

import pytest

from popbook.publishing.environment import DETERMINISTIC_ENVIRONMENT


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts threads as Linux shows them")
def test_what_is_loaded_before_forking_starts_no_thread() -> None:
    code = "import os, popbook.publishing.preload\nprint(len(os.listdir('/proc/self/task')))"
    environment = {**os.environ, **DETERMINISTIC_ENVIRONMENT}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == "1"
