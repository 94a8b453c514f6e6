"""What is done to the log itself, written into the record of audits: verifying, exporting, proving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from engine import audit_log
from engine.access import SYSTEM, Permission
from engine.jobs_asking import enqueue

if TYPE_CHECKING:
    from engine.audit import Verification
    from engine.unit_of_work import UnitOfWork

#: the job that verifies everything
VERIFY_JOB: Final = "verify_history"
#: findings kept with a verification; the command line lists them all
KEPT: Final = 100


def told_of(found: Verification, case_id: int | None, mode: str) -> dict[str, Any]:
    """A verification as the record keeps it. `mode`: full, fast or deep."""
    return {
        "case": case_id,
        "mode": mode,
        "cases": found.cases,
        "entries": found.entries,
        "faults": len(found.faults),
        "anchor": found.anchor,
        "unanchored": found.unanchored,
        "found": [[fault.case_id, fault.seq, str(fault.why)] for fault in found.faults[:KEPT]],
    }


def record_audit(uow: UnitOfWork, *, act: str, told: Mapping[str, Any]) -> dict[str, Any]:
    """Write one act into the record of audits; returns ``{"entry"}``. Forbidden unless the actor may verify the history."""
    if uow.actor.id != SYSTEM.id:
        uow.require(Permission.VERIFY_HISTORY, None)
    if act not in audit_log.ACTS:
        raise ValueError(act)
    return {"entry": audit_log.JOURNAL.write(uow, act, told)}


def ask_verification(uow: UnitOfWork) -> dict[str, Any]:
    """Ask for a job that verifies everything (`engine.verify_job`); returns ``{"job"}``. Forbidden."""
    uow.require(Permission.VERIFY_HISTORY, None)
    return {"job": enqueue(uow, VERIFY_JOB, once=VERIFY_JOB)}
