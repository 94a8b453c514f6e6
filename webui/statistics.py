"""统计: the month of the loans (L-08) by township; each number opens the cases behind it, as far as the reader may see them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, NotFound
from engine.messages import N_, Message
from webui.directory import unit_names
from webui.runtime import house, me, now, permitted, reading
from workflows import countable, loan_report, loan_statistics, organisation
from workflows.chart import Unit
from workflows.loan_report import Report
from workflows.loan_statistics import CODES, REFUSED, Month

bp = Blueprint("statistics", __name__, url_prefix="/statistics")


@bp.get("/loan")
def loan() -> str:
    """L-08 of one month: as registers and history tell it now, or a version that was fixed."""
    _require()
    month = _month()
    with reading() as connection:
        made, version, newest = _report(connection, month)
    columns = [code for code in CODES if code != "REFUSED"]
    opens = permitted(Permission.OPEN_STATISTICS)
    shown = {"report": made, "version": version, "newest": newest, "columns": columns, "opens": opens}
    return render_template("statistics.html", **shown, code_name=loan_report.code_name, money=_money)


@bp.get("/loan.pdf")
def printed() -> Response:
    """The same on paper."""
    _require()
    month = _month()
    with reading() as connection:
        made, version, _ = _report(connection, month)
    pdf = loan_report.render_report(made, version=version, codes=list(CODES), printed_by=me().name, printed_at=now())
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"L-08-{month}.pdf")
    return answer


@bp.get("/loan/cases")
def cases() -> str:
    """The cases behind one number of the figures as they are now."""
    _require(Permission.OPEN_STATISTICS)
    month, code = _month(), request.args.get("code", "")
    if code not in CODES and not code.startswith(REFUSED):
        raise NotFound(what=Message(N_("统计项目 {code}"), {"code": code[:40]}))
    with reading() as connection:
        unit = organisation.unit(connection, request.args.get("unit", type=int) or 0)
        if not any(unit.path.startswith(path) for path in loan_report.scope_of(me(), opening=True)):
            raise Forbidden(why=Message(N_("只能查看本单位及下级单位的统计")))
        county = organisation.county_of(connection, unit.id)
        found = loan_report.behind(house(), connection, me(), county, month, unit.path, code)
        units = unit_names(connection, {row.unit_id for row in found.rows})
    named = loan_report.code_name(code)
    back = url_for("statistics.loan", month=month)
    shown = {"name": named, "units": units, "unit_name": unit.name, "period": month}
    return render_template("counted_cases.html", found=found, back=back, back_name=N_("贷款统计报表"), **shown)


def _report(connection: Connection, month: Month) -> tuple[Report, int, int]:
    """The reader's part of the report; the version shown (0: as things are now), and the newest one there is."""
    county = _county(connection)
    newest = loan_statistics.newest_version(connection, county.id, month)
    wanted = min(request.args.get("version", 0, type=int), newest)
    if wanted > 0:
        figures = loan_statistics.stored(connection, county.id, month, wanted)
    else:
        left_out = countable.uncounted(connection, house().rules, me())
        figures, wanted = loan_statistics.figures(connection, county.id, month, left_out), 0
    mine = loan_report.scope_of(me())
    paths = {unit: organisation.unit(connection, unit).path for unit, _ in figures}
    seen = {key: each for key, each in figures.items() if any(paths[key[0]].startswith(path) for path in mine)}
    made = loan_report.report(connection, county, month, seen)
    return loan_report.without_small_cells(made) if loan_report.figures_alone(me()) else made, wanted, newest


def _county(connection: Connection) -> Unit:
    first = next(post for post in me().posts if post.path in loan_report.scope_of(me()))
    return organisation.county_of(connection, first.unit_id)


def _month() -> Month:
    typed: Any = request.args.get("month") or f"{civil_date(now()):%Y-%m}"
    return loan_report.month_of(typed)


def _money(cents: int) -> str:
    return f"{cents // 100:,}.{cents % 100:02d}"


def _require(permission: Permission = Permission.SEE_STATISTICS) -> None:
    if not permitted(permission):
        raise Forbidden(why=Message(N_("您的岗位没有查看统计报表的权限")))
