"""The drawings: which processes there are, who does what in them and by when, and how a new version comes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy import Connection

from engine.access import Permission
from engine.commands.versions import STATES
from engine.errors import Forbidden, NotFound
from engine.flow.diagram import draw
from engine.messages import N_, Message
from engine.process_type import ProcessType
from engine.queries.versions import (
    DRAWING,
    TABLES,
    all_in_force,
    content_of,
    in_force_id,
    known_people,
    pending,
    proposals,
    running,
    terms,
)
from webui import directory
from webui.language import gettext
from webui.navigation import sketches
from webui.runtime import house, me, now, permitted, reading
from workflows import sheets

bp = Blueprint("processes", __name__, url_prefix="/processes")


@bp.get("")
def listed() -> str:
    """Every kind of process with the version in force."""
    require_reading()
    with reading() as connection:
        newest = all_in_force(connection, DRAWING, now())
        waiting = pending(connection)
    kinds = [(process, newest.get(key)) for key, process in house().catalogue.items()]
    return render_template("processes.html", kinds=kinds, waiting=waiting)


@bp.get("/<key>")
def show(key: str) -> str:
    """One process: its steps as a table, its drawing, its versions."""
    require_reading()
    return version_page(key)


@bp.get("/<key>/drawing.bpmn")
def drawing(key: str) -> Response:
    """The drawing of a process in force, as a file."""
    require_reading()
    with reading() as connection:
        version = in_force_id(connection, DRAWING, key, now())
        if version is None:
            raise _unknown(key)
        return Response(content_of(connection, DRAWING, version), mimetype="application/xml")


@bp.get("/<key>/blank/<sheet>.pdf")
def blank(key: str, sheet: str) -> Response:
    """A blank form to fill in by hand: no case behind it, so nothing is written into a history."""
    require_reading()
    pdf = sheets.render_blank(process_of(key).key, sheet, printed_by=me().name, printed_at=now())
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"{sheet}.pdf")
    return answer


def version_page(
    key: str, *, refusals: Sequence[Message] = (), typed: Mapping[str, str] | None = None, sort: str = DRAWING
) -> str:
    """The page of a process; with what is wrong with a file that somebody just proposed, and what she typed beside it."""
    process = process_of(key)
    with reading() as connection:
        current = all_in_force(connection, DRAWING, now()).get(key)
        bpmn = content_of(connection, DRAWING, current.id) if current else b""
        shelves = [_shelf(connection, each, key) for each in (DRAWING, TABLES)]
        people = directory.people(connection, {n for s in shelves for n in s.pop("people")})
    return render_template(
        "process.html",
        process=process,
        svg=draw(bpmn, title=gettext(process.title), translate=gettext) if current else "",
        refusals=refusals,
        typed=typed or {},
        refused_sort=sort,
        blanks=sheets.blanks(key),
        steps=_steps(process, current.id) if current else [],
        shelves=shelves,
        people=people,
        states=STATES,
        may_upload=permitted(Permission.UPLOAD_DEFINITION, key),
        may_migrate=permitted(Permission.MIGRATE_CASES, key),
    )


def _shelf(connection: Connection, sort: str, key: str) -> dict[str, Any]:
    """Drawings or decision tables of a process: what counts when, what was proposed, and how many cases run on each."""
    return {
        "sort": sort,
        "terms": terms(connection, sort, key),
        "proposals": proposals(connection, sort, key),
        "running": running(connection, key, house().rules.workable_cases(me())) if sort == DRAWING else {},
        "people": known_people(connection, sort, key),
        "wanted": sort == DRAWING or bool(house().catalogue[key].shipped_tables()),
    }


def _steps(process: ProcessType, definition_id: int) -> list[dict[str, Any]]:
    """The steps in words: who does what, on which sheets, and where it goes from there."""
    parsed = house().definitions.get(definition_id)
    sketch = sketches().of(definition_id)
    rows = []
    for element in sketch.steps:
        info = parsed.elements[element]
        form = process.forms.get(info.form or "")
        rows.append({"info": info, "form": form, "after": sketch.after(element)})
    return rows


def process_of(key: str) -> ProcessType:
    """The process type of an address; NotFound."""
    process = house().catalogue.get(key)
    if process is None:
        raise _unknown(key)
    return process


def _unknown(key: str) -> NotFound:
    return NotFound(what=Message(N_("事项类型 {kind}"), {"kind": key[:40]}))


def require_reading() -> None:
    """Forbidden for who may not read drawings."""
    if not permitted(Permission.READ_DEFINITIONS):
        raise Forbidden(why=Message(N_("您的岗位没有查看流程的权限")))
