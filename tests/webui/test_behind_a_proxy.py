"""Whence a request comes when a proxy stands before the server: the address that the proxy saw, and none that anybody can make up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import waitress

from webui import settings
from webui.serving import behind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


def seen(proxy: str | None, environment: dict[str, str]) -> dict[str, str]:
    """What an application learns of a request, served as `halfsky serve` serves it."""
    found: dict[str, str] = {}

    def application(environ: dict[str, Any], answer: Callable[..., Any]) -> Iterable[bytes]:
        found.update({name: text for name, text in environ.items() if isinstance(text, str)})
        answer("204 No Content", [])
        return []

    server = waitress.create_server(application, host="127.0.0.1", port=0, **behind(proxy))
    try:
        server.application({"wsgi.url_scheme": "http", **environment}, lambda *_: None)
    finally:
        server.close()
    return found


@pytest.mark.parametrize(
    ("proxy", "peer", "forwarded", "address"),
    [
        (None, "10.0.0.9", "1.2.3.4", "10.0.0.9"),
        (None, "127.0.0.1", "1.2.3.4", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("127.0.0.1", "127.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("127.0.0.1", "127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "10.0.0.9", "6.6.6.6", "10.0.0.9"),
        ("10.0.0.2", "10.0.0.2", "1.2.3.4", "1.2.3.4"),
    ],
)
def test_the_address_is_the_one_the_proxy_saw(proxy: str | None, peer: str, forwarded: str, address: str) -> None:
    """Otherwise everybody shares one budget of wrong passwords, or an attacker has as many as she likes."""
    sent = {"REMOTE_ADDR": peer, "REMOTE_HOST": peer, "REMOTE_PORT": "9", "HTTP_HOST": "halfsky.example"}
    if forwarded:
        sent["HTTP_X_FORWARDED_FOR"] = forwarded
    assert seen(proxy, sent)["REMOTE_ADDR"] == address


def test_the_proxy_changes_nothing_else(tmp_path: Any) -> None:
    sent = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "halfsky.example", "HTTP_X_FORWARDED_HOST": "evil.example"}
    found = seen("127.0.0.1", {**sent, "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_PORT": "666"})
    assert (found["HTTP_HOST"], found["wsgi.url_scheme"]) == ("halfsky.example", "http")
    assert settings.from_environment({"HALFSKY_DATA": str(tmp_path), "HALFSKY_PROXY": "10.0.0.2"}).proxy == "10.0.0.2"
    assert settings.from_environment({"HALFSKY_DATA": str(tmp_path)}).proxy is None
