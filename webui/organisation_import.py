"""Import from Excel: upload, see what would happen row by row, take it in or not; download what was rejected."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.access import Permission
from engine.errors import Forbidden, InvalidAnswers, RefusedUpload
from engine.messages import N_, Message
from engine.unit_of_work import unit_of_work
from webui.organisation import firsts
from webui.runtime import act, house, me, permitted
from workflows import organisation_import as importing
from workflows import workbook

bp = Blueprint("organisation_import", __name__, url_prefix="/organisation/import")
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.before_request
def _closed() -> None:
    if not permitted(Permission.MANAGE_ACCOUNTS):
        raise Forbidden(why=Message(N_("只有系统管理员可以导入机构和人员")))


@bp.get("/")
def show() -> str:
    """The template and the box for the file."""
    return render_template("organisation_import.html", outcome=None, problems={}, sheets=importing.SHEETS)


@bp.get("/template")
def template() -> Response:
    """The work book to fill in."""
    return _book(importing.template(), "机构和人员导入模板.xlsx")


@bp.post("/")
def upload() -> ResponseReturnValue:
    """Keep the file and show what it would do; nothing is taken in."""
    file = request.files.get("file")
    content = file.read(workbook.MAX_BYTES + 1) if file is not None else b""
    try:
        made = act(importing.upload_workbook, content=content).content
    except RefusedUpload as refused:
        problems = {"file": refused.message}
        page = render_template("organisation_import.html", outcome=None, problems=problems, sheets=importing.SHEETS)
        return page, 422
    return redirect(url_for("organisation_import.preview", import_id=made["import_id"]), 303)


@bp.get("/<int:import_id>")
def preview(import_id: int) -> str:
    """What would happen, or what did."""
    return _preview(import_id)


def _preview(import_id: int, problems: Mapping[str, Message] | None = None) -> str:
    with unit_of_work(house(), me()) as work:
        row = importing.kept(work, import_id)
    outcome = _outcome(import_id) if row.state == "checked" else None
    return render_template(
        "organisation_import.html",
        row=row,
        outcome=outcome,
        problems=problems or {},
        sheets=importing.SHEETS,
    )


def _outcome(import_id: int) -> importing.Outcome:
    try:
        with unit_of_work(house(), me()) as work:
            importing.rehearse(work, import_id=import_id)
    except importing.Rehearsed as rehearsed:
        return rehearsed.outcome
    raise AssertionError


@bp.post("/<int:import_id>")
def take(import_id: int) -> ResponseReturnValue:
    """Take it in: everything, or the good rows when that was chosen."""
    try:
        act(importing.take_in, import_id=import_id, good_rows_only=request.form.get("good") == "1")
    except InvalidAnswers as wrong:
        return _preview(import_id, firsts(wrong)), 422
    return redirect(url_for("organisation_import.preview", import_id=import_id), 303)


@bp.get("/<int:import_id>/rejected")
def rejected(import_id: int) -> Response:
    """The rows with something wrong, with why."""
    with unit_of_work(house(), me()) as work:
        row = importing.kept(work, import_id)
    lines = workbook.read(house().vault.open(row.content_sealed), importing.SHEETS)
    return _book(importing.rejected(lines, _outcome(import_id)), "未导入的行.xlsx")


def _book(content: bytes, name: str) -> Response:
    answer = make_response(content)
    answer.mimetype = _XLSX
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
