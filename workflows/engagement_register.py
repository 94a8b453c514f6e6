"""The register of audit engagements: who sees which, in what state each is today, and what was printed under it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, Select, bindparam, case, func, select

from engine.access import AccessRules, Actor, Permission
from engine.errors import Forbidden, NotFound
from engine.messages import N_, Message
from engine.model import case_file
from workflows.engaged import AUDITOR
from workflows.engagements import Place
from workflows.model_engagement import engagement, print_batch, print_item

if TYPE_CHECKING:
    from collections.abc import Mapping

#: newest engagements that the list shows
SHOWN: Final = 200


class Standing(StrEnum):
    """How an engagement stands on a day."""

    ASKED = "asked"
    LAPSED = "lapsed"
    REFUSED = "refused"
    AHEAD = "ahead"
    RUNNING = "running"
    OVER = "over"
    ENDED = "ended"


STANDING_NAMES: Final[Mapping[Standing, str]] = {
    Standing.ASKED: N_("待批准"),
    Standing.LAPSED: N_("过期未批"),
    Standing.REFUSED: N_("不批准"),
    Standing.AHEAD: N_("尚未开始"),
    Standing.RUNNING: N_("进行中"),
    Standing.OVER: N_("已到期"),
    Standing.ENDED: N_("已提前结束"),
}

_ALL = select(engagement).order_by(engagement.c.id.desc()).limit(SHOWN)
_ONE = select(engagement).where(engagement.c.id == bindparam("b_id"))
_BATCHES = (
    select(
        print_batch,
        func.count().label("total"),
        func.sum(case((print_item.c.state == "printed", 1), else_=0)).label("printed"),
        func.sum(case((print_item.c.state == "failed", 1), else_=0)).label("failed"),
        func.sum(case((print_item.c.state == "waiting", 1), else_=0)).label("waiting"),
    )
    .join(print_item, print_item.c.batch_id == print_batch.c.id)
    .group_by(*print_batch.c)
)
_ITEMS: Select[Any] = (
    select(
        *(column for column in print_item.c if column.name != "pdf_sealed"),
        print_item.c.pdf_sealed.is_not(None).label("kept"),
        case_file.c.number.label("case_number"),
        case_file.c.confidentiality,
    )
    .join(case_file, case_file.c.id == print_item.c.case_id)
    .where(print_item.c.batch_id == bindparam("b_id"))
    .order_by(print_item.c.seq)
)
_ENGAGEMENT_OF = (
    select(engagement)
    .join(print_batch, print_batch.c.engagement_id == engagement.c.id)
    .where(print_batch.c.id == bindparam("b_id"))
)


@dataclass(frozen=True)
class Batch:
    """One batch with its counts (total, printed, failed, waiting on `row`) and its dossiers."""

    row: Row[Any]
    engagement: Row[Any]
    items: Sequence[Row[Any]]

    @property
    def percent(self) -> int:
        """How much of it is settled."""
        total = int(self.row.total)
        return 100 * (total - int(self.row.waiting)) // total


def standing(row: Row[Any], today: date) -> Standing:
    """How an engagement stands today."""
    if row.state == "asked":
        return Standing.LAPSED if row.until < today else Standing.ASKED
    if row.state != "approved":
        return Standing(row.state)
    if today < row.since:
        return Standing.AHEAD
    return Standing.RUNNING if today <= row.until else Standing.OVER


def engagements(connection: Connection, rules: AccessRules, actor: Actor) -> list[Row[Any]]:
    """Those she may know of, the newest first: her own, those she asked for, those below her; all for the log auditor."""
    if not rules.permits(actor, Permission.SEE_ENGAGEMENTS, None):
        raise Forbidden(why=Message(N_("您的岗位不查看审计委托")))
    return [row for row in connection.execute(_ALL) if _sees(rules, actor, row)]


def engagement_seen(connection: Connection, rules: AccessRules, actor: Actor, engagement_id: int) -> Row[Any]:
    """One of them; NotFound."""
    row = connection.execute(_ONE, {"b_id": engagement_id}).one_or_none()
    if row is None or not _sees(rules, actor, row):
        raise NotFound(what=Message(N_("审计委托 {id}"), {"id": engagement_id}))
    return row


def may_decide(rules: AccessRules, actor: Actor, row: Row[Any]) -> bool:
    """Whether she is somebody who may approve or refuse it: not the auditor, not the one who asked."""
    return actor.id not in (row.auditor_id, row.asked_by) and _in_charge(rules, actor, row)


def may_end(rules: AccessRules, actor: Actor, row: Row[Any]) -> bool:
    """Whether she may end it before its time."""
    return actor.id in (row.auditor_id, row.asked_by) or _in_charge(rules, actor, row)


def waiting(connection: Connection, rules: AccessRules, actor: Actor, today: date) -> int:
    """How many wait for her decision."""
    if not rules.permits(actor, Permission.SEE_ENGAGEMENTS, None):
        return 0
    asked = connection.execute(select(engagement).where(engagement.c.state == "asked"))
    return sum(row.until >= today and may_decide(rules, actor, row) for row in asked)


def batches(connection: Connection, engagement_id: int) -> list[Row[Any]]:
    """What was printed under an engagement, the newest first, in counts. The caller has asked for permission."""
    mine = _BATCHES.where(print_batch.c.engagement_id == engagement_id).order_by(print_batch.c.id.desc())
    return list(connection.execute(mine))


def batch_of(connection: Connection, actor: Actor, batch_id: int) -> Batch:
    """A batch of her own while she is an auditor, after its engagement too; NotFound. The PDFs are another matter."""
    row = connection.execute(_BATCHES.where(print_batch.c.id == batch_id)).one_or_none()
    if row is None or row.auditor_id != actor.id or not actor.holds(AUDITOR):
        raise NotFound(what=Message(N_("打印批次 {id}"), {"id": batch_id}))
    key = {"b_id": batch_id}
    return Batch(row, connection.execute(_ENGAGEMENT_OF, key).one(), connection.execute(_ITEMS, key).all())


def _in_charge(rules: AccessRules, actor: Actor, row: Row[Any]) -> bool:
    return rules.permits(actor, Permission.DECIDE_ENGAGEMENT, Place(row.unit_id, row.path))


def _sees(rules: AccessRules, actor: Actor, row: Row[Any]) -> bool:
    return (
        actor.id in (row.auditor_id, row.asked_by)
        or _in_charge(rules, actor, row)
        or rules.permits(actor, Permission.VERIFY_HISTORY, None)
    )
