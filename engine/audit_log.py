"""What was done to the log itself: verified, exported, anchored. A chained record; by it one sees who last looked, and when."""

from __future__ import annotations

from typing import Final

from engine.journal import Journal
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
ADOPTED: Final = "adopted"
ACTS: Final = {
    VERIFIED: N_("核对历史记录"),
    VERIFIED_ONE: N_("核对一件的历史记录"),
    EXPORTED: N_("导出审计记录"),
    ANCHORED: N_("生成审计锚"),
    PROVED: N_("出具存在证明"),
    ADOPTED: N_("升级后补记"),
}
