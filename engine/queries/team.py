"""Who is in the team of a case and who is kept from it, how its class changed, and who has read it. Asked after permission."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, bindparam, select

from engine import documents
from engine.access import CONFIDENTIAL, Actor, Permission
from engine.errors import NotFound
from engine.fields import Vault
from engine.guard import Share
from engine.guarding import GuardedCase, as_if_there, guarded_case, shares_of
from engine.messages import N_, Message
from engine.model import case_file, read_log, task
from engine.model_clocks import clock_extension
from engine.model_escalation import escalation, supervision_order
from engine.model_filed import document
from engine.model_teams import case_exclusion, case_member, class_change
from engine.need_to_know import part_of
from engine.queries import opening

if TYPE_CHECKING:
    from engine.runtime import Runtime

PAGE = 100
#: what a row of the read log says that gives the purpose of a session
PURPOSE = "purpose"

_MEMBERS = select(case_member).where(case_member.c.case_id == bindparam("b_case")).order_by(case_member.c.id)
_EXCLUSIONS = (
    select(case_exclusion)
    .where(case_exclusion.c.case_id == bindparam("b_case"), case_exclusion.c.ended_at.is_(None))
    .order_by(case_exclusion.c.id)
)
_CHANGES = select(class_change).where(class_change.c.case_id == bindparam("b_case")).order_by(class_change.c.id.desc())
_READS = (
    select(read_log)
    .where(read_log.c.case_id == bindparam("b_case"), read_log.c.id < bindparam("b_before"))
    .order_by(read_log.c.id.desc())
    .limit(PAGE + 1)
)
_CASE = select(case_file).where(case_file.c.id == bindparam("b_case"))
_NAMED = (
    select(case_member)
    .where(
        case_member.c.account_id == bindparam("b_account"),
        case_member.c.ended_at.is_(None),
        case_member.c.documents.is_not(None),
    )
    .order_by(case_member.c.id.desc())
)
_STATED = (
    select(read_log.c.id)
    .where(
        read_log.c.case_id == bindparam("b_case"),
        read_log.c.actor_id == bindparam("b_actor"),
        read_log.c.session == bindparam("b_session"),
        read_log.c.what == PURPOSE,
    )
    .limit(1)
)
_END = 2**62
#: what an address may name, and how that leads to a case
LEADS_TO: Final[Mapping[str, tuple[Any, Any]]] = {
    "case_id": (case_file.c.id, None),
    "task_id": (task.c.id, task.c.case_id),
    "paper_id": (document.c.id, document.c.case_id),
    "escalation_id": (escalation.c.id, escalation.c.case_id),
    "extension_id": (clock_extension.c.id, clock_extension.c.case_id),
    "order_id": (supervision_order.c.id, supervision_order.c.case_id),
}


@dataclass(frozen=True)
class Member:
    """Somebody's place in the team; `over` when it counts no more."""

    id: int
    account_id: int
    role: str
    since: datetime
    until: datetime | None
    added_by: int
    reason: str
    documents: tuple[int, ...] | None
    over: datetime | None


@dataclass(frozen=True)
class Exclusion:
    """Whom the case is kept from: an account or a unit (0 is neither), and why."""

    id: int
    account_id: int
    unit_id: int
    reason: str
    at: datetime
    by_id: int


@dataclass(frozen=True)
class Change:
    """How the class changed, or is to be lowered."""

    id: int
    old: str
    new: str
    reason: str
    asked_by: int
    asked_at: datetime
    state: str
    decided_by: int | None
    decided_at: datetime | None


@dataclass(frozen=True)
class Read:
    """One line of the read log; `why` where a purpose was asked."""

    id: int
    at: datetime
    actor_id: int
    what: str
    why: str


def members(connection: Connection, vault: Vault, case_id: int, now: datetime) -> list[Member]:
    """Everybody who is or was in the team, in the order in which they came."""
    found = []
    for row in connection.execute(_MEMBERS, {"b_case": case_id}):
        past = row.until if row.until is not None and row.until <= now else None
        over = min(filter(None, (row.ended_at, past)), default=None)
        named = None if row.documents is None else tuple(row.documents)
        why = vault.open(row.reason_sealed).decode()
        kept = (row.id, row.account_id, row.role, row.since, row.until, row.added_by)
        found.append(Member(*kept, why, named, over))
    return found


def exclusions(connection: Connection, vault: Vault, case_id: int) -> list[Exclusion]:
    """Whom the case is kept from now."""
    found = []
    for row in connection.execute(_EXCLUSIONS, {"b_case": case_id}):
        who = vault.open_json(row.who_sealed)
        named = (who.get("account") or 0, who.get("unit") or 0, who["reason"])
        found.append(Exclusion(row.id, *named, row.at, row.by_id))
    return found


def changes(connection: Connection, vault: Vault, case_id: int) -> list[Change]:
    """How the class changed, the newest first."""
    return [
        Change(
            row.id,
            row.old,
            row.new,
            vault.open(row.reason_sealed).decode(),
            row.asked_by,
            row.asked_at,
            row.state,
            row.decided_by,
            row.decided_at,
        )
        for row in connection.execute(_CHANGES, {"b_case": case_id})
    ]


def reads(
    connection: Connection, vault: Vault, case_id: int, before: int | None = None
) -> tuple[Sequence[Read], int | None]:
    """One page of who read the case, the newest first; and where the next one begins."""
    rows = connection.execute(_READS, {"b_case": case_id, "b_before": before or _END}).all()
    found = [
        Read(row.id, row.at, row.actor_id, row.what, vault.open(row.why_sealed).decode() if row.why_sealed else "")
        for row in rows[:PAGE]
    ]
    return found, rows[PAGE - 1].id if len(rows) > PAGE else None


def asks_purpose(
    runtime: Runtime, connection: Connection, actor: Actor, named: str, number: int, session: str
) -> int | None:
    """The case of which she is to say what for before this session opens it: from C3 on, if she may read it at all.

    `named` is a key of LEADS_TO, `number` the id. None when there is nothing to ask, or nothing that she may know of.
    """
    key, of_case = LEADS_TO[named]
    guarded = (
        case_file.c.guarded,
        case_file.c.confidentiality.in_(CONFIDENTIAL),
        runtime.rules.visible_cases(actor),
    )
    wanted: Any = select(case_file.c.id).where(*guarded)
    wanted = wanted.where(key == number) if of_case is None else wanted.where(of_case == case_file.c.id, key == number)
    case_id = connection.execute(wanted).scalar()
    if case_id is None:
        return None
    stated = {"b_case": case_id, "b_actor": actor.id, "b_session": session}
    return None if connection.execute(_STATED, stated).first() is not None else int(case_id)


@dataclass(frozen=True)
class NamedPaper:
    """A paper somebody was named for, with nothing else of its case."""

    id: int
    name: str
    case_id: int
    until: datetime | None


def named_papers(runtime: Runtime, connection: Connection, actor: Actor) -> list[NamedPaper]:
    """The papers somebody may see without seeing their case, by the rules, the newest first."""
    found = []
    for row in connection.execute(_NAMED, {"b_account": actor.id}).all():
        case = connection.execute(_CASE, {"b_case": row.case_id}).one()
        subject = guarded_case(connection, case)
        for paper in opening.papers(connection, runtime.vault, row.case_id):
            asked = PaperSubject(**vars(subject), kind=case.kind, paper_id=paper.id)
            if paper.id in row.documents and runtime.rules.permits(actor, Permission.READ_PAPER, asked):
                found.append(NamedPaper(paper.id, paper.name, row.case_id, row.until))
    return found


@dataclass(frozen=True)
class PaperSubject(GuardedCase):
    """One paper of a case as the rules ask about it."""

    kind: str
    paper_id: int
    shared_with: frozenset[Share] = frozenset()


def readable_paper(runtime: Runtime, connection: Connection, actor: Actor, paper_id: int) -> documents.Paper:
    """A paper she may see with its case, or because she was named for it; NotFound for every other, there or not."""
    unknown = NotFound(what=Message(N_("材料 {id}"), {"id": paper_id}))
    try:
        found = documents.find(connection, runtime.vault, paper_id)
    except NotFound:
        connection.execute(_CASE, {"b_case": 0}).one_or_none()
        as_if_there(connection)
        raise unknown from None
    case = connection.execute(_CASE, {"b_case": found.case_id}).one()
    shared = shares_of(connection, case.id)
    subject = vars(guarded_case(connection, case))
    asked = PaperSubject(**subject, kind=case.kind, paper_id=paper_id, shared_with=shared)
    if not runtime.rules.permits(actor, Permission.READ_PAPER, asked):
        as_if_there(connection, case)
        raise unknown
    part = part_of(runtime, connection, actor, case)
    if part is not None and not part.shows(found.form, found.field) and not _named_for(asked, actor):
        raise unknown
    return found


def _named_for(paper: PaperSubject, actor: Actor) -> bool:
    """Whether she was named for this very paper."""
    return any(m.counts_for(actor) and paper.paper_id in (m.documents or ()) for m in paper.guard.members)
