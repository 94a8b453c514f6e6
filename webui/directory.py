"""Names for ids: what a unit, a post or a person is called on a page."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import Column, Connection, Table, select

from engine.access import SYSTEM, Actor
from engine.errors import NotFound
from webui.language import gettext
from workflows import model
from workflows.posts import POST_NAMES
from workflows.sheets import book_of


def unit_names(connection: Connection, ids: Iterable[int]) -> dict[int, str]:
    """Unit id → its name."""
    return _names(connection, model.unit, model.unit.c.name, set(ids))


def people(connection: Connection, ids: Iterable[int | None]) -> dict[int, str]:
    """Account id → the person's name; the system itself is called so."""
    wanted = {i for i in ids if i is not None}
    found = _names(connection, model.account, model.account.c.name, wanted - {SYSTEM.id})
    return {**found, SYSTEM.id: gettext("系统")}


def _names(connection: Connection, table: Table, name: Column[str], ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = connection.execute(select(table.c.id, name).where(table.c.id.in_(ids)))
    return {row[0]: row[1] for row in rows}


def post_name(code: str | None) -> str:
    """What a post is called."""
    return gettext(POST_NAMES.get(code, code)) if code else ""


def posts_of(actor: Actor) -> str:
    """The posts a person holds today, as one line under her name."""
    return "、".join(dict.fromkeys(post_name(p.code) for p in actor.posts)) or gettext("暂无岗位")


def acting(code: str, kind: str) -> str:
    """Why somebody acts in place of a post in a kind of case, as a msgid; the code where the kind has no words for it."""
    try:
        return book_of(kind).wording.why(code)
    except NotFound:
        return code
