"""信访研判: the petitions of a unit in a month, a quarter or a year; each number opens what it counts, for who may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template, request

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, NotFound
from engine.messages import N_, Message
from webui.directory import unit_names
from webui.runtime import house, me, now, permitted, reading
from workflows import petition_analysis
from workflows.petition_analysis import Asked
from workflows.processes.petition import wording
from workflows.processes.petition.indicators import CATEGORY, CHANNEL, CODES, SATISFACTION, WHOLE

if TYPE_CHECKING:
    from workflows.spans import Span

bp = Blueprint("analysis", __name__, url_prefix="/statistics/petition")

#: the rates in the order of processes.md §2, and what each is called
RATES = {
    "HANDLED": N_("办结率"),
    "NOTICE_ON_TIME": N_("按期告知率"),
    "CONCLUDE_ON_TIME": N_("按期办结率"),
    "REPEAT": N_("重复信访率"),
    "SATISFIED": N_("满意率"),
}
#: what is counted besides, and what stands in the table of units
NUMBERS = ("RECEIVED", "REPEAT", "JOINED", "COLLECTIVE", "MAJOR", "LEVEL_SKIPPING", "ANONYMOUS", "OVERDUE", "CLOSED")
COLUMNS = ("RECEIVED", "REPEAT", "COLLECTIVE", "DUE", "HANDLED", "OVERDUE")
#: families of codes with the heading of each and the names of what is in it
FAMILIES = (
    (CATEGORY, N_("类别"), dict(wording.CATEGORY)),
    (CHANNEL, N_("渠道"), dict(wording.CHANNEL)),
    (SATISFACTION, N_("满意度"), {**dict(wording.SATISFACTION), "NO_CONTACT": N_("没有回访到")}),
)
NAMES = {**CODES, **{prefix + code: name for prefix, _, names in FAMILIES for code, name in names.items()}}


@bp.get("")
def show() -> str:
    """The figures as the register tells them now."""
    _require(Permission.SEE_ANALYSIS)
    span, today = _span(), civil_date(now())
    with reading() as connection:
        top = petition_analysis.top_of(connection, me(), request.args.get("unit", 0, type=int))
        made = petition_analysis.analysis(house(), connection, me(), top, span, today)
    shown = {"made": made, "rates": RATES, "numbers": NUMBERS, "columns": COLUMNS, "families": FAMILIES}
    return render_template("analysis.html", **shown, names=NAMES, whole=WHOLE, category=CATEGORY)


@bp.get("/cases")
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


def _span() -> Span:
    return petition_analysis.span_of(request.args.get("span") or f"{civil_date(now()):%Y-%m}")


def _require(permission: Permission) -> None:
    if not permitted(permission):
        raise Forbidden(why=Message(N_("您的岗位没有查看信访研判的权限")))
