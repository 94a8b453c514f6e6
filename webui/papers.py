"""Papers of a form: attach, look at, take off again. Works as a plain form post; the script only spares the reload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine import documents
from engine.commands import papers as commands
from engine.commands.tasks import save_draft
from engine.errors import EngineError, NotFound, RefusedUpload
from engine.fields import digest
from engine.messages import N_, Message
from engine.process_type import Problems
from engine.queries.task_page import task_page
from webui import forms
from webui.errors import status_of
from webui.runtime import act, house, me, posted_key, reading
from webui.task_view import Showing, paper_views, render
from webui.uploads import content_of
from workflows.form import SchemaForm, field_infos

if TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage

bp = Blueprint("papers", __name__, url_prefix="/tasks/<int:task_id>/papers")


def take_files(task_id: int, form: SchemaForm, only: str | None = None) -> tuple[Problems, int]:
    """Attach every file of the request (of one field only, when named): problems by path, and the status of the last."""
    problems: Problems = {}
    status = 200
    for path, info in field_infos(form).items():
        if not info.is_file or only not in (None, path):
            continue
        for number, file in enumerate(f for f in request.files.getlist(path) if f.filename):
            try:
                _attach(task_id, path, number, file)
            except RefusedUpload as refused:
                problems.setdefault(path, []).append(_named(file, refused))
                status = status_of(refused)
    return problems, status


def _attach(task_id: int, path: str, number: int, file: FileStorage) -> None:
    content = content_of(file)
    documents.inspect(content)  # here, while nobody waits to write
    key = f"{request.form.get(f'_paper.{path}') or posted_key()}-{number}"
    act(commands.add_paper, key=key, task_id=task_id, field=path, name=file.filename, content=content)


def _named(file: FileStorage, refused: RefusedUpload) -> Message:
    name = (file.filename or "").replace("\\", "/").rsplit("/", 1)[-1][:60]
    return Message(N_("“{name}”未被接受：{why}"), {"name": name, "why": refused.params.get("why", "")})


@bp.post("/add")
def add(task_id: int) -> ResponseReturnValue:
    """Attach the files chosen for one field, and keep what has been typed meanwhile."""
    path = request.args.get("field", "")
    form = _form(task_id)
    if path not in field_infos(form):
        raise NotFound(what=Message(N_("材料栏 {field}"), {"field": path[:40]}))
    problems, status = take_files(task_id, form, path)
    _keep(task_id, form)
    if "HX-Request" in request.headers:
        return _one_field(task_id, form, path, problems), status
    if problems:
        return render(task_id, Showing(_typed(), problems)), status
    return redirect(url_for("tasks.show", task_id=task_id, _anchor=f"{forms.field_id(path)}-box"), 303)


@bp.post("/remove")
def remove(task_id: int) -> ResponseReturnValue:
    """Take one paper off the form; it stays in the history."""
    form = _form(task_id)
    _keep(task_id, form)
    chosen = request.form.get("paper", "")
    paper_id = int(chosen) if chosen.isdecimal() and len(chosen) < 18 else 0
    act(commands.remove_paper, key=f"{posted_key()}-{paper_id}", task_id=task_id, paper_id=paper_id)
    return redirect(url_for("tasks.show", task_id=task_id), 303)


def _form(task_id: int) -> SchemaForm:
    with reading() as connection:
        form = task_page(house(), connection, me(), task_id).form
    assert isinstance(form, SchemaForm)  # noqa: S101 - every process type describes its forms so
    return form


def _typed() -> dict[str, str]:
    return {name: value for name, value in request.form.items() if not name.startswith("_")}


def _keep(task_id: int, form: SchemaForm) -> None:
    answers = forms.nest(form, _typed())
    key = digest([request.form.get("_key", ""), task_id, answers])[:40]
    try:
        act(save_draft, key=key, task_id=task_id, answers=answers)
    except EngineError:
        return


def _one_field(task_id: int, form: SchemaForm, path: str, problems: Problems) -> str:
    with reading() as connection:
        papers = paper_views(task_page(house(), connection, me(), task_id).papers)
    field = forms.one_field(form, path, forms.Typed(_typed(), problems, papers))
    return render_template("paper_field.html", field=field, task_id=task_id)
