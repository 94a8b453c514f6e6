"""投诉工作人员: a complaint about staff is written down in a case, which by that goes to the next higher federation (D3.4).

Whoever may not read it any more is told that it is written down, and not where it went.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.clock import civil_date
from engine.commands.loading import subject_of
from engine.commands.teams import MOST_REASON
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.messages import Message
from engine.queries.case_page import readable_case
from webui import directory
from webui.errors import status_of
from webui.organisation import firsts, number
from webui.runtime import act, house, me, now, permitted, reading
from workflows import complaints

bp = Blueprint("complaints", __name__)


@bp.get("/cases/<int:case_id>/complaint")
def show(case_id: int) -> str:
    """The form."""
    return _page(case_id, {})


@bp.post("/cases/<int:case_id>/complaint")
def record(case_id: int) -> ResponseReturnValue:
    """Write it down."""
    account, reason = number("account") or 0, request.form.get("reason", "")
    try:
        act(complaints.complain_about, case_id=case_id, account_id=account, reason=reason)
    except InvalidAnswers as wrong:
        return _page(case_id, firsts(wrong)), 422
    except complaints.NothingHigher as refused:
        return _page(case_id, {"account": refused.message}), status_of(refused)
    if _still_reads(case_id):
        return redirect(url_for("cases.show", case_id=case_id, tab="team", done="complained"), 303)
    return redirect(url_for("complaints.recorded"), 303)


@bp.get("/complaints/recorded")
def recorded() -> str:
    """What whoever may know no more is told: the same whatever it was about."""
    return render_template("complaint_recorded.html")


def _page(case_id: int, problems: Mapping[str, Message]) -> str:
    with reading() as connection:
        case = readable_case(house(), connection, me(), case_id)
        if not permitted(Permission.COMPLAIN, subject_of(connection, case)):
            raise Forbidden(why=house().rules.name_of(Permission.COMPLAIN))
        staff = complaints.staff_to_name(connection, civil_date(now()), but=me().id)
        return render_template(
            "complaint.html",
            case=case,
            title=house().catalogue[case.kind].title,
            staff=staff,
            units=directory.unit_names(connection, {each.unit_id for each in staff}),
            problems=problems,
            typed=request.form,
            most=MOST_REASON,
        )


def _still_reads(case_id: int) -> bool:
    with reading() as connection:
        try:
            readable_case(house(), connection, me(), case_id)
        except NotFound:
            return False
    return True
