"""换届移交: the assistant for leaver, successor and supervisor."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.clock import civil_date
from engine.commands.teams import MOST_REASON
from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from webui import directory, proof
from webui.language import gettext
from webui.organisation import firsts, number, text
from webui.runtime import act, house, me, now, posted_key, reading
from workflows import handover, handover_list, handover_prints, passing_on
from workflows.chart import chart

bp = Blueprint("handovers", __name__, url_prefix="/organisation/handovers")


@bp.get("/")
def show() -> str:
    """The handovers she has part in, and the confidential cases of which she decides to whom they go."""
    return _show({})


@bp.post("/cases/<int:case_id>")
def pass_on(case_id: int) -> ResponseReturnValue:
    """Decide to whom a confidential case goes when somebody of its team leaves."""
    leaver, to, reason = number("leaver") or 0, number("to") or 0, request.form.get("reason", "")
    try:
        act(passing_on.pass_on, case_id=case_id, leaver_id=leaver, to=to, reason=reason)
    except InvalidAnswers as wrong:
        return _show(firsts(wrong), case_id), 422
    return redirect(url_for("handovers.show", done="passed"), 303)


def _show(problems: Mapping[str, Message], case_id: int = 0) -> str:
    with reading() as connection:
        today = civil_date(now())
        secret = passing_on.waiting(house(), connection, me(), today, now())
        rows = handover.concerning(connection, me())
        heirs = {row.id: handover.successor(connection, row) for row in rows}
        ids = [i for row in rows for i in (row.leaver_id, heirs[row.id], row.supervisor_id)]
        ids += [each.leaver_id for each in secret]
        return render_template(
            "handovers.html",
            rows=rows,
            heirs=heirs,
            people=directory.people(connection, ids),
            names={u.id: u.name for u in chart(connection).units.values()},
            states=handover.STATES,
            today=today,
            secret=secret,
            kinds={key: process.title for key, process in house().catalogue.items()},
            problems=problems,
            refused=case_id,
            typed=request.form,
            most=MOST_REASON,
        )


@bp.get("/<int:handover_id>")
def one(handover_id: int) -> str:
    """One handover: what goes over, who signs, what is missing."""
    return _one(handover_id)


def _one(handover_id: int, problems: Mapping[str, Message] | None = None) -> str:
    with reading() as connection:
        row = handover.found(connection, handover_id)
        if row.id not in {each.id for each in handover.concerning(connection, me())}:
            raise NotFound(what=Message(N_("移交 {id}"), {"id": handover_id}))
        heir = handover.successor(connection, row)
        today = civil_date(now())
        fixed = row.list_sealed is not None
        content = house().vault.open_json(row.list_sealed) if fixed else handover_list.things_of(house(), row)
        listed = content["matters"] if fixed else handover_list.matters(house(), connection, me(), row, today)
        prints = handover_prints.prints(connection, handover_id)
        ids = [row.leaver_id, heir, row.supervisor_id, *(each.by_id for each in prints)]
        signatures = handover.signed(connection, handover_id)
        return render_template(
            "handover.html",
            row=row,
            place=chart(connection).units[row.unit_id],
            heir=heir,
            people=directory.people(connection, ids),
            content=content,
            matters=listed,
            signatures=signatures,
            roles={name: gettext(title) for name, title in handover.ROLES.items()},
            mine=handover_list.role_of(row, me()) if fixed else None,
            supervises=handover.may_supervise(connection, me(), row),
            faults=handover_list.faults(house(), connection, row),
            prints=prints,
            states=handover.STATES,
            today=today,
            problems=problems or {},
            typed=request.form,
        )


@bp.post("/<int:handover_id>/<any(things,list,sign,paper):verb>")
def do(handover_id: int, verb: str) -> ResponseReturnValue:
    """Note things, fix the list, sign it, or note a signature on paper."""
    seen = number("version") or 0
    try:
        if verb == "things":
            boxes = text("note", *handover.THINGS)
            act(handover.note_things, handover_id=handover_id, seen_version=seen, **boxes)
        elif verb == "list":
            act(handover_list.fix_list, handover_id=handover_id, seen_version=seen)
        elif verb == "sign":
            act(handover_list.sign_list, handover_id=handover_id, signature=proof.posted())
        else:
            act(handover_list.note_paper_signature, handover_id=handover_id, **text("role", "signed_on"))
    except InvalidAnswers as wrong:
        return _one(handover_id, firsts(wrong)), 422
    return redirect(url_for("handovers.one", handover_id=handover_id, done=verb), 303)


@bp.post("/<int:handover_id>/print")
def make(handover_id: int) -> Response:
    """The list R-13 as PDF; the print is registered before it is handed out."""
    key = posted_key()
    with reading() as connection:
        pdf, entry = handover_prints.print_list(house(), connection, me(), handover_id, at=now())
        name = handover.found(connection, handover_id).number
    act(handover_prints.record_list_print, key=f"{key}-{entry['file'][:12]}"[:64], **entry)
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"{name}.pdf")
    return answer
