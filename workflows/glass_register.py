"""The register of break-glass requests: what each person may see of it, and what waits for her."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, select

from engine.access import Permission
from engine.commands.loading import subject_of
from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.model import case_file
from workflows.engagements import Place
from workflows.glass import ASKED_FOR
from workflows.model_glass import glass

if TYPE_CHECKING:
    from engine.access import Actor
    from engine.runtime import Runtime

SHOWN: Final = 200
_ALL = select(glass).order_by(glass.c.id.desc()).limit(SHOWN)
_CASE = select(case_file).where(case_file.c.id == bindparam("b_id"))


class Standing(StrEnum):
    """How a request stands at a moment, as the reader may know it."""

    ASKED = "asked"
    LAPSED = "lapsed"
    DENIED = "denied"
    OPEN = "open"
    OVER = "over"


STANDING_NAMES: Final[Mapping[Standing, str]] = {
    Standing.ASKED: N_("待第二人确认"),
    Standing.LAPSED: N_("过期未确认"),
    Standing.DENIED: N_("未开放"),
    Standing.OPEN: N_("开放中"),
    Standing.OVER: N_("已关闭"),
}


@dataclass(frozen=True)
class Line:
    """A request, how it stands, and what she may do with it. `reason` and `finding` are "" for who may not read them."""

    row: Row[Any]
    standing: Standing
    reason: str = ""
    finding: str = ""
    decides: bool = False
    reviews: bool = False
    notes: bool = False
    ends: bool = False


def standing(row: Row[Any], now: datetime) -> Standing:
    """How a request stands. A number that names no case looks like a refusal."""
    if row.state == "asked":
        return Standing.LAPSED if row.asked_at + ASKED_FOR <= now else Standing.ASKED
    if row.state != "opened":
        return Standing.DENIED
    return Standing.OPEN if row.ended_at is None and row.until > now else Standing.OVER


def lines(runtime: Runtime, connection: Connection, actor: Actor, now: datetime) -> list[Line]:
    """The requests she may know of, the newest first. Forbidden."""
    if not runtime.rules.permits(actor, Permission.SEE_GLASS, None):
        raise Forbidden(why=Message(N_("您的岗位没有紧急查阅")))
    found = (_line(runtime, connection, actor, row, now) for row in connection.execute(_ALL).all())
    return [line for line in found if line is not None]


def waiting(runtime: Runtime, connection: Connection, actor: Actor, now: datetime) -> int:
    """How many wait for her: to be confirmed, reviewed or noted."""
    if not runtime.rules.permits(actor, Permission.SEE_GLASS, None):
        return 0
    return sum(line.decides or line.reviews or line.notes for line in lines(runtime, connection, actor, now))


def _line(runtime: Runtime, connection: Connection, actor: Actor, row: Row[Any], now: datetime) -> Line | None:
    """None for a request that is none of her business."""
    rules, stands = runtime.rules, standing(row, now)
    hers = row.asked_by == actor.id
    decides = not hers and rules.permits(actor, Permission.CONFIRM_GLASS, Place(0, row.path))
    leads = row.case_id is not None and _leads(runtime, connection, actor, row.case_id)
    auditor = rules.permits(actor, Permission.NOTE_GLASS, None) and row.state == "opened"
    if not (hers or leads or auditor or (decides and (row.state == "asked" or row.decided_by == actor.id))):
        return None
    told = hers or leads or decides
    opened = runtime.vault.open
    return Line(
        row,
        stands,
        reason=opened(row.reason_sealed).decode() if told else "",
        finding=opened(row.review_sealed).decode() if leads and row.review_sealed else "",
        decides=decides and stands is Standing.ASKED,
        reviews=leads and row.reviewed_at is None and actor.id not in (row.asked_by, row.decided_by),
        notes=auditor and row.noted_at is None,
        ends=stands is Standing.OPEN and (hers or leads or row.decided_by == actor.id),
    )


def _leads(runtime: Runtime, connection: Connection, actor: Actor, case_id: int) -> bool:
    case = connection.execute(_CASE, {"b_id": case_id}).one()
    return runtime.rules.permits(actor, Permission.REVIEW_GLASS, subject_of(connection, case))
