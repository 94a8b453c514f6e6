"""The job that prints a batch of dossiers, one after the other; begun again after a fault, it goes on with what still waits."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, select

from engine.access import SYSTEM
from engine.clock import civil_date
from engine.errors import Busy, Forbidden, NotFound
from engine.fields import Unreadable
from engine.jobs_asking import JobKind, Running, register
from engine.jobs_running import log_fault
from engine.messages import N_
from engine.unit_of_work import unit_of_work
from workflows import sheets
from workflows.audit_batches import (
    FORGET_JOB,
    PRINT_JOB,
    fail_print,
    finish_batch,
    forget_batch,
    has_leave,
    keep_print,
    load_item,
)
from workflows.audit_dossiers import dossier
from workflows.model_engagement import print_batch, print_item

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.access import Actor
    from engine.runtime import Runtime

#: code → why a dossier was not printed
FAILURES: Final[Mapping[str, str]] = {
    "closed": N_("委托已结束，或案卷已不在范围内"),
    "no_sheets": N_("此类事项没有打印表式"),
    "unreadable": N_("在库内容无法读取"),
    "busy": N_("案件正被他人办理，多次重试未成"),
    "fault": N_("系统出错，请把日志编号告诉系统管理员"),
}
#: how often a print is tried when others work on the case at that moment
TRIES: Final = 3

_WAITING = (
    select(print_item.c.id)
    .where(print_item.c.batch_id == bindparam("b_id"), print_item.c.state == "waiting")
    .order_by(print_item.c.seq)
)
_COUNT = select(func.count()).select_from(print_item).where(print_item.c.batch_id == bindparam("b_id"))
_STATE = select(print_batch.c.state).where(print_batch.c.id == bindparam("b_id"))


def print_batch_now(runtime: Runtime, running: Running) -> None:
    """Print what waits of the batch in `running.ids`; ends early when it was called off."""
    key = {"b_id": running.ids["batch"]}
    with runtime.reading() as connection:
        waiting = list(connection.execute(_WAITING, key).scalars())
        total = int(connection.execute(_COUNT, key).scalar() or 0)
    for place, item_id in enumerate(waiting):
        running.progress(total - len(waiting) + place, total)
        with runtime.reading() as connection:
            if connection.execute(_STATE, key).scalar() != "asked":
                return
        print_one(runtime, item_id)
    running.progress(total, total)
    runtime.execute(finish_batch, actor=SYSTEM, key=secrets.token_hex(16), batch_id=running.ids["batch"])


def print_one(runtime: Runtime, item_id: int) -> None:
    """Print one dossier, or say why not. What is in the way is told of this one; the others go on."""
    why, reference = "busy", ""
    for _ in range(TRIES):
        try:
            _print(runtime, item_id)
        except Busy:
            continue
        except (NotFound, Forbidden):
            why = "closed"
        except Unreadable:
            why = "unreadable"
        except Exception as fault:  # noqa: BLE001 - told in the item's row, and the others go on
            why, reference = "fault", log_fault(fault, "dossier not printed: item=%s", item_id)
        else:
            return
        break
    told = {"item_id": item_id, "why": why, "reference": reference}
    runtime.execute(fail_print, actor=SYSTEM, key=secrets.token_hex(16), **told)


def _print(runtime: Runtime, item_id: int) -> None:
    with unit_of_work(runtime, SYSTEM) as work:
        item = load_item(work, item_id)
        bare = has_leave(work, item.engagement_id, item.case_id)
    if item.state != "waiting":
        return
    auditor = _auditor(runtime, item)
    with runtime.reading() as connection:
        found = dossier(runtime, connection, auditor, item.engagement_id, item.case_id, reveal=item.reveal, bare=bare)
    if not sheets.blanks(found.record.kind):
        told = {"item_id": item_id, "why": "no_sheets"}
        runtime.execute(fail_print, actor=SYSTEM, key=secrets.token_hex(16), **told)
        return
    by, at = auditor.name, runtime.clock.now()
    pdf = sheets.render_dossier(found.record, reveal=True, printed_by=by, printed_at=at, number=item.number)
    entry = sheets.print_entry(found.record, "dossier", pdf, reveal=True)
    kept: dict[str, Any] = {"pdf": pdf, "entry": entry, "redacted": found.record.is_redacted}
    runtime.execute(keep_print, actor=auditor, key=secrets.token_hex(16), item_id=item_id, **kept)


def _auditor(runtime: Runtime, item: Row[Any]) -> Actor:
    """The auditor with what she may today; NotFound when she has no account or no post any more."""
    with runtime.reading() as connection:
        found = runtime.rules.person(connection, item.auditor_id, civil_date(runtime.clock.now()))
    if found is None:
        raise NotFound(what=item.auditor_id)
    return found


def _forget(runtime: Runtime, running: Running) -> None:
    runtime.execute(forget_batch, actor=SYSTEM, key=secrets.token_hex(16), batch_id=running.ids["batch"])


register(JobKind(PRINT_JOB, N_("审计案卷批量打印"), print_batch_now))
register(JobKind(FORGET_JOB, N_("清除审计打印的文件"), _forget, cancellable=False))
