from __future__ import annotations

import subprocess
import sys


def test_importing_the_package_keeps_the_grammar_of_addresses_from_being_built() -> None:
    code = "import popbook, altair, nbformat, sys; print(sys.modules.get('rfc3987_syntax.syntax_helpers'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None"
