"""The reader's language: gettext with a type."""

from __future__ import annotations

import flask_babel


def gettext(text: str) -> str:
    """`text`, a Chinese msgid, in the language of the request."""
    return str(flask_babel.gettext(text)) if text else ""


def locale() -> str:
    """The language of the request as Babel writes it ("zh_Hans_CN", "en")."""
    return str(flask_babel.get_locale())
