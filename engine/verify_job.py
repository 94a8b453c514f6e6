"""Verifying the whole log as a background job: every night after the anchor, and when somebody asks and it would take long.

What is found is written into the record of audits and told in the log of the program, by numbers only: that is the alarm.
"""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Final

from engine import audit, audit_log
from engine.access import SYSTEM
from engine.commands.auditing import VERIFY_JOB, record_audit, told_of
from engine.jobs_asking import JobKind, Running, register
from engine.messages import N_

if TYPE_CHECKING:
    from engine.runtime import Runtime

log = logging.getLogger("halfsky.audit")


def _verify(runtime: Runtime, running: Running) -> None:
    with runtime.reading() as connection:
        found = audit.verify(
            connection, runtime.vault, papers=False, progress=lambda walked: running.progress(walked.cases)
        )
    told = told_of(found, None, "fast")
    runtime.execute(record_audit, actor=SYSTEM, key=secrets.token_hex(16), act=audit_log.VERIFIED, told=told)
    if not found.genuine:
        cases = sorted({fault.case_id for fault in found.faults})[:20]
        log.error("history is not what was written: faults=%s cases=%s", len(found.faults), cases)


VERIFY: Final = register(JobKind(VERIFY_JOB, N_("核对全部历史记录"), _verify, attempts=2))
