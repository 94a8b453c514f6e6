"""12338: the calls of the telephone desk, the hand-overs that wait, and the key that answers the next call."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from engine.queries.inbox import Cursor
from webui.calendars import calendar_now
from webui.runtime import house, me, now, permitted, reading
from webui.words import due_words
from workflows import hotline
from workflows.processes.petition import wording

bp = Blueprint("hotline", __name__, url_prefix="/hotline")

_BOXES = ("since", "until", "state")


@bp.get("/")
def listed() -> ResponseReturnValue:
    """The calls of some days; with what was typed and what is wrong with it when they cannot be looked for."""
    _require()
    typed = {name: request.args.get(name, "").strip() for name in _BOXES}
    try:
        wanted = hotline.asked(typed, civil_date(now()))
    except InvalidAnswers as wrong:
        return _shown(typed, problems={field: found[0] for field, found in wrong.problems.items()}), 422
    with reading() as connection:
        page = hotline.calls(house(), connection, me(), wanted, after=Cursor.parse(request.args.get("after")))
        calendar = calendar_now(connection)
    dues = {row.case_id: due_words(row.due_at, now(), calendar) for row in page.rows}
    told = {**typed, "since": wanted.since.isoformat(), "until": wanted.until.isoformat()}
    return _shown(told, page=page, dues=dues)


def _shown(
    typed: dict[str, str],
    *,
    page: hotline.Leaf | None = None,
    dues: dict[int, Any] | None = None,
    problems: dict[str, Message] | None = None,
) -> str:
    answering = house().catalogue["hotline_call"]
    return render_template(
        "hotline.html",
        page=page,
        dues=dues or {},
        typed=typed,
        problems=problems or {},
        states=hotline.STATES,
        categories=dict(wording.CATEGORY),
        may_answer=permitted(Permission.START_CASE, answering),
    )


def _require() -> None:
    if not permitted(Permission.SEE_HOTLINE):
        raise Forbidden(
            why=Message(
                N_("您的岗位没有“{permission}”权限"), {"permission": house().rules.name_of(Permission.SEE_HOTLINE)}
            )
        )
