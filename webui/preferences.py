"""Language and appearance: two cookies of the browser, chosen in the footer, without a script and without signing in."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, make_response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import Babel

from webui.language import init as install_words
from webui.language import locale
from webui.public import public

LANGUAGES = {"zh": "zh_Hans_CN", "en": "en"}
THEMES = ("auto", "light", "dark")
_YEAR = 365 * 24 * 3600

bp = Blueprint("preferences", __name__)


def language() -> str:
    """The reader's choice; Chinese unless English was chosen."""
    return LANGUAGES.get(request.cookies.get("language", "zh"), LANGUAGES["zh"])


def theme() -> str:
    """The reader's choice; the system's setting unless another was chosen."""
    chosen = request.cookies.get("theme", "auto")
    return chosen if chosen in THEMES else "auto"


@bp.post("/preferences")
@public
def save() -> ResponseReturnValue:
    """Remember a choice and go back to the page it was made on."""
    back = request.form.get("back", "/")
    inside = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    answer = make_response(redirect(back if inside else "/", 303))
    for name, known in (("language", tuple(LANGUAGES)), ("theme", THEMES)):
        value = request.form.get(name)
        if value in known:
            secure = current_app.config["SESSION_COOKIE_SECURE"]
            answer.set_cookie(name, value, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure)
    return answer


def init(app: Flask) -> None:
    """Set up gettext and hand language and theme to the templates."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LANGUAGES["zh"])
    Babel(app, locale_selector=language, default_translation_directories="translations")
    install_words(app)
    app.register_blueprint(bp)

    @app.context_processor
    def chosen() -> dict[str, str]:
        tag = "en" if locale() == "en" else "zh-Hans"
        return {"language_tag": tag, "theme": theme()}
