"""Moving running cases to another version: the dry run with every reason, the batch and its progress, and taking it back."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, Row

from engine.access import Permission
from engine.clock import civil_date
from engine.commands.migration import close_migration, start_migration, undo_migration
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.flow.drawing import Drawing
from engine.messages import N_, Message
from engine.queries.migration import Plan, batch_of, batches, counts, items, may_settle, plan
from engine.queries.versions import DRAWING, Version, listed
from webui import directory
from webui.language import gettext
from webui.processes import process_of
from webui.runtime import act, house, me, now, permitted, reading
from webui.version_words import REASONS

bp = Blueprint("migrations", __name__, url_prefix="/processes/<key>/migrations")

PAGE = 50
STATES = {
    "waiting": N_("等待"),
    "moved": N_("已转"),
    "refused": N_("不能转"),
    "failed": N_("未成"),
    "undone": N_("已撤销"),
    "kept": N_("有人办过，未撤销"),
}
BATCH_STATES = {
    "running": N_("正在逐件办理"),
    "done": N_("已办完，可以撤销"),
    "undoing": N_("正在逐件撤销"),
    "undone": N_("已撤销"),
    "closed": N_("已关闭，不能再撤销"),
}


@bp.get("")
def listing(key: str) -> str:
    """The batches of a process."""
    process = _allowed(key)
    with reading() as connection:
        rows = batches(connection, key)
        numbers = {each.id: each.version for each in listed(connection, DRAWING, key)}
        people = directory.people(connection, {row.created_by for row in rows})
    return render_template(
        "migrations.html", process=process, rows=rows, numbers=numbers, people=people, states=BATCH_STATES
    )


@bp.get("/plan")
def show(key: str) -> str:
    """The dry run: what would become of every running case of a version."""
    return _plan(key, {})


@bp.post("/plan")
def begin(key: str) -> ResponseReturnValue:
    """Begin the batch as planned; what is missing is told beside what was typed."""
    _allowed(key)
    typed = request.form
    try:
        answer = act(
            start_migration,
            kind=key,
            from_id=_number("old"),
            to_id=_number("new"),
            mapping=_mapping(typed.get("mapping", "")),
            acknowledged={
                name[4:]: reason for name, reason in typed.items() if name.startswith("ack.") and reason.strip()
            },
        )
    except InvalidAnswers as wrong:
        return _plan(key, wrong.problems), 422
    return redirect(url_for("migrations.batch", key=key, batch_id=answer.content["batch_id"]), 303)


@bp.get("/<int:batch_id>")
def batch(key: str, batch_id: int) -> str:
    """How a batch is getting on, case by case."""
    process = _allowed(key)
    state, offset = request.args.get("state", ""), _offset()
    with reading() as connection:
        row = _batch(connection, key, batch_id)
        numbers = {each.id: each.version for each in listed(connection, DRAWING, key)}
        cases = house().rules.cases_with(Permission.MOVE_CASE, me())
        found = items(connection, batch_id, cases, state=state, offset=offset, limit=PAGE + 1)
        tally = counts(connection, batch_id, cases)
        settles = may_settle(house().rules, connection, me(), row, civil_date(now()))
        people = directory.people(connection, {row.created_by, row.undone_by})
        names = _names(house().routes.of(house(), connection, row.from_id, row.to_id, row.mapping))
    return render_template(
        "migration.html",
        process=process,
        batch=row,
        settles=settles,
        numbers=numbers,
        items=[
            {"row": each, "why": [_reason(w["code"], w["element"], names) for w in each.why]} for each in found[:PAGE]
        ],
        more=len(found) > PAGE,
        offset=offset,
        page=PAGE,
        tally=tally,
        total=sum(tally.values()),
        state=state,
        states=STATES,
        batch_states=BATCH_STATES,
        people=people,
    )


@bp.post("/<int:batch_id>/undo")
def undo(key: str, batch_id: int) -> ResponseReturnValue:
    """Take a batch back where nobody has acted since."""
    act(undo_migration, batch_id=batch_id)
    return redirect(url_for("migrations.batch", key=key, batch_id=batch_id), 303)


@bp.post("/<int:batch_id>/close")
def close(key: str, batch_id: int) -> ResponseReturnValue:
    """Let go of what was kept for taking it back."""
    act(close_migration, batch_id=batch_id)
    return redirect(url_for("migrations.batch", key=key, batch_id=batch_id), 303)


def _plan(key: str, problems: dict[str, list[Message]]) -> str:
    process = _allowed(key)
    old_id, typed = _number("old"), request.values
    given = {name[4:]: text for name, text in typed.items() if name.startswith("ack.") and text.strip()}
    reason, shown = typed.get("reason", ""), typed.get("shown", "")
    with reading() as connection:
        versions = {each.id: each for each in listed(connection, DRAWING, key)}
        others = [each for each in versions.values() if each.id != old_id]
        if old_id not in versions or not others:
            raise NotFound(what=Message(N_("事项类型 {kind} 的流程图"), {"kind": key}))
        new_id = _number("new") if _number("new") in versions else _later(others, versions[old_id]).id
        route, wrong = _route(connection, old_id, new_id)
        cases = house().rules.cases_with(Permission.MOVE_CASE, me())
        page = {"offset": _offset(), "limit": PAGE}
        made = plan(connection, route, old_id, given, cases=cases, reason=_pair(reason), only=shown, **page)
    told = [message for found in {**wrong, **problems}.values() for message in found]
    return render_template(
        "migration_plan.html",
        process=process,
        old=versions[old_id],
        new=versions[new_id],
        others=others,
        mapping=typed.get("mapping", ""),
        plan=made,
        skipped=sorted({element for code, element in made.reasons if code == "skipped"} | set(given)),
        given=given,
        shown=shown,
        reason=reason,
        offset=_offset(),
        page=PAGE,
        problems=told,
        may_leave_out=permitted(Permission.APPROVE_DEFINITION, key),
        **_in_words(made, _names(route)),
    )


def _route(connection: Connection, old_id: int, new_id: int) -> tuple[Any, dict[str, list[Message]]]:
    """The route as it was asked for; without renamings, and what is wrong with them, when they cannot be meant."""
    routes = house().routes
    try:
        return routes.of(house(), connection, old_id, new_id, _mapping(request.values.get("mapping", ""))), {}
    except InvalidAnswers as wrong:
        return routes.of(house(), connection, old_id, new_id, {}), wrong.problems


def _in_words(made: Plan, names: dict[str, str]) -> dict[str, Any]:
    lines = [
        {
            "line": each,
            "here": [names.get(element, element) for element in each.here],
            "why": [_reason(code, element, names) for code, element in each.reasons],
            "notes": _notes(each, names),
        }
        for each in made.shown
    ]
    reasons = [
        {"code": f"{code}/{element}", "text": _reason(code, element, names), "count": count}
        for (code, element), count in made.reasons.most_common()
    ]
    return {"lines": lines, "reasons": reasons, "names": names}


def _later(others: list[Version], old: Version) -> Version:
    return max(others, key=lambda each: (each.version > old.version, each.version))


def _notes(line: Any, names: dict[str, str]) -> list[str]:
    told = [gettext("“{step}”换了岗位，重新确定办理人").format(step=names.get(e, e)) for e in line.verdict.relaned]
    return told + [
        gettext("“{step}”的期限从转过去时重新起算").format(step=names.get(e, e)) for e in line.verdict.rearmed
    ]


def _names(route: Any) -> dict[str, str]:
    """Element id → what it is called, in the new drawing before the old."""
    drawings: tuple[Drawing, ...] = (route.before, route.after)
    return {key: gettext(node.name) if node.name else key for each in drawings for key, node in each.nodes.items()}


def _reason(code: str, element: str, names: dict[str, str]) -> str:
    return gettext(REASONS.get(code, code)).format(step=names.get(element, element))


def _mapping(text: str) -> dict[str, str]:
    """“T_Old=T_New”, one a line. InvalidAnswers names the first line that is none."""
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        old, sign, new = (part.strip() for part in line.partition("="))
        if not (old and sign and new):
            said = N_("第 {number} 行“{line}”写法不对；每行写作 原环节标识=新环节标识，如 T_Old=T_New")
            raise InvalidAnswers({"mapping": [Message(said, {"number": number, "line": line[:80]})]})
        found[old] = new
    return found


def _pair(reason: str) -> tuple[str, str] | None:
    code, sign, element = reason.partition("/")
    return (code, element) if sign else None


def _number(name: str) -> int:
    text = request.values.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _offset() -> int:
    return _number("offset")


def _batch(connection: Connection, key: str, batch_id: int) -> Row[Any]:
    row = batch_of(connection, batch_id)
    if row.key != key:
        raise NotFound(what=Message(N_("迁移批次 {id}"), {"id": batch_id}))
    return row


def _allowed(key: str) -> Any:
    process = process_of(key)
    if not permitted(Permission.MIGRATE_CASES, key):
        raise Forbidden(why=Message(N_("您的岗位不能迁移在办案件")))
    return process
