"""What people do around a task without moving it: urge, mark as urgent, remind themselves. Each view is one command."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.clock import civil_date
from engine.commands import collaborating, discarding, priorities, urging
from engine.commands.loading import subject_of
from engine.errors import EngineError, InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.queries.case_page import readable_case
from webui import cases
from webui.collaboration import Typed
from webui.errors import status_of
from webui.runtime import act, house, me, now, permitted, reading
from workflows import colleagues

bp = Blueprint("attention", __name__)

_TALK = Permission.COMMENT_CASE
_ALL = 100_000
_BOXES = ("reason", "to", "note", "text", "mentions")


@bp.post("/tasks/<int:task_id>/urge")
def urge(task_id: int) -> ResponseReturnValue:
    """Ask whoever has the task to get on with it."""
    answer = act(urging.urge_task, task_id=task_id)
    return _back("urged", answer.content["case_id"], task_id)


@bp.post("/tasks/<int:task_id>/follow-up")
def follow_up(task_id: int) -> ResponseReturnValue:
    """Remind oneself on a day, or no more."""
    day = "" if request.form.get("forget") else request.form.get("day", "")
    act(priorities.set_follow_up, task_id=task_id, day=day)
    return redirect(url_for("tasks.show", task_id=task_id, done="followed"), 303)


@bp.post("/tasks/<int:task_id>/discard")
def discard(task_id: int) -> ResponseReturnValue:
    """Discard an entry that was never submitted."""
    seen = request.form.get("_version", "")
    version = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
    act(discarding.discard_entry, task_id=task_id, reason=request.form.get("reason", ""), seen_version=version)
    return redirect(url_for("inbox.show", tab="started"), 303)


@bp.post("/cases/<int:case_id>/priority")
def priority(case_id: int) -> ResponseReturnValue:
    """Mark a case as urgent, or as normal again, with a reason."""
    level, reason = request.form.get("level", ""), request.form.get("reason", "")
    try:
        act(priorities.set_priority, case_id=case_id, level=level, reason=reason)
    except InvalidAnswers as wrong:
        return _again(case_id, wrong, "reason", {"level": level, "reason": reason})
    return _back("priority", case_id)


@bp.post("/cases/<int:case_id>/copy")
def copy(case_id: int) -> ResponseReturnValue:
    """Let others know of a case they may read."""
    to, note = request.form.getlist("to"), request.form.get("note", "")
    try:
        act(collaborating.copy_case, case_id=case_id, to=to, note=note)
    except InvalidAnswers as wrong:
        return _again(case_id, wrong, "to", {"note": note}, to)
    return _back("copied", case_id)


@bp.post("/cases/<int:case_id>/comments")
def comment(case_id: int) -> ResponseReturnValue:
    """Write a comment; whoever is named with @ is told."""
    text, ticked = request.form.get("text", ""), request.form.getlist("mention")
    in_file = request.form.get("in_file", "")
    try:
        meant = _meant(case_id, text, ticked)
        act(collaborating.add_comment, case_id=case_id, text=text, mentions=meant, in_file=in_file == "1")
    except InvalidAnswers as wrong:
        return _again(case_id, wrong, "text", {"text": text, "in_file": in_file}, ticked)
    return _back("commented", case_id)


def _meant(case_id: int, text: str, ticked: Sequence[str]) -> list[int]:
    """The accounts a comment mentions; InvalidAnswers when one cannot be told."""
    with reading() as connection:
        subject = subject_of(connection, readable_case(house(), connection, me(), case_id))
        known = colleagues.readers(connection, house().rules, subject, civil_date(now()), permission=_TALK, limit=_ALL)
    ids = {int(number) for number in ticked if number.isdecimal() and len(number) < 18}
    meant, unclear = colleagues.mentioned(text, known, ids)
    if unclear:
        told = Message(N_("“{seen}”后面不是能查看此件的同事，或有同名：请在名单中勾选"), {"seen": unclear[0]})
        raise InvalidAnswers({"mentions": [told]})
    return sorted(meant)


@bp.get("/cases/<int:case_id>/colleagues")
def suggest(case_id: int) -> str:
    """Colleagues who may be mentioned, by a part of their name; twenty at most."""
    with reading() as connection:
        subject = subject_of(connection, readable_case(house(), connection, me(), case_id))
        if not permitted(_TALK, subject):
            raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
        named = request.args.get("named", "").strip()[:20]
        rows = colleagues.readers(connection, house().rules, subject, civil_date(now()), permission=_TALK, named=named)
    return render_template("colleagues.html", readers=[row for row in rows if row.id != me().id], ticked=())


def _again(
    case_id: int, error: EngineError, box: str, text: dict[str, str], chosen: Sequence[str] = ()
) -> ResponseReturnValue:
    """The tab once more with what was typed, and what is wrong beside its box."""
    problems = dict(error.problems) if isinstance(error, InvalidAnswers) else {box: [error.message]}
    told = {name if name in _BOXES else box: found[0] for name, found in problems.items()}
    return cases.tab_of(case_id, "collab", Typed(text, told, tuple(chosen))), status_of(error)


def _back(done: str, case_id: int, task_id: int | None = None) -> ResponseReturnValue:
    if request.form.get("from") == "task" and task_id is not None:
        return redirect(url_for("tasks.show", task_id=task_id, done=done), 303)
    return redirect(url_for("cases.show", case_id=case_id, tab="collab", done=done), 303)
