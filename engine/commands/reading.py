"""Who read what, and which notices were seen.

Reading changes no case and makes no history, but it is remembered (等保: every user, every access).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, exists, insert, not_, or_, select, update

from engine.commands.loading import may_read
from engine.errors import InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.model import case_file, notice, read_log, task
from engine.model_collaboration import case_copy
from engine.queries.team import LEADS_TO, PURPOSE
from engine.unit_of_work import UnitOfWork

#: from personal data on it is remembered who has seen it (D2)
READ_LOGGED = ("C2", "C3", "C4")
SHORTEST_PURPOSE, LONGEST_PURPOSE = 4, 200

_ADD = insert(read_log)
_CASE_OF = select(task.c.case_id).where(task.c.id == bindparam("b_task"))
_RECEIPT = (
    update(case_copy)
    .where(
        case_copy.c.case_id == bindparam("b_case"),
        case_copy.c.read_at.is_(None),
        case_copy.c.by_id != bindparam("b_me"),
    )
    .values(read_at=bindparam("b_now"), read_by=bindparam("b_me"))
)
_READ = (
    update(notice)
    .where(notice.c.read_at.is_(None), notice.c.id <= bindparam("b_newest"))
    .values(read_at=bindparam("b_now"), read_by=bindparam("b_by"))
)


def log_read(uow: UnitOfWork, *, case_id: int, what: str) -> dict[str, Any]:
    """Remember that the actor opened `what` ("case", "paper 7", "dossier") of a case; what was copied to her has its receipt.

    Who sent a copy to a post she holds herself gives no receipt for it.
    """
    uow.connection.execute(_ADD, {"at": uow.now, "actor_id": uow.actor.id, "case_id": case_id, "what": what[:40]})
    posts = [(case_copy.c.unit_id == post.unit_id) & (case_copy.c.post == post.code) for post in uow.actor.posts]
    hers = _RECEIPT.where(or_(case_copy.c.account_id == uow.actor.id, *posts))
    key = {"b_case": case_id, "b_me": uow.actor.id, "b_now": uow.now}
    return {"receipts": uow.connection.execute(hers, key).rowcount}


def log_task_read(uow: UnitOfWork, *, task_id: int) -> dict[str, Any]:
    """Remember that the actor opened the page of a task: what its form holds is the case's; ``{}``."""
    case_id = uow.connection.execute(_CASE_OF, {"b_task": task_id}).scalar_one()
    row = {"at": uow.now, "actor_id": uow.actor.id, "case_id": case_id, "what": f"task {task_id}"}
    uow.connection.execute(_ADD, row)
    return {}


def log_page(uow: UnitOfWork, *, named: str, number: int, page: str) -> dict[str, Any]:
    """Remember a page of a case of class C2 or above; ``{}``. `named` is a key of LEADS_TO, `number` the id in the address."""
    key, of_case = LEADS_TO[named]
    wanted: Any = select(case_file.c.id, case_file.c.confidentiality).where(key == number)
    found = uow.connection.execute(wanted if of_case is None else wanted.where(of_case == case_file.c.id)).one_or_none()
    if found is not None and found.confidentiality in READ_LOGGED:
        row = {"at": uow.now, "actor_id": uow.actor.id, "case_id": found.id, "what": f"page {page}"[:40]}
        uow.connection.execute(_ADD, row)
    return {}


def read_notices(uow: UnitOfWork, *, newest: int) -> dict[str, Any]:
    """Mark the unread notices for the actor's posts as read, up to the id of the newest one she was shown."""
    pools = [(notice.c.unit_id == post.unit_id) & (notice.c.post == post.code) for post in uow.actor.posts]
    known = or_(not_(case_file.c.guarded), uow.runtime.rules.visible_cases(uow.actor))
    shown = exists().where(case_file.c.id == notice.c.case_id, known)
    unread = _READ.where(or_(notice.c.account_id == uow.actor.id, *pools), shown)
    marked = uow.connection.execute(unread, {"b_newest": newest, "b_now": uow.now, "b_by": uow.actor.id})
    return {"marked": marked.rowcount}


def state_purpose(uow: UnitOfWork, *, case_id: int, purpose: str, session: str) -> dict[str, Any]:
    """Say what a confidential case is opened for, once a session (`session`: a hash of it); ``{"case_id"}``.

    NotFound for who may not read it, InvalidAnswers without a purpose.
    """
    if not may_read(uow, uow.case(case_id)):
        raise NotFound(what=Message(N_("案件 {id}"), {"id": case_id}))
    why = " ".join(purpose.split())
    if not SHORTEST_PURPOSE <= len(why) <= LONGEST_PURPOSE:
        bounds = {"least": SHORTEST_PURPOSE, "most": LONGEST_PURPOSE, "seen": len(why)}
        raise InvalidAnswers(
            {"purpose": [Message(N_("请写明查阅用途，{least} 至 {most} 字（现为 {seen} 字）"), bounds)]}
        )
    sealed = uow.runtime.vault.seal(why.encode())
    row = {"at": uow.now, "actor_id": uow.actor.id, "case_id": case_id, "what": PURPOSE}
    uow.connection.execute(_ADD, {**row, "why_sealed": sealed, "session": session})
    return {"case_id": case_id}
