"""The local server: this machine only, this folder only."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from popbook.ledger.errors import PopbookError
from popbook.publishing.serve import open_server


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    site = tmp_path / "site"
    (site / "2024").mkdir(parents=True)
    (site / "index.html").write_text("<p>首页</p>", encoding="utf-8")
    (site / "empty").mkdir()
    (tmp_path / "secret.txt").write_text("机密", encoding="utf-8")
    (site / "way-out.txt").symlink_to(tmp_path / "secret.txt")
    with open_server(site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def ask(port: int, path: str, host: str = "127.0.0.1") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", path, headers={"Host": f"{host}:{port}"})
    return connection.getresponse()


def test_pages_come_with_protecting_headers(port: int) -> None:
    answer = ask(port, "/")
    assert answer.status == 200
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.read().decode() == "<p>首页</p>"


def test_it_listens_on_loopback_only(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("x", encoding="utf-8")
    with open_server(tmp_path) as server:
        assert server.server_address[0] == "127.0.0.1"


@pytest.mark.parametrize(
    "path", ["/empty/", "/way-out.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/none.html"]
)
def test_folders_links_and_ways_out_are_not_there(port: int, path: str) -> None:
    assert ask(port, path).status == 404


def test_a_question_under_another_name_is_refused(port: int) -> None:
    assert ask(port, "/", host="evil.example").status == 403


def test_without_a_site_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PopbookError, match="popbook build"):
        open_server(tmp_path)


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("x", encoding="utf-8")
    with open_server(tmp_path) as first, pytest.raises(PopbookError, match=str(first.server_address[1])):
        open_server(tmp_path, first.server_address[1])
