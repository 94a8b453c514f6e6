"""信访研判: the petitions of a unit in a month, a quarter or a year; each number opens what it counts, for who may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, make_response, render_template, request

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, NotFound
from engine.messages import N_, Message
from webui.directory import unit_names
from webui.runtime import house, me, now, permitted, reading
from workflows import petition_analysis
from workflows.petition_analysis import Asked
from workflows.petition_analysis_print import NAMES, TERMS, render_analysis

if TYPE_CHECKING:
    from workflows.petition_analysis import Analysis
    from workflows.spans import Span

bp = Blueprint("analysis", __name__, url_prefix="/statistics")


@bp.get("/petition")
def show() -> str:
    """The figures as the register tells them now."""
    return render_template("analysis.html", made=_made(), **TERMS)


@bp.get("/petition.pdf")
def printed() -> Response:
    """The same on paper."""
    made = _made()
    answer = make_response(render_analysis(made, printed_by=me().name, printed_at=now()))
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"petitions-{made.span}.pdf")
    return answer


@bp.get("/petition/cases")
def cases() -> str:
    """The cases behind one number."""
    _require(Permission.OPEN_ANALYSIS)
    span, code = _span(), request.args.get("code", "")
    if code not in NAMES:
        raise NotFound(what=Message(N_("统计项目 {code}"), {"code": code[:40]}))
    asked = Asked(code, "own" in request.args, request.args.get("place", 0, type=int))
    with reading() as connection:
        top = petition_analysis.top_of(connection, me(), request.args.get("unit", 0, type=int))
        if not petition_analysis.opens(me(), top.path):
            raise Forbidden(why=Message(N_("只能查看本单位及下级单位的统计")))
        found = petition_analysis.behind(house(), connection, me(), top, span, civil_date(now()), asked)
        units = unit_names(connection, {row.unit_id for row in found.rows})
    return render_template("analysis_cases.html", found=found, unit=top, span=span, name=NAMES[code], units=units)


def _made() -> Analysis:
    """The figures of a stretch for whoever asks."""
    _require(Permission.SEE_ANALYSIS)
    span = _span()
    with reading() as connection:
        top = petition_analysis.top_of(connection, me(), request.args.get("unit", 0, type=int))
        return petition_analysis.analysis(house(), connection, me(), top, span, civil_date(now()))


def _span() -> Span:
    return petition_analysis.span_of(request.args.get("span") or f"{civil_date(now()):%Y-%m}")


def _require(permission: Permission) -> None:
    if not permitted(permission):
        raise Forbidden(why=Message(N_("您的岗位没有查看信访研判的权限")))
