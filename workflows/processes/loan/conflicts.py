"""Who may not act on a loan although she holds the post (domain D3.3, D3.5): conflict of interest and four eyes.

Who is too close is said by `workflows.screening`, for every kind of case alike.
Typing for the applicant is no sign-off: the chair who typed an application signs it in the village afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.guarding import shown_to
from engine.messages import N_, Message
from workflows import chains
from workflows.processes.loan import wording

if TYPE_CHECKING:
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
#: steps of the credit union before the money is paid out: they rest on the applicant's consent alone
BY_CONSENT = frozenset(("T_Credit", "T_Disburse"))
_FORM_NAMES = {
    "village_review": N_("村级把关（L-03）"),
    "town_review": N_("乡镇审核（L-04）"),
    "credit": N_("信用社审批（L-05）"),
    "final_check": N_("终审用印审批（L-06）"),
}


def conflict(view: CaseView, account_id: int) -> Message | None:
    """Why a person is too close to this case, None when she is not."""
    return chains.conflict(view, account_id, wording.source("D3"))


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
    """Why a person may not take a step, None when she may.

    She who opened the case typed it for the applicant and goes on typing; nobody else who is too close does.
    """
    if element in BY_CONSENT and not shown_to(view.connection, view.case.id, view.now):
        return Message(
            N_("本人向信用社提供信息的同意已撤回或已到期，信用社不再办理此件：请按撤回申请办理，或另行取得同意")
        )
    if element in TYPING:
        return None if account_id == view.case.created_by else conflict(view, account_id)
    return conflict(view, account_id) or signed_already(view, account_id, element)
