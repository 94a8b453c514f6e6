"""The drawings: which processes there are, who does what in them and by when, and how a new version comes in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.commands.definitions import publish_definition
from engine.errors import Forbidden, NotFound, RefusedDefinition, RefusedUpload
from engine.flow.diagram import draw
from engine.messages import N_, Message
from engine.process_type import ProcessType
from engine.queries.case_page import drawing_of
from webui import drawings
from webui.language import gettext
from webui.navigation import sketches
from webui.runtime import act, house, me, now, permitted, reading
from webui.uploads import content_of
from workflows import sheets

bp = Blueprint("processes", __name__, url_prefix="/processes")


@bp.get("")
def listed() -> str:
    """Every kind of process with its newest version."""
    _require_reading()
    with reading() as connection:
        newest = drawings.newest(connection)
    kinds = [(process, newest.get(key)) for key, process in house().catalogue.items()]
    return render_template("processes.html", kinds=kinds)


@bp.get("/<key>")
def show(key: str) -> str:
    """One process: its steps as a table, its drawing, its versions."""
    _require_reading()
    return _page(key, [])


@bp.post("/<key>")
def publish(key: str) -> ResponseReturnValue:
    """Take in a new version of the drawing; everything that speaks against it at once."""
    process = _process(key)
    if not permitted(Permission.UPLOAD_DEFINITION, key):
        raise Forbidden(why=Message(N_("只有系统管理员可以上传流程图")))
    file = request.files.get("bpmn")
    if file is None or not file.filename:
        return _page(key, [Message(N_("请选择一个 BPMN 文件"))]), 422
    try:
        act(publish_definition, kind=process.key, bpmn=content_of(file))
    except RefusedDefinition as refused:
        return _page(key, refused.refusals), 422
    except RefusedUpload as refused:
        return _page(key, [refused.message]), 413
    return redirect(url_for("processes.show", key=key, published=1), 303)


@bp.get("/<key>/drawing.bpmn")
def drawing(key: str) -> Response:
    """The newest drawing of a process as a file."""
    _require_reading()
    with reading() as connection:
        version = drawings.newest(connection).get(key)
        if version is None:
            raise _unknown(key)
        return Response(drawing_of(connection, version.id), mimetype="application/xml")


@bp.get("/<key>/blank/<sheet>.pdf")
def blank(key: str, sheet: str) -> Response:
    """A blank form to fill in by hand: no case behind it, so nothing is written into a history."""
    _require_reading()
    pdf = sheets.render_blank(_process(key).key, sheet, printed_by=me().name, printed_at=now())
    answer = make_response(pdf)
    answer.mimetype = "application/pdf"
    answer.headers.set("Content-Disposition", "inline", filename=f"{sheet}.pdf")
    return answer


def _page(key: str, refusals: list[Message]) -> str:
    process = _process(key)
    with reading() as connection:
        versions = drawings.versions(connection, key)
        bpmn = drawing_of(connection, versions[0].id) if versions else b""
    svg = draw(bpmn, title=gettext(process.title), translate=gettext) if versions else ""
    return render_template(
        "process.html",
        process=process,
        versions=versions,
        svg=svg,
        refusals=refusals,
        blanks=sheets.blanks(key),
        steps=_steps(process, versions[0].id) if versions else [],
        may_upload=permitted(Permission.UPLOAD_DEFINITION, key),
    )


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


def _process(key: str) -> ProcessType:
    process = house().catalogue.get(key)
    if process is None:
        raise _unknown(key)
    return process


def _unknown(key: str) -> NotFound:
    return NotFound(what=Message(N_("事项类型 {kind}"), {"kind": key[:40]}))


def _require_reading() -> None:
    if not permitted(Permission.READ_DEFINITIONS):
        raise Forbidden(why=Message(N_("您的岗位没有查看流程的权限")))
