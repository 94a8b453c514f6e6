"""The coming reception days, and what was received on one of them (P-13 接待日登记簿)."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from engine.dossier import render
from engine.errors import NotFound
from engine.messages import N_, Message
from workflows import log_book
from workflows.book_prints import BOOK, WORDS
from workflows.chart import Unit, chart
from workflows.model_reception import reception_day
from workflows.posts import FEDERATIONS
from workflows.processes.petition.register import petition_register
from workflows.reception import KINDS, load_day, present

if TYPE_CHECKING:
    from datetime import date, datetime

    from engine.access import Actor
    from engine.runtime import Runtime

SHEET: Final = "P-13"
#: how far back the list of days reaches, and how many it shows
BEHIND: Final = timedelta(days=31)
MOST: Final = 200
#: an item of a reception day may be typed so many days later
LATER: Final = timedelta(days=7)

_day = reception_day.c
_FROM = select(reception_day).where(_day.held_on >= bindparam("b_from")).order_by(_day.held_on, _day.starts, _day.id)
_OF = select(reception_day).where(
    _day.unit_id == bindparam("b_unit"),
    _day.state.in_(("planned", "held")),
    _day.held_on.between(bindparam("b_from"), bindparam("b_to")),
)


def days(connection: Connection, actor: Actor, today: date) -> list[Row[Any]]:
    """The days of her units, of those below and of those above, from a month ago on, the earliest first."""
    known = chart(connection)
    found = connection.execute(_FROM.limit(5000), {"b_from": today - BEHIND})
    return [row for row in found if _concerns(actor, known.units[row.unit_id])][:MOST]


def shown_day(connection: Connection, actor: Actor, day_id: int) -> Row[Any]:
    """The row of a day she may see; NotFound."""
    row = load_day(connection, day_id)
    if not _concerns(actor, chart(connection).units[row.unit_id]):
        raise NotFound(what=Message(N_("接待日 {id}"), {"id": day_id}))
    return row


def _concerns(actor: Actor, unit: Unit) -> bool:
    return any(unit.path.startswith(post.path) or post.path.startswith(unit.path) for post in actor.posts)


def units_to_plan(connection: Connection, paths: list[str]) -> list[Unit]:
    """The federations within some paths, in the order of the tree."""
    known = chart(connection)
    found = [u for kind in FEDERATIONS for u in known.of_kind[kind] if u.path.startswith(tuple(paths)) and paths]
    return [unit for unit in found if unit.closed_on is None]


def open_days(connection: Connection, unit_id: int, today: date) -> list[Row[Any]]:
    """The days of a unit on which an item that is typed today may have been received: with somebody there."""
    asked = {"b_unit": unit_id, "b_from": today - LATER, "b_to": today}
    return [row for row in connection.execute(_OF, asked) if present(connection, row) is not None]


def received(runtime: Runtime, connection: Connection, actor: Actor, day_id: int) -> list[log_book.Entry]:
    """The items received on a day as far as she may read them, in the order in which they were received."""
    line = petition_register.c
    chosen = (
        log_book.lines()
        .where(log_book.readable(runtime, actor), line.reception_day_id == day_id)
        .order_by(line.received_at, line.case_id)
    )
    return log_book.entries(runtime, connection, connection.execute(chosen).all())


def print_day(
    runtime: Runtime, connection: Connection, actor: Actor, day_id: int, *, at: datetime
) -> tuple[bytes, dict[str, Any]]:
    """P-13 of a day as PDF, and the parameters of `book_prints.record_book_print`. NotFound."""
    row = shown_day(connection, actor, day_id)
    entries = received(runtime, connection, actor, day_id)
    unit, who = chart(connection).units[row.unit_id], present(connection, row)
    names = {
        "day": row,
        "unit": unit,
        "kind": KINDS[row.kind],
        "planned": chart(connection).people[row.receiver_id].name,
        "received_by": who.name if who is not None else "",
        "entries": entries,
        **WORDS,
    }
    title = f"接待日登记簿 {row.held_on}"
    pdf = render.render_table(
        BOOK, f"{SHEET}.html", title, names, printed_by=actor.name, printed_at=at, number=f"{SHEET}-{day_id}"
    )
    on = row.held_on.isoformat()
    told = {"sheet": SHEET, "since": on, "until": on, "channel": "RECEPTION", "category": "", "units": [unit.id]}
    cases = [entry.case_id for entry in entries]
    return pdf, {**told, "case_ids": cases, "file": hashlib.sha256(pdf).hexdigest()}
