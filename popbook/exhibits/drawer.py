"""One process of a build that draws for all: the converter takes a second to start, and is slow until it is warm."""

from __future__ import annotations

import os
from contextlib import suppress
from multiprocessing.connection import Client, Listener

DRAWER_VARIABLE = "POPBOOK_DRAWER"
"""Environment variable that names the socket of the drawer; without it every process draws for itself."""

LONGEST_WAIT = 60.0
"""Seconds after which a process stops waiting for a drawing and makes it itself; it takes a tenth of a second."""


def draw(spec: str) -> bytes:
    """Return the converter's SVG of a specification; the same whether the drawer makes it or this process.

    Parameters
    ----------
    spec : str
        Vega-Lite specification as JSON.

    Raises
    ------
    ValueError
        If the converter refuses the specification.

    Examples
    --------
    >>> draw('{"data": {"values": [{"x": 1}]}, "mark": "point", "encoding": {"x": {"field": "x"}}}')[:4]
    b'<svg'
    """
    address = os.environ.get(DRAWER_VARIABLE)
    if address:
        # A drawer that is not there (any more), or refuses: this process draws, and tells what is wrong.
        with suppress(OSError, EOFError), Client(address, family="AF_UNIX") as drawer:
            drawer.send_bytes(spec.encode())
            if drawer.poll(LONGEST_WAIT):
                return drawer.recv_bytes()
    return _convert(spec)


def serve_drawings(address: str) -> None:
    """Draw for others until this process is ended.

    Only bytes are exchanged, and whoever may write into the folder of the socket is the same user.

    Parameters
    ----------
    address : str
        Socket to listen on.
    """
    with Listener(address, family="AF_UNIX", backlog=64) as listener:
        while True:
            with suppress(OSError, EOFError, ValueError), listener.accept() as client:
                client.send_bytes(_convert(client.recv_bytes().decode()))


def _convert(spec: str) -> bytes:
    # Whoever only starts the drawer, or asks it, need not load the converter.
    import vl_convert

    from popbook.exhibits.fonts import register_fonts

    register_fonts()
    return str(vl_convert.vegalite_to_svg(spec)).encode()
