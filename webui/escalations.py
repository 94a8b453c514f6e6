"""督办: the supervisors' queue, its heat map, one matter with what a superior can do, and orders with their answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, redirect, render_template, request, url_for

from engine.access import Permission
from engine.commands.orders import LONGEST_DAYS, issue_order, reply_order
from engine.commands.supervising import acknowledge_escalation, reassign, take_over
from engine.errors import EngineError, Forbidden, InvalidAnswers, StaleEscalation, StaleTask
from engine.messages import N_, Message
from engine.queries import escalations as queries
from engine.queries.escalation_page import escalation_page, order_page
from webui import clocks, directory, drawings, heat
from webui.calendars import calendar_now
from webui.errors import status_of
from webui.language import gettext
from webui.navigation import sketches, unread
from webui.runtime import act, house, me, now, permitted, reading
from webui.words import ago, due_words, moment
from workflows import organisation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy import Connection

    from engine.process_type import Problems

bp = Blueprint("escalations", __name__, url_prefix="/escalations")

LEVELS = {"broken": N_("已超过期限"), "red": N_("临近期限"), "warn": N_("将要到期")}
AGES = {
    "d1": N_("不到 1 天"),
    "d3": N_("1 至 3 天"),
    "d7": N_("3 至 7 天"),
    "d30": N_("7 至 30 天"),
    "more": N_("30 天以上"),
}
SEEN = {"no": N_("尚未查阅"), "yes": N_("已查阅")}
STATES = {"open": N_("督办中"), "map": N_("积压分布"), "closed": N_("已结束")}
_NAMES = ("state", "kind", "element", "level", "seen", "age", "unit", "exact")


@dataclass(frozen=True)
class Told:
    """What the page says besides the stored facts: what was typed, what is wrong with it, and what changed meanwhile."""

    typed: Mapping[str, str] = field(default_factory=dict)
    problems: Problems = field(default_factory=dict)
    refused: str = ""
    stale: bool = False


@bp.get("")
def listed() -> str:
    """The queue, narrowed and paged by the address alone."""
    if not permitted(Permission.SEE_OVERDUE):
        raise Forbidden(why=Message(N_("您的岗位没有查看督办事项的权限")))
    chosen = {name: value for name in _NAMES if (value := request.args.get(name, "").strip())}
    with reading() as connection:
        top = _top()
        filters, place = _filters(connection, chosen)
        rules, at = house().rules, now()
        mapped = chosen.get("state") == "map"
        after = queries.Cursor.parse(request.args.get("after"))
        page = queries.Queue((), None)
        if not mapped:
            page = queries.queue(connection, rules, me(), now=at, filters=filters, after=after)
        counted = queries.heat(connection, rules, me(), now=at, filters=filters) if mapped else ()
        picture = heat.heat_map(counted, place or top)
        ids = {row.case_unit_id for row in page.rows} | {column.unit_id for column in picture.columns}
        units = organisation.unit(connection, int(top.strip(".").split(".")[-1])) if top else None
        return render_template(
            "escalations.html",
            page=page,
            map=picture,
            mapped=mapped,
            geometry=heat,
            chosen=chosen,
            here=lambda **more: _address(chosen, more),
            waiting=unread(),
            choices=_choices(connection, units),
            above=lambda row: any(me().holds(post, unit) for rung in row.chain for post, unit in rung),
            **_words(connection, page.rows, ids),
        )


@bp.get("/<int:escalation_id>")
def show(escalation_id: int) -> str:
    """One matter: why it is here, its chain, the orders, and the verbs."""
    return _page(escalation_id, Told())


@bp.post("/<int:escalation_id>/acknowledge")
def acknowledge(escalation_id: int) -> ResponseReturnValue:
    """A superior has looked."""
    return _do(escalation_id, acknowledge_escalation)


@bp.post("/<int:escalation_id>/take-over")
def take(escalation_id: int) -> ResponseReturnValue:
    """She does the work herself: straight to the task."""
    return _do(escalation_id, take_over)


@bp.post("/<int:escalation_id>/reassign")
def give(escalation_id: int) -> ResponseReturnValue:
    """The work goes to somebody else: "POST:unit:account" in the field `to`."""
    post, _, rest = request.form.get("to", "").partition(":")
    unit_id, _, account_id = rest.partition(":")
    if not (post and _whole(unit_id) and _whole(account_id)):
        told = Told(dict(request.form), {"to": [Message(N_("请选择改派给谁"))]})
        return _page(escalation_id, told), 422
    return _do(escalation_id, reassign, post=post, unit_id=int(unit_id), account_id=int(account_id))


@bp.post("/<int:escalation_id>/order")
def order(escalation_id: int) -> ResponseReturnValue:
    """Order what is to be done and by when an answer is wanted."""
    typed = request.form.get("reply_by", "").strip()
    try:
        reply_by = date.fromisoformat(typed)
    except ValueError:
        wrong = Message(N_("答复期限填的是“{seen}”，应为 年-月-日，如 2026-06-30"), {"seen": typed[:20]})
        return _page(escalation_id, Told(dict(request.form), {"reply_by": [wrong]})), 422
    return _do(escalation_id, issue_order, text=request.form.get("text", ""), reply_by=reply_by)


@bp.get("/orders/<int:order_id>")
def sheet(order_id: int) -> str:
    """The order as a sheet to print, with its answer or the place for it."""
    with reading() as connection:
        found, job = order_page(house(), connection, me(), order_id)
        units = directory.unit_names(connection, {found.issued_unit_id, job.unit_id})
        people = directory.people(connection, {found.issued_by, found.replied_by, job.assignee_id})
        process = house().catalogue[job.kind]
        return render_template("order.html", order=found, task=job, units=units, people=people, process=process)


@bp.post("/orders/<int:order_id>/reply")
def reply(order_id: int) -> ResponseReturnValue:
    """Answer an order, from the task page."""
    try:
        answer = act(reply_order, order_id=order_id, text=request.form.get("reply", ""))
    except InvalidAnswers as wrong:
        with reading() as connection:
            found, job = order_page(house(), connection, me(), order_id)
        told = [m.render(gettext) for m in wrong.problems["reply"]]
        return render_template(
            "order_reply.html", order=found, task=job, typed=request.form.get("reply", ""), told=told
        ), 422
    return redirect(url_for("tasks.show", task_id=answer.content["task_id"]), 303)


def _do(escalation_id: int, command: Any, **more: Any) -> ResponseReturnValue:
    """Run a verb: 303 back to the matter (or to the task she took over); what is refused comes back on its page."""
    seen = request.form.get("_version", "")
    parameters = {"escalation_id": escalation_id, "seen_version": int(seen) if _whole(seen) else 0, **more}
    try:
        answer = act(command, **parameters)
    except (StaleEscalation, StaleTask) as stale:
        return _page(escalation_id, Told(dict(request.form), refused=stale.render(gettext), stale=True)), 409
    except InvalidAnswers as wrong:
        return _page(escalation_id, Told(dict(request.form), wrong.problems)), 422
    except Forbidden as refused:
        return _refused(escalation_id, refused)
    if command is take_over:
        return redirect(url_for("tasks.show", task_id=answer.content["task_id"]), 303)
    if request.form.get("back") == "list":
        return redirect(url_for("escalations.listed"), 303)
    return redirect(url_for("escalations.show", escalation_id=escalation_id), 303)


def _refused(escalation_id: int, refused: EngineError) -> ResponseReturnValue:
    return _page(escalation_id, Told(dict(request.form), refused=refused.render(gettext))), status_of(refused)


def _page(escalation_id: int, told: Told) -> str:
    with reading() as connection:
        page = escalation_page(house(), connection, me(), escalation_id)
        people = {person for place in page.places for person in place.people}
        people |= {person for o in page.orders for person in (o.issued_by, o.replied_by) if person}
        units = {place.unit_id for place in page.places} | {o.issued_unit_id for o in page.orders}
        return render_template(
            "escalation.html",
            page=page,
            row=page.row,
            clocks=clocks.words_of(connection, [page.row.task_id]) if page.row.task_id else (),
            told=told,
            labels={"to": gettext("改派给"), "text": gettext("督办要求"), "reply_by": gettext("答复期限")},
            longest_days=LONGEST_DAYS,
            **_words(connection, [page.row], units, people),
        )


def _words(connection: Connection, rows: Any, units: set[int], people: set[int] | None = None) -> dict[str, Any]:
    """Names for everything the rows mention."""
    at, calendar = now(), calendar_now(connection)
    places = {unit for row in rows for rung in row.chain for _, unit in rung}
    ids = places | {row.case_unit_id for row in rows} | {row.unit_id for row in rows if row.unit_id} | units
    staff = {person for row in rows for person in (row.assignee_id, row.acknowledged_by) if person} | (people or set())
    return {
        "units": directory.unit_names(connection, ids),
        "people": directory.people(connection, staff),
        "kinds": {key: gettext(process.title) for key, process in house().catalogue.items()},
        "levels": LEVELS,
        "ages": AGES,
        "step": _step_names(connection),
        "due_of": lambda row: due_words(row.due_at, at, calendar),
        "ago": lambda when: ago(when, at),
        "moment": moment,
    }


def _step_names(connection: Connection) -> Any:
    known = drawings.newest(connection)

    def name(kind: str, element: str) -> str:
        version = known.get(kind)
        return gettext(sketches().of(version.id).name(element)) if version else element

    return name


def _filters(connection: Connection, chosen: dict[str, str]) -> tuple[queries.Filters, str | None]:
    """The filters of the address, and the path of the unit chosen; what makes no sense is left out."""
    unit = None
    if _whole(chosen.get("unit", "")):
        unit = organisation.unit(connection, int(chosen["unit"]))
    state = chosen.get("state", "open")
    seen = chosen.get("seen")
    filters = queries.Filters(
        kind=chosen.get("kind"),
        element=chosen.get("element"),
        level=chosen.get("level"),
        seen=None if seen not in SEEN else seen == "yes",
        age=chosen.get("age"),
        path=unit.path if unit else None,
        unit_id=unit.id if unit and chosen.get("exact") else None,
        state="closed" if state == "closed" else "open",
    )
    return filters, unit.path if unit else None


def _choices(connection: Connection, top: Any) -> dict[str, Any]:
    """What can be chosen in the filters."""
    below = organisation.below(connection, top.id) if top else ()
    steps = {}
    for key, version in drawings.newest(connection).items():
        if key in house().catalogue:
            sketch = sketches().of(version.id)
            steps[key] = [(element, sketch.name(element)) for element in sketch.steps]
    return {
        "units": [(unit.id, unit.name) for unit in below if unit.parent_id == top.id],
        "steps": steps,
        "levels": LEVELS,
        "seen": SEEN,
        "ages": AGES,
        "states": STATES,
    }


def _top() -> str:
    """The path of the highest unit in which she holds a post."""
    return min((post.path for post in me().posts), key=len, default="")


def _address(chosen: Mapping[str, str], more: Mapping[str, Any]) -> str:
    """The address of the list with other filters; None takes one away."""
    query = {**chosen, **more}
    return url_for("escalations.listed", **{name: value for name, value in query.items() if value not in (None, "")})


def _whole(text: str) -> bool:
    return text.isdecimal() and len(text) < 16
