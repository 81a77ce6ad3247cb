"""Showing the site on this machine: a small server that only programs on the same machine can reach."""

from __future__ import annotations

import errno
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from popbook.ledger.errors import PopbookError

HOST = "127.0.0.1"
"""Loopback: the report is published by copying its folder, never from an analyst's machine."""

LOCAL_NAMES = frozenset({HOST, "localhost"})

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}
"""What a page's own policy cannot say for itself; a page must not be framed and its files must not be guessed at."""


class SiteHandler(SimpleHTTPRequestHandler):
    """Hands out the files of one folder; no lists of folders, no way out of the folder by a link."""

    server_version = "popbook"
    sys_version = ""

    def end_headers(self) -> None:
        """Add the protecting headers to every answer."""
        for name, value in HEADERS.items():
            self.send_header(name, value)
        super().end_headers()

    def send_head(self) -> Any:
        """Open the asked file, unless the question came under another host's name or the file lies elsewhere."""
        # A page of another host whose name was pointed at this machine (DNS rebinding) asks under its own name.
        if (self.headers.get("Host") or HOST).rsplit(":", 1)[0] not in LOCAL_NAMES:
            self.send_error(403)
            return None
        root = Path(self.directory).resolve()
        if not Path(self.translate_path(self.path)).resolve().is_relative_to(root):
            self.send_error(404)
            return None
        return super().send_head()

    def list_directory(self, path: Any) -> None:
        """Answer that there is nothing, where a folder has no page."""
        self.send_error(404)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: whoever reads the report need not leave a trace."""


def open_server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Return a server of a folder that listens on this machine only; the caller runs and closes it.

    Parameters
    ----------
    folder : Path
        A built site.
    port : int
        Port to listen on; any free one if 0.

    Returns
    -------
    ThreadingHTTPServer
        Listening, not yet answering: call ``serve_forever``.

    Raises
    ------
    PopbookError
        If there is no site, or the port is taken.
    """
    if not (folder / "index.html").is_file():
        raise PopbookError("还没有网站可看", str(folder), "先运行 popbook build")
    try:
        return ThreadingHTTPServer((HOST, port), partial(SiteHandler, directory=str(folder)))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise PopbookError(f"端口 {port} 用不了", HOST, "换一个端口：--port 0 由系统选") from None
