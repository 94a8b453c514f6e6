"""What signs the protection numbers of forms: derived from the keys of the house, so that it outlives a restart.

A number signed before a change of keys is good as long as the old key is there. A process that runs through such a change
takes up the new secret with the next request, so that it knows what another process has signed.
"""

from __future__ import annotations

from flask import Flask, current_app

from webui.runtime import house


def _renew() -> None:
    vault = house().vault
    if current_app.config.get("HALFSKY_SIGNS_BY") != vault.current:
        _set(current_app, vault.page_secrets(), vault.current)


def _set(app: Flask, secrets: list[str], key_id: str) -> None:
    """The newest signs; all of them are taken."""
    *older, newest = secrets
    app.config.update(
        SECRET_KEY=newest, SECRET_KEY_FALLBACKS=older, WTF_CSRF_SECRET_KEY=secrets, HALFSKY_SIGNS_BY=key_id
    )


def init(app: Flask) -> None:
    """Sign from the first request on."""
    vault = app.extensions["halfsky"].vault
    _set(app, vault.page_secrets(), vault.current)
    app.before_request(_renew)
