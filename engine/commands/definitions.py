"""Publish a drawing: through the gate, as a new immutable version. Running cases stay on theirs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, func, insert, select

from engine.access import Permission
from engine.errors import RefusedDefinition
from engine.flow import gate
from engine.flow.definition import parse
from engine.messages import N_, Message
from engine.model import definition
from engine.unit_of_work import UnitOfWork, inserted_id

_SAME = select(definition.c.id, definition.c.version).where(
    definition.c.key == bindparam("b_key"), definition.c.digest == bindparam("b_digest")
)
_LAST = select(func.max(definition.c.version)).where(definition.c.key == bindparam("b_key"))


def publish_definition(uow: UnitOfWork, *, kind: str, bpmn: bytes) -> dict[str, Any]:
    """Store a drawing as the next version of `kind`; the same drawing again keeps its version.

    Returns ``{"definition_id", "version", "new"}``. RefusedDefinition lists every reason at once.
    """
    uow.require(Permission.UPLOAD_DEFINITION, kind)
    process = uow.runtime.catalogue.get(kind)
    if process is None:
        raise RefusedDefinition([Message(N_("没有名为 {key} 的事项类型"), {"key": kind})])
    refusals = gate.check(bpmn, known_forms=process.forms)
    if refusals:
        raise RefusedDefinition(refusals)
    parsed = parse(kind, bpmn)
    same = uow.connection.execute(_SAME, {"b_key": kind, "b_digest": parsed.digest}).one_or_none()
    if same is not None:
        return {"definition_id": same.id, "version": same.version, "new": False}
    version = (uow.connection.execute(_LAST, {"b_key": kind}).scalar() or 0) + 1
    row = {"key": kind, "version": version, "digest": parsed.digest, "bpmn": bpmn, "created_at": uow.now}
    definition_id = inserted_id(uow.connection.execute(insert(definition), row))
    return {"definition_id": definition_id, "version": version, "new": True}
