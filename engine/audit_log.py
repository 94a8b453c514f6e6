"""What was done to the log itself: verified, exported, anchored. A chained record; by it one sees who last looked, and when."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, select

from engine.journal import ADOPTED, Journal
from engine.messages import N_
from engine.model_audit import audit_log

JOURNAL: Final = Journal(
    "audit",
    audit_log,
    "audit",
    N_("审计记录"),
)

VERIFIED: Final = "verified"
VERIFIED_ONE: Final = "verified_one"
EXPORTED: Final = "exported"
ANCHORED: Final = "anchored"
PROVED: Final = "proved"
ACTS: Final = {
    VERIFIED: N_("核对历史记录"),
    VERIFIED_ONE: N_("核对一件的历史记录"),
    EXPORTED: N_("导出审计记录"),
    ANCHORED: N_("生成审计锚"),
    PROVED: N_("出具存在证明"),
    ADOPTED: N_("升级后补记"),
}
_CLOSED = select(audit_log.c.id).where(audit_log.c.act == ADOPTED).limit(1)


def is_closed(connection: Connection) -> bool:
    """Whether everything that decides who sees what was told of at some time, so that what nothing tells of is a finding."""
    return connection.execute(_CLOSED, execution_options={}).first() is not None
