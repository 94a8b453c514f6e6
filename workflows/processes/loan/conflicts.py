"""Who may not act on a loan although she holds the post (domain D3.3, D3.5): conflict of interest and four eyes.

Typing for the applicant is no sign-off: the chair who typed an application signs it in the village afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select, union_all

from engine.messages import N_, Message
from engine.model import task
from workflows import model
from workflows.organisation import RELATION_NAMES, is_relative
from workflows.processes.loan import register, wording
from workflows.staffing import SERVED, unheld

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection

    from engine.process_type import CaseView

#: steps at which somebody only types what the applicant says or brings
TYPING = frozenset(("T_Apply", "T_Correct", "T_AcceptLess", "T_Supplement"))
#: steps that must each be taken by another person, and the form whose signature counts for it
SIGNING = {
    "T_VillageReview": "village_review",
    "T_TownReview": "town_review",
    "T_Credit": "credit",
    "T_FinalCheck": "final_check",
    "T_Stamp": "stamp",
}
_PARTIES = union_all(
    select(register.loan_register.c.case_id, register.loan_register.c.subject_hash.label("id_hash")),
    select(register.guarantee.c.case_id, register.guarantee.c.guarantor_hash),
).subquery()
_RELATED = (
    select(task.c.id)
    .join(_PARTIES, _PARTIES.c.case_id == task.c.case_id)
    .join(model.relative, model.relative.c.id_hash == _PARTIES.c.id_hash)
    .join(model.post_holding, model.post_holding.c.account_id == model.relative.c.account_id)
    .join(model.account, SERVED)
    .where(task.c.state == "open", task.c.element.not_in(TYPING))
    .distinct()
)
_FORM_NAMES = {
    "village_review": N_("村级把关（L-03）"),
    "town_review": N_("乡镇审核（L-04）"),
    "credit": N_("信用社审批（L-05）"),
    "final_check": N_("终审用印审批（L-06）"),
}


def parties(view: CaseView) -> tuple[str, ...]:
    """The applicant and her guarantors (released ones too) by keyed hash; empty before the first submission."""
    line = register.entry(view.connection, view.case.id)
    if line is None:
        return ()
    sureties = register.guarantees(view.connection, view.case.id)
    return (line.subject_hash, *(row.guarantor_hash for row in sureties))


def misplaced(connection: Connection, on: date) -> list[int]:
    """Open tasks that nobody holds (D6), or of whose holders one has declared a relative among the parties (D3.2)."""
    related = connection.execute(_RELATED, {"b_on": on}).scalars()
    return sorted({*unheld(connection, "loan", on), *related})


def conflict(view: CaseView, account_id: int) -> Message | None:
    """Why a person is too close to this loan: she is, or is related to, the applicant or a guarantor."""
    relation = is_relative(view.connection, account_id, parties(view))
    if relation is None:
        return None
    if relation == "SELF":
        text = N_("您是本笔贷款的申请人或担保人，不能办理；系统会转给他人办理 —— 依据：{source}")
        return Message(text, {"source": wording.source("D3"), "code": "PARTY"})
    text = N_("您申报过与申请人或担保人的亲属关系（{relation}），应当回避；系统会转给他人办理 —— 依据：{source}")
    named = Message(RELATION_NAMES[relation])
    return Message(text, {"relation": named, "source": wording.source("D3"), "code": "RELATIVE"})


def signed_already(view: CaseView, account_id: int, element: str) -> Message | None:
    """Why a person may not take this step after another one: two steps are never signed by the same person.

    A signature that a deputy gave counts for both: for her who signed, and for her in whose place she did.
    """
    own = SIGNING.get(element)
    if own is None:
        return None
    by = [*view.signers().items(), *view.principals().items()]
    before = [form for form, signer in by if signer == account_id and form != own]
    if not before:
        return None
    if element == "T_Stamp" and "final_check" in before:
        text = N_("核准用印的人不能同时盖章，须由另一位印章管理员办理 —— 依据：{source}")
        return Message(text, {"source": wording.source("SEAL1999"), "code": "APPROVER"})
    text = N_("您已在“{form}”签字，同一笔贷款的两个环节不能由同一人签字 —— 依据：{source}")
    named = Message(_FORM_NAMES.get(before[0], before[0]))
    return Message(text, {"form": named, "source": wording.source("D3"), "code": "SAME_PERSON"})


def obstacle(view: CaseView, account_id: int, element: str) -> Message | None:
    """Why a person may not take a step, None when she may."""
    if element in TYPING:
        return None
    return conflict(view, account_id) or signed_already(view, account_id, element)
