"""Fixed versions of 信访研判: measures are typed and fixed, another person signs; page, print and the cases behind a figure."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.access import Permission
from engine.errors import InvalidAnswers, NotFound, SignatureRequired
from engine.messages import N_, Message
from webui import directory, proof
from webui.analysis import page, require
from webui.directory import unit_names
from webui.errors import status_of
from webui.language import gettext
from webui.runtime import act, house, me, now, permitted, posted_key, reading
from webui.words import moment
from workflows import analysis_versions as versions
from workflows.analysis_versions import Fixed
from workflows.engagements import Place
from workflows.entering import TooManyAttempts
from workflows.petition_analysis import Asked
from workflows.petition_analysis_print import NAMES, TERMS, render_analysis

bp = Blueprint("analysis_versions", __name__, url_prefix="/statistics/petition/versions")


@bp.post("")
def fix() -> ResponseReturnValue:
    """Fix a stretch with its measures; what was typed comes back with what is wrong."""
    require(Permission.OPEN_ANALYSIS)
    unit, measures = request.form.get("unit", 0, type=int), request.form.get("measures", "")
    span = request.form.get("span", "")
    try:
        made = act(versions.fix_analysis, key=posted_key(), unit_id=unit, span=span, measures=measures)
    except InvalidAnswers as wrong:
        if "span" in wrong.problems and not span.strip():
            raise
        problems = {name: found[0] for name, found in wrong.problems.items()}
        return page(unit, span, measures=measures, problems=problems), 422
    return redirect(url_for("analysis_versions.show", version_id=made.content["version_id"]), 303)


@bp.get("/<int:version_id>")
def show(version_id: int) -> str:
    """A version as it was fixed."""
    return _page(version_id)


@bp.get("/<int:version_id>.pdf")
def printed(version_id: int) -> Response:
    """The same on paper, with its check code."""
    with reading() as connection:
        version = _found(connection, version_id)
        told = {**_told(connection, version), "number": version.row.number, "measures": version.measures}
    pdf = render_analysis(version.made, printed_by=me().name, printed_at=now(), fixed=told, code=version.row.digest)
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    name = f"petitions-{version.row.span}-{version.row.number}.pdf"
    answer.headers.set("Content-Disposition", "inline", filename=name)
    return answer


@bp.get("/<int:version_id>/cases")
def cases(version_id: int) -> str:
    """The cases that a figure of the version counted."""
    require(Permission.OPEN_ANALYSIS)
    code = request.args.get("code", "")
    if code not in NAMES:
        raise NotFound(what=Message(N_("统计项目 {code}"), {"code": code[:40]}))
    asked = Asked(code, "own" in request.args, request.args.get("place", 0, type=int))
    with reading() as connection:
        version = _found(connection, version_id)
        unit_id = request.args.get("unit", 0, type=int) or version.made.top.id
        found = versions.behind(house(), connection, me(), version, unit_id, asked)
        units = unit_names(connection, {unit_id, *(row.unit_id for row in found.rows)})
    back = url_for("analysis_versions.show", version_id=version_id)
    shown = {"name": NAMES[code], "units": units, "unit_name": units[unit_id], "period": version.row.span}
    return render_template("counted_cases.html", found=found, back=back, back_name=N_("信访研判"), **shown)


@bp.post("/<int:version_id>/sign")
def sign(version_id: int) -> ResponseReturnValue:
    """Sign it off with one's own password."""
    require(Permission.OPEN_ANALYSIS)
    try:
        act(versions.sign_analysis, key=posted_key(), version_id=version_id, signature=proof.typed())
    except (SignatureRequired, TooManyAttempts) as unsigned:
        return _page(version_id, unsigned.render(gettext)), status_of(unsigned)
    return redirect(url_for("analysis_versions.show", version_id=version_id), 303)


def _page(version_id: int, wrong: str = "") -> str:
    with reading() as connection:
        version = _found(connection, version_id)
        top = version.made.top
        may = permitted(Permission.SIGN_ANALYSIS, Place(top.id, top.path)) and version.row.made_by != me().id
        told = _told(connection, version)
    shown = {"version": version, "told": told, "may_sign": may and version.row.signed_by is None, "wrong": wrong}
    return render_template("analysis.html", made=version.made, **shown, **TERMS)


def _found(connection: Connection, version_id: int) -> Fixed:
    require(Permission.OPEN_ANALYSIS)
    return versions.fixed(connection, house().vault, me(), version_id)


def _told(connection: Connection, version: Fixed) -> dict[str, Any]:
    """Who made and signed it, and when, in words."""
    row = version.row
    people = directory.people(connection, {row.made_by, row.signed_by} - {None})

    def who(account_id: int, post: str, at: Any) -> str:
        return f"{people[account_id]}（{directory.post_name(post)}） {moment(at)}"

    signed = who(row.signed_by, row.signed_post, row.signed_at) if row.signed_by else ""
    return {"made": who(row.made_by, row.made_post, row.made_at), "signed": signed}
