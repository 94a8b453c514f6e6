"""What an auditor sees of the dossiers her engagement lets her into; everything else is as if it were not there.

This is her only way to a case: she has no right to read cases, so that no inbox, search, notice, statistic or case page shows
her any. A C3 dossier is redacted before anything is made of it, for the screen as for paper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select

from engine.access import Permission
from engine.commands.loading import subject_of
from engine.dossier import loading
from engine.dossier.redaction import number_shown, redacted
from engine.errors import NotFound
from engine.messages import N_, Message
from engine.model import case_file, read_log
from workflows.engaged import OPEN_CLASSES, hers, within
from workflows.model_engagement import engagement
from workflows.sheets import OrganisationNames, book_of

if TYPE_CHECKING:
    from engine.access import Actor, Engagement
    from engine.dossier.record import CaseRecord
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

#: dossiers on one page of the list
PAGE: Final = 50
_CASE = select(case_file).where(case_file.c.id == bindparam("b_id"))
_ENGAGEMENT = select(engagement).where(engagement.c.id == bindparam("b_id"))
_ADD_READ = insert(read_log)


@dataclass(frozen=True)
class DossierList:
    """One page of the dossiers, as they were opened; `next` continues after the last one, "" at the end; `total` counts all."""

    rows: Sequence[Row[Any]]
    next: str
    total: int


@dataclass(frozen=True)
class Dossier:
    """One dossier as she may see it."""

    case: Row[Any]
    record: CaseRecord


def running(actor: Actor, engagement_id: int) -> Engagement:
    """An engagement of hers that runs today; NotFound for any other, whatever the reason."""
    for scope in hers(actor):
        if scope.id == engagement_id:
            return scope
    raise NotFound(what=Message(N_("审计委托 {id}"), {"id": engagement_id}))


def dossiers(
    runtime: Runtime, connection: Connection, actor: Actor, engagement_id: int, *, after: str = ""
) -> DossierList:
    """The dossiers of an engagement of hers that runs today, after the one that ended a page. NotFound."""
    mine = within(running(actor, engagement_id)) & runtime.rules.cases_with(Permission.AUDIT_CASE, actor)
    last = int(after) if after.isascii() and after.isdecimal() and len(after) < 18 else 0
    wanted = select(case_file).where(mine, case_file.c.id > last).order_by(case_file.c.id).limit(PAGE + 1)
    rows = connection.execute(wanted).all()
    total = int(connection.execute(select(func.count()).select_from(case_file).where(mine)).scalar() or 0)
    return DossierList(rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else "", total)


def audited_case(runtime: Runtime, connection: Connection, actor: Actor, engagement_id: int, case_id: int) -> Row[Any]:
    """The row of a case of an engagement of hers that runs today; NotFound for every other, known or not."""
    scope = running(actor, engagement_id)
    case: Row[Any] | None = connection.execute(_CASE, {"b_id": case_id}).one_or_none()
    if (
        case is not None
        and scope.covers(case)
        and runtime.rules.permits(actor, Permission.AUDIT_CASE, subject_of(connection, case))
    ):
        return case
    raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))


def dossier(
    runtime: Runtime,
    connection: Connection,
    actor: Actor,
    engagement_id: int,
    case_id: int,
    *,
    reveal: bool = False,
    bare: bool = False,
) -> Dossier:
    """A dossier for the screen or for paper: C3 redacted unless `bare`, the others masked unless `reveal`. NotFound."""
    case = audited_case(runtime, connection, actor, engagement_id, case_id)
    record = loading.load_record(
        runtime, connection, actor, case_id, directory=OrganisationNames(), through=Permission.AUDIT_CASE
    )
    return Dossier(case, shown(record, reveal=reveal, bare=bare))


def number_for(case_id: int, number: str, confidentiality: str) -> str:
    """The number under which an auditor sees a case: of a confidential one it would tell the village."""
    return number if confidentiality in OPEN_CLASSES else number_shown(case_id)


def shown(record: CaseRecord, *, reveal: bool, bare: bool) -> CaseRecord:
    """As much of a record as an auditor may have."""
    if record.confidentiality not in OPEN_CLASSES and not bare:
        return redacted(record, book_of(record.kind).wording.personal)
    return record if reveal else record.masked()


def log_audit(uow: UnitOfWork, *, engagement_id: int, case_ids: Sequence[int], what: str) -> dict[str, Any]:
    """Remember that an auditor listed or opened dossiers of an engagement of hers that runs (`what`: "list", "view", "file").

    NotFound for any other engagement, and for a case outside its sample.
    """
    sample = running(uow.actor, engagement_id).cases
    if sample is not None and not sample.issuperset(case_ids):
        raise NotFound(what=Message(N_("审计委托 {id}"), {"id": engagement_id}))
    rows = [
        {"at": uow.now, "actor_id": uow.actor.id, "case_id": each, "what": f"audit {what} {engagement_id}"[:40]}
        for each in case_ids
    ]
    if rows:
        uow.connection.execute(_ADD_READ, rows)
    return {"logged": len(rows)}


def engagement_row(connection: Connection, engagement_id: int) -> Row[Any]:
    """The row of an engagement; NotFound. The caller has asked for permission."""
    row: Row[Any] | None = connection.execute(_ENGAGEMENT, {"b_id": engagement_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("审计委托 {id}"), {"id": engagement_id}))
    return row
