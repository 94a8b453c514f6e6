"""The reader's language: gettext with a type."""

from __future__ import annotations

from typing import Any

import flask_babel
from flask import Flask, g, has_app_context
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup


def gettext(text: str) -> str:
    """`text`, a Chinese msgid, in the language of the request."""
    return str(_catalogue().ugettext(text)) if text else ""


def _catalogue() -> Any:
    """The words of the request's language: looked up once a request, because a page asks hundreds of times."""
    if not has_app_context():
        return flask_babel.get_translations()
    spoken = flask_babel.get_locale()
    found = g.get("words")
    if found is None or found[0] is not spoken:
        found = g.words = (spoken, flask_babel.get_translations())
    return found[1]


def init(app: Flask) -> None:
    """Let the templates of an application with Babel ask in the same way."""

    def plural(one: str, many: str, count: int) -> str:
        return str(_catalogue().ungettext(one, many, count))

    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # Jinja's i18n extension, which Babel adds
        gettext=gettext, ngettext=plural, newstyle=True
    )
    app.jinja_env.globals["_"] = _said


@pass_eval_context
def _said(context: EvalContext, text: str, **named: Any) -> str:
    """`_` of the templates, as the extension has it: the words are markup, and what is put into them is escaped.

    A page says several hundred things; the extension takes three calls through the template's context for each.
    """
    said = gettext(text)
    return (Markup(said) if context.autoescape else said) % named  # noqa: S704 - our own words, as there


def locale() -> str:
    """The language of the request as Babel writes it ("zh_Hans_CN", "en")."""
    return str(flask_babel.get_locale())
