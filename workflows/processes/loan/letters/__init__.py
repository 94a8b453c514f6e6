"""The loan on paper: its sheets L-01 to L-07, the order of its dossier, and its words (processes.md §0.5, §1)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.dossier.book import Book, Part, Sheet
from engine.messages import N_
from workflows.form_words import FormWords
from workflows.processes.loan import forms_apply, forms_county, forms_credit, forms_refusal, forms_review, wording
from workflows.processes.loan.letters.telling import clauses, refusals, sources, tell
from workflows.processes.loan_after import forms as loan_after
from workflows.processes.loan_after import letters as after
from workflows.retention import CONFIDENTIAL_YEARS, YEARS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.messages import Message

FORMS = {
    form.key: form
    for form in (
        forms_apply.APPLY,
        forms_review.VILLAGE_REVIEW,
        forms_review.TOWN_REVIEW,
        forms_credit.CREDIT,
        forms_credit.ACCEPT_LESS,
        forms_credit.SUPPLEMENT,
        forms_county.FINAL_CHECK,
        forms_county.STAMP,
        forms_county.DISBURSE,
        forms_county.ASK_DISBURSEMENT,
        forms_refusal.CONFIRM_REFUSAL,
        forms_refusal.CONFIRM_LAPSE,
        *loan_after.FORMS.values(),
    )
}


def _tell(kind: str, content: Mapping[str, Any]) -> Sequence[Message]:
    """The words of whichever process an entry belongs to."""
    return after.tell(kind, content) or tell(kind, content)


WORDS = FormWords(FORMS)
SHEETS = (
    Sheet("L-01", N_("妇女小额担保财政贴息贷款申请表"), "L-01.html", "apply"),
    Sheet("L-02", N_("担保人承诺书"), "L-02.html", "apply", repeat="guarantors"),
    Sheet("L-03", N_("村级把关意见表"), "L-03.html", "village_review"),
    Sheet("L-04", N_("乡镇审核意见表"), "L-04.html", "town_review"),
    Sheet("L-05", N_("信用社审批表"), "L-05.html", "credit", also=("accept_less",)),
    Sheet("L-06", N_("用印审批单（盖章登记）"), "L-06.html", "final_check", also=("stamp",)),
    Sheet("L-07", N_("不予推荐告知书"), "L-07.html", "confirm_refusal", addressed="her"),
    *after.SHEETS,
)

BOOK = Book(
    kind="loan",
    title="妇女小额担保财政贴息贷款",
    folder=Path(__file__).parent,
    sheets={sheet.code: sheet for sheet in SHEETS},
    order=(
        Part("L-01"),
        Part(title="身份证复印件", papers=(("apply", "idcardCopy"),)),
        Part(title="未就业证明", papers=(("apply", "unemploymentEvidence"), ("supplement", "unemploymentEvidence"))),
        Part(title="项目照片或证明", papers=(("apply", "photos"),)),
        Part(
            "L-02",
            papers=tuple(
                (form, f"guarantors.{{slot}}.{name}")
                for name in ("signedPledge", "proof")
                for form in ("apply", "supplement")
            ),
        ),
        Part("L-03"),
        Part("L-04"),
        Part("L-05", papers=(("accept_less", "confirmation"), ("accept_less", "releaseLetter"))),
        Part(title="借款合同复印件", papers=(("disburse", "contract"),)),
        Part("L-06", papers=(("stamp", "scan"),)),
        Part("L-07"),
        *after.ORDER,
    ),
    ledgers=frozenset(("repayment",)),
    more=(after.FOLDER,),
    retention=f"{YEARS['loan']} 年，自贷款结清之日起算；未放款的，自办结之日起算",
    retention_confidential=f"{CONFIDENTIAL_YEARS} 年，自办结之日起算（保密案卷）",
    applicant=("apply", "name"),
    wording=WORDS.wording(
        tell=_tell,
        clauses=clauses,
        refusals=refusals,
        figures=after.figures,
        units=frozenset((("apply", "hukou"),)),
        acting=wording.ACTING_REASONS,
        texts={
            "consent": wording.CONSENT_CREDIT,
            "signing": wording.SIGNING_MEANS,
            "complaint": wording.COMPLAINT_PATH,
            "lines": "\n".join(["＿" * 24] * 3),
            "plan": sources("S001-48")[0],
        },
    ),
)
