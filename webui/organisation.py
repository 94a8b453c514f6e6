"""组织: the tree of units, the posts and who holds them, accounts, appointments, training; and the check list of committees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from webui import directory
from webui.language import gettext
from webui.runtime import act, me, now, permitted, reading
from workflows import appointing, model, standing, units
from workflows.chart import chart
from workflows.posts import FOUR_EYES_POSTS, PARENT_KINDS, POST_KINDS, UNIT_KIND_NAMES, UnitKind

bp = Blueprint("organisation", __name__, url_prefix="/organisation")

#: address of an act on a unit → command, the boxes it takes as text, those it takes as ids
_UNIT_ACTS: Mapping[str, tuple[Callable[..., Any], tuple[str, ...], tuple[str, ...]]] = {
    "rename": (units.rename_unit, ("name",), ()),
    "move": (units.move_unit, (), ("parent_id",)),
    "close": (units.close_unit, ("last_day",), ("successor_id",)),
    "women": (units.count_women, ("women", "counted_on"), ()),
}


def number(name: str) -> int | None:
    """A box that holds an id; None when it is empty, -1 (nobody's) for anything else."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else -1


def text(*names: str) -> dict[str, str]:
    """Boxes as typed."""
    return {name: request.form.get(name, "") for name in names}


def closed() -> None:
    """Forbidden for posts outside the federation: its tree and its people are its own."""
    if not permitted(Permission.SEE_ORGANISATION):
        raise Forbidden(why=Message(N_("机构与任职只对妇联系统内的岗位开放")))


bp.before_request(closed)


@bp.get("/")
def show() -> str:
    """The tree, and what waits for a second person."""
    return _tree()


def _tree(problems: Mapping[str, Message] | None = None) -> str:
    with reading() as connection:
        today = civil_date(now())
        seen = standing.visible_units(connection, me())
        asked = request.args.get("q", "").strip()
        base = min((len(unit.ancestor_ids) for unit in seen), default=0)
        shown = [u for u in seen if asked in u.name or asked.casefold() == u.code.casefold()] if asked else seen
        return render_template(
            "organisation.html",
            units=shown,
            depth={unit.id: len(unit.ancestor_ids) - base for unit in shown},
            serving=standing.serving(connection, today),
            kinds=UNIT_KIND_NAMES,
            asked=asked,
            today=today,
            problems=problems or {},
            may_import=permitted(Permission.MANAGE_ACCOUNTS),
            **_proposed(connection),
        )


def _proposed(connection: Connection) -> dict[str, Any]:
    rows = standing.proposals(connection, me())
    known = chart(connection)
    may = {
        row.id: (
            permitted(Permission.APPROVE_APPOINTMENT, known.units[row.unit_id])
            or (row.post not in FOUR_EYES_POSTS and permitted(Permission.APPOINT, known.units[row.unit_id]))
        )
        and me().id not in (row.proposed_by, row.account_id)
        for row in rows
    }
    ids = [i for row in rows for i in (row.account_id, row.proposed_by)]
    return {
        "proposals": rows,
        "may_decide": may,
        "people": directory.people(connection, ids),
        "unit_names": {unit.id: unit.name for unit in known.units.values()},
    }


@bp.post("/appointments/<int:appointment_id>")
def decide(appointment_id: int) -> ResponseReturnValue:
    """Approve, refuse or withdraw a proposed appointment."""
    verb = request.form.get("verb", "")
    try:
        if verb == "withdraw":
            act(appointing.withdraw_appointment, appointment_id=appointment_id)
        elif verb in ("approve", "refuse"):
            reason = request.form.get("reason", "")
            act(appointing.decide_appointment, appointment_id=appointment_id, approve=verb == "approve", reason=reason)
        else:
            abort(400)
    except InvalidAnswers as wrong:
        return _tree(firsts(wrong)), 422
    return redirect(url_for("organisation.show", done=verb), 303)


def firsts(wrong: InvalidAnswers) -> dict[str, Message]:
    """The first problem of each field."""
    return {field: found[0] for field, found in wrong.problems.items()}


@bp.get("/units/<int:unit_id>")
def unit(unit_id: int) -> str:
    """One unit: who serves in it, what stands below it, and what may be done."""
    return _unit(unit_id)


def _unit(unit_id: int, form: str = "", problems: Mapping[str, Message] | None = None) -> str:
    with reading() as connection:
        place = standing.seen_unit(connection, me(), unit_id)
        today = civil_date(now())
        rows = standing.terms_at(connection, unit_id)
        known = chart(connection)
        others = [row for row in standing.people(connection, me()) if row.id != me().id]
        seen = [u for u in standing.visible_units(connection, me()) if u.closed_on is None]
        return render_template(
            "unit.html",
            unit=place,
            above=[known.units[i] for i in reversed(place.ancestor_ids)],
            below=[u for u in standing.visible_units(connection, me()) if u.parent_id == unit_id],
            terms=rows,
            today=today,
            kinds=UNIT_KIND_NAMES,
            women=connection.execute(model.unit.select().where(model.unit.c.id == unit_id)).one(),
            parents=[
                (u.id, u.name) for u in seen if u.kind in PARENT_KINDS[place.kind] and not u.path.startswith(place.path)
            ],
            heirs=[(u.id, u.name) for u in seen if u.kind is place.kind and u.id != place.id],
            child_kinds=[
                (str(kind), gettext(UNIT_KIND_NAMES[kind])) for kind in UnitKind if place.kind in PARENT_KINDS[kind]
            ],
            posts=[(post, directory.post_name(post)) for post, kinds in POST_KINDS.items() if place.kind in kinds],
            four_eyes=FOUR_EYES_POSTS,
            desks=[(u.id, u.name) for u in seen if u.parent_id == unit_id and u.kind is UnitKind.DEPARTMENT],
            accounts=_told_apart([row for row in others if row.active]),
            counts_women=place.kind in PARENT_KINDS[UnitKind.COMMITTEE],
            may_manage=permitted(Permission.MANAGE_UNITS, place) and place.closed_on is None,
            may_appoint=permitted(Permission.APPOINT, place) and place.closed_on is None,
            names={u.id: u.name for u in known.units.values()},
            form=form,
            problems=problems or {},
            typed=request.form,
        )


def _told_apart(rows: list[Any]) -> list[tuple[int, str]]:
    """Account id and name; with the sign-in name behind it where several have one name."""
    shared = {name for name, count in Counter(row.name for row in rows).items() if count > 1}
    return [(row.id, f"{row.name}（{row.login}）" if row.name in shared else row.name) for row in rows]


def _acted(at: int, form: str, command: Callable[..., Any], **parameters: Any) -> ResponseReturnValue:
    try:
        act(command, **parameters)
    except InvalidAnswers as wrong:
        return _unit(at, form, firsts(wrong)), 422
    return redirect(url_for("organisation.unit", unit_id=at, done=form), 303)


@bp.post("/units/<int:unit_id>/below")
def create(unit_id: int) -> ResponseReturnValue:
    """Set up a unit below this one."""
    return _acted(unit_id, "create", units.create_unit, parent_id=unit_id, **text("kind", "name", "code"))


@bp.post("/units/<int:unit_id>/<any(rename,move,close,women):verb>")
def change(unit_id: int, verb: str) -> ResponseReturnValue:
    """Rename, move or close it, or note its women."""
    command, boxes, ids = _UNIT_ACTS[verb]
    chosen = {name: number(name) for name in ids}
    if chosen.get("parent_id", 0) is None:
        chosen["parent_id"] = -1
    return _acted(unit_id, verb, command, unit_id=unit_id, **text(*boxes), **chosen)


@bp.post("/units/<int:unit_id>/appoint")
def appoint(unit_id: int) -> ResponseReturnValue:
    """Give a post in this unit, or propose to."""
    boxes: dict[str, Any] = text("post", "since", "until")
    ids = {"account_id": number("account_id") or -1, "desk_id": number("desk_id")}
    return _acted(unit_id, "appoint", appointing.appoint_post, unit_id=unit_id, **boxes, **ids)


@bp.post("/units/<int:unit_id>/terms/<int:holding_id>/end")
def end(unit_id: int, holding_id: int) -> ResponseReturnValue:
    """Set the last day of a term."""
    return _acted(unit_id, f"end-{holding_id}", appointing.end_term, holding_id=holding_id, **text("last_day"))


@bp.get("/committees")
def committees() -> str:
    """Which work units must have a women's committee and have none (S002-22)."""
    with reading() as connection:
        lines = standing.workplaces(connection, me())
        return render_template(
            "committees.html",
            lines=lines,
            kinds=UNIT_KIND_NAMES,
            least=standing.COMMITTEE_FROM,
            lacking=sum(line.lacks for line in lines),
        )
