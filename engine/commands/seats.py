"""Several signers of one step: rows of one token, each a seat. What each may do now, and what opens when one has signed.

A node with several (halfsky:signing) has a "signer" seat for each place the process type names: all at once, any one of them,
or one after the other. Before anybody's turn a seat waits. Seats "before" and "after" were asked for by a person (加签): the
first must sign before she submits, the others after she has, and the drawing moves on when the last of them agrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, select, update

from engine.errors import NotNow
from engine.messages import N_, Message
from engine.model import task
from engine.model_absence import absence_act

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row

    from engine.commands.context import CaseContext

ASKED = ("before", "after")
LIVE = ("open", "waiting")

_OF_TOKEN = (
    select(task)
    .where(task.c.instance_id == bindparam("b_instance"), task.c.token == bindparam("b_token"))
    .order_by(task.c.seat_order, task.c.id)
)
#: who was absent when a deputy acted: the step is hers as well
_IN_PLACE_OF = select(absence_act.c.task_id, absence_act.c.for_id).where(absence_act.c.case_id == bindparam("b_case"))
_TURN = (
    update(task)
    .where(task.c.id == bindparam("b_id"))
    .values(
        state=bindparam("b_state"),
        overdue_since=bindparam("b_late"),
        carried=bindparam("b_carried"),
        assignee_id=bindparam("b_assignee"),
        version=task.c.version + 1,
    )
)


def is_plain(job: Row[Any]) -> bool:
    """A step done by one person, who has asked nobody else to sign."""
    return not job.seat and job.seat_order == 0


def of_token(view: CaseContext) -> Sequence[Row[Any]]:
    """Every row of the task's token, closed ones too, in their order."""
    key = {"b_instance": view.job.instance_id, "b_token": view.job.token}
    return view.connection.execute(_OF_TOKEN, key).all()


def others_at(view: CaseContext) -> set[int]:
    """The accounts that have, or have had, another seat of this step: nobody takes two."""
    if is_plain(view.job):
        return set()
    others = [row for row in of_token(view) if row.id != view.job.id]
    acts = view.connection.execute(_IN_PLACE_OF, {"b_case": view.job.case_id}).all()
    return _people(others) | {act.for_id for act in acts if act.task_id in {row.id for row in others}}


def seat_barrier(view: CaseContext, job: Row[Any], account_id: int) -> Message | None:
    """Why a step may not be given to a person by somebody else's decision: a seat is personal, and nobody takes two."""
    if is_plain(job):
        return None
    if job.seat in ASKED:
        return Message(N_("加签请的是其本人，不能改派；可由请她的人减签后另请他人"))
    seated = copy(view)
    seated.task = job
    if account_id in others_at(seated):
        return Message(N_("此人是本步骤的另一位签署人，同一步骤不能由一人签两次"))
    return None


def _people(rows: Iterable[Row[Any]]) -> set[int]:
    found: set[Any] = set()
    for row in rows:
        if row.state in LIVE:
            found |= {row.assignee_id, row.owner_id}
        elif row.close_reason == "signed":
            found.add(row.closed_by)
    return found - {0, None}


def require_one_seat(view: CaseContext) -> None:
    """NotNow for somebody who has another seat of this step, or has signed in one; a deputy counts for both."""
    stand_in = view.work.stand_in
    both = {view.actor.id} | ({stand_in.absent.id} if stand_in else set())
    if both & others_at(view):
        raise NotNow(why=Message(N_("您已是本步骤的另一位签署人，同一步骤不能由一人签两次")))


def require_form(view: CaseContext) -> None:
    """NotNow unless it is this seat's turn to fill in the form of the step."""
    if is_plain(view.job):
        return
    rows = of_token(view)
    _require_heard(view, rows)
    left = [row for row in rows if row.id != view.job.id and row.state in LIVE and not _own(view, row)]
    if left and _mode(view) != "any":
        text = N_("本步骤由多人签署，还有 {count} 位没有签：请先签署意见，由最后一位填写表单")
        raise NotNow(why=Message(text, {"count": len(left)}))


def require_opinion(view: CaseContext) -> None:
    """NotNow when this is no seat for an opinion, or when its holder is the last and fills in the form."""
    if not view.job.seat:
        raise NotNow(why=Message(N_("此步骤由您办理：请填写表单并提交，不是只签署意见")))
    rows = of_token(view)
    if view.job.seat in ASKED:
        return
    _require_heard(view, rows)
    left = [row for row in rows if row.id != view.job.id and row.seat == "signer" and row.state in LIVE]
    if not left:
        raise NotNow(why=Message(N_("其他人都已签署，您是最后一位：请填写表单并提交")))


def gives_opinion(view: CaseContext) -> bool:
    """Whether the page of this seat shows the opinion instead of the form."""
    try:
        require_opinion(view)
    except NotNow:
        return view.job.seat in ASKED
    return _mode(view) != "any"


def _require_heard(view: CaseContext, rows: Iterable[Row[Any]]) -> None:
    """NotNow while somebody who was asked to sign before her has not."""
    asked = [row for row in rows if row.seat == "before" and row.seat_of == view.job.id and row.state in LIVE]
    if asked:
        text = N_("您请的加签人还有 {count} 位没有签署意见；可以等候，也可以减签")
        raise NotNow(why=Message(text, {"count": len(asked)}))


def _own(view: CaseContext, row: Row[Any]) -> bool:
    """Whether a row is one she asked to sign after her."""
    return bool(row.seat == "after" and row.seat_of == view.job.id)


def _mode(view: CaseContext) -> str:
    parsed = view.work.runtime.definitions.get(view.job.definition_id)
    return parsed.elements[view.job.element].signing or ""


def tally(view: CaseContext) -> dict[str, int]:
    """How many of those asked agreed and how many did not: facts of the step, for drawings that ask."""
    said = [(row.carried or {}).get("agrees") for row in of_token(view) if row.close_reason == "signed"]
    return {"signed_agreed": said.count(True), "signed_refused": said.count(False)}


def hold(view: CaseContext, facts: Mapping[str, Any], *, pause: bool) -> list[dict[str, Any]]:
    """The form is submitted, but those asked to sign after it have not yet: their turn; what became of each seat.

    Empty when nobody was asked: the case moves on at once.
    """
    if is_plain(view.job):
        return []
    rows = of_token(view)
    after = [row for row in rows if _own(view, row) and row.state in LIVE]
    if not after:
        return []
    after = _next(after)
    turned = [_turn(view, rows, view.job, "waiting", {"facts": dict(facts), "pause": pause, "by": view.actor.id})]
    rivals = [row for row in rows if row.seat == "signer" and row.id != view.job.id and row.state in LIVE]
    turned += [_turn(view, rows, row, "waiting", row.carried) for row in rivals if row.state == "open"]
    return turned + [_turn(view, rows, row, "open", row.carried) for row in after]


def reopen(view: CaseContext, holder: Row[Any]) -> list[dict[str, Any]]:
    """A submission comes back to who made it (an after-signer refused, or she took it back); the others wait again."""
    rows = of_token(view)
    asked = [row for row in rows if row.seat == "after" and row.seat_of == holder.id and row.state == "open"]
    turned = [_turn(view, rows, holder, "open", None)]
    turned += [_turn(view, rows, row, "waiting", row.carried) for row in asked]
    if holder.seat == "signer" and _mode(view) == "any":
        rivals = [row for row in rows if row.seat == "signer" and row.id != holder.id and row.state == "waiting"]
        turned += [_turn(view, rows, row, "open", row.carried) for row in rivals]
    return turned


def advance(view: CaseContext) -> list[dict[str, Any]]:
    """After a seat has signed or was removed: whose turn it is now."""
    rows = of_token(view)
    signed = {row.id for row in rows if row.close_reason == "signed" or _submitted(row)}
    asked = [row for row in rows if row.seat == "before" or (row.seat == "after" and row.seat_of in signed)]
    due = [row for row in _next(row for row in asked if row.state in LIVE) if row.state == "waiting"]
    if due:
        return [_turn(view, rows, row, "open", row.carried) for row in due]
    in_turn = [row for row in rows if row.state == "open"]
    waiting = [row for row in rows if row.seat == "signer" and row.state == "waiting" and not _submitted(row)]
    if _mode(view) == "sequence" and waiting and not in_turn:
        return [_turn(view, rows, waiting[0], "open", waiting[0].carried)]
    return []


def queued(view: CaseContext, place: str) -> bool:
    """Whether somebody she asked to sign in order at a place has not signed yet: who is asked so now comes after."""
    rows = [] if is_plain(view.job) else of_token(view)
    return any(
        row.seat == place and row.seat_of == view.job.id and row.state in LIVE and _in_order(row) for row in rows
    )


def _next(asked: Iterable[Row[Any]]) -> list[Row[Any]]:
    """Of those asked and not signed yet, whose turn it may be: all who sign at once, and of each order the first."""
    orders: set[tuple[int, str]] = set()
    found = []
    for row in asked:
        if not _in_order(row):
            found.append(row)
        elif (row.seat_of, row.seat) not in orders:
            orders.add((row.seat_of, row.seat))
            found.append(row)
    return found


def _in_order(row: Row[Any]) -> bool:
    return bool((row.carried or {}).get("in_order"))


def submitted(view: CaseContext) -> Row[Any] | None:
    """The row of this token whose form is submitted and whose after-signers have all signed."""
    rows = of_token(view)
    for row in rows:
        if row.state == "waiting" and _submitted(row):
            left = [r for r in rows if r.seat == "after" and r.seat_of == row.id and r.state in LIVE]
            return None if left else row
    return None


def _submitted(row: Row[Any]) -> bool:
    return "facts" in (row.carried or {})


def _turn(
    view: CaseContext, rows: Iterable[Row[Any]], row: Row[Any], state: str, carried: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Give a seat its turn, or have it wait; one that comes late inherits that the step is overdue."""
    late = min((r.overdue_since for r in rows if r.overdue_since is not None), default=None)
    holder = carried["by"] if carried and "facts" in carried else row.assignee_id
    values = {"b_id": row.id, "b_state": state, "b_late": late, "b_carried": carried, "b_assignee": holder}
    view.work.change(view.case.id, _TURN, values)
    return {"task": row.id, "state": state}
