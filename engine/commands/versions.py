"""New versions of drawings and decision tables: one person proposes, another approves, and it counts from a date.

Every act passes the gate and the soundness check, is written into the chained record (`engine.version_log`), and changes no
running case: those stay on the version they began with until somebody moves them (`engine.commands.migration`).
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, insert, select, update

from engine import version_log
from engine.access import Permission
from engine.chains import instant
from engine.clock import SHANGHAI
from engine.decisions import load_tables
from engine.errors import Forbidden, InvalidAnswers, ProposalClosed, ProposalStale, RefusedDefinition
from engine.flow import gate, soundness
from engine.messages import N_, Message
from engine.model import definition
from engine.model_versions import in_force, proposal, table_set
from engine.queries.versions import DRAWING, TABLES, content_of, in_force_id, listed, proposal_of
from engine.unit_of_work import UnitOfWork, inserted_id

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.process_type import ProcessType

STATES: Final = {
    "proposed": N_("待批准"),
    "approved": N_("已批准"),
    "refused": N_("未批准"),
    "withdrawn": N_("已撤回"),
}
_STORES = {DRAWING: (definition, "bpmn"), TABLES: (table_set, "dmn")}
_SAME = select(proposal.c.id).where(
    proposal.c.sort == bindparam("b_sort"),
    proposal.c.key == bindparam("b_key"),
    proposal.c.digest == bindparam("b_digest"),
    proposal.c.state == "proposed",
)
_DECIDE = (
    update(proposal)
    .where(proposal.c.id == bindparam("b_id"), proposal.c.state == "proposed")
    .values(
        state=bindparam("b_state"),
        decided_by=bindparam("b_by"),
        decided_at=bindparam("b_now"),
        reason=bindparam("b_reason"),
        version_id=bindparam("b_version"),
        base_id=bindparam("b_base"),
    )
)


def propose_version(
    uow: UnitOfWork, *, kind: str, sort: str, content: bytes, note: str = "", valid_from: str = ""
) -> dict[str, Any]:
    """Propose a file as the next version of `kind`. `sort`: "drawing" or "tables"; `valid_from`: ISO instant or "".

    Returns ``{"proposal_id", "new"}``; the same file proposed twice and not decided yet keeps its number. RefusedDefinition
    lists every reason at once; InvalidAnswers for a date that is past.
    """
    process, digest = _examined(uow, kind, sort, content)
    version_log.begin(uow)
    since = _future(uow, valid_from)
    current = in_force_id(uow.connection, sort, kind, since or uow.now)
    if current is None and since is not None:
        raise InvalidAnswers({"valid_from": [Message(N_("第一个版本批准后立即生效，不能另定日期"))]})
    if current is not None and version_log.content_digest(content_of(uow.connection, sort, current)) == digest:
        raise RefusedDefinition([Message(N_("与届时有效的版本完全相同，不需要新版本"))])
    same = uow.connection.execute(_SAME, {"b_sort": sort, "b_key": process.key, "b_digest": digest}).scalar()
    if same is not None:
        return {"proposal_id": same, "new": False}
    return {"proposal_id": _propose(uow, process.key, sort, content, digest, note, since), "new": True}


def publish_definition(uow: UnitOfWork, *, kind: str, bpmn: bytes) -> dict[str, Any]:
    """Install the first drawing of `kind`, or propose `bpmn` as its next version (see `publish_version`)."""
    return publish_version(uow, kind=kind, sort=DRAWING, content=bpmn)


def publish_version(uow: UnitOfWork, *, kind: str, sort: str, content: bytes) -> dict[str, Any]:
    """What an installation does with a file: the first of its kind counts at once, any later one waits for its approval.

    A first version needs no second person, because no case runs yet; the record says “installed”. Returns
    ``{"version_id", "version", "new", "proposal_id"}``: version_id and version are None while the file waits for approval.
    """
    process, digest = _examined(uow, kind, sort, content)
    version_log.begin(uow)
    current = in_force_id(uow.connection, sort, kind, uow.now)
    # without tables of its own an installation judges by the shipped ones: only these may count without a second person
    if current is None and (sort == DRAWING or digest == version_log.content_digest(process.shipped_tables())):
        number = _propose(uow, process.key, sort, content, digest, "", None)
        made = _enact(uow, proposal_of(uow.connection, number), "installed", "")
        return {**made, "new": True, "proposal_id": number}
    for known in listed(uow.connection, sort, kind):
        if known.digest == digest:
            return {"version_id": known.id, "version": known.version, "new": False, "proposal_id": None}
    same = uow.connection.execute(_SAME, {"b_sort": sort, "b_key": process.key, "b_digest": digest}).scalar()
    number = same or _propose(uow, process.key, sort, content, digest, "", None)
    return {"version_id": None, "version": None, "new": same is None, "proposal_id": number}


def approve_version(uow: UnitOfWork, *, proposal_id: int, seen_base: int) -> dict[str, Any]:
    """Put a proposal in force, from its date or from now. `seen_base`: the version (id, 0: none) it was compared with.

    Returns ``{"version_id", "version", "since"}``. Forbidden for who proposed it; ProposalClosed when it was decided already;
    ProposalStale when another version came into force since the comparison was shown.
    """
    row = proposal_of(uow.connection, proposal_id)
    _require_second(uow, row)
    version_log.hold(uow)
    row = proposal_of(uow.connection, proposal_id)
    _require_open(row)
    since = max(row.valid_from or uow.now, uow.now)
    base = in_force_id(uow.connection, row.sort, row.key, since) or 0
    if base != seen_base:
        numbers = {each.id: each.version for each in listed(uow.connection, row.sort, row.key)}
        raise ProposalStale(seen=numbers.get(seen_base, 0), current=numbers.get(base, 0))
    _refuse_unfit(uow.runtime.catalogue[row.key], row.sort, bytes(row.content))
    return _enact(uow, row, "approved", "")


def refuse_version(uow: UnitOfWork, *, proposal_id: int, reason: str) -> dict[str, Any]:
    """Do not approve, and say why; returns ``{"proposal_id"}``."""
    row = proposal_of(uow.connection, proposal_id)
    _require_second(uow, row)
    version_log.hold(uow)
    row = proposal_of(uow.connection, proposal_id)
    _require_open(row)
    if not reason.strip():
        raise InvalidAnswers({"reason": [Message(N_("请写明不批准的理由"))]})
    _close(uow, row, "refused", reason.strip())
    return {"proposal_id": proposal_id}


def withdraw_version(uow: UnitOfWork, *, proposal_id: int) -> dict[str, Any]:
    """Take back one's own proposal before it is decided; returns ``{"proposal_id"}``."""
    row = proposal_of(uow.connection, proposal_id)
    uow.require(Permission.UPLOAD_DEFINITION, row.key)
    version_log.hold(uow)
    row = proposal_of(uow.connection, proposal_id)
    _require_open(row)
    if row.proposed_by != uow.actor.id:
        raise Forbidden(why=Message(N_("只有提出人可以撤回此版本")))
    _close(uow, row, "withdrawn", "")
    return {"proposal_id": proposal_id}


def _examined(uow: UnitOfWork, kind: str, sort: str, content: bytes) -> tuple[ProcessType, str]:
    uow.require(Permission.UPLOAD_DEFINITION, kind)
    process = uow.runtime.catalogue.get(kind)
    if process is None or sort not in _STORES:
        raise RefusedDefinition([Message(N_("没有名为 {key} 的事项类型"), {"key": kind})])
    _refuse_unfit(process, sort, content)
    return process, version_log.content_digest(content)


def _refuse_unfit(process: ProcessType, sort: str, content: bytes) -> None:
    """RefusedDefinition for what the gate, the soundness check or the process type itself has against a file."""
    if sort == TABLES:
        refusals = gate.check_tables(content) or list(process.unfit_tables(load_tables(content)))
    else:
        refusals = gate.check(content, known_forms=process.forms)
        if not refusals and process.key not in soundness.startable(content):
            refusals = [Message(N_("文件中没有标识为 {key} 的可启动流程"), {"key": process.key})]
        if not refusals:
            found = soundness.examine(content, forms=process.forms).errors
            told = N_("{element}：{why}")
            refusals = [Message(told, {"element": each.element, "why": each.message}) for each in found]
    if refusals:
        raise RefusedDefinition(refusals)


def _future(uow: UnitOfWork, text: str) -> datetime | None:
    if not text:
        return None
    wrong = N_("生效时间“{seen}”无效；请填今后的日期和时间，如 {example}，或留空（批准后立即生效）")
    params = {"seen": text[:40], "example": uow.now.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M")}
    try:
        since = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidAnswers({"valid_from": [Message(wrong, params)]}) from None
    since = since if since.tzinfo is not None else since.replace(tzinfo=SHANGHAI)
    if since <= uow.now:
        raise InvalidAnswers({"valid_from": [Message(wrong, params)]})
    return since


def _propose(
    uow: UnitOfWork, key: str, sort: str, content: bytes, digest: str, note: str, since: datetime | None
) -> int:
    row = {"sort": sort, "key": key, "digest": digest, "content": content, "note": note.strip(), "valid_from": since,
           "proposed_by": uow.actor.id, "proposed_at": uow.now}  # fmt: skip
    number = inserted_id(uow.connection.execute(insert(proposal), row))
    told = {"proposal": number, "sort": sort, "key": key, "digest": digest, "by": uow.actor.id, "note": note.strip()}
    version_log.write(uow, "proposed", {**told, "valid_from": None if since is None else instant(since)})
    return number


def _require_second(uow: UnitOfWork, row: Row[Any]) -> None:
    uow.require(Permission.APPROVE_DEFINITION, row.key)
    if row.proposed_by == uow.actor.id:
        raise Forbidden(why=Message(N_("提出新版本的人不能自己批准，须由另一人批准")))


def _require_open(row: Row[Any]) -> None:
    if row.state != "proposed":
        raise ProposalClosed(state=Message(STATES[row.state]))


def _close(uow: UnitOfWork, row: Row[Any], state: str, reason: str, **made: Any) -> None:
    decided = {"b_id": row.id, "b_state": state, "b_by": uow.actor.id, "b_now": uow.now, "b_reason": reason}
    decided |= {"b_version": made.get("version_id"), "b_base": made.get("base")}
    if uow.connection.execute(_DECIDE, decided).rowcount != 1:
        raise ProposalClosed(state=Message(STATES["approved"]))
    told = {"proposal": row.id, "sort": row.sort, "key": row.key, "digest": row.digest, "by": row.proposed_by}
    version_log.write(uow, made.get("act") or state, {**told, "reason": reason, **made})


def _enact(uow: UnitOfWork, row: Row[Any], act: str, reason: str) -> dict[str, Any]:
    """Store the content as a version of its own, unless it already is one, and let it count."""
    store, column = _STORES[row.sort]
    known = {each.digest: each for each in listed(uow.connection, row.sort, row.key)}
    since = max(row.valid_from or uow.now, uow.now)
    base = in_force_id(uow.connection, row.sort, row.key, since)
    if row.digest in known:
        version_id, version = known[row.digest].id, known[row.digest].version
    else:
        of = select(func.max(store.c.version)).where(store.c.key == row.key)
        version = (uow.connection.execute(of).scalar() or 0) + 1
        new = {"key": row.key, "version": version, "digest": row.digest, column: row.content, "created_at": uow.now}
        version_id = inserted_id(uow.connection.execute(insert(store), new))
    term = {"sort": row.sort, "key": row.key, "version_id": version_id, "since": since, "proposal_id": row.id}
    uow.connection.execute(insert(in_force), term)
    told = {"version_id": version_id, "version": version, "since": instant(since), "base": base}
    _close(uow, row, "approved", reason, act=act, **told)
    return {"version_id": version_id, "version": version, "since": told["since"]}
