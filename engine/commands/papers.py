"""Attach a paper to a field of the task's form, and take it away again while the task is open."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from engine import blobs, documents
from engine.access import Permission
from engine.commands.loading import load_task, require_of_task, require_work, view_of
from engine.errors import NotFound, RefusedUpload
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model_filed import document
from engine.unit_of_work import UnitOfWork

MAX_PER_CASE = 60

_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,30}(\.[0-9]{1,2}\.[A-Za-z][A-Za-z0-9_]{0,30})?")
_HELD = select(func.count()).where(document.c.case_id == bindparam("b_case"), document.c.removed_at.is_(None))
_LOAD = select(document).where(document.c.id == bindparam("b_id"), document.c.removed_at.is_(None))
_ADD = insert(document)
_REMOVE = (
    update(document)
    .where(document.c.id == bindparam("b_id"))
    .values(removed_at=bindparam("b_now"), removed_by=bindparam("b_by"))
)


def add_paper(uow: UnitOfWork, *, task_id: int, field: str, name: str, content: bytes) -> dict[str, Any]:
    """Attach a file (its bytes) to a field path of the task's form; returns ``{"paper_id", "media_type", "size"}``.

    RefusedUpload says what was seen and what is allowed; nothing has changed then.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_work(view, None)
    require_of_task(uow, Permission.ADD_PAPER, job)
    if not _FIELD.fullmatch(field):
        raise RefusedUpload(why=Message(N_("没有名为 {field} 的材料栏"), {"field": field[:40]}))
    if (uow.connection.execute(_HELD, {"b_case": job.case_id}).scalar() or 0) >= MAX_PER_CASE:
        raise RefusedUpload(why=Message(N_("本件材料已达 {limit} 份上限"), {"limit": MAX_PER_CASE}))
    seen = documents.inspect(content)
    blob_id, sha256, _ = blobs.store(uow.connection, uow.runtime.vault, content)
    row = {
        "case_id": job.case_id,
        "form": job.form,
        "field": field,
        "blob_id": blob_id,
        "name_sealed": uow.runtime.vault.seal(_clean(name).encode()),
        "media_type": seen.media_type,
        "size": len(content),
        "sha256": sha256,
        "by_id": uow.actor.id,
        "at": uow.now,
    }
    paper_id = uow.add(job.case_id, _ADD, row)
    named = [{"id": paper_id, "digest": sha256}]
    content_of_entry = {"form": job.form, "field": field, "media_type": seen.media_type, "pages": seen.pages}
    uow.record(Event(Kind.DOCUMENT_ADDED, job.case_id, job.id, job.element, {**content_of_entry, "papers": named}))
    return {"paper_id": paper_id, "case_id": job.case_id, "media_type": seen.media_type, "size": len(content)}


def remove_paper(uow: UnitOfWork, *, task_id: int, paper_id: int) -> dict[str, Any]:
    """Take a paper off the form of a task the actor works on. The bytes stay: the history names them.

    NotFound also for a paper of another case or another form, there or not.
    """
    job = load_task(uow, task_id)
    require_work(view_of(uow, job), None)
    require_of_task(uow, Permission.ADD_PAPER, job)
    row = uow.connection.execute(_LOAD, {"b_id": paper_id}).one_or_none()
    if row is None or (row.case_id, row.form) != (job.case_id, job.form):
        raise NotFound(what=Message(N_("可移除的材料 {id}"), {"id": paper_id}))
    uow.change(job.case_id, _REMOVE, {"b_id": paper_id, "b_now": uow.now, "b_by": uow.actor.id})
    content = {"paper": paper_id, "form": row.form, "field": row.field}
    uow.record(Event(Kind.DOCUMENT_REMOVED, job.case_id, job.id, job.element, content))
    return {"case_id": job.case_id, "task_id": job.id}


def _clean(name: str) -> str:
    """The last part of a file name without control characters; only ever shown, never used as a path."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:120] or "文件"
