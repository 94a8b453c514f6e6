"""After the loan (P1b): extension, visits, reminders and safe contact, other policies, loans of earlier days (L41)."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from engine.access import SYSTEM
from engine.commands.cases import continue_case
from engine.commands.classes import raise_class
from engine.commands.contact import ask_contact
from engine.commands.context import CaseContext
from engine.contact import NONE, Channel, Wish
from engine.dossier.compose import Printing, dossier
from engine.dossier.loading import load_record
from engine.errors import Forbidden, InvalidAnswers
from engine.model import case_file
from engine.outgoing import judge, redeem
from engine.unit_of_work import UnitOfWork, unit_of_work
from tests.scenarios.county import G1, G2, woman
from workflows import policy
from workflows.after_policy import AFTER_A, AFTER_PERIODS
from workflows.continuing import continue_all
from workflows.processes.loan.letters import BOOK
from workflows.processes.loan.process import LoanProcess
from workflows.processes.loan.register import active_guarantees
from workflows.processes.loan.register import guarantees as loan_guarantees
from workflows.processes.loan_after.register import letter_delivery
from workflows.sheets import OrganisationNames, available, render_sheet

if TYPE_CHECKING:
    from tests.scenarios.county import County

from tests.scenarios.test_loan_after import ALL_BANDS, DUE, collecting, until


def test_l41_an_extension_moves_the_due_date_once_and_the_bands_begin_anew_from_it(county: County) -> None:
    case_id = county.lent("2026-07-31")
    until(county, "2026-07-10")
    county.extend(case_id, "2027-07-31")
    book = county.book(case_id)
    assert (book.due_on, book.first_due_on, book.subsidy_until) == (
        date(2027, 7, 31),
        date(2026, 7, 31),
        date(2026, 7, 31),
    )
    assert (county.case(case_id).state, county.line(case_id).due_on) == ("open", date(2027, 7, 31))
    assert [(p.kind, p.outcome) for p in county.page(case_id).processes] == [
        ("loan", "disbursed"), ("loan_after", "extended"), ("loan_after", None),
    ]  # fmt: skip
    until(county, "2026-09-01")
    assert (county.bands(case_id), county.book(case_id).band) == ([], "CURRENT")
    until(county, "2027-08-15")
    assert county.bands(case_id) == [("REMINDER", "2027-08-01"), ("ATTENTION", "2027-08-15")]
    assert "T_Extension" not in county.at(case_id)
    assert county.opened(case_id, "T_Extension") == 1


@pytest.mark.parametrize("asked", ["2026-07-31", "2026-07-30", "2027-08-01"])
def test_an_extension_ends_after_the_due_date_and_within_twelve_months(desk: County, asked: str) -> None:
    case_id = desk.lent("2026-07-31")
    until(desk, "2026-07-10")
    with pytest.raises(InvalidAnswers) as refused:
        desk.extend(case_id, asked)
    assert asked in str(refused.value.problems["newDueOn"][0])
    assert "2027-07-31" in str(refused.value.problems["newDueOn"][0])


def test_a_refused_extension_changes_nothing_and_may_be_asked_again(desk: County) -> None:
    case_id = desk.lent("2026-07-31")
    until(desk, "2026-07-10")
    desk.extend(case_id, "2026-10-31", "REFUSE")
    assert desk.book(case_id).due_on == date(2026, 7, 31)
    desk.extend(case_id, "2026-09-30")
    assert desk.book(case_id).due_on == date(2026, 9, 30)


def test_a_loan_can_be_repaid_while_the_extension_waits_for_the_county(desk: County) -> None:
    case_id = desk.lent("2026-07-31")
    until(desk, "2026-07-10")
    said = {"askedOn": desk.today, "newDueOn": "2026-10-31", "reason": "货款下月才到账", "creditAgrees": True}
    desk.submit(case_id, "credit", {**said, "guarantorsAgree": False}, "T_Extension")
    desk.repay(case_id, "50000.00")
    assert (desk.at(case_id), desk.case(case_id).outcome) == ([], "settled")


@pytest.mark.parametrize(("agreed", "ends"), [(False, "2027-01-31"), (True, "2027-04-30")])
def test_the_guarantee_runs_from_the_new_due_date_only_if_the_guarantors_agreed(
    desk: County, agreed: bool, ends: str
) -> None:
    case_id = desk.lent("2026-07-31", guarantors=[G1, G2])
    until(desk, "2026-07-10")
    if agreed:
        desk.attach_to(case_id, "credit", "T_Extension", "consent")
    desk.extend(case_id, "2026-10-30", guarantorsAgree=agreed)
    until(desk, "2026-12-29")
    assert ends in "".join(desk.notes(case_id, "credit", "T_TellGuarantors"))


def test_a_visit_is_due_on_day_90_and_then_every_half_year_until_the_loan_is_repaid(county: County) -> None:
    case_id = county.lent("2028-06-15")
    until(county, "2026-09-12")
    assert "T_Visit" not in county.at(case_id)
    until(county, "2026-09-13")
    assert county.place(case_id, "T_Visit").post == "VILLAGE_CHAIR"
    with pytest.raises(InvalidAnswers) as refused:
        county.visit(case_id, visitedOn="2026-09-14", occasion="OVERDUE", note="好")
    assert set(refused.value.problems) == {"visitedOn", "occasion", "note"}
    county.visit(case_id)
    assert "T_Visit" not in county.at(case_id)
    until(county, "2027-03-12")
    assert "T_Visit" not in county.at(case_id)
    until(county, "2027-03-13")
    assert "T_Visit" in county.at(case_id)
    county.visit(case_id)
    county.repay(case_id, "50000.00")
    until(county, "2027-12-31")
    assert county.opened(case_id, "T_Visit") == 2


def test_reminders_come_thirty_and_seven_days_before_the_due_date(county: County) -> None:
    case_id = county.lent("2027-06-30")
    until(county, "2027-05-30")
    assert collecting(county, case_id) == set()
    until(county, "2027-05-31")
    assert collecting(county, case_id) == {"T_RemindFirst"}
    said = {"method": "IN_PERSON", "deliveredOn": county.today, "answer": "ON_TIME"}
    county.submit(case_id, "v1chair", said, "T_RemindFirst")
    until(county, "2027-06-22")
    assert collecting(county, case_id) == set()
    until(county, "2027-06-23")
    assert collecting(county, case_id) == {"T_RemindSecond"}


def test_no_letter_and_no_call_goes_to_a_woman_with_a_confidential_matter_and_nobody_learns_why(county: County) -> None:
    """D4: the village is told that nothing is sent, not that there is another case."""
    other = county.begin("v2chair")
    case_id = county.lent("2027-06-30")
    with unit_of_work(county.runtime, SYSTEM) as work:
        mine = work.connection.execute(select(case_file.c.subject_hash).where(case_file.c.id == case_id)).scalar_one()
        work.connection.execute(update(case_file).where(case_file.c.id == other).values(subject_hash=mine))
    keep_secret(county, other)
    until(county, "2027-05-31")
    notes = "".join(county.notes(case_id, "v1chair", "T_RemindFirst"))
    assert "安全联系" in notes
    assert "C3" not in notes
    for method in ("IN_PERSON", "BY_PHONE"):
        said = {"method": method, "deliveredOn": county.today, "answer": "ON_TIME"}
        with pytest.raises(InvalidAnswers) as refused:
            county.submit(case_id, "v1chair", said, "T_RemindFirst")
        assert set(refused.value.problems) == {"method"}
    county.submit(case_id, "v1chair", {"method": "NOT_SENT", "deliveredOn": county.today}, "T_RemindFirst")


def test_a_guarantor_of_a_repaid_loan_is_free_again(desk: County) -> None:
    case_id = desk.lent(DUE, guarantors=[G1, G2])
    with desk.runtime.reading() as connection:
        held = [g.guarantor_hash for g in loan_guarantees(connection, case_id)]
        assert active_guarantees(connection, held, 0) == dict.fromkeys(held, 1)
    desk.repay(case_id, "50000.00")
    with desk.runtime.reading() as connection:
        assert not any(active_guarantees(connection, held, 0).values())


def test_a_county_may_set_other_bands_for_loans_paid_out_from_a_day_on(desk: County) -> None:
    before = desk.lent("2026-08-31", disbursed="2026-06-30")
    with unit_of_work(desk.runtime, SYSTEM) as work:
        policy.add_policy(
            work.connection, county_id=desk.unit("C1"), scope="loan_after", valid_from=date(2026, 7, 1),
            label="贷后管理新规定", values={**AFTER_A, "attentionFrom": 10}, periods=AFTER_PERIODS, at=work.now, by=0,
        )  # fmt: skip
    after = desk.lent("2026-08-31", disbursed="2026-07-01", **woman("1991-05-04"))
    until(desk, "2026-09-10")
    assert [desk.book(each).band for each in (before, after)] == ["REMINDER", "ATTENTION"]


def test_a_loan_paid_out_before_there_was_an_after_is_followed_from_now_on_in_the_band_it_is_in(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr(LoanProcess, "sequels", {})
        case_id = county.lent(DUE)
    assert (county.case(case_id).state, county.case(case_id).outcome, county.at(case_id)) == ("closed", "disbursed", [])
    county.on("2026-08-15")
    with pytest.raises(Forbidden):
        county.act(continue_case, "loanhead", case_id=case_id)
    assert continue_all(county.runtime) == 1
    assert continue_all(county.runtime) == 0
    for _ in range(4):
        county.sweep()
    assert county.bands(case_id) == ALL_BANDS[:2]
    assert {"T_Repay", "T_RemindOverdue", "T_TownVisit"} <= set(county.at(case_id))
    assert not {"T_RemindFirst", "T_RemindSecond"} & set(county.at(case_id))
    assert (county.case(case_id).state, county.case(case_id).outcome) == ("open", None)


def test_the_reminder_is_printed_before_it_is_handed_over_and_the_file_keeps_every_one(county: County) -> None:
    """L-10 is there while its step is open, with what is owed then; the dossier has it in its place after L-09."""
    case_id = overdue_with_a_visit(county)
    with county.runtime.reading() as connection:
        actor = county.actor("countychair")
        record = load_record(county.runtime, connection, actor, case_id, directory=OrganisationNames())
    assert ("L-10G", "致担保人的催收通知") in available(record)
    html = dossier(BOOK, record, Printing(actor.name, county.clock.now())).html
    listed = re.findall(r'<td class="c">(L-\d\dG?)</td>', html)
    assert listed[-2:] == ["L-09", "L-10"]
    assert "￥37,500.00" in html
    assert html.count("办理流程图（") >= 2


def test_the_notice_to_guarantors_passes_the_gate_for_each_of_them(desk: County) -> None:
    """A guarantor may herself be a woman nobody must write to: then L-10G stays, and its delivery is not recorded as made."""
    case_id = overdue_with_a_visit(desk)
    asked = {"case_id": case_id, "channel": "IN_PERSON", "sheet": "L-10G"}
    with desk.runtime.reading() as connection:
        record = load_record(
            desk.runtime, connection, desk.actor("countychair"), case_id, directory=OrganisationNames()
        )
        first = loan_guarantees(connection, case_id)[0].guarantor_hash
    mark = {"reveal": True, "printed_by": "", "printed_at": desk.clock.now()}
    with pytest.raises(Forbidden, match="联系许可"):
        render_sheet(record, "L-10G", **mark)
    permit_id = desk.act(ask_contact, "countychair", **asked)["permit"]
    with desk.runtime.reading() as connection:
        actor = desk.actor("countychair")
        permit = redeem(connection, desk.runtime.vault, actor, permit_id, desk.clock.now())
    assert render_sheet(record, "L-10G", permit=permit, **mark).startswith(b"%PDF")
    other = desk.begin("v2chair")
    set_case(desk, other, subject_hash=first)
    keep_secret(desk, other)
    with pytest.raises(Forbidden) as why:
        desk.act(ask_contact, "countychair", **asked)
    assert str(NONE) in str(why.value)
    told = {slot: {"slot": slot, "name": "某人", "method": "MAIL", "deliveredOn": desk.today} for slot in (1, 2)}
    with pytest.raises(InvalidAnswers) as wrong:
        desk.submit(case_id, "credit", {"notices": list(told.values())}, "T_TellGuarantors")
    assert set(wrong.value.problems) == {"notices.1.method"}
    told[1]["method"] = "NOT_SENT"
    desk.submit(case_id, "credit", {"notices": list(told.values())}, "T_TellGuarantors")
    with desk.runtime.reading() as connection:
        sent = select(letter_delivery.c.receiver).where(letter_delivery.c.letter == "L-10G")
        assert connection.execute(sent).scalars().all() == ["2"]
    keep_secret(desk, case_id, "countychair")
    with desk.runtime.reading() as connection:
        view = CaseContext(
            UnitOfWork(desk.runtime, connection, SYSTEM), desk.case(case_id), desk.runtime.catalogue["loan"]
        )
        assert "不向当事人以外的人" in str(judge(view, Wish(Channel.IN_PERSON), person="0" * 64))


def set_case(county: County, case_id: int, **values: Any) -> None:
    with county.runtime.database.writing() as connection:
        connection.execute(update(case_file).where(case_file.c.id == case_id).values(**values))
        connection.commit()


def keep_secret(county: County, case_id: int, login: str = "v2chair") -> None:
    county.act(raise_class, login, case_id=case_id, to="C3", reason="当事人遭受家庭暴力，须保密")


def overdue_with_a_visit(county: County) -> int:
    case_id = county.lent(DUE, guarantors=[G1, G2])
    until(county, "2026-07-01")
    said = {"method": "IN_PERSON", "deliveredOn": county.today, "answer": "LATE"}
    county.submit(case_id, "v1chair", said, "T_RemindOverdue")
    county.repay(case_id, "12500.00")
    until(county, "2026-07-15")
    county.visit(case_id, "t1chair", "T_TownVisit", outlook="LATE")
    until(county, "2026-08-29")
    return case_id
