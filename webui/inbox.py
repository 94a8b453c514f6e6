"""The inbox: what is to be done, what can be claimed, what was done, what was started; and the old address of what is late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.access import in_place_of
from engine.clock import civil_date
from engine.commands.reading import read_notices
from engine.commands.views import drop_view, save_view
from engine.messages import N_, Message
from engine.queries import collaboration, inbox, lists, marks, narrowing, notices
from engine.queries.inbox_row import InboxRow
from webui import directory, drawings, search
from webui.calendars import calendar_now
from webui.language import gettext
from webui.navigation import may_assign, may_start, sketches
from webui.outcomes import outcome_name
from webui.runtime import act, house, me, now, reading
from webui.words import ago, due_words
from workflows.chart import chart
from workflows.posts import FEDERATIONS

bp = Blueprint("inbox", __name__)

_LARGEST = 200

TABS = {
    "todo": N_("待办"),
    "claimable": N_("可签收"),
    "done": N_("已办"),
    "started": N_("我发起"),
    "deputy": N_("代办"),
}
BANDS = {
    "overdue": N_("已逾期"),
    "today": N_("今天到期"),
    "week": N_("七天内到期"),
    "later": N_("七天后到期"),
}
FOLLOW = {
    "due": N_("到了跟进日期"),
    "any": N_("有跟进日期"),
}
#: what narrows a list, by the names it has in an address; what was searched for comes beside it
KEPT = ("kind", "element", "band", "unit", "urgent", "follow", "suspended")


@bp.get("/")
def show() -> str:
    """One tab of the inbox, narrowed and paged by the address alone, so that it can be sent to a colleague."""
    return _page()


def _page(unclear: Message | None = None) -> str:
    """The tab that was asked for; `unclear` says why what stands in the search box finds nothing."""
    tab = request.values.get("tab", "todo")
    tab = tab if tab in TABS or tab == "notices" else "todo"
    with reading() as connection:
        shared = {
            "tab": tab,
            "tabs": {key: label for key, label in TABS.items() if key != "deputy" or me().stand_ins},
            "counts": inbox.counts(connection, me(), house().rules),
            "cap": inbox.COUNT_CAP,
            "unread": notices.notices(connection, house().rules, me(), unread_only=True),
            "may_start": may_start(),
            "chosen": request.values,
            "unclear": unclear,
            "views": _views(connection),
        }
        if tab == "notices":
            every = notices.notices(connection, house().rules, me())
            return render_template(
                "notices.html", **shared, rows=every, newest=_newest(every), when=_ago, **_copies(connection)
            )
        if tab == "started":
            return render_template("inbox.html", **shared, **_started(connection))
        return render_template("inbox.html", **shared, **_tasks(connection, tab))


@bp.post("/notices/read")
def read() -> ResponseReturnValue:
    """Everything shown has been seen; what came meanwhile stays unread."""
    act(read_notices, newest=_id(search.unsealed(request.form.get("newest", ""))))
    return redirect(url_for("inbox.show", tab="notices"), 303)


@bp.post("/")
def narrow() -> ResponseReturnValue:
    """Turn what was typed into an address. An ID number becomes its keyed hash: addresses are remembered, it must not be."""
    asked = {name: request.form.get(name, "").strip() for name in ("tab", *KEPT)}
    typed = request.form.get("sought", "").strip()
    found = search.sealed_query(typed) if typed else {}
    if isinstance(found, Message):
        return _page(found), 422
    if "words" in found:
        return redirect(url_for("search.show", **cast("Any", found)), 303)
    asked.update(found)
    query: dict[str, Any] = {name: value for name, value in asked.items() if value}
    return redirect(url_for("inbox.show", **query), 303)


@bp.get("/overdue")
def overdue() -> ResponseReturnValue:
    """Where the list of late work used to be; what is late is supervised now."""
    return redirect(url_for("escalations.listed"), 302)


def filters_from(connection: Connection, chosen: Mapping[str, str]) -> narrowing.Filters:
    """What an address, or a saved view, narrows a list by; whatever it says that makes no sense narrows nothing."""
    band, follow = chosen.get("band"), chosen.get("follow")
    place = chart(connection).units.get(_id(chosen.get("unit", "")))
    return narrowing.Filters(
        kind=chosen.get("kind") or None,
        element=chosen.get("element") or None,
        band=cast("narrowing.Band", band) if band in BANDS else None,
        number=chosen.get("number") or None,
        subject_hash=chosen.get("person") or None,
        path=place.path if place else None,
        urgent=chosen.get("urgent") == "1",
        suspended=chosen.get("suspended") == "1",
        follow=cast("narrowing.Follow", follow) if follow in FOLLOW else None,
        account_id=me().id,
    )


def _views(connection: Connection) -> list[tuple[Any, str]]:
    """The reader's own views, each with its count: “12”, “99+”, or “3+” when there was more to look at."""
    shown = []
    for view in lists.views(connection, me()):
        tab = view.filters.get("tab", "todo")
        tab = tab if tab in ("todo", "claimable", "deputy") else "todo"
        filters = filters_from(connection, view.filters)
        found, more = inbox.count_of(connection, me(), tab, now=now(), filters=filters, rules=house().rules)
        shown.append((view, "99+" if found >= inbox.COUNT_CAP else f"{found}+" if more else str(found)))
    return shown


@bp.post("/views")
def keep() -> ResponseReturnValue:
    """Keep the filters of this list under a name."""
    filters = {name: request.form.get(name, "") for name in ("tab", *KEPT)}
    act(save_view, name=request.form.get("name", ""), filters=filters)
    return redirect(url_for("inbox.show", **cast("Any", {k: v for k, v in filters.items() if v})), 303)


@bp.post("/views/<int:view_id>/drop")
def drop(view_id: int) -> ResponseReturnValue:
    """Forget a view."""
    act(drop_view, view_id=view_id)
    return redirect(url_for("inbox.show"), 303)


def _id(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _places(connection: Connection) -> list[tuple[int, str]]:
    """The units right below those in which the reader holds a post: what she may want to look at alone."""
    known, own = chart(connection).units.values(), {post.unit_id for post in me().posts}
    return [(unit.id, unit.name) for unit in known if unit.parent_id in own and unit.kind in FEDERATIONS]


def _size() -> int:
    """Lines of one page, from the address."""
    asked = request.args.get("size", "")
    return min(max(int(asked), 1), _LARGEST) if asked.isdecimal() and len(asked) < 5 else inbox.PAGE


def _tasks(connection: Connection, tab: Any) -> dict[str, Any]:
    after = inbox.Cursor.parse(request.args.get("after"))
    filters = filters_from(connection, request.values)
    page = inbox.tasks(
        connection, me(), tab, now=now(), rules=house().rules, after=after, filters=filters, limit=_size()
    )
    steps = {}
    for key, version in drawings.newest(connection).items():
        if key in house().catalogue:
            sketch = sketches().of(version.id)
            steps[key] = [(element, sketch.name(element)) for element in sketch.steps]
    lists = {"steps": steps, "bands": BANDS, "follows": FOLLOW, "places": _places(connection)}
    return {**_shown(connection, page), **lists, "kinds": _kinds()}


def _started(connection: Connection) -> dict[str, Any]:
    after = inbox.Cursor.parse(request.args.get("after"))
    number, person = request.args.get("number") or None, request.args.get("person") or None
    rules = house().rules
    page = inbox.started(connection, me(), rules=rules, after=after, number=number, subject_hash=person, limit=_size())
    return {
        "page": page,
        "units": directory.unit_names(connection, {row.unit_id for row in page.rows}),
        "kinds": _kinds(),
        "outcome": outcome_name(connection),
        "when": _ago,
    }


def _newest(rows: Sequence[Any]) -> str:
    """The first row's id, sealed: ids are counted for the whole house, and a gap would tell of what she is not shown."""
    return house().vault.seal(str(rows[0].id).encode()).decode() if rows else ""


def _copies(connection: Connection) -> dict[str, Any]:
    received = collaboration.received(connection, house().rules, me())
    sent = collaboration.sent(connection, house().rules, me())
    ids = {i for row in (*received, *sent) for i in (row.by_id, row.account_id, row.read_by) if i}
    vault = house().vault
    return {
        "received": [(row, vault.open(row.note_sealed).decode()) for row in received],
        "sent": sent,
        "people": directory.people(connection, ids),
        "units": directory.unit_names(connection, {row.unit_id for row in sent}),
    }


def _shown(connection: Connection, page: inbox.Page[InboxRow]) -> dict[str, Any]:
    at, calendar = now(), calendar_now(connection)
    ids = {row.case_unit_id for row in page.rows} | {row.unit_id for row in page.rows}
    return {
        "page": page,
        "units": directory.unit_names(connection, ids),
        "holders": directory.people(connection, {row.assignee_id for row in page.rows if row.assignee_id}),
        "kinds": _kinds(),
        "due_of": lambda row: due_words(row.due_at, at, calendar),
        "outcome": outcome_name(connection),
        "when": _ago,
        "marks": marks.marks(connection, me(), [(row.id, row.case_id) for row in page.rows]),
        "today": civil_date(at),
        "may_assign": may_assign(),
        "absent_of": lambda row: in_place_of(me(), row),
    }


def _kinds() -> dict[str, str]:
    return {key: gettext(process.title) for key, process in house().catalogue.items()}


def _ago(when: Any) -> str:
    return ago(when, now()) if when else ""
