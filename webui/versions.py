"""New versions: a file is proposed, its differences are looked at, and another person approves or refuses."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from engine.access import Permission
from engine.commands.versions import STATES, approve_version, propose_version, refuse_version, withdraw_version
from engine.errors import Forbidden, InvalidAnswers, NotFound, RefusedDefinition, RefusedUpload
from engine.flow import soundness
from engine.flow.comparing import compare
from engine.flow.diagram import draw
from engine.messages import N_, Message
from engine.queries.versions import DRAWING, TABLES, content_of, in_force_id, listed, proposal_of
from engine.table_comparing import compare_tables
from webui import directory
from webui.language import gettext
from webui.processes import process_of, require_reading, version_page
from webui.runtime import act, house, me, now, permitted, reading
from webui.uploads import content_of as uploaded

bp = Blueprint("versions", __name__, url_prefix="/processes/<key>/proposals")


@bp.post("")
def propose(key: str) -> ResponseReturnValue:
    """Take in a new version; everything that speaks against it at once, and what was typed beside it is kept."""
    process = process_of(key)
    if not permitted(Permission.UPLOAD_DEFINITION, key):
        raise Forbidden(why=Message(N_("只有系统管理员可以提出新版本")))
    sort = TABLES if request.form.get("sort") == TABLES else DRAWING
    typed = {name: request.form.get(name, "") for name in ("note", "valid_from")}
    file = request.files.get("file")
    if file is None or not file.filename:
        missing = N_("请选择一个 BPMN 文件") if sort == DRAWING else N_("请选择一个 DMN 文件")
        return version_page(key, refusals=[Message(missing)], typed=typed, sort=sort), 422
    try:
        answer = act(propose_version, kind=process.key, sort=sort, content=uploaded(file), **typed)
    except RefusedDefinition as refused:
        return version_page(key, refusals=refused.refusals, typed=typed, sort=sort), 422
    except InvalidAnswers as wrong:
        told = [each for found in wrong.problems.values() for each in found]
        return version_page(key, refusals=told, typed=typed, sort=sort), 422
    except RefusedUpload as refused:
        return version_page(key, refusals=[refused.message], typed=typed, sort=sort), 413
    return redirect(url_for("versions.show", key=key, proposal_id=answer.content["proposal_id"], proposed=1), 303)


@bp.get("/<int:proposal_id>")
def show(key: str, proposal_id: int) -> str:
    """What differs, on the drawing and in words, and what may be done about it."""
    return _page(key, proposal_id)


@bp.get("/<int:proposal_id>/file")
def file(key: str, proposal_id: int) -> Response:
    """The proposed file itself."""
    require_reading()
    with reading() as connection:
        row = _proposal(connection, key, proposal_id)
    answer = Response(bytes(row.content), mimetype="application/xml")
    name = f"{key}-{proposal_id}.{'bpmn' if row.sort == DRAWING else 'dmn'}"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@bp.post("/<int:proposal_id>/approve")
def approve(key: str, proposal_id: int) -> ResponseReturnValue:
    """Put it in force, as it was compared."""
    seen = request.form.get("base", "")
    base = int(seen) if seen.isdecimal() else -1
    act(approve_version, proposal_id=proposal_id, seen_base=base)
    return redirect(url_for("versions.show", key=key, proposal_id=proposal_id, decided=1), 303)


@bp.post("/<int:proposal_id>/refuse")
def refuse(key: str, proposal_id: int) -> ResponseReturnValue:
    """Do not approve, with a reason."""
    try:
        act(refuse_version, proposal_id=proposal_id, reason=request.form.get("reason", ""))
    except InvalidAnswers as wrong:
        return _page(key, proposal_id, wrong.problems.get("reason", [])), 422
    return redirect(url_for("versions.show", key=key, proposal_id=proposal_id, decided=1), 303)


@bp.post("/<int:proposal_id>/withdraw")
def withdraw(key: str, proposal_id: int) -> ResponseReturnValue:
    """The proposer takes it back."""
    act(withdraw_version, proposal_id=proposal_id)
    return redirect(url_for("versions.show", key=key, proposal_id=proposal_id, decided=1), 303)


def _page(key: str, proposal_id: int, problems: list[Message] | None = None) -> str:
    require_reading()
    process = process_of(key)
    with reading() as connection:
        row = _proposal(connection, key, proposal_id)
        base_id = _base(connection, row)
        base = content_of(connection, row.sort, base_id) if base_id else None
        numbers = {each.id: each.version for each in listed(connection, row.sort, key)}
        people = directory.people(connection, {row.proposed_by, row.decided_by})
    waits = row.state == "proposed"
    return render_template(
        "proposal.html",
        process=process,
        p=row,
        base_id=base_id or 0,
        base_number=numbers.get(base_id or 0),
        number=numbers.get(row.version_id),
        people=people,
        states=STATES,
        problems=problems or [],
        may_approve=waits and permitted(Permission.APPROVE_DEFINITION, key) and row.proposed_by != me().id,
        may_withdraw=waits and row.proposed_by == me().id and permitted(Permission.UPLOAD_DEFINITION, key),
        **(_drawn(row, base) if row.sort == DRAWING else {"rules": compare_tables(base, bytes(row.content))}),
    )


def _drawn(row: Row[Any], base: bytes | None) -> dict[str, Any]:
    """The comparison of two drawings: changes in words, both pictures coloured, and what the soundness check remarks."""
    new = bytes(row.content)
    found = compare(base, new)
    report = soundness.examine(new, forms=house().catalogue[row.key].forms)
    return {
        "changes": [c for c in found.changes if not c.is_flow],
        "ways": [c for c in found.changes if c.is_flow],
        "new_svg": draw(new, marks=found.marks(new=True), title=gettext("新版流程图"), translate=gettext),
        "old_svg": draw(base, marks=found.marks(new=False), title=gettext("原版流程图"), translate=gettext)
        if base
        else "",
        "remarks": [f for f in report.findings if f.level != "error"],
        "states_seen": report.states,
        "can_end": report.can_always_end,
    }


def _base(connection: Connection, row: Row[Any]) -> int | None:
    """What a proposal is compared with: what it replaced, or what would be in force when it came."""
    if row.state == "approved":
        return int(row.base_id) if row.base_id else None
    return in_force_id(connection, row.sort, row.key, max(row.valid_from or now(), now()))


def _proposal(connection: Connection, key: str, proposal_id: int) -> Row[Any]:
    row = proposal_of(connection, proposal_id)
    if row.key != key:
        raise NotFound(what=Message(N_("版本提案 {id}"), {"id": proposal_id}))
    return row
