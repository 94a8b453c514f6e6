"""The loan on paper: its sheets L-01 to L-07, the order of its dossier, and its words (processes.md §0.5, §1)."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.dossier import facts
from engine.dossier.book import Book, Part, Sheet, Wording
from engine.messages import N_
from workflows.form import FieldInfo, describe, field_infos, label_at, shown
from workflows.processes.loan import forms_apply, forms_county, forms_credit, forms_refusal, forms_review, wording
from workflows.processes.loan.letters.telling import clauses, refusals, sources, tell
from workflows.processes.loan_after import forms as loan_after
from workflows.processes.loan_after import letters as after
from workflows.screening import passed_over

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


@cache
def infos(form: str) -> Mapping[str, FieldInfo]:
    """Path → field of a form; empty for an unknown form."""
    return field_infos(FORMS[form]) if form in FORMS else {}


def _slotted(form: str, path: str) -> str:
    """The path of a field as the form knows it: history counts list items from 0, slots count from 1."""
    if path in infos(form):
        return path
    head, _, rest = path.partition(".")
    index, _, name = rest.partition(".")
    return f"{head}.{int(index) + 1}.{name}" if index.isdigit() and name else path


def label(form: str, path: str) -> str:
    """The Chinese name of a field; the path itself when the form does not know it."""
    known = _slotted(form, path)
    return str(label_at(FORMS[form], known)) if known in infos(form) else path


def word(form: str, path: str, value: Any) -> str:
    """A stored value as it is read aloud; masking has been done by then."""
    info = infos(form).get(_slotted(form, path))
    if isinstance(value, list):
        return "；".join(_item(form, path, item) for item in value)
    if info is None or value is None:
        return "" if value is None else str(value)
    if info.widget == "date":
        return facts.day(value)
    if info.widget == "money":
        return f"￥{facts.amount(value)} 元"
    return f"{shown(info, value, full=True)}{info.unit if info.unit and value != '' else ''}"


def _item(form: str, path: str, item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    return "、".join(word(form, f"{path}.1.{name}", value) for name, value in item.items() if value is not None)


def choices(form: str, path: str) -> Sequence[tuple[str, str]]:
    """The codes of a field with their names."""
    info = infos(form).get(path)
    return info.choices if info else ()


def clause(form: str, path: str) -> str:
    """The clause id a field's rule comes from ("S001-48"); the foot of the sheet says what the ids mean."""
    info = infos(form).get(path)
    return info.clause if info else ""


def personal(form: str, path: str) -> bool:
    """Whether a redacted print leaves a field out; one that no form knows is left out."""
    info = infos(form).get(_slotted(form, path))
    return info is None or info.personal


def sections(form: str) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """The groups of a form: title, and (path, label) of every field that is typed."""
    if form not in FORMS:
        return ()
    groups = describe(FORMS[form])
    found = [(str(each.title), [(f.path, str(f.label)) for f in each.fields if not f.is_file]) for each in groups]
    return [(title, fields) for title, fields in found if fields]


def _tell(kind: str, content: Mapping[str, Any]) -> Sequence[Message]:
    """The words of whichever process an entry belongs to."""
    return after.tell(kind, content) or tell(kind, content)


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
    retention="10 年，自贷款结清之日起算；未放款的，自办结之日起算",
    applicant=("apply", "name"),
    wording=Wording(
        label=label,
        word=word,
        choices=choices,
        clause=clause,
        sections=sections,
        personal=personal,
        tell=_tell,
        clauses=clauses,
        refusals=refusals,
        figures=after.figures,
        units=frozenset((("apply", "hukou"),)),
        acting=wording.ACTING_REASONS,
        barred=passed_over,
        texts={
            "consent": wording.CONSENT_CREDIT,
            "signing": wording.SIGNING_MEANS,
            "complaint": wording.COMPLAINT_PATH,
            "lines": "\n".join(["＿" * 24] * 3),
            "plan": sources("S001-48")[0],
        },
    ),
)
