"""All forms complete before the stamp (S001-55): what is still missing, and whose it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.commands.filed import newest_forms
from engine.messages import N_, Message
from workflows.form import label_at
from workflows.organisation import person_hash
from workflows.processes.loan import wording
from workflows.processes.loan.application import application, guarantor_papers, papers
from workflows.processes.loan.forms_apply import APPLY
from workflows.processes.loan.guarantors import not_released

if TYPE_CHECKING:
    from engine.process_type import CaseView

#: form → the post that owns it, in the order of the dossier
_OWNERS = (
    ("village_review", "VILLAGE_CHAIR", N_("村级把关意见表（L-03）")),
    ("town_review", "TOWN_CHAIR", N_("乡镇审核意见表（L-04）")),
    ("credit", "CREDIT_OFFICER", N_("信用社审批表（L-05）")),
)


@dataclass(frozen=True)
class Gap:
    """One thing that is missing: the post that owns it, the field path when a paper can close it, and the sentence."""

    owner: str
    path: str | None
    message: Message


def gaps(view: CaseView) -> list[Gap]:
    """Everything missing at once (一次性告知): fields, papers, forms and signatures, in the order of the sheets."""
    return [*_application_gaps(view), *_paper_gaps(view), *_signature_gaps(view)]


def signed_since_the_application(view: CaseView) -> frozenset[str]:
    """The forms whose newest version is signed and was written after the newest application: what counts as a sign-off.

    A signature does not cover what was changed after it (S001-48).
    """
    newest = {form: row.id for form, row in newest_forms(view.connection, view.case.id).items()}
    return frozenset(form for form in view.signers() if newest[form] > newest.get("apply", 0))


def _gap(owner: str, path: str | None, text: str, **params: Message) -> Gap:
    rule = Message(text, params)
    told = Message(N_("{rule} —— 依据：{source}"), {"rule": rule, "source": wording.source("S001-55")})
    return Gap(owner, path, told)


def _application_gaps(view: CaseView) -> list[Gap]:
    stored = view.form("apply")
    if stored is None:
        return [_gap("VILLAGE_CHAIR", None, N_("没有申请表（L-01）"))]
    problems = APPLY.attempt(stored)[1]
    return [_gap("VILLAGE_CHAIR", None, N_("“{field}”没有填好"), field=label_at(APPLY, path)) for path in problems]


def _paper_gaps(view: CaseView) -> list[Gap]:
    subject = application(view)
    evident = not subject.values.get("unemployed") or papers(view).get("unemploymentEvidence")
    missing = [] if evident else ["unemploymentEvidence"]
    for person in not_released(view, subject):
        known = person_hash(view.vault, person["idcard"]) if person.get("idcard") else None
        missing += [
            f"guarantors.{person['slot']}.{name}"
            for name in ("proof", "signedPledge")
            if not guarantor_papers(view, person["slot"], known, name)
        ]
    return [_gap("VILLAGE_CHAIR", path, N_("缺少“{field}”"), field=label_at(APPLY, path)) for path in missing]


def _signature_gaps(view: CaseView) -> list[Gap]:
    signers, covering, found = view.signers(), signed_since_the_application(view), []
    for form, owner, title in _OWNERS:
        if view.form(form) is None:
            found.append(_gap(owner, None, N_("没有{title}"), title=Message(title)))
        elif form not in signers:
            found.append(_gap(owner, None, N_("{title}的最新版本没有签字"), title=Message(title)))
        elif form not in covering:
            found.append(_gap(owner, None, N_("{title}是在申请表最后一次更改之前签的"), title=Message(title)))
    return found
