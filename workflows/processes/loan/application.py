"""One application as the rules see it: what was typed, where it belongs, under which policy, at which stage."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from engine.clock import full_years
from engine.commands import filed
from engine.errors import NotFound
from workflows import organisation
from workflows.chart import Unit
from workflows.organisation import person_hash
from workflows.policy import Policy, policy_by_id, policy_on
from workflows.posts import UnitKind
from workflows.processes.loan import register
from workflows.processes.loan.forms_apply import APPLY
from workflows.processes.loan.forms_credit import CREDIT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import Answers, CaseView

SCOPE = "loan"
_HUKOU_KINDS = (UnitKind.VILLAGE, UnitKind.TOWN)


@dataclass(frozen=True)
class Application:
    """`values` of the form `apply` (typed), and what follows from them.

    `amount` in yuan and `term_months` are those asked for, or those approved once the credit union's decision counts.
    `policy` is the version of the application date (processes.md §1, parameter owner), `applied_on` that date.
    """

    values: Answers
    unit: Unit
    county: Unit
    in_county: bool
    policy: Policy
    applied_on: date
    amount: Decimal | None
    term_months: int | None
    subject_hash: str | None

    @property
    def age(self) -> int | None:
        """Full years on the application date (G3)."""
        return self.age_on(self.applied_on)

    def age_on(self, day: date) -> int | None:
        """Full years on a day."""
        born = self.values.get("birthDate")
        return full_years(born, day) if born else None


def application(view: CaseView, values: Answers | None = None, *, approved: bool = False) -> Application:
    """The application being submitted (`values`) or, without them, the newest stored one; `approved`: with L-05's terms."""
    typed = values if values is not None else APPLY.restore(view.form("apply") or {})
    amount, term = typed.get("amount"), typed.get("termMonths")
    if approved:
        decided = CREDIT.restore(view.form("credit") or {})
        amount = decided.get("approvedAmount") or amount
        term = decided.get("termMonths") or term
    here = organisation.unit(view.connection, view.case.unit_id)
    county = organisation.county_of(view.connection, here.id)
    hukou = hukou_unit(view, typed)
    inside = hukou is not None and hukou.path.startswith(county.path)
    line = register.entry(view.connection, view.case.id)
    applied_on = line.applied_on if line else view.today
    idcard = typed.get("idcard")
    return Application(
        values=typed,
        unit=hukou if hukou is not None and inside else here,
        county=county,
        in_county=inside,
        policy=_policy(view, line, county.id, applied_on),
        applied_on=applied_on,
        amount=amount,
        term_months=term,
        subject_hash=person_hash(view.vault, idcard) if idcard else None,
    )


def standing_application(view: CaseView) -> Application:
    """The stored application as it stands: with L-05's terms while an approval stands (L31), else with those asked for."""
    line = register.entry(view.connection, view.case.id)
    return application(view, approved=line is not None and line.approved_cents is not None)


def policy_of(view: CaseView) -> Policy:
    """The policy version of a case: that of its application date, today's before the first submission."""
    line = register.entry(view.connection, view.case.id)
    county = organisation.county_of(view.connection, view.case.unit_id)
    return _policy(view, line, county.id, view.today)


def _policy(view: CaseView, line: Any, county_id: int, on: date) -> Policy:
    if line is not None:
        return policy_by_id(view.connection, line.policy_id)
    return policy_on(view.connection, county_id, SCOPE, on)


def hukou_unit(view: CaseView, values: Mapping[str, Any]) -> Unit | None:
    """The village (or township without village units) of her registration; None for elsewhere or an unknown id."""
    chosen = values.get("hukou")
    if not chosen:
        return None
    try:
        found = organisation.unit(view.connection, chosen)
    except NotFound:
        return None
    return found if found.kind in _HUKOU_KINDS else None


def loan_end(start: date, months: int) -> date:
    """The last day of a loan of so many months: the same day of the month, or its last day when there is none."""
    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))


def papers(view: CaseView) -> dict[str, list[int]]:
    """The papers of the application by field path, those supplied later in the supplement included."""
    found = {path: list(ids) for path, ids in view.papers("apply").items()}
    for path, ids in view.papers("supplement").items():
        found.setdefault(path, []).extend(ids)
    return found


def guarantor_papers(view: CaseView, slot: int, known: str | None, name: str) -> list[int]:
    """The papers of the person now in a slot; what was uploaded for another who stood there before does not count."""
    ids = papers(view).get(f"guarantors.{slot}.{name}", [])
    after = register.papers_after(view.connection, view.case.id, slot, known)
    if not ids or after is None:
        return ids
    kept = {row.id for row in filed.papers(view.connection, view.case.id) if row.at > after}
    return [paper for paper in ids if paper in kept]
