"""The register of requests to put somebody in charge: what each person may see of it, and what waits for her."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, select

from engine.access import Permission
from engine.clock import civil_date
from engine.commands.loading import subject_of
from engine.errors import Forbidden
from engine.messages import N_, Message
from engine.model import case_file
from workflows import unled
from workflows.engagements import Place
from workflows.model_succession import succession
from workflows.successions import ASKED_FOR

if TYPE_CHECKING:
    from datetime import datetime

    from engine.access import Actor
    from engine.runtime import Runtime

SHOWN: Final = 200
_ALL = select(succession).order_by(succession.c.id.desc()).limit(SHOWN)


class Standing(StrEnum):
    """How a request stands at a moment."""

    ASKED = "asked"
    LAPSED = "lapsed"
    REFUSED = "refused"
    VOID = "void"
    NAMED = "named"


STANDING_NAMES: Final[Mapping[Standing, str]] = {
    Standing.ASKED: N_("待第二人确认"),
    Standing.LAPSED: N_("过期未确认"),
    Standing.REFUSED: N_("未同意"),
    Standing.VOID: N_("没有指定成功"),
    Standing.NAMED: N_("已指定"),
}


@dataclass(frozen=True)
class Line:
    """A request, how it stands, and what she may do. `reason` and `report` are "" for who may not read them."""

    row: Row[Any]
    standing: Standing
    reason: str
    report: str = ""
    number: str = ""
    decides: bool = False
    reports: bool = False
    notes: bool = False


def lines(runtime: Runtime, connection: Connection, actor: Actor, now: datetime) -> list[Line]:
    """The requests she may know of, the newest first. Forbidden."""
    if not runtime.rules.permits(actor, Permission.SEE_SUCCESSIONS, None):
        raise Forbidden(why=Message(N_("您的岗位不办理无人承办的保密案件")))
    found = (_line(runtime, connection, actor, row, now) for row in connection.execute(_ALL).all())
    return [line for line in found if line is not None]


def handles(runtime: Runtime, connection: Connection, actor: Actor, now: datetime) -> list[str]:
    """The handles of the cases without anybody, for who answers for them; nobody else is told that there are any."""
    if not runtime.rules.permits(actor, Permission.SEE_UNLED, None):
        return []
    rows = unled.unled(connection, runtime.rules, actor, civil_date(now), now)
    return sorted(unled.handle_of(runtime.vault, row.id) for row in rows)


def waiting(runtime: Runtime, connection: Connection, actor: Actor, now: datetime) -> int:
    """How much waits for her: cases without anybody, requests to confirm, to report on, to note."""
    if not runtime.rules.permits(actor, Permission.SEE_SUCCESSIONS, None):
        return 0
    open_lines = sum(each.decides or each.reports or each.notes for each in lines(runtime, connection, actor, now))
    return open_lines + len(handles(runtime, connection, actor, now))


def _line(runtime: Runtime, connection: Connection, actor: Actor, row: Row[Any], now: datetime) -> Line | None:
    """None for a request that is none of her business."""
    rules = runtime.rules
    stands = _standing(row, now)
    hers = row.asked_by == actor.id
    decides = (
        row.account_id != actor.id
        and not hers
        and rules.permits(actor, Permission.CONFIRM_SUCCESSION, Place(0, row.path))
    )
    named = row.account_id == actor.id and row.state == "named"
    auditor = rules.permits(actor, Permission.NOTE_GLASS, None) and row.state == "named"
    if not (hers or decides or named or auditor):
        return None
    case = connection.execute(select(case_file).where(case_file.c.id == row.case_id)).one() if named else None
    leads = case is not None and rules.permits(actor, Permission.REVIEW_GLASS, subject_of(connection, case))
    opened = runtime.vault.open
    return Line(
        row,
        stands,
        opened(row.reason_sealed).decode() if hers or decides or named else "",
        report=opened(row.report_sealed).decode() if leads and row.report_sealed else "",
        number=case.number if leads and case is not None else "",
        decides=decides and stands is Standing.ASKED,
        reports=leads and row.reported_at is None,
        notes=auditor and row.noted_at is None,
    )


def _standing(row: Row[Any], now: datetime) -> Standing:
    if row.state == "asked" and row.asked_at + ASKED_FOR <= now:
        return Standing.LAPSED
    return Standing(row.state)
