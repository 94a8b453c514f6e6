"""Rules of how an item ends: it reaches her, she has her answer, the first asked sees it through, then it is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import bindparam, func, select

from engine.messages import N_
from engine.model_contact import contact_permit
from workflows import safe_contact
from workflows.processes.petition import closing, rating, register, withdrawal
from workflows.processes.petition.wording import ruled

if TYPE_CHECKING:
    from engine.process_type import Answers, CaseView, Problems

#: how often she was sought by the safe way before somebody may write down that she cannot be reached
TRIES: Final = 3
_MISSED = select(func.count()).where(
    contact_permit.c.case_id == bindparam("b_case"), contact_permit.c.outcome.in_(("missed", "unsafe"))
)


def deliver(view: CaseView, values: Answers) -> Problems:
    """What went out must have been allowed to (D4), not before it was decided, with a receipt or the reason why none."""
    problems: Problems = {}
    line = register.standing(view)
    if values["way"] is not None:
        why = safe_contact.refused(view, "deliver", "way", values["way"])
        if why is not None:
            problems["way"] = [why]
    if values["deliveredOn"] is not None and line.concluded_on and values["deliveredOn"] < line.concluded_on:
        text = N_("送达日期 {seen} 早于处理意见的日期 {limit}")
        seen = {"seen": values["deliveredOn"].isoformat(), "limit": line.concluded_on.isoformat()}
        problems["deliveredOn"] = [ruled(text, "条例35", **seen)]
    if values["receiptKind"] == "SIGNED" and not view.papers("deliver").get("receipt"):
        problems["receipt"] = [ruled(N_("请上传送达回证；没有的写明理由"), "条例35")]
    return problems


def answer(view: CaseView, values: Answers) -> Problems:
    """Her answer comes first; nobody is called out of reach who left a safe way and was not sought by it (S004-24)."""
    if values["hasAnswer"] is False:
        return {"hasAnswer": [ruled(N_("她还没有得到答复：请承办人先答复，再回访"), "S004-24")]}
    if values["askedBy"] == "NO_CONTACT" and not _out_of_reach(view):
        text = N_(
            "她留了安全的联系方式，还没有得到答复：先答复她；按安全方式联系 {tries} 次都没有联系上的，才能这样登记"
        )
        return {"askedBy": [ruled(text, "S004-24", tries=TRIES)]}
    return rating.problems(view, values)


def _out_of_reach(view: CaseView) -> bool:
    """Whether she has her answer already, left no way to be reached, or was sought in vain."""
    line, typed = register.standing(view), view.form("register") or {}
    if line.answered_on is not None or line.anonymous or typed.get("safeChannel") == "NONE":
        return True
    return int(view.connection.execute(_MISSED, {"b_case": view.case.id}).scalar_one()) >= TRIES


def track(view: CaseView, values: Answers) -> Problems:  # noqa: ARG001 - what counts is the register
    """The first asked sees it through to the answer (S002-10)."""
    if register.standing(view).answered_on is None:
        return {"confirmed": [ruled(N_("还没有最终答复：首问人须跟踪到她得到答复为止"), "S002-10")]}
    return {}


def close(view: CaseView, values: Answers) -> Problems:  # noqa: ARG001 - what counts is the case
    """Nothing is missing."""
    found = closing.missing(view)
    return {"confirmed": found} if found else {}


def followed(view: CaseView, values: Answers) -> Problems:
    """A withdrawal is confirmed after the waiting time."""
    first = withdrawal.not_before(view)
    if values["result"] == "CONFIRMED" and values["followedOn"] is not None and values["followedOn"] < first:
        text = N_("随访不早于 {limit}：撤回要等 30 日后再次单独确认；她要继续办理的，随时可以恢复")
        return {"followedOn": [ruled(text, "P2", limit=first.isoformat())]}
    return {}
