"""What people do on the tab of safe contact and consent, and the page on which anybody notes that somebody came asking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.commands import contact as commands
from engine.commands import disclosing
from engine.commands.loading import subject_of
from engine.commands.printing import record_print
from engine.errors import EngineError, Forbidden, InvalidAnswers
from engine.queries.case_page import readable_case
from webui import cases
from webui.collaboration import Typed
from webui.errors import status_of
from webui.runtime import act, house, me, now, posted_key, reading
from workflows import sheets
from workflows.incidents import KINDS, LONGEST, log_incident

bp = Blueprint("contact", __name__)

_BLOCK = ("channel", "number", "windows", "cover_story", "code_word", "unsafe_numbers", "trusted_person")
_CONSENT = ("recipient", "purpose", "given_on", "expires_on", "given_by", "told")


@bp.post("/cases/<int:case_id>/contact")
def lay_down(case_id: int) -> ResponseReturnValue:
    """Lay down how she may be reached."""
    block: dict[str, Any] = {name: request.form.get(name, "") for name in _BLOCK}
    block |= {name: request.form.get(name) == "1" for name in ("may_leave_message", "shared_with_abuser")}
    return _done(case_id, "kept", "block", lambda: act(commands.set_contact, case_id=case_id, block=block))


@bp.post("/cases/<int:case_id>/contact/ask")
def ask(case_id: int) -> ResponseReturnValue:
    """Ask the gate whether she may be contacted now."""
    wish = {name: request.form.get(name, "") for name in ("channel", "number", "text", "again")}
    leaves = request.form.get("leaves_message") == "1"
    return _done(
        case_id, "permitted", "ask", lambda: act(commands.ask_contact, case_id=case_id, leaves_message=leaves, **wish)
    )


@bp.post("/cases/<int:case_id>/contact/<int:permit_id>")
def outcome(case_id: int, permit_id: int) -> ResponseReturnValue:
    """Say what came of a contact."""
    said = request.form.get("outcome", "")
    return _done(
        case_id,
        "outcome",
        "ask",
        lambda: act(commands.record_contact, case_id=case_id, permit_id=permit_id, outcome=said),
    )


@bp.post("/cases/<int:case_id>/consents")
def agree(case_id: int) -> ResponseReturnValue:
    """Write down a consent."""
    said = {name: request.form.get(name, "") for name in _CONSENT}
    age = request.form.get("age", "").strip()
    more: dict[str, Any] = {
        "kinds": request.form.getlist("kinds"),
        "age": int(age) if age.isascii() and age.isdigit() and len(age) < 4 else None,
        "guardian_is_abuser": request.form.get("guardian_is_abuser") == "1",
    }
    return _done(case_id, "agreed", "consent", lambda: act(disclosing.record_consent, case_id=case_id, **said, **more))


@bp.post("/cases/<int:case_id>/consents/<int:consent_id>/withdraw")
def take_back(case_id: int, consent_id: int) -> ResponseReturnValue:
    """She takes a consent back."""
    return _done(
        case_id,
        "withdrawn",
        "consent",
        lambda: act(disclosing.withdraw_consent, case_id=case_id, consent_id=consent_id),
    )


@bp.post("/cases/<int:case_id>/disclosures")
def give(case_id: int) -> ResponseReturnValue:
    """Give information to another body."""
    said = {name: request.form.get(name, "") for name in ("recipient", "purpose", "basis", "note")}
    kinds = request.form.getlist("kinds")
    return _done(
        case_id, "given", "give", lambda: act(disclosing.give_information, case_id=case_id, kinds=kinds, **said)
    )


@bp.post("/cases/<int:case_id>/v-12")
def sheet(case_id: int) -> Response:
    """V-12 as PDF; the print is written into the history first."""
    key = posted_key()
    with reading() as connection:
        subject = subject_of(connection, readable_case(house(), connection, me(), case_id))
        if not house().rules.permits(me(), Permission.KEEP_CONSENT, subject):
            raise Forbidden(why=house().rules.name_of(Permission.KEEP_CONSENT))
        record = sheets.load_record(house(), connection, me(), case_id)
        pdf, entry = sheets.disclosure_sheet(house(), connection, record, printed_by=me().name, printed_at=now())
    act(record_print, key=f"{key}-{entry['file'][:12]}"[:64], case_id=case_id, **entry)
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"{record.number}-V-12.pdf")
    return answer


@bp.get("/incidents")
def incidents() -> str:
    """Somebody calls or comes and asks for a woman."""
    return render_template("incident.html", kinds=KINDS, longest=LONGEST, typed=Typed(), done=request.args.get("done"))


@bp.post("/incidents")
def note() -> ResponseReturnValue:
    """Write it down; the answer is the same whether there is a case or not."""
    said = {name: request.form.get(name, "") for name in ("kind", "asked_for", "told", "idcard")}
    try:
        act(log_incident, nothing_said=request.form.get("nothing_said") == "1", **said)
    except InvalidAnswers as wrong:
        typed = Typed(said, {name: found[0] for name, found in wrong.problems.items()})
        return render_template("incident.html", kinds=KINDS, longest=LONGEST, typed=typed, done=None), 422
    return redirect(url_for("contact.incidents", done="1"), 303)


def _done(case_id: int, done: str, box: str, do: Callable[[], Any]) -> ResponseReturnValue:
    """Do it and come back to the tab; with what was typed and why it was refused when it was."""
    try:
        do()
    except (InvalidAnswers, Forbidden) as refused:
        return _again(case_id, box, refused)
    return redirect(url_for("cases.show", case_id=case_id, tab="contact", done=done), 303)


def _again(case_id: int, box: str, refused: EngineError) -> ResponseReturnValue:
    problems = dict(refused.problems) if isinstance(refused, InvalidAnswers) else {box: [refused.message]}
    told = {f"{box}.{name}" if name != box else box: found[0] for name, found in problems.items()}
    text = {name: value for name, value in request.form.items() if not name.startswith("_") and name != "csrf_token"}
    if box != "block":
        text = {f"{box}.{name}": value for name, value in text.items()}
    typed = Typed(text, told, tuple(request.form.getlist("kinds")))
    return cases.tab_of(case_id, "contact", typed), status_of(refused)
