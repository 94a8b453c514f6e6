"""信访研判: the petitions of a unit in a month, a quarter or a year; each number opens what it counts, for who may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, make_response, render_template, request, url_for

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, NotFound
from engine.messages import N_, Message
from webui import directory
from webui.directory import unit_names
from webui.runtime import house, me, now, permitted, reading
from workflows import analysis_versions, petition_analysis
from workflows.engagements import Place
from workflows.petition_analysis import Asked
from workflows.petition_analysis_print import NAMES, TERMS, render_analysis

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workflows.petition_analysis import Analysis
    from workflows.spans import Span

bp = Blueprint("analysis", __name__, url_prefix="/statistics")


@bp.get("/petition")
def show() -> str:
    """The figures as the register tells them now, and which versions of them were fixed."""
    return page(request.args.get("unit", 0, type=int), request.args.get("span"))


def page(unit_id: int, span: str | None, *, measures: str = "", problems: Mapping[str, Message] | None = None) -> str:
    """The same with measures that were typed and what is wrong with them."""
    made = _made(unit_id, span)
    with reading() as connection:
        kept = [] if made.alone else analysis_versions.versions(connection, made.top.id, str(made.span))
        people = directory.people(connection, {row.made_by for row in kept} | {row.signed_by for row in kept} - {None})
    may = permitted(Permission.FIX_ANALYSIS, Place(made.top.id, made.top.path)) and not made.running
    shown = {"kept": kept, "people": people, "may_fix": may, "measures": measures, "problems": problems or {}}
    return render_template("analysis.html", made=made, **shown, **TERMS)


@bp.get("/petition.pdf")
def printed() -> Response:
    """The same on paper."""
    made = _made(request.args.get("unit", 0, type=int), request.args.get("span"))
    answer = make_response(render_analysis(made, printed_by=me().name, printed_at=now()))
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"petitions-{made.span}.pdf")
    return answer


@bp.get("/petition/cases")
def cases() -> str:
    """The cases behind one number."""
    require(Permission.OPEN_ANALYSIS)
    span, code = _span(request.args.get("span")), request.args.get("code", "")
    if code not in NAMES:
        raise NotFound(what=Message(N_("统计项目 {code}"), {"code": code[:40]}))
    asked = Asked(code, "own" in request.args, request.args.get("place", 0, type=int))
    with reading() as connection:
        top = petition_analysis.top_of(connection, me(), request.args.get("unit", 0, type=int))
        if not petition_analysis.opens(me(), top.path):
            raise Forbidden(why=Message(N_("只能查看本单位及下级单位的统计")))
        found = petition_analysis.behind(house(), connection, me(), top, span, civil_date(now()), asked)
        units = unit_names(connection, {row.unit_id for row in found.rows})
    back = url_for("analysis.show", span=span, unit=top.id)
    shown = {"name": NAMES[code], "units": units, "unit_name": top.name, "period": span}
    return render_template("counted_cases.html", found=found, back=back, back_name=N_("信访研判"), **shown)


def _made(unit_id: int, typed: str | None) -> Analysis:
    """The figures of a stretch for whoever asks."""
    require(Permission.SEE_ANALYSIS)
    span = _span(typed)
    with reading() as connection:
        top = petition_analysis.top_of(connection, me(), unit_id)
        return petition_analysis.analysis(house(), connection, me(), top, span, civil_date(now()))


def _span(typed: str | None) -> Span:
    return petition_analysis.span_of(typed or f"{civil_date(now()):%Y-%m}")


def require(permission: Permission) -> None:
    """Forbidden for whoever may not."""
    if not permitted(permission):
        raise Forbidden(why=Message(N_("您的岗位没有查看信访研判的权限")))
