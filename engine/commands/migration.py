"""Move running cases to another version of their drawing, one by one in units of work of their own, and take it back.

A batch is begun by a person; its items are worked by `engine.batches`. Tokens, tasks, drafts and running clocks stay; what
changed about an open step (name, post, period) follows the new drawing. A case that has passed the place of a new or changed
element moves only when the person who began the batch said for that element why it may be left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, insert, literal, select, update

from engine.access import SYSTEM, Permission
from engine.commands import moving
from engine.commands.context import CaseContext
from engine.errors import BatchNotReady, Busy, Forbidden, InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.jobs_asking import KINDS, enqueue
from engine.messages import N_, Message
from engine.model import case_file, definition, instance
from engine.model_migration import migration_batch, migration_item
from engine.queries.migration import batch_of, may_settle, visited_of
from engine.unit_of_work import UnitOfWork, inserted_id

if TYPE_CHECKING:
    from sqlalchemy import Row


JOB = "work_batches"

_KEYS = select(definition.c.id, definition.c.key, definition.c.version, definition.c.digest).where(
    definition.c.id == bindparam("b_id")
)
_BUSY = select(func.count()).where(
    migration_batch.c.key == bindparam("b_key"), migration_batch.c.state.in_(("running", "undoing"))
)
_ITEM = (
    select(migration_item, migration_batch.c.from_id, migration_batch.c.to_id, migration_batch.c.mapping,
           migration_batch.c.acknowledged, migration_batch.c.created_by, migration_batch.c.undone_by)
    .join(migration_batch, migration_batch.c.id == migration_item.c.batch_id)
    .where(migration_item.c.id == bindparam("b_id"))
)  # fmt: skip
_INSTANCE = select(instance).where(instance.c.id == bindparam("b_id"))
_SETTLE = (
    update(migration_item)
    .where(migration_item.c.id == bindparam("b_id"), migration_item.c.state == bindparam("b_was"))
    .values(state=bindparam("b_state"), why=bindparam("b_why"), at=bindparam("b_at"), last_seq=bindparam("b_seq"),
            old_state=bindparam("b_old"), old_tasks=bindparam("b_tasks"))
)  # fmt: skip
_FIRST = select(func.min(instance.c.id)).where(instance.c.case_id == bindparam("b_case"))
_PUT_BACK = (
    update(instance)
    .where(instance.c.id == bindparam("b_id"), instance.c.version == bindparam("b_seen"))
    .values(state=bindparam("b_state"), version=instance.c.version + 1, definition_id=bindparam("b_definition"))
)
_STATE = update(migration_batch).where(migration_batch.c.id == bindparam("b_id")).values(state=bindparam("b_state"))


def start_migration(
    uow: UnitOfWork,
    *,
    kind: str,
    from_id: int,
    to_id: int,
    mapping: Mapping[str, str] | None = None,
    acknowledged: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Begin a batch over every running case of a version that is hers to move; returns ``{"batch_id", "cases"}``.

    `mapping`: old element id → new one. `acknowledged`: element id → why cases past its place may go without it; only who may
    approve versions may say so, because it decides what is not done. BatchNotReady while another batch of the kind is at work.
    """
    uow.require(Permission.MIGRATE_CASES, kind)
    versions = [uow.connection.execute(_KEYS, {"b_id": number}).one_or_none() for number in (from_id, to_id)]
    if any(row is None or row.key != kind for row in versions) or from_id == to_id:
        raise NotFound(what=Message(N_("事项类型 {kind} 的流程图"), {"kind": kind}))
    given = {element: reason.strip() for element, reason in (acknowledged or {}).items()}
    if given:
        uow.require(Permission.APPROVE_DEFINITION, kind)
    empty = [element for element, reason in given.items() if not reason]
    if empty:
        said = Message(N_("请写明为什么可以不补办环节 {element}"), {"element": "、".join(empty)})
        raise InvalidAnswers({"acknowledged": [said]})
    if uow.connection.execute(_BUSY, {"b_key": kind}).scalar():
        raise BatchNotReady(why=Message(N_("此类事项另有一批正在迁移或撤销")))
    uow.runtime.routes.of(uow.runtime, uow.connection, from_id, to_id, mapping or {})
    row = {"key": kind, "from_id": from_id, "to_id": to_id, "mapping": dict(mapping or {}), "acknowledged": given,
           "created_by": uow.actor.id, "created_at": uow.now}  # fmt: skip
    batch_id = inserted_id(uow.connection.execute(insert(migration_batch), row))
    running = select(literal(batch_id), instance.c.id, instance.c.case_id, literal("waiting"), _nothing(), literal(0))
    running = running.join(case_file, case_file.c.id == instance.c.case_id).order_by(instance.c.id)
    hers = uow.runtime.rules.cases_with(Permission.MOVE_CASE, uow.actor)
    running = running.where(instance.c.definition_id == from_id, instance.c.status == "running", hers)
    names = ["batch_id", "instance_id", "case_id", "state", "why", "tries"]
    taken = uow.connection.execute(insert(migration_item).from_select(names, running))
    _ask(uow, batch_id)
    return {"batch_id": batch_id, "cases": taken.rowcount}


def _ask(uow: UnitOfWork, batch_id: int) -> None:
    """Have a worker begin at once, where one is wired; the schedule would begin within a minute."""
    if JOB in KINDS:
        enqueue(uow, JOB, once=f"{JOB}-{batch_id}")


def _nothing() -> Any:
    return literal([], migration_item.c.why.type)


def migrate_case(uow: UnitOfWork, *, item_id: int) -> dict[str, Any]:
    """Move one case of a batch, or settle why it cannot; ``{"state": …}`` of the item. Only the system runs batches."""
    item = _item(uow, item_id)
    if item.state != "waiting":
        return {"state": item.state}
    row = uow.connection.execute(_INSTANCE, {"b_id": item.instance_id}).one()
    if row.status != "running" or row.definition_id != item.from_id:
        return _settled(uow, item, "refused", why=[{"code": "elsewhere", "element": ""}])
    route = uow.runtime.routes.of(uow.runtime, uow.connection, item.from_id, item.to_id, item.mapping)
    verdict = route.verdict(bytes(row.state), visited_of(uow.connection, row.id))
    why = [{"code": each.code, "element": each.element} for each in verdict.obstacles]
    why += [{"code": "skipped", "element": each} for each in verdict.skipped if each not in item.acknowledged]
    if verdict.rearmed and not why and moving.stands_still(uow, row.id):
        why = [{"code": "suspended", "element": each} for each in verdict.rearmed]
    if why:
        return _settled(uow, item, "refused", why=why)
    old = moving.remembered(uow, row.id)
    told = moving.move(_view(uow, item.case_id, route.new.key), row, route, verdict, item.to_id)
    content = {
        **_versions(uow, item.from_id, item.to_id),
        **_process(uow, item),
        "by": item.created_by,
        "digest": route.new.digest,
        "left_out": {element: item.acknowledged[element] for element in verdict.skipped},
        "rearmed": list(verdict.rearmed),
        "tasks": told,
    }
    uow.record(Event(Kind.CASE_MIGRATED, item.case_id, content=content))
    return _settled(uow, item, "moved", old_state=bytes(row.state), old_tasks=old)


def undo_migration(uow: UnitOfWork, *, batch_id: int) -> dict[str, Any]:
    """Begin to take a batch back; cases that somebody has acted on since stay where they are. ``{"batch_id"}``.

    Forbidden while somebody else who began it could do it: it may hold cases that are not hers to move. So is closing it.
    """
    _batch(uow, batch_id, "done")
    undoing = update(migration_batch).where(migration_batch.c.id == batch_id)
    uow.connection.execute(undoing.values(state="undoing", undone_by=uow.actor.id))
    _ask(uow, batch_id)
    return {"batch_id": batch_id}


def close_migration(uow: UnitOfWork, *, batch_id: int) -> dict[str, Any]:
    """Close a batch: what it kept for taking it back is let go. ``{"batch_id"}``."""
    _batch(uow, batch_id, "done")
    uow.connection.execute(_STATE, {"b_id": batch_id, "b_state": "closed"})
    kept = update(migration_item).where(migration_item.c.batch_id == batch_id)
    uow.connection.execute(kept.values(old_state=None, old_tasks=None))
    return {"batch_id": batch_id}


def undo_case(uow: UnitOfWork, *, item_id: int) -> dict[str, Any]:
    """Put one case back where it was before the batch, unless anything happened to it since; ``{"state": …}``."""
    item = _item(uow, item_id)
    if item.state != "moved":
        return {"state": item.state}
    row = uow.connection.execute(_INSTANCE, {"b_id": item.instance_id}).one()
    if uow.case(item.case_id).last_seq != item.last_seq:
        return _settled(uow, item, "kept", was="moved", why=[{"code": "acted", "element": ""}])
    back = {"b_id": row.id, "b_seen": row.version, "b_state": bytes(item.old_state), "b_definition": item.from_id}
    if uow.change(item.case_id, _PUT_BACK, back).rowcount != 1:
        raise Busy(by="version")
    moving.restore(uow, item.case_id, row.id, item.old_tasks)
    old = uow.runtime.definitions.get(item.from_id)
    content = {**_versions(uow, item.to_id, item.from_id), **_process(uow, item), "by": item.undone_by}
    uow.record(Event(Kind.MIGRATION_UNDONE, item.case_id, content={**content, "digest": old.digest}))
    return _settled(uow, item, "undone", was="moved")


def _item(uow: UnitOfWork, item_id: int) -> Row[Any]:
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("成批迁移由系统逐件办理")))
    row = uow.connection.execute(_ITEM, {"b_id": item_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("迁移批次 {id}"), {"id": item_id}))
    return row


def _batch(uow: UnitOfWork, batch_id: int, state: str) -> Row[Any]:
    batch = batch_of(uow.connection, batch_id)
    uow.require(Permission.MIGRATE_CASES, batch.key)
    if not may_settle(uow.runtime.rules, uow.connection, uow.actor, batch, uow.today):
        raise Forbidden(why=Message(N_("这一批由发起人撤销或关闭")))
    if batch.state != state:
        raise BatchNotReady(why=Message(N_("此批次尚未完成、已撤销或已关闭")))
    return batch


def _view(uow: UnitOfWork, case_id: int, kind: str) -> CaseContext:
    return CaseContext(uow, uow.case(case_id), uow.runtime.catalogue[kind])


def _process(uow: UnitOfWork, item: Row[Any]) -> dict[str, Any]:
    """Which of the case's processes it is, for the history."""
    first = uow.connection.execute(_FIRST, {"b_case": item.case_id}).scalar()
    return {"batch": item.batch_id, "instance": item.instance_id, "first": first == item.instance_id}


def _versions(uow: UnitOfWork, from_id: int, to_id: int) -> dict[str, Any]:
    rows = [uow.connection.execute(_KEYS, {"b_id": number}).one() for number in (from_id, to_id)]
    return {"from": rows[0].version, "to": rows[1].version}


def _settled(uow: UnitOfWork, item: Row[Any], state: str, *, was: str = "waiting", **kept: Any) -> dict[str, Any]:
    entries = sum(event.case_id == item.case_id for event in uow.events)
    seq = uow.case(item.case_id).last_seq + entries
    row = {"b_id": item.id, "b_was": was, "b_state": state, "b_at": uow.now, "b_seq": seq, "b_why": kept.get("why", [])}
    row |= {"b_old": kept.get("old_state"), "b_tasks": kept.get("old_tasks")}
    uow.connection.execute(_SETTLE, row)
    return {"state": state}
