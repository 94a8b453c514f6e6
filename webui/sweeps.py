"""矛盾纠纷排查: the sweep of a quarter; a township sees who has not reported and what was found, the county its sums."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from webui.calendars import calendar_now
from webui.runtime import act, house, me, now, permitted, reading
from webui.words import due_words
from workflows import sweep_list, sweep_rounds
from workflows.engagements import Place
from workflows.spans import Span

bp = Blueprint("sweeps", __name__, url_prefix="/sweeps")


@bp.get("/")
def listed() -> ResponseReturnValue:
    """One quarter; this one when none was named."""
    _require()
    typed = request.args.get("quarter", "").strip()
    try:
        span = Span.named(typed) if typed else sweep_rounds.quarter_of(civil_date(now()))
    except ValueError:
        span = None
    if span is None or not span.is_quarter:
        text = N_("季度写作“2026-Q3”，填写的是“{seen}”")
        return _shown(sweep_rounds.quarter_of(civil_date(now())), typed, Message(text, {"seen": typed[:20]})), 422
    return _shown(span, str(span))


@bp.post("/")
def set_quarter() -> ResponseReturnValue:
    """Set a quarter for every village of the county."""
    _require(Permission.SUM_SWEEPS)
    quarter, unit = request.form.get("quarter", ""), request.form.get("unit", "")
    unit_id = int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 16 else 0
    try:
        act(sweep_rounds.set_quarter, unit_id=unit_id, quarter=quarter)
    except InvalidAnswers as wrong:
        found = next(iter(wrong.problems.values()))[0]
        return _shown(sweep_rounds.quarter_of(civil_date(now())), quarter, found), 422
    return redirect(url_for("sweeps.listed", quarter=quarter), 303)


def _shown(span: Span, typed: str, problem: Message | None = None) -> str:
    today = civil_date(now())
    this = sweep_rounds.quarter_of(today)
    with reading() as connection:
        villages = sweep_list.villages(house(), connection, me(), span)
        counties = sweep_list.counties(connection, me(), span, today)
        calendar = calendar_now(connection)
        last_days = {each.unit.id: sweep_list.last_day(connection, each.unit.id, span) for each in counties}
    lacking = [each.unit for each in counties if each.unset > 0]
    setting = [unit for unit in lacking if permitted(Permission.SET_SWEEP, Place(unit.id, unit.path))]
    return render_template(
        "sweeps.html",
        span=span,
        typed=typed,
        problem=problem,
        villages=villages,
        waiting=[each for each in villages if each.state == "waiting"],
        counties=counties,
        last_days=last_days,
        dues={each.case_id: due_words(each.due_at, now(), calendar) for each in villages},
        settable=setting if span in (this, this.before) else [],
        quarters=[str(this), str(this.before), str(this.before.before), str(this.before.before.before)],
    )


def _require(permission: Permission = Permission.SEE_SWEEPS) -> None:
    if not permitted(permission):
        raise Forbidden(
            why=Message(N_("您的岗位没有“{permission}”权限"), {"permission": house().rules.name_of(permission)})
        )
