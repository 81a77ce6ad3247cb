"""The script of the live views: Vega, Vega-Lite and Vega-Embed as the chart converter bundles them, shipped as one file.

Bundling takes seconds and depends on nothing but the version of the converter; a test holds the file against it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import vl_convert

VEGA_FILE = "vega-bundle.js"
SHIPPED_FILE = Path(__file__).parent / "assets" / "vega" / VEGA_FILE
GLOBALS = "window.vegaEmbed = vegaEmbed; window.vega = vega; window.vegaLite = vegaLite;"
COMMAND = "python -m popbook.exhibits.vega"
"""Writes the shipped file again, after the converter was raised."""


def bundled() -> bytes:
    """Return the script as the installed converter makes it; it asks for nothing from the network."""
    # In a function of its own: the bundle's short names (`_`) would collide with those of the pages' other scripts.
    return f"(function () {{\n{vl_convert.javascript_bundle(GLOBALS)}\n}})();\n".encode()


def write_vega_bundle(path: Path) -> None:
    """Write the shipped script for a site.

    Parameters
    ----------
    path
        File to write.
    """
    path.write_bytes(SHIPPED_FILE.read_bytes())


def main(arguments: list[str] | None = None) -> None:
    """Write the shipped script again with the installed converter (see assets/vega/README.md)."""
    argparse.ArgumentParser(description=main.__doc__).parse_args(arguments)
    SHIPPED_FILE.write_bytes(bundled())


if __name__ == "__main__":
    main()
