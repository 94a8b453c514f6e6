"""Ask colleagues to sign besides oneself (加签), no longer ask them (减签), and sign what one was asked about.

An opinion is signed like a form: by the signer's own re-authentication, where the form of the step asks for it, over
everything that lay before her. It stands in the history and is not taken back; it binds nobody, the one who submits the form
reads it first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, insert, update

from engine.access import Permission
from engine.commands import seats
from engine.commands.escalations import settle_escalation
from engine.commands.loading import load_task, require_verb, require_work, view_of
from engine.commands.progress import Progress
from engine.commands.signing import Reauthentication, sworn
from engine.commands.tasks import move_on
from engine.commands.transferring import barrier
from engine.errors import InvalidAnswers, NotFound, NotNow, StaleTask
from engine.events import Event, Kind
from engine.messages import N_, Message
from engine.model import task

if TYPE_CHECKING:
    from sqlalchemy import Row

    from engine.commands.context import CaseContext
    from engine.process_type import Candidates
    from engine.unit_of_work import UnitOfWork

_ADD = insert(task)
_ASK = (
    update(task)
    .where(task.c.id == bindparam("b_id"), task.c.version == bindparam("b_seen"))
    .values(assignee_id=bindparam("b_by"), seat_order=bindparam("b_order"), version=task.c.version + 1)
)
_CLOSE = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(
        state="closed",
        closed_at=bindparam("b_now"),
        closed_by=bindparam("b_by"),
        close_reason=bindparam("b_reason"),
        carried=bindparam("b_carried"),
        version=task.c.version + 1,
    )
)
#: what a seat takes over from the row of who asked
_SHARED = (
    *("case_id", "instance_id", "token", "element", "name", "kind", "form"),
    *("due_at", "rank_at", "overdue_since", "guarded"),
)


def add_signers(
    uow: UnitOfWork,
    *,
    task_id: int,
    people: Sequence[int],
    place: str,
    reason: str,
    seen_version: int | None,
    in_order: bool = False,
) -> dict[str, Any]:
    """Ask colleagues to sign before or after oneself (加签). `people`: account ids; `place`: "before" or "after".

    With `in_order` they sign one after the other, in the order of `people` and after those asked so before at the same place;
    otherwise all at once. Each gets a task of her own; the form is submitted, or the case moves on, only when all of them have
    signed. InvalidAnswers names who may be asked.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_verb(view, seen_version, Permission.ADD_SIGNER)
    asked = _asked(view, people, place, reason)
    changed = {"b_id": job.id, "b_seen": job.version, "b_by": uow.actor.id, "b_order": job.seat_order + len(asked)}
    if uow.change(job.case_id, _ASK, changed).rowcount != 1:
        raise StaleTask(seen=job.version, current=job.version + 1)
    first = place == "before" and not (in_order and seats.queued(view, place))
    told = []
    for n, who in enumerate(asked, 1):
        opens = first and not (in_order and n > 1)
        told.append(_seat(view, who, place, job.seat_order + n, opens=opens, in_order=in_order))
    content = {"place": place, "reason": reason.strip(), "added": told, "assignee": uow.actor.id, "in_order": in_order}
    uow.record(Event(Kind.SIGNERS_ADDED, job.case_id, job.id, job.element, content))
    added = [each["task"] for each in told]
    return {"case_id": job.case_id, "task_id": job.id, "version": job.version + 1, "seats": added}


def colleagues(view: CaseContext) -> list[Candidates]:
    """Who may be asked to sign at this step: whom the process type names, without those who are barred or sit here."""
    taken = seats.others_at(view) | {view.actor.id, view.job.assignee_id}
    named = view.process.colleagues(view, view.job.element)
    free = (who for who in named if who.account_id not in taken and barrier(view, who.account_id) is None)
    return [who for who in free if view.admits(who.account_id)]


def _asked(view: CaseContext, people: Sequence[int], place: str, reason: str) -> list[Candidates]:
    allowed = {who.account_id: who for who in colleagues(view)}
    problems: dict[str, list[Message]] = {}
    if place not in seats.ASKED:
        problems["place"] = [
            Message(N_("加签的位置只能是 before（在我之前）或 after（在我之后），见到“{seen}”"), {"seen": place[:20]})
        ]
    if not reason.strip():
        problems["reason"] = [Message(N_("请写明请她们就什么签署意见"))]
    wrong = [each for each in people if each not in allowed]
    if not people or wrong or len(set(people)) != len(people):
        wanted = N_("请选择一位或几位可以加签的同事，每人一次（账号 {allowed}）；不能选的：{wrong}")
        named = {"allowed": "、".join(map(str, allowed)) or "—", "wrong": "、".join(map(str, wrong)) or "—"}
        problems["people"] = [Message(wanted, named)]
    if problems:
        raise InvalidAnswers(problems)
    return [allowed[each] for each in people]


def _seat(view: CaseContext, who: Candidates, place: str, order: int, *, opens: bool, in_order: bool) -> dict[str, Any]:
    job = view.job
    row = {
        **{name: getattr(job, name) for name in _SHARED},
        "post": who.post,
        "unit_id": who.unit_id,
        "assignee_id": who.account_id,
        "state": "open" if opens else "waiting",
        "created_at": view.now,
        "seat": place,
        "seat_of": job.id,
        "seat_order": order,
        "previous_id": job.id,
        "carried": {"in_order": True} if in_order else None,
    }
    task_id = view.work.add(job.case_id, _ADD, row)
    said = {"element": job.element, "post": who.post, "unit": who.unit_id, "assignee": who.account_id}
    return {"task": task_id, **said, "state": row["state"], "seat": place}


def remove_signer(
    uow: UnitOfWork, *, task_id: int, seat_id: int, reason: str, seen_version: int | None
) -> dict[str, Any]:
    """No longer ask a colleague to sign (减签), while she has not. `task_id` is one's own task, `seat_id` hers."""
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    if job.state == "waiting":
        _require_mine(view, seen_version)
    else:
        require_verb(view, seen_version, Permission.ADD_SIGNER)
    rows = {row.id: row for row in seats.of_token(view) if row.seat_of == job.id}
    if seat_id not in rows:
        raise NotFound(what=Message(N_("您在此步骤请的加签人 {id}"), {"id": seat_id}))
    if rows[seat_id].state == "closed":
        raise NotNow(why=Message(N_("她已签署意见或已被减去，不能再减")))
    if not reason.strip():
        raise InvalidAnswers({"reason": [Message(N_("请写明减签原因"))]})
    progress = _strike(view, seat_id, reason.strip())
    return {"case_id": job.case_id, "task_id": job.id, "ended": progress.ended}


def _require_mine(view: CaseContext, seen_version: int | None) -> None:
    """She has submitted and waits for those she asked: still hers to say who is asked."""
    if view.job.assignee_id == view.actor.id:
        view.work.acting_post = view.job.post
        if seen_version is not None and view.job.version != seen_version:
            raise StaleTask(seen=seen_version, current=view.job.version)
        return
    require_work(view, seen_version, Permission.ADD_SIGNER)


def excuse(view: CaseContext, reason: str) -> dict[str, Any]:
    """The house itself strikes a seat whose holder may no longer sign; returns ``{"ended"}``."""
    return {"ended": _strike(view, view.job.id, reason).ended}


def _strike(view: CaseContext, seat_id: int, reason: str) -> Progress:
    _close(view, seat_id, "removed", None)
    turned, progress = _carry_on(view)
    content = {"seat": seat_id, "reason": reason, "seats": turned, **progress.as_json()}
    content["closed"] = [*content["closed"], seat_id]
    view.work.record(Event(Kind.SIGNER_REMOVED, view.case.id, view.job.id, view.job.element, content))
    return progress


def sign_opinion(
    uow: UnitOfWork,
    *,
    task_id: int,
    agrees: bool,
    opinion: str,
    seen_version: int | None,
    signature: Reauthentication | None = None,
) -> dict[str, Any]:
    """Sign an opinion on what lies before one, in a seat of a step with several signers (会签、依次、加签).

    A refusal stops nothing by itself: everybody is heard, and whoever submits the form reads it. Of an after-signer, it gives
    the submission back to who made it.
    """
    job = load_task(uow, task_id)
    view = view_of(uow, job)
    require_verb(view, seen_version, asked=True)
    seats.require_opinion(view)
    if not opinion.strip():
        raise InvalidAnswers({"opinion": [Message(N_("请写明意见；不同意的，请说明理由"))]})
    proof = sworn(view, signature) if view.process.forms[job.form].signed else None
    _close(view, job.id, "signed", {"agrees": agrees})
    turned, progress = _carry_on(view) if agrees or job.seat != "after" else (_given_back(view), Progress())
    content = {"agrees": agrees, "opinion": opinion.strip(), "proof": proof, "seats": turned, **progress.as_json()}
    content["closed"] = sorted({*content["closed"], job.id})
    uow.record(Event(Kind.OPINION_SIGNED, job.case_id, job.id, job.element, content))
    opened = [row["task"] for row in progress.opened]
    return {"case_id": job.case_id, "task_id": job.id, "ended": progress.ended, "opened": opened}


def _given_back(view: CaseContext) -> list[dict[str, Any]]:
    """An after-signer refused: the submission she was asked about comes back; a seat's mere opinion does not."""
    rows = {row.id: row for row in seats.of_token(view)}
    holder = rows.get(view.job.seat_of)
    if holder is None or holder.state != "waiting":
        return seats.advance(view)
    return seats.reopen(view, holder)


def _carry_on(view: CaseContext) -> tuple[list[dict[str, Any]], Progress]:
    """Whose turn it is now; when nobody is left to sign after a submission, the case moves on."""
    done = seats.submitted(view)
    if done is None:
        return seats.advance(view), Progress()
    kept: Mapping[str, Any] = done.carried
    holder = _as_loaded(view, done)
    return [], move_on(view, holder, kept["facts"], pause=kept["pause"], by=kept["by"])


def _as_loaded(view: CaseContext, row: Row[Any]) -> Row[Any]:
    return load_task(view.work, row.id)


def _close(view: CaseContext, seat_id: int, reason: str, carried: dict[str, Any] | None) -> None:
    by = view.actor.id if reason == "signed" else None
    closed = {"b_id": seat_id, "b_now": view.now, "b_by": by, "b_reason": reason, "b_carried": carried}
    view.work.change(view.case.id, _CLOSE, closed)
    settle_escalation(view, task_id=seat_id, reason=reason)
