"""The record of grants: audit engagements, leave to print unredacted, break-glass. Chained; every row of theirs is told of here.

Somebody who writes himself an engagement, prolongs one or opens a case by hand in the database is found when the log is verified.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.journal import Journal
from engine.messages import N_
from workflows.model_engagement import bare_print, engagement, print_batch
from workflows.model_glass import glass
from workflows.model_grants import grant_log
from workflows.model_succession import succession

if TYPE_CHECKING:
    from sqlalchemy import Insert, Update

    from engine.told_rows import Written
    from engine.unit_of_work import UnitOfWork

#: stored and never renamed
ACTS: Final = frozenset(
    f"{what}.{act}"
    for what, acts in {
        "engagement": ("asked", "approved", "refused", "ended"),
        "bare": ("asked", "approved", "refused", "used"),
        "succession": ("asked", "named", "refused", "void", "reported", "noted"),
        "glass": ("asked", "opened", "refused", "void", "ended", "noted", "reviewed"),
    }.items()
    for act in acts
)

JOURNAL: Final = Journal(
    "grants",
    grant_log,
    "grant",
    N_("授权记录"),
    tells={
        engagement: N_("审计委托"),
        bare_print: N_("未遮盖打印许可"),
        glass: N_("紧急查阅"),
        succession: N_("指定承办人"),
        print_batch: N_("审计打印批次"),
    },
)


def change(work: UnitOfWork, act: str, statement: Insert | Update, parameters: Any = None) -> Written:
    """Write rows and the entry that tells of them. `act` is one of ACTS; without a row that fits, there is no entry."""
    if act not in ACTS:
        raise KeyError(act)
    return JOURNAL.change(work, act, statement, parameters)
