"""Batches of dossiers an auditor has printed: asked for, called off, each print kept under its number, and let go of in the end.

A print is made by a job (`audit_printing`), but written down as hers and permitted anew for each dossier: an engagement that ends
while the batch runs lets out nothing more.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, Select, bindparam, func, insert, select, update

from engine.access import SYSTEM
from engine.clock import end_of_day
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.events import Event, Kind
from engine.jobs_asking import enqueue
from engine.messages import N_, Message
from engine.model import read_log
from engine.unit_of_work import inserted_id
from workflows import grant_log
from workflows.audit_dossiers import audited_case, engagement_row, running
from workflows.engaged import OPEN_CLASSES
from workflows.model_engagement import bare_print, print_batch, print_item

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: most dossiers of one batch
MOST: Final = 200
#: how long the PDFs are kept for her, never beyond the last day of the engagement
KEPT: Final = timedelta(days=30)
#: names of the kinds of jobs
PRINT_JOB: Final = "audit_print"
FORGET_JOB: Final = "audit_forget"

_BATCH = select(print_batch).where(print_batch.c.id == bindparam("b_id"))
_LAST = select(func.max(print_batch.c.number)).where(print_batch.c.engagement_id == bindparam("b_engagement"))
_SET_JOB = update(print_batch).where(print_batch.c.id == bindparam("b_id")).values(job_id=bindparam("b_job"))
_CLOSE = (
    update(print_batch)
    .where(print_batch.c.id == bindparam("b_id"), print_batch.c.state == "asked")
    .values(state=bindparam("b_state"), ended_at=bindparam("b_at"))
)
_CALL_OFF = (
    update(print_item)
    .where(print_item.c.batch_id == bindparam("b_id"), print_item.c.state == "waiting")
    .values(state="cancelled", at=bindparam("b_at"))
)
_ITEM: Select[Any] = (
    select(
        *(column for column in print_item.c if column.name != "pdf_sealed"),
        print_batch.c.engagement_id,
        print_batch.c.auditor_id,
        print_batch.c.reveal,
        print_batch.c.state.label("batch_state"),
    )
    .join(print_batch, print_batch.c.id == print_item.c.batch_id)
    .where(print_item.c.id == bindparam("b_id"))
)
_SETTLE = update(print_item).where(print_item.c.id == bindparam("b_id"), print_item.c.state == "waiting")
_BARE = select(bare_print.c.id).where(
    bare_print.c.engagement_id == bindparam("b_engagement"),
    bare_print.c.case_id == bindparam("b_case"),
    bare_print.c.state == "approved",
)
_USE = (
    update(bare_print)
    .where(bare_print.c.id == bindparam("b_id"), bare_print.c.state == "approved")
    .values(state="used", item_id=bindparam("b_item"))
)
_FORGET = update(print_item).where(print_item.c.batch_id == bindparam("b_id")).values(pdf_sealed=None)


def ask_batch(uow: UnitOfWork, *, engagement_id: int, case_ids: Sequence[int], reveal: bool = False) -> dict[str, Any]:
    """Have dossiers of a running engagement printed by a job; returns ``{"batch_id", "job_id", "count"}``.

    With `reveal` identity numbers and papers come too, where a dossier is not redacted. NotFound when the engagement does
    not run or any of the cases is not in it; InvalidAnswers for none or too many.
    """
    chosen = list(dict.fromkeys(case_ids))
    running(uow.actor, engagement_id)
    if not 1 <= len(chosen) <= MOST:
        told = {"seen": len(chosen), "most": MOST}
        raise InvalidAnswers({"cases": [Message(N_("一次可打印 1 至 {most} 卷，选了 {seen} 卷"), told)]})
    for case_id in chosen:
        audited_case(uow.runtime, uow.connection, uow.actor, engagement_id, case_id)
    engaged = engagement_row(uow.connection, engagement_id)
    number = int(uow.connection.execute(_LAST, {"b_engagement": engagement_id}).scalar() or 0) + 1
    batch = {"engagement_id": engagement_id, "number": number, "auditor_id": uow.actor.id, "reveal": reveal}
    asked = {**batch, "state": "asked", "asked_at": uow.now}
    batch_id = inserted_id(uow.connection.execute(insert(print_batch), asked))
    start = f"{engaged.number}-{number:02d}-"
    rows = [
        {"batch_id": batch_id, "seq": seq, "number": f"{start}{seq:03d}", "case_id": case_id, "state": "waiting"}
        for seq, case_id in enumerate(chosen, 1)
    ]
    uow.connection.execute(insert(print_item), rows)
    job_id = enqueue(uow, PRINT_JOB, once=f"{PRINT_JOB}-{batch_id}", batch=batch_id)
    uow.connection.execute(_SET_JOB, {"b_id": batch_id, "b_job": job_id})
    enqueue(uow, FORGET_JOB, not_before=_kept_until(uow.now, engaged), batch=batch_id)
    return {"batch_id": batch_id, "job_id": job_id, "count": len(rows)}


def cancel_batch(uow: UnitOfWork, *, batch_id: int) -> dict[str, Any]:
    """Call a batch of her own off; what is printed stays printed. Returns ``{"batch_id", "cancelled"}``. NotFound."""
    row = uow.connection.execute(_BATCH, {"b_id": batch_id}).one_or_none()
    if row is None or row.auditor_id != uow.actor.id:
        raise NotFound(what=Message(N_("打印批次 {id}"), {"id": batch_id}))
    closed = uow.connection.execute(_CLOSE, {"b_id": batch_id, "b_state": "cancelled", "b_at": uow.now}).rowcount == 1
    if closed:
        uow.connection.execute(_CALL_OFF, {"b_id": batch_id, "b_at": uow.now})
    return {"batch_id": batch_id, "cancelled": closed}


def finish_batch(uow: UnitOfWork, *, batch_id: int) -> dict[str, Any]:
    """Nothing waits any more; returns ``{"batch_id"}``. Forbidden for persons."""
    _require_system(uow)
    uow.connection.execute(_CLOSE, {"b_id": batch_id, "b_state": "done", "b_at": uow.now})
    return {"batch_id": batch_id}


def keep_print(uow: UnitOfWork, *, item_id: int, pdf: bytes, entry: dict[str, Any], redacted: bool) -> dict[str, Any]:
    """Write one print into the history and the read log of its case, and keep the PDF; the actor is the auditor.

    `entry` is what `sheets.print_entry` says of it. Returns ``{"kept"}``, False when the batch was called off meanwhile.
    NotFound when the engagement has ended or the case has left it, or became C3 while an open print of it was made.
    """
    row = load_item(uow, item_id)
    if row.state != "waiting" or row.batch_state != "asked":
        return {"kept": False}
    uow.about = row.case_id
    case = audited_case(uow.runtime, uow.connection, uow.actor, row.engagement_id, row.case_id)
    uow.met(case)
    if case.confidentiality not in OPEN_CLASSES and not redacted:
        _use_leave(uow, row)
    settled = {
        "state": "printed",
        "redacted": redacted,
        "digest": entry["digest"],
        "file": entry["file"],
        "pages": len(entry["pages"]),
        "at": uow.now,
        "pdf_sealed": uow.runtime.vault.seal(pdf),
    }
    uow.change(row.case_id, _SETTLE.values(**settled), {"b_id": item_id})
    told = {"number": row.number, "engagement": row.engagement_id, "redacted": redacted}
    uow.record(Event(Kind.PAPER_PRINTED, row.case_id, content={**entry, **told}))
    seen = {"at": uow.now, "actor_id": uow.actor.id, "case_id": row.case_id, "what": f"audit print {row.engagement_id}"}
    uow.connection.execute(insert(read_log), seen)
    return {"kept": True}


def fail_print(uow: UnitOfWork, *, item_id: int, why: str, reference: str = "") -> dict[str, Any]:
    """Say why one dossier of a batch could not be printed (a code of `audit_printing.FAILURES`); returns ``{"item_id"}``.

    Forbidden for persons.
    """
    _require_system(uow)
    told = {"state": "failed", "why": why, "reference": reference or None, "at": uow.now}
    uow.connection.execute(_SETTLE.values(**told), {"b_id": item_id})
    return {"item_id": item_id}


def forget_batch(uow: UnitOfWork, *, batch_id: int) -> dict[str, Any]:
    """Let go of the PDFs of a batch; that and what was printed stays known. Returns ``{"batch_id"}``. Forbidden for persons."""
    _require_system(uow)
    uow.connection.execute(_FORGET, {"b_id": batch_id})
    return {"batch_id": batch_id}


def _require_system(uow: UnitOfWork) -> None:
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("成批打印由系统逐件办理")))


def load_item(uow: UnitOfWork, item_id: int) -> Row[Any]:
    """One dossier of a batch with `engagement_id`, `auditor_id`, `reveal` and `batch_state`; NotFound."""
    row: Row[Any] | None = uow.connection.execute(_ITEM, {"b_id": item_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("打印件 {id}"), {"id": item_id}))
    return row


def has_leave(uow: UnitOfWork, engagement_id: int, case_id: int) -> bool:
    """Whether an unredacted print of a case was approved and not yet made."""
    key = {"b_engagement": engagement_id, "b_case": case_id}
    return uow.connection.execute(_BARE, key).first() is not None


def _use_leave(uow: UnitOfWork, row: Row[Any]) -> None:
    key = {"b_engagement": row.engagement_id, "b_case": row.case_id}
    leave = uow.connection.execute(_BARE, key).scalar()
    if leave is None or grant_log.change(uow, "bare.used", _USE, {"b_id": leave, "b_item": row.id}).rowcount != 1:
        raise NotFound(what=Message(N_("案件 {id}"), {"id": row.case_id}))


def _kept_until(now: datetime, engaged: Row[Any]) -> datetime:
    return min(now + KEPT, end_of_day(engaged.until))
