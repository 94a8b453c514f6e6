"""What programs may read with a token: `GET /api/v1/inbox`, `GET /api/v1/cases/<id>`. JSON, no cookie, nothing is changed.

`Authorization: Bearer hsk_…`; the token stands for a person and may less than she (workflows/api_tokens.py, docs/sign_in.md).
"""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, bindparam, select

from engine.access import CONFIDENTIAL
from engine.commands.reading import log_read
from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.model import case_file
from engine.queries import inbox
from engine.queries.case_page import CasePage, case_page
from engine.queries.inbox_row import InboxRow
from webui import directory
from webui.language import gettext
from webui.public import public
from webui.runtime import act, house, me, new_key, now, reading
from workflows import api_tokens

bp = Blueprint("api", __name__, url_prefix="/api/v1")

TABS = ("todo", "claimable", "done")
_SECRET = select(case_file.c.id).where(
    case_file.c.id.in_(bindparam("b_ids", expanding=True)), case_file.c.confidentiality.in_(CONFIDENTIAL)
)


@bp.before_request
def identify() -> None:
    """Find whom the token stands for; whatever comes without one ends here."""
    g.wants_json = True
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    found = api_tokens.bearer(house(), token.strip() if kind == "Bearer" else "", request.remote_addr or "")
    g.actor, g.bearer = found.actor, found


@bp.get("/inbox")
@public
def listed() -> ResponseReturnValue:
    """``?tab=todo|claimable|done&after=…`` → ``{"tasks": […], "next": cursor or null}``; at most 50 tasks."""
    _need("inbox.read")
    tab = request.args.get("tab", "todo")
    if tab not in TABS:
        told = {"seen": tab[:20], "allowed": "、".join(TABS)}
        raise InvalidAnswers({"tab": [Message(N_("tab 为 {seen}，只能是 {allowed}"), told)]})
    after = inbox.Cursor.parse(request.args.get("after"))
    with reading() as connection:
        page = inbox.tasks(connection, me(), cast("Any", tab), now=now(), after=after)
        kept = _open(connection, page.rows)
        units = directory.unit_names(connection, {row.unit_id for row in kept})
    return {"tasks": [_task(row, units) for row in kept], "next": str(page.next) if page.next else None}


@bp.get("/cases/<int:case_id>")
@public
def case(case_id: int) -> ResponseReturnValue:
    """The case in outline, without what its forms say. A case of class C3 or C4 is not there. The reading is logged."""
    _need("case.read")
    with reading() as connection:
        page = case_page(house(), connection, me(), case_id)
        if page.case.confidentiality in CONFIDENTIAL:
            raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
        units = directory.unit_names(connection, {page.case.unit_id, *(row.unit_id for row in page.open_tasks)})
    act(log_read, key=new_key(), case_id=case_id, what="api")
    return _outline(page, units)


def _need(scope: str) -> None:
    g.bearer.need(scope)


def _open(connection: Connection, rows: tuple[InboxRow, ...]) -> list[InboxRow]:
    """The rows without those of confidential cases, which no token is told of."""
    secret = set(connection.execute(_SECRET, {"b_ids": [row.case_id for row in rows]}).scalars())
    return [row for row in rows if row.case_id not in secret]


def _task(row: Any, units: dict[int, str]) -> dict[str, Any]:
    return {
        "id": row.id,
        "case_id": row.case_id,
        "number": row.number,
        "subject": row.subject,
        "kind": row.kind,
        "element": row.element,
        "name": gettext(row.name),
        "post": row.post,
        "unit": units.get(row.unit_id, ""),
        "state": row.state,
        "due_at": _moment(row.due_at),
        "overdue": row.overdue_since is not None,
    }


def _outline(page: CasePage, units: dict[int, str]) -> dict[str, Any]:
    found = page.case
    return {
        "id": found.id,
        "number": found.number,
        "kind": found.kind,
        "subject": found.subject,
        "state": found.state,
        "outcome": found.outcome,
        "unit": units.get(found.unit_id, ""),
        "started_at": _moment(found.created_at),
        "due_at": _moment(page.due_at),
        "steps": [
            {
                "task_id": row.id,
                "element": row.element,
                "name": gettext(row.name),
                "post": row.post,
                "unit": units.get(row.unit_id, ""),
                "due_at": _moment(row.due_at),
            }
            for row in page.open_tasks
        ],
    }


def _moment(at: Any) -> str | None:
    return None if at is None else at.isoformat()
