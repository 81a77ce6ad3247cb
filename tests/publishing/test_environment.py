from __future__ import annotations

import os

from popbook.publishing.environment import environment


def test_environment_is_put_back() -> None:
    os.environ["POPBOOK_TEST_KEPT"] = "before"
    with environment(POPBOOK_TEST_KEPT="during", POPBOOK_TEST_NEW="during"):
        assert os.environ["POPBOOK_TEST_KEPT"] == "during"
    assert os.environ.pop("POPBOOK_TEST_KEPT") == "before"
    assert "POPBOOK_TEST_NEW" not in os.environ
