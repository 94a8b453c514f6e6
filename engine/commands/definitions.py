"""Publish a drawing: through the gate, as a new immutable version. Running cases stay on theirs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, insert, select

from engine.access import Permission
from engine.errors import RefusedDefinition
from engine.flow.definition import parse
from engine.messages import N_, Message
from engine.model import definition
from engine.unit_of_work import UnitOfWork

_SAME = select(definition.c.id, definition.c.version).where(
    definition.c.key == bindparam("b_key"), definition.c.digest == bindparam("b_digest")
)
_LAST = select(func.max(definition.c.version)).where(definition.c.key == bindparam("b_key"))


def publish_definition(uow: UnitOfWork, *, key: str, bpmn: bytes) -> dict[str, Any]:
    """Store a drawing as the next version of `key`; the same drawing again keeps its version.

    Returns ``{"definition_id", "version", "new"}``. RefusedDefinition lists every reason at once.
    """
    uow.require(Permission.UPLOAD_DEFINITION, key)
    process = uow.runtime.catalogue.get(key)
    if process is None:
        raise RefusedDefinition([Message(N_("没有名为 {key} 的事项类型"), {"key": key})])
    parsed = parse(key, bpmn)
    unknown = [e.id for e in parsed.elements.values() if e.form is not None and e.form not in process.forms]
    if unknown:
        raise RefusedDefinition([Message(N_("任务 {element} 使用了未知的表单"), {"element": e}) for e in unknown])
    same = uow.connection.execute(_SAME, {"b_key": key, "b_digest": parsed.digest}).one_or_none()
    if same is not None:
        return {"definition_id": same.id, "version": same.version, "new": False}
    version = (uow.connection.execute(_LAST, {"b_key": key}).scalar() or 0) + 1
    row = {"key": key, "version": version, "digest": parsed.digest, "bpmn": bpmn, "created_at": uow.now}
    definition_id = uow.connection.execute(insert(definition), row).inserted_primary_key[0]
    return {"definition_id": definition_id, "version": version, "new": True}
