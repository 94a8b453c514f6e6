"""The same for many tasks: choose, see what would happen to each, do it, see what happened to each.

Every row is a command of its own with its own key: one that is refused holds up none of the others, and sending the page again
does nothing twice. Nothing here needs a script.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request

from engine.commands.assigning import assign_task
from engine.commands.tasks import claim_task
from engine.commands.urging import urge_task
from engine.errors import EngineError, InvalidAnswers
from engine.fields import digest
from engine.messages import N_, Message
from engine.queries import bulk
from webui import directory
from webui.runtime import act, house, me, posted_key, reading

bp = Blueprint("bulk", __name__, url_prefix="/bulk")

VERBS = {"claim": N_("批量签收"), "assign": N_("批量指派"), "urge": N_("批量催办")}


@bp.post("/")
def preview() -> str:
    """What would happen to each of the chosen tasks, and why not; nothing is done yet."""
    verb, picks = _asked()
    account_id = _number(request.form.get("account", ""))
    with reading() as connection:
        people: dict[int, str] = {}
        if verb == "assign":
            able = bulk.candidates(house(), connection, me(), picks)
            named = directory.people(connection, able)
            people = {account: named[account] for account in able}
        ready = verb != "assign" or account_id in people
        rows = bulk.preview(house(), connection, me(), verb, picks, account_id) if ready else []
    return render_template(
        "bulk.html", verb=verb, verbs=VERBS, picks=picks, rows=rows, people=people, account=account_id, ready=ready
    )


@bp.post("/do")
def do() -> str:
    """Do it, one command for each task; what became of each."""
    verb, picks = _asked()
    account_id, key = _number(request.form.get("account", "")), posted_key()
    with reading() as connection:
        before = bulk.preview(house(), connection, me(), verb, picks, account_id)
    results = [(row, _done(verb, row.pick, account_id, key)) for row in before]
    return render_template("bulk_done.html", verb=verb, verbs=VERBS, results=results)


def _done(verb: str, pick: bulk.Pick, account_id: int, key: str) -> EngineError | None:
    """Run the command for one task; the refusal, if it was refused."""
    parameters: dict[str, Any] = {"task_id": pick.task_id}
    own = digest([key, verb, pick.task_id, account_id])[:40]
    try:
        if verb == "claim":
            act(claim_task, key=own, **parameters, seen_version=pick.version)
        elif verb == "assign":
            act(assign_task, key=own, **parameters, seen_version=pick.version, account_id=account_id)
        else:
            act(urge_task, key=own, **parameters)
    except EngineError as refused:
        return refused
    return None


def _asked() -> tuple[str, Sequence[bulk.Pick]]:
    verb = request.form.get("verb", "")
    if verb not in bulk.VERBS:
        raise InvalidAnswers({"verb": [Message(N_("没有这种批量操作：{seen}"), {"seen": verb[:20]})]})
    picks = [_pick(text) for text in dict.fromkeys(request.form.getlist("pick"))]
    if not 1 <= len(picks) <= bulk.MOST:
        bounds = {"limit": bulk.MOST, "seen": len(picks)}
        raise InvalidAnswers({"pick": [Message(N_("请勾选 1 至 {limit} 件（现为 {seen} 件）"), bounds)]})
    return verb, picks


def _pick(text: str) -> bulk.Pick:
    """“12:3” is task 12 as of version 3; “12” whatever it is now."""
    task_id, _, version = text.partition(":")
    return bulk.Pick(_number(task_id), _number(version) if version else None)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0
