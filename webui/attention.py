"""What people do around a task without moving it: urge, mark as urgent, remind themselves. Each view is one command."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import priorities, urging
from engine.errors import EngineError, InvalidAnswers
from webui import cases
from webui.collaboration import Typed
from webui.errors import status_of
from webui.runtime import act

bp = Blueprint("attention", __name__)


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


@bp.post("/cases/<int:case_id>/priority")
def priority(case_id: int) -> ResponseReturnValue:
    """Mark a case as urgent, or as normal again, with a reason."""
    level, reason = request.form.get("level", ""), request.form.get("reason", "")
    try:
        act(priorities.set_priority, case_id=case_id, level=level, reason=reason)
    except InvalidAnswers as wrong:
        return _again(case_id, wrong, "reason", {"level": level, "reason": reason})
    return _back("priority", case_id)


def _again(case_id: int, error: EngineError, box: str, text: dict[str, str]) -> ResponseReturnValue:
    """The tab once more with what was typed, and what is wrong beside its box."""
    problems = dict(error.problems) if isinstance(error, InvalidAnswers) else {box: [error.message]}
    told = {f"{box}": found[0] for found in problems.values()}
    return cases.tab_of(case_id, "collab", Typed(text, told)), status_of(error)


def _back(done: str, case_id: int, task_id: int | None = None) -> ResponseReturnValue:
    if request.form.get("from") == "task" and task_id is not None:
        return redirect(url_for("tasks.show", task_id=task_id, done=done), 303)
    return redirect(url_for("cases.show", case_id=case_id, tab="collab", done=done), 303)
