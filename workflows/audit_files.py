"""The PDFs of an audit batch: handed out to their auditor alone, while her engagement runs, and only what she may still have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, bindparam, insert, select

from engine.errors import NotFound
from engine.messages import N_, Message
from engine.model import read_log
from workflows.audit_dossiers import audited_case
from workflows.engaged import OPEN_CLASSES
from workflows.model_engagement import bare_print, print_batch, print_item

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

_FILES = (
    select(print_item, print_batch.c.engagement_id)
    .join(print_batch, print_batch.c.id == print_item.c.batch_id)
    .where(
        print_item.c.batch_id == bindparam("b_batch"),
        print_batch.c.auditor_id == bindparam("b_me"),
        print_item.c.state == "printed",
        print_item.c.pdf_sealed.is_not(None),
    )
    .order_by(print_item.c.seq)
)
_HERS = (
    select(print_item.c.case_id)
    .join(print_batch, print_batch.c.id == print_item.c.batch_id)
    .where(print_item.c.batch_id == bindparam("b_batch"), print_batch.c.auditor_id == bindparam("b_me"))
    .order_by(print_item.c.seq)
)
_TRIED = insert(read_log)
_LEAVE = select(bare_print.c.id).where(bare_print.c.item_id == bindparam("b_item"), bare_print.c.state == "used")


@dataclass(frozen=True)
class Printed:
    """One PDF and what it is of."""

    engagement_id: int
    case_id: int
    number: str
    pdf: bytes


def file_of(runtime: Runtime, connection: Connection, actor: Actor, batch_id: int, seq: int) -> Printed:
    """One PDF of a batch of hers. NotFound when the engagement is over, the file let go of, or the case now closed to her."""
    found = connection.execute(_FILES.where(print_item.c.seq == seq), _key(actor, batch_id)).one_or_none()
    if found is None:
        raise _missing(batch_id)
    return _opened(runtime, connection, actor, found)


def files_of(runtime: Runtime, connection: Connection, actor: Actor, batch_id: int) -> list[Printed]:
    """Every PDF of a batch she may still have; NotFound when there is none."""
    found = []
    for row in connection.execute(_FILES, _key(actor, batch_id)):
        try:
            found.append(_opened(runtime, connection, actor, row))
        except NotFound:
            continue
    if not found:
        raise _missing(batch_id)
    return found


def log_refused_batch(uow: UnitOfWork, *, batch_id: int, seq: int | None, page: str) -> dict[str, Any]:
    """Remember that somebody asked for prints that she may not have (O08): a line for each dossier of a batch of her own.

    For a batch of somebody else's, or none, one line about no case. `seq`: one print of it, None for all.
    """
    chosen = _HERS if seq is None else _HERS.where(print_item.c.seq == seq)
    found = uow.connection.execute(chosen, _key(uow.actor, batch_id)).scalars().all() or [0]
    rows = [
        {"at": uow.now, "actor_id": uow.actor.id, "case_id": case_id, "what": f"refused:{page}"[:40]}
        for case_id in found
    ]
    uow.connection.execute(_TRIED, rows)
    return {"logged": len(rows)}


def _opened(runtime: Runtime, connection: Connection, actor: Actor, row: Row[Any]) -> Printed:
    case = audited_case(runtime, connection, actor, row.engagement_id, row.case_id)
    whole = case.confidentiality not in OPEN_CLASSES and not row.redacted
    if whole and connection.execute(_LEAVE, {"b_item": row.id}).first() is None:  # became C3 after it was printed
        raise _missing(row.batch_id)
    return Printed(row.engagement_id, row.case_id, row.number, runtime.vault.open(row.pdf_sealed))


def _key(actor: Actor, batch_id: int) -> dict[str, int]:
    return {"b_batch": batch_id, "b_me": actor.id}


def _missing(batch_id: int) -> NotFound:
    return NotFound(what=Message(N_("打印批次 {id}"), {"id": batch_id}))
