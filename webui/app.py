"""The only place where the pages are wired together."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from engine import documents
from engine.runtime import Runtime
from webui import (
    absences,
    analysis,
    analysis_versions,
    api,
    archive,
    assets,
    attention,
    audit_pages,
    audit_reading,
    auth,
    bulk,
    calendar_pages,
    cases,
    clauses,
    complaints,
    compression,
    contact_acts,
    directory,
    engagements,
    errors,
    escalations,
    extensions,
    factor_resets,
    glass_pages,
    handovers,
    headers,
    hotline,
    inbox,
    jobs,
    log_book,
    migrations,
    navigation,
    notice_words,
    organisation,
    organisation_import,
    own_account,
    page_numbers,
    papers,
    people,
    preferences,
    printing,
    processes,
    progress,
    proof,
    read_marks,
    reception,
    relatives,
    reminding,
    search,
    second_page,
    sso,
    statistics,
    steps,
    successions,
    sweeps,
    tasks,
    teams,
    verbs,
    verification,
    versions,
    words,
)
from webui import runtime as house
from webui.drawings import Sketches
from webui.uploads import MAX_REQUEST, MAX_TYPED, HouseRequest
from workflows.single_sign_on import Provider

#: boxes of one form; far above the largest form, far below what would cost time
_MAX_PARTS = 2000


@dataclass(frozen=True)
class DemoAccount:
    """A demonstration account as the sign-in page lists it."""

    login: str
    name: str
    post: str


@dataclass(frozen=True)
class Demo:
    """The sign-in page's hint; only a house with invented people has one."""

    password: str
    accounts: tuple[DemoAccount, ...]


class House(Flask):
    """Flask with our bounded requests."""

    request_class = HouseRequest


#: every module that offers addresses
PAGES = (
    factor_resets,
    second_page,
    own_account,
    sso,
    api,
    inbox,
    contact_acts,
    escalations,
    search,
    bulk,
    statistics,
    analysis,
    analysis_versions,
    hotline,
    sweeps,
    log_book,
    reception,
    archive,
    tasks,
    attention,
    absences,
    papers,
    cases,
    printing,
    verification,
    progress,
    steps,
    processes,
    audit_pages,
    audit_reading,
    engagements,
    glass_pages,
    successions,
    calendar_pages,
    extensions,
    jobs,
    versions,
    migrations,
    verbs,
    teams,
    complaints,
    organisation,
    organisation_import,
    people,
    handovers,
    relatives,
)


def create_app(
    runtime: Runtime, *, demo: Demo | None = None, https: bool = False, provider: Provider | None = None
) -> Flask:
    """The web application over a running house; `https` marks the cookies as secure, `provider` offers single sign-on.

    It never opens the database by any other way than `runtime`.
    """
    app = House(__name__, static_folder=None)
    app.config.update(
        SESSION_COOKIE_NAME="halfsky_page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=https,
        MAX_CONTENT_LENGTH=MAX_REQUEST,
        MAX_FORM_MEMORY_SIZE=MAX_TYPED,
        MAX_FORM_PARTS=_MAX_PARTS,
        HALFSKY_DEMO=demo,
        HALFSKY_PROVIDER=provider,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.extensions["halfsky"] = runtime
    app.extensions["halfsky-sketches"] = Sketches(runtime)
    for part in (page_numbers, headers, compression, preferences, auth, errors, assets, words, read_marks):
        part.init(app)
    app.before_request(teams.ask_purpose)
    for pages in PAGES:
        app.register_blueprint(pages.bp)
    _furnish(app)
    return app


def _furnish(app: Flask) -> None:
    """What every template may use."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(post=directory.post_name, acting=directory.acting, clauses=clauses.listed)
    app.jinja_env.globals.update(
        navigation=navigation.navigation,
        posts_of=directory.posts_of,
        new_key=house.new_key,
        now=house.now,
        asks_code=proof.asks_code,
        session_now=auth.session_now,
        notice_words=notice_words.words,
        reminders=reminding.listed,
        paper_limit_mb=documents.MAX_BYTES // (1024 * 1024),
    )

    @app.context_processor
    def reader() -> dict[str, object]:
        return {"actor": auth.actor()}
