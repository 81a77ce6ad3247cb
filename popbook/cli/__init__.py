"""Floor 7, the command line: parses, calls, prints; no logic.

Heavy packages are imported inside the commands, so that ``popbook --help`` answers at once.
"""

from __future__ import annotations

from popbook.cli.main import main

__all__ = ["main"]
